/**
 * Calico's selector expressions, `app == "web" && !(tier in {"a", "b"}) || has(canary)`, as alternatives of requirements: objects match when they
 * satisfy every requirement of one alternative. Negation is carried down to the requirements, each of which has an exact opposite.
 * Grammar: projectcalico libcalico-go/lib/selector (an empty expression means all).
 */
import type { Operator, Requirement, Selector } from '../../model/selector.ts';

/** Satisfied by any one of them; no alternative at all matches nothing, an empty one everything. */
export type Alternatives = readonly Selector[];

/** Stands for `global()`, what belongs to no namespace; no label has this key. */
export const GLOBAL = 'global()';
const ALTERNATIVES_MAX = 64;

const everything: Alternatives = [[]];
const nothing: Alternatives = [];

const opposite: Readonly<Record<string, Operator>> = {
  In: 'NotIn',
  NotIn: 'In',
  Exists: 'DoesNotExist',
  DoesNotExist: 'Exists',
  Like: 'NotLike',
  NotLike: 'Like',
};

/** Throws a SyntaxError that names the column, or a RangeError for more alternatives than anyone writes by hand. */
export function alternativesOf(expression: string): Alternatives {
  if (expression.trim() === '') return everything;
  const reader = new Reader(expression);
  const alternatives = anyOf(reader, false);
  reader.end();
  return alternatives;
}

/** Matches both. */
export function both(a: Alternatives, b: Alternatives): Alternatives {
  if (a.length * b.length > ALTERNATIVES_MAX) throw new RangeError(`more than ${ALTERNATIVES_MAX} alternatives`);
  return a.flatMap((left) => b.map((right) => [...left, ...right]));
}

function either(a: Alternatives, b: Alternatives): Alternatives {
  if (a.length + b.length > ALTERNATIVES_MAX) throw new RangeError(`more than ${ALTERNATIVES_MAX} alternatives`);
  return [...a, ...b];
}

/** `a || b`; negated, neither of them. */
function anyOf(reader: Reader, negated: boolean): Alternatives {
  let result = allOf(reader, negated);
  while (reader.take('||')) {
    const next = allOf(reader, negated);
    result = negated ? both(result, next) : either(result, next);
  }
  return result;
}

/** `a && b`; negated, not both of them. */
function allOf(reader: Reader, negated: boolean): Alternatives {
  let result = operation(reader, negated);
  while (reader.take('&&')) {
    const next = operation(reader, negated);
    result = negated ? either(result, next) : both(result, next);
  }
  return result;
}

function operation(reader: Reader, outerNegated: boolean): Alternatives {
  let negated = outerNegated;
  while (reader.take('!')) negated = !negated;
  if (reader.take('(')) {
    const inner = anyOf(reader, negated);
    reader.expect(')');
    return inner;
  }
  if (reader.take(/all\(\s*\)/y)) return negated ? nothing : everything;
  if (reader.take(/global\(\s*\)/y)) return one(GLOBAL, 'Exists', [], negated);
  if (reader.take(/has\(/y)) {
    const key = reader.label();
    reader.expect(')');
    return one(key, 'Exists', [], negated);
  }
  return comparison(reader, negated);
}

function comparison(reader: Reader, negated: boolean): Alternatives {
  const key = reader.label();
  if (reader.take('==')) return one(key, 'In', [reader.literal()], negated);
  if (reader.take('!=')) return one(key, 'NotIn', [reader.literal()], negated);
  if (reader.take(/not\s*in/y)) return one(key, 'NotIn', reader.set(), negated);
  if (reader.take('in')) return one(key, 'In', reader.set(), negated);
  if (reader.take('contains')) return like(key, '*', reader.literal(), '*', negated);
  if (reader.take(/starts\s*with/y)) return like(key, '', reader.literal(), '*', negated);
  if (reader.take(/ends\s*with/y)) return like(key, '*', reader.literal(), '', negated);
  throw reader.error('an operator');
}

/** A label's value holds no asterisk, so a literal that has one is in no value. */
function like(key: string, before: string, text: string, after: string, negated: boolean): Alternatives {
  if (text.includes('*')) return negated ? everything : nothing;
  return one(key, 'Like', [before + text + after], negated);
}

function one(key: string, operator: Operator, values: readonly string[], negated: boolean): Alternatives {
  const requirement: Requirement = { key, operator: negated ? (opposite[operator] ?? operator) : operator, values };
  return [[requirement]];
}

/** Reads an expression from left to right; white space between tokens does not count. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether this comes next; then it is behind us. */
  take(token: string | RegExp): boolean {
    return this.#match(token) !== undefined;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.error(`"${token}"`);
  }

  label(): string {
    const text = this.#match(/[A-Za-z0-9_./-]+/y);
    if (text === undefined) throw this.error('a label');
    return text;
  }

  /** `"text"` or `'text'`; there are no escapes. */
  literal(): string {
    const text = this.#match(/"[^"]*"|'[^']*'/y);
    if (text === undefined) throw this.error('a quoted text');
    return text.slice(1, -1);
  }

  /** `{"a", "b"}`, possibly empty. */
  set(): readonly string[] {
    const values: string[] = [];
    this.expect('{');
    while (!this.take('}')) {
      values.push(this.literal());
      if (!this.take(',')) {
        this.expect('}');
        break;
      }
    }
    return values;
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.error('an operator or the end');
  }

  error(expected: string): SyntaxError {
    return new SyntaxError(`expected ${expected} at column ${this.#at + 1} of "${this.#text}"`);
  }

  #skip(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #match(token: string | RegExp): string | undefined {
    this.#skip();
    if (typeof token === 'string') {
      if (!this.#text.startsWith(token, this.#at)) return undefined;
      this.#at += token.length;
      return token;
    }
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

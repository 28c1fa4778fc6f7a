/**
 * Who owns which field: the compact lines of `metadata.managedFields` read back. Grammar: sources/managed-fields.ts. A line that does not follow
 * it owns what was understood of it until then; reading never throws.
 */

/** One step down an object: the name of a field, or an entry of a list. */
export type Step = string | ListEntry;

export interface ListEntry {
  readonly index: number;
  readonly value: unknown;
}

type Element =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'keys'; readonly keys: Readonly<Record<string, unknown>> }
  | { readonly type: 'value'; readonly json: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'self' };

/** What is owned at one place: nothing inside means all of it. */
export interface Owned {
  readonly fields: ReadonlyMap<string, Owned>;
  readonly entries: readonly (readonly [Element, Owned])[];
}

/** Whether the value at the end of the way is owned, or part of it, or the whole that it is in. */
export function owns(owned: Owned, way: readonly Step[]): boolean {
  let here = owned;
  for (const step of way) {
    const inner = typeof step === 'string' ? here.fields.get(step) : entryIn(here, step);
    if (inner === undefined) return here !== owned && isWhole(here);
    here = inner;
  }
  return true;
}

function isWhole({ fields, entries }: Owned): boolean {
  return fields.size === 0 && entries.length === 0;
}

function entryIn({ entries }: Owned, { index, value }: ListEntry): Owned | undefined {
  return entries.find(([element]) => {
    if (element.type === 'index') return element.index === index;
    if (element.type === 'value') return element.json === JSON.stringify(value);
    if (element.type !== 'keys' || typeof value !== 'object' || value === null) return false;
    return Object.entries(element.keys).every(
      ([key, of]) => String((value as Record<string, unknown>)[key]) === String(of),
    );
  })?.[1];
}

/** The fields of one line. */
export function ownedFrom(line: string): Owned {
  return new Reader(line).fields(0);
}

/** Deeper than any schema; what is nested deeper is skipped. */
const MAX_DEPTH = 110;

/** One pass over a line. */
class Reader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  fields(depth: number): Owned {
    const fields = new Map<string, Owned>();
    const entries: (readonly [Element, Owned])[] = [];
    while (this.#at < this.#line.length && this.#line[this.#at] !== '}') {
      const element = this.#element();
      let inner: Owned = { fields: new Map(), entries: [] };
      if (this.#line[this.#at] === '{') {
        this.#at++;
        if (depth >= MAX_DEPTH) break;
        inner = this.fields(depth + 1);
        this.#at++;
      }
      if (element?.type === 'field') fields.set(element.name, inner);
      else if (element) entries.push([element, inner]);
      if (this.#line[this.#at] === ',') this.#at++;
    }
    return { fields, entries };
  }

  #element(): Element | undefined {
    const start = this.#at;
    const first = this.#line[start];
    if (first === '"') {
      this.#skipText();
      return written(parsed(this.#line.slice(start, this.#at)));
    }
    if (first === '[') {
      this.#skipTo(']');
      const inner = this.#line.slice(start + 1, this.#at++);
      const pairs = inner
        .split(',')
        .map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]);
      return { type: 'keys', keys: Object.fromEntries(pairs) };
    }
    this.#skipTo(',{}');
    const text = this.#line.slice(start, this.#at);
    if (text === '.') return { type: 'self' };
    if (first === '=') return { type: 'value', json: text.slice(1) };
    return first === '#' ? { type: 'index', index: Number(text.slice(1)) } : { type: 'field', name: text };
  }

  /** On to the first of these characters that stands in no quoted text. */
  #skipTo(ends: string): void {
    while (this.#at < this.#line.length && !ends.includes(this.#line[this.#at] ?? '')) {
      if (this.#line[this.#at] === '"') this.#skipText();
      else this.#at++;
    }
  }

  #skipText(): void {
    this.#at++;
    while (this.#at < this.#line.length && this.#line[this.#at] !== '"')
      this.#at += this.#line[this.#at] === '\\' ? 2 : 1;
    this.#at++;
  }
}

/** An element as the API writes it. */
function written(text: unknown): Element | undefined {
  if (typeof text !== 'string') return undefined;
  const value = text.slice(2);
  if (text.startsWith('f:')) return { type: 'field', name: value };
  if (text.startsWith('v:')) return { type: 'value', json: value };
  if (text.startsWith('i:')) return { type: 'index', index: Number(value) };
  const keys = text.startsWith('k:') ? parsed(value) : undefined;
  return typeof keys === 'object' && keys !== null
    ? { type: 'keys', keys: keys as Record<string, unknown> }
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

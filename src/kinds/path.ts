/**
 * Field path patterns, and the walk that finds every match of many patterns in one pass over an object.
 *
 * Pattern: `spec.volumes[*].secret.secretName`, `metadata.annotations["cert-manager.io/issuer"]`, `spec.{containers,initContainers}[*].image`,
 * `[*]` each element of a list or value of a map, `**` any depth (the containers of what follows). All patterns of a kind are compiled into one
 * trie, so a list is walked once however many patterns go through it. A field of an unexpected shape simply does not match.
 */

/** One step down: a field name, a list index or a map key. */
export type Step = string | number;

/** What a walk reports: the value found and the way to it. Valid during the callback only. */
export interface Match {
  readonly value: unknown;
  /** From the root to the value; `steps[i]` leads from `values[i]` to `values[i + 1]`. */
  readonly steps: readonly Step[];
  /** Root first, the matched value last. */
  readonly values: readonly unknown[];
}

interface TrieNode<T> {
  readonly fields: Map<string, TrieNode<T>>;
  each: TrieNode<T> | undefined;
  deep: TrieNode<T> | undefined;
  readonly here: T[];
}

type PatternStep =
  | { readonly type: 'field'; readonly key: string }
  | { readonly type: 'each' }
  | { readonly type: 'deep' };

/** Up to so many fields are looked up one by one. */
const FEW = 3;

const PLAIN = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** Patterns compiled for one walk. `add` everything first, then `walk` any number of objects. */
export class PathTrie<T> {
  readonly #root: TrieNode<T> = emptyNode();

  add(pattern: string, item: T): void {
    for (const expanded of expandBraces(pattern)) {
      let node = this.#root;
      for (const step of parsePattern(expanded)) node = childFor(node, step);
      node.here.push(item);
    }
  }

  /** Calls `visit` for every match, list elements in order. `visit` must not walk itself. */
  walk(root: unknown, visit: (item: T, match: Match) => void): void {
    new Walk(root, visit).go(this.#root, root);
  }
}

/** One walk: the way down so far, and the match that it reports again and again. */
class Walk<T> implements Match {
  readonly steps: Step[] = [];
  readonly values: unknown[];
  readonly #visit: (item: T, match: Match) => void;
  value: unknown;

  constructor(root: unknown, visit: (item: T, match: Match) => void) {
    this.values = [root];
    this.#visit = visit;
    this.value = root;
  }

  go(node: TrieNode<T>, value: unknown): void {
    for (const item of node.here) {
      this.value = value;
      this.#visit(item, this);
    }
    if (typeof value !== 'object' || value === null) return;
    if (node.fields.size > 0 && !Array.isArray(value)) this.#fields(node.fields, value as Record<string, unknown>);
    if (node.each) this.#each(node.each, value, false);
    if (node.deep) this.#dive(node.deep, value);
  }

  /** Goes over the fewer of what is looked for and what is there. */
  #fields(fields: TrieNode<T>['fields'], record: Readonly<Record<string, unknown>>): void {
    if (fields.size <= FEW) {
      for (const [key, child] of fields) {
        const inner = record[key];
        if (inner !== undefined && inner !== null && Object.hasOwn(record, key)) this.#down(child, key, inner);
      }
      return;
    }
    for (const key in record) {
      const child = fields.get(key);
      const inner = child && record[key];
      if (child !== undefined && inner !== undefined && inner !== null) this.#down(child, key, inner);
    }
  }

  #down(node: TrieNode<T>, step: Step, value: unknown): void {
    this.steps.push(step);
    this.values.push(value);
    this.go(node, value);
    this.values.pop();
    this.steps.pop();
  }

  #each(node: TrieNode<T>, holder: object, diving: boolean): void {
    const list = Array.isArray(holder);
    const entries: Iterable<[Step, unknown]> = list ? holder.entries() : Object.entries(holder);
    for (const [step, inner] of entries) {
      if (inner === undefined || inner === null) continue;
      if (!diving) this.#down(node, step, inner);
      else if (typeof inner === 'object') {
        this.steps.push(step);
        this.values.push(inner);
        this.#dive(node, inner);
        this.values.pop();
        this.steps.pop();
      }
    }
  }

  /** What follows `**` is looked for here and in everything below. */
  #dive(node: TrieNode<T>, value: object): void {
    this.go(node, value);
    this.#each(node, value, true);
  }
}

function emptyNode<T>(): TrieNode<T> {
  return { fields: new Map(), each: undefined, deep: undefined, here: [] };
}

function childFor<T>(node: TrieNode<T>, step: PatternStep): TrieNode<T> {
  switch (step.type) {
    case 'each':
      node.each ??= emptyNode();
      return node.each;
    case 'deep':
      node.deep ??= emptyNode();
      return node.deep;
    case 'field': {
      let child = node.fields.get(step.key);
      if (child === undefined) {
        child = emptyNode();
        node.fields.set(step.key, child);
      }
      return child;
    }
    default:
      return step satisfies never;
  }
}

/** `a.{b,c}[*].d` → `a.b[*].d`, `a.c[*].d`. Braces do not nest; those inside quotes are text. */
export function expandBraces(pattern: string): string[] {
  const match = /^((?:[^{"]|"[^"]*")*)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before = '', options = '', after = ''] = match;
  return options.split(',').flatMap((option) => expandBraces(`${before}${option.trim()}${after}`));
}

/** Steps of a pattern without braces. Throws on a malformed pattern: patterns are written by programmers or validated first. */
export function parsePattern(pattern: string): PatternStep[] {
  const steps: PatternStep[] = [];
  const token = /\.?(\*\*|[A-Za-z0-9_$-]+)|\[\*\]|\["([^"]*)"\]/y;
  while (token.lastIndex < pattern.length) {
    const at = token.lastIndex;
    const match = token.exec(pattern);
    if (match === null) throw new SyntaxError(`path "${pattern}" is not understood at column ${at + 1}`);
    const [text, field, quoted] = match;
    if (field === '**') steps.push({ type: 'deep' });
    else if (field !== undefined) steps.push({ type: 'field', key: field });
    else if (quoted !== undefined) steps.push({ type: 'field', key: quoted });
    else if (text === '[*]') steps.push({ type: 'each' });
  }
  return steps;
}

/** A concrete path that was met before, with those that go on from it. */
interface PathName {
  readonly text: string;
  below: Map<Step, PathName> | undefined;
  /** The path with what was appended to it, by the appendix. */
  appended: Map<string, string> | undefined;
}

const NAMES_MAX = 20_000;

function pathName(text: string): PathName {
  return { text, below: undefined, appended: undefined };
}

/** Every path met so far, so that equal paths are one string and naming a known one costs a few look-ups. A full tree is begun anew. */
export class PathNames {
  #root = pathName('');
  #known = 0;

  /** Concrete path as text, `spec.volumes[2].secret.secretName`; `appendix` is text that follows it, for example `.name`. */
  text(steps: readonly Step[], appendix = ''): string {
    let name = this.#root;
    for (const step of steps) {
      name.below ??= new Map();
      let next = name.below.get(step);
      if (next === undefined) {
        const text = name.text + stepsText([step]);
        next = pathName(name.text === '' ? text.replace(/^\./, '') : text);
        name.below.set(step, next);
        this.#count();
      }
      name = next;
    }
    if (appendix === '') return name.text;
    name.appended ??= new Map();
    let text = name.appended.get(appendix);
    if (text === undefined) {
      text = name.text + appendix;
      name.appended.set(appendix, text);
      this.#count();
    }
    return text;
  }

  #count(): void {
    if (++this.#known <= NAMES_MAX) return;
    this.#root = pathName('');
    this.#known = 0;
  }
}

/** Steps as they are appended to a path, `.secret.secretName` or `[2]`. */
export function stepsText(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += PLAIN.test(step) ? `.${step}` : `["${step}"]`;
  }
  return text;
}

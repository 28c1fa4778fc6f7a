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

interface Branch<T> {
  readonly key: string;
  readonly node: TrieNode<T>;
}

interface TrieNode<T> {
  readonly fields: Branch<T>[];
  each: TrieNode<T> | undefined;
  deep: TrieNode<T> | undefined;
  readonly here: T[];
}

type PatternStep =
  | { readonly type: 'field'; readonly key: string }
  | { readonly type: 'each' }
  | { readonly type: 'deep' };

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

  /** Calls `visit` for every match, in the order of the patterns' fields and the object's lists. */
  walk(root: unknown, visit: (item: T, match: Match) => void): void {
    const steps: Step[] = [];
    const values: unknown[] = [root];
    const match = { value: root, steps, values };
    const down = (node: TrieNode<T>, step: Step, value: unknown): void => {
      steps.push(step);
      values.push(value);
      go(node, value);
      values.pop();
      steps.pop();
    };
    const go = (node: TrieNode<T>, value: unknown): void => {
      for (const item of node.here) {
        match.value = value;
        visit(item, match);
      }
      if (typeof value !== 'object' || value === null) return;
      if (node.fields.length > 0 && !Array.isArray(value)) {
        const record = value as Record<string, unknown>;
        for (const { key, node: child } of node.fields) {
          const inner = record[key];
          if (inner !== undefined && inner !== null && Object.hasOwn(record, key)) down(child, key, inner);
        }
      }
      if (node.each) forEachInner(value, (step, inner) => down(node.each as TrieNode<T>, step, inner));
      if (node.deep) {
        const deep = node.deep;
        const dive = (inner: unknown): void => {
          go(deep, inner);
          if (typeof inner === 'object' && inner !== null)
            forEachInner(inner, (step, next) => downWith(dive, step, next));
        };
        dive(value);
      }
    };
    const downWith = (then: (value: unknown) => void, step: Step, value: unknown): void => {
      steps.push(step);
      values.push(value);
      then(value);
      values.pop();
      steps.pop();
    };
    go(this.#root, root);
  }
}

function emptyNode<T>(): TrieNode<T> {
  return { fields: [], each: undefined, deep: undefined, here: [] };
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
      const known = node.fields.find(({ key }) => key === step.key);
      if (known) return known.node;
      const branch = { key: step.key, node: emptyNode<T>() };
      node.fields.push(branch);
      return branch.node;
    }
    default:
      return step satisfies never;
  }
}

function forEachInner(value: object, visit: (step: Step, inner: unknown) => void): void {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      if (value[index] !== undefined && value[index] !== null) visit(index, value[index]);
    }
    return;
  }
  for (const [key, inner] of Object.entries(value)) if (inner !== undefined && inner !== null) visit(key, inner);
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

const known = new Map<string, string>();
const KNOWN_MAX = 50_000;

/** Concrete path as text, `spec.volumes[2].secret.secretName`. Equal paths are one string in memory. */
export function pathText(steps: readonly Step[]): string {
  const text = stepsText(steps).replace(/^\./, '');
  const same = known.get(text);
  if (same !== undefined) return same;
  if (known.size < KNOWN_MAX) known.set(text, text);
  return text;
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

/** Answers no longer than a model can take: cut between items, never inside one, and saying so. */

/** What was left out of one list. */
export interface Cut {
  /** The list's place in the answer: `items`, `out.items`. */
  readonly path: string;
  readonly shown: number;
  readonly of: number;
}

export interface Bounded<T> {
  readonly value: T;
  readonly cuts: readonly Cut[];
}

/** Lists further down are parts of items. */
const DEPTH_MAX = 3;

/** The value with its longest lists made shorter until its JSON has no more characters than allowed; nothing else is left out. */
export function boundedValue<T>(value: T, max: number): Bounded<T> {
  const cuts = new Map<string, Cut>();
  let bounded = value;
  for (let size = sizeOf(bounded); size > max; size = sizeOf(bounded)) {
    const [largest] = [...listsIn(bounded)].sort((a, b) => b.size - a.size);
    if (largest === undefined) break;
    const { path, list, size: own } = largest;
    const kept = Math.max(0, Math.min(list.length - 1, Math.floor(list.length * (1 - (size - max) / own))));
    const key = path.join('.');
    cuts.set(key, { path: key, shown: kept, of: cuts.get(key)?.of ?? list.length });
    bounded = replaced(bounded, path, list.slice(0, kept)) as T;
  }
  return { value: bounded, cuts: [...cuts.values()] };
}

/** Items of the longest list. */
export function longestList(value: unknown): number {
  return Iterator.from(listsIn(value)).reduce((longest, { list }) => Math.max(longest, list.length), 0);
}

export function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}

interface List {
  readonly path: readonly string[];
  readonly list: readonly unknown[];
  readonly size: number;
}

function* listsIn(value: unknown, path: readonly string[] = []): Iterable<List> {
  if (Array.isArray(value)) {
    if (value.length > 0) yield { path, list: value, size: sizeOf(value) };
  } else if (typeof value === 'object' && value !== null && path.length < DEPTH_MAX) {
    for (const [key, inner] of Object.entries(value)) yield* listsIn(inner, [...path, key]);
  }
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const holder = value as Readonly<Record<string, unknown>>;
  return { ...holder, [key]: replaced(holder[key], rest, by) };
}

/** The lines that fit into so many characters, and how many do not. */
export function boundedLines(lines: readonly string[], max: number): { readonly text: string; readonly left: number } {
  let size = 0;
  const beyond = lines.findIndex((line) => {
    size += line.length + 1;
    return size > max;
  });
  const shown = beyond < 0 ? lines : lines.slice(0, beyond);
  const text = shown.join('\n');
  // A single line longer than everything is better cut than left out.
  if (shown.length === 0 && lines.length > 0)
    return { text: `${(lines[0] ?? '').slice(0, max)}…`, left: lines.length - 1 };
  return { text, left: lines.length - shown.length };
}

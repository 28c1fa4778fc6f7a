/**
 * Answers no longer than a model can take. Lists are cut between items, so that what is shown is whole; only where that is not enough, long texts are
 * cut, and then whatever else is long. Invariant: what is left out is said.
 */

/** What was left out in one place. */
export interface Cut {
  /** Where in the answer: `items`, `out.items`, `object.data.motd`. */
  readonly path: string;
  readonly shown: number;
  readonly of: number;
  readonly unit: 'items' | 'characters' | 'entries';
}

export interface Bounded<T> {
  readonly value: T;
  readonly cuts: readonly Cut[];
}

/** Lists further down are parts of items. */
const DEPTH_MAX = 3;
/** Texts are not cut shorter. */
const TEXT_MIN = 200;

/** The value made shorter until its JSON has no more characters than allowed. Of lists the first items stay. */
export function boundedValue<T>(value: T, max: number): Bounded<T> {
  const cuts = new Map<string, Cut>();
  const note = (path: Path, cut: Omit<Cut, 'path'>): void => {
    const key = path.join('.');
    cuts.set(key, { ...cut, path: key, of: cuts.get(key)?.of ?? cut.of });
  };
  let bounded: unknown = value;
  for (const shorten of [shorterList, shorterTexts, fewerEntries]) {
    for (let excess = sizeOf(bounded) - max; excess > 0; excess = sizeOf(bounded) - max) {
      const shorter = shorten(bounded, excess, note);
      if (shorter === undefined) break;
      bounded = shorter;
    }
  }
  return { value: bounded as T, cuts: [...cuts.values()] };
}

type Path = readonly string[];
/** Makes a value shorter by so many characters of JSON, or by less; undefined when it cannot. */
type Shorten = (value: unknown, excess: number, note: (path: Path, cut: Omit<Cut, 'path'>) => void) => unknown;

/** The longest list, as long as one item of it is left. */
const shorterList: Shorten = (value, excess, note) => {
  const [largest] = listsIn(value)
    .filter(({ list }) => list.length > 1)
    .sort((a, b) => b.size - a.size);
  if (largest === undefined) return undefined;
  const { path, list, size } = largest;
  const kept = Math.max(1, Math.min(list.length - 1, Math.floor(list.length * (1 - excess / size))));
  note(path, { shown: kept, of: list.length, unit: 'items' });
  return replaced(value, path, list.slice(0, kept));
};

/** The longest texts, all to one length. */
const shorterTexts: Shorten = (value, excess, note) => {
  const lengths = [...textsIn(value)].filter((length) => length > TEXT_MIN).sort((a, b) => b - a);
  if (lengths.length === 0) return undefined;
  let [sum, max] = [0, TEXT_MIN];
  for (const [index, length] of lengths.entries()) {
    sum += length;
    max = Math.max(TEXT_MIN, Math.floor((sum - excess) / (index + 1)) - 1);
    if (max >= (lengths[index + 1] ?? 0)) break;
  }
  return clippedTexts(value, max, [], (path, of) => note(path, { shown: max, of, unit: 'characters' }));
};

/** Entries of the innermost list or map that most of it is in. */
const fewerEntries: Shorten = (value, excess, note) => {
  let path: Path = [];
  let here = value;
  for (;;) {
    const size = sizeOf(here);
    const inner = entriesOf(here).find(([, each]) => sizeOf(each) > size / 2 && entriesOf(each).length > 0);
    if (inner === undefined) break;
    path = [...path, inner[0]];
    here = inner[1];
  }
  const entries = entriesOf(here);
  if (entries.length === 0) return undefined;
  let kept = entries.length;
  for (let left = excess; left > 0 && kept > 0; kept--) left -= sizeOf(entries[kept - 1]);
  note(path, { shown: kept, of: entries.length, unit: 'entries' });
  const shorter = Array.isArray(here) ? here.slice(0, kept) : Object.fromEntries(entries.slice(0, kept));
  return replaced(value, path, shorter);
};

export function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}

export interface List {
  readonly path: Path;
  readonly list: readonly unknown[];
  readonly size: number;
}

/** Lists that are not parts of items. */
export function listsIn(value: unknown, path: Path = []): List[] {
  if (Array.isArray(value)) return value.length > 0 ? [{ path, list: value, size: sizeOf(value) }] : [];
  if (path.length === DEPTH_MAX) return [];
  return entriesOf(value).flatMap(([key, inner]) => listsIn(inner, [...path, key]));
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Lengths of all texts. */
function* textsIn(value: unknown): Iterable<number> {
  if (typeof value === 'string') yield value.length;
  else for (const [, inner] of entriesOf(value)) yield* textsIn(inner);
}

function clippedTexts(value: unknown, max: number, path: Path, clipped: (path: Path, length: number) => void): unknown {
  if (typeof value === 'string') {
    if (value.length <= max) return value;
    clipped(path, value.length);
    return `${value.slice(0, max)}…`;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = entriesOf(value).map(
    ([key, inner]) => [key, clippedTexts(inner, max, [...path, key], clipped)] as const,
  );
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.with(Number(key), replaced(value[Number(key)], rest, by));
  const holder = value as Readonly<Record<string, unknown>>;
  return { ...holder, [key]: replaced(holder[key], rest, by) };
}

/** The lines that fit into so many characters, and how many do not. A line that takes most of them is cut rather than left out. */
export function boundedLines(lines: readonly string[], max: number): { readonly text: string; readonly left: number } {
  let room = max;
  const beyond = lines.findIndex((line) => {
    room -= line.length + 1;
    return room < 0;
  });
  const shown = beyond < 0 ? lines : lines.slice(0, beyond);
  const next = lines[shown.length] ?? '';
  const cut = next.length > max / 2 ? [`${next.slice(0, room + next.length + 1)}…`] : [];
  return { text: [...shown, ...cut].join('\n'), left: lines.length - shown.length - cut.length };
}

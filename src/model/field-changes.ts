/**
 * What changed between two versions of an object, field by field, and who changed it. Lists are compared as Kubernetes merges them: entries that
 * have a key (`name`, `type`, `containerPort` and `protocol` …) with the entry of the same key, others with what equals them. What says again and
 * again that somebody is alive, or counts versions, is no change.
 */
import type { Json, KubeObject } from './change.ts';
import { authorsBetween, type FieldAuthor } from './field-authors.ts';
import type { Step } from './field-owners.ts';
import { HEARTBEATS, LEADER, RENEWAL } from './signs-of-life.ts';

/** A field that came (no `before`), went (no `after`) or has another value. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=web].image`, `metadata.annotations["example.com/owner"]`, `spec.args[2]`. */
  readonly path: string;
  /** What is longer than the limit is text that ends in `…`. */
  readonly before?: Json;
  readonly after?: Json;
  /** Absent where nothing tells. */
  readonly by?: FieldAuthor;
}

export interface ChangeOptions {
  /** Also what is left out otherwise: resourceVersion, observedGeneration, heartbeats. */
  readonly noise?: boolean;
  /** Longest value, in characters of its JSON. */
  readonly valueMax?: number;
}

const VALUE_MAX = 400;

/**
 * The changes in the order of the newer object's fields, what is gone after them. Nothing when a version is missing: an object that came or went
 * has nothing to be compared with. A whole object that came into a field is one change, at the field.
 */
export function fieldChanges(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  { noise = false, valueMax = VALUE_MAX }: ChangeOptions = {},
): readonly FieldChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  const authorOf = authorsBetween(before, after);
  const changes = [...differences(before, after, { noise, way: [], path: '' })];
  return changes.map(({ way, path, before: old, after: now }) => {
    const by = authorOf(way);
    return {
      path,
      ...(old !== undefined && { before: bounded(old, valueMax) }),
      ...(now !== undefined && { after: bounded(now, valueMax) }),
      ...(by && { by }),
    };
  });
}

interface Place {
  readonly noise: boolean;
  readonly way: readonly Step[];
  readonly path: string;
}

interface Difference extends Place {
  readonly before: unknown;
  readonly after: unknown;
}

type Tree = Readonly<Record<string, unknown>>;

function* differences(before: unknown, after: unknown, place: Place): Iterable<Difference> {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) return yield* ofLists(before, after, place);
  if (isTree(before) && isTree(after)) return yield* ofTrees(before, after, place);
  yield { ...place, before, after };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows from the other fields beside it, and tells something only where nothing else of them changed. */
const FOLLOWS = 'lastTransitionTime';

function* ofTrees(before: Tree, after: Tree, place: Place): Iterable<Difference> {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const changes: Difference[] = [];
  for (const key of [...Object.keys(after), ...gone]) {
    const [old, now] = [own(before, key), own(after, key)];
    if (Object.is(old, now)) continue;
    const inner = { ...place, way: [...place.way, key], path: fieldPath(place.path, key) };
    if (!place.noise && isNoise(inner, before)) continue;
    changes.push(...differences(old, now, inner));
  }
  const others = changes.filter(({ way }) => way.at(-1) !== FOLLOWS || way.length !== place.way.length + 1);
  yield* place.noise || others.length === 0 ? changes : others;
}

function own(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

/** Fields of metadata that are written anew with every change, or hold the whole object once more. */
const NOISE_PATHS = new Set([
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.selfLink',
  'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]',
  `metadata.annotations["${LEADER}"]`,
  'status.observedGeneration',
]);
const NOISE_OF_CONDITIONS = new Set([...HEARTBEATS, 'lastUpdateTime', 'observedGeneration']);

function isNoise({ way, path }: Place, holder: Tree): boolean {
  const key = way.at(-1);
  if (NOISE_PATHS.has(path)) return true;
  if (path === `spec.${RENEWAL}`) return Object.hasOwn(holder, 'leaseDurationSeconds');
  return typeof key === 'string' && NOISE_OF_CONDITIONS.has(key) && way.includes('conditions');
}

/** What tells the entries of a list apart, as the schemas of Kubernetes have it; the first that every entry has, each with another value. */
const KEYS: readonly (readonly string[])[] = [
  ['uid'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['mountPath'],
  ['devicePath'],
  ['name'],
  ['type'],
  ['ip'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['key', 'effect'],
  ['key'],
];

interface Item {
  readonly index: number;
  readonly value: unknown;
}

function* ofLists(before: readonly unknown[], after: readonly unknown[], place: Place): Iterable<Difference> {
  const keys = KEYS.find((candidate) => tells(candidate, before) && tells(candidate, after));
  const labelOf = ({ index, value }: Item): string =>
    keys ? keys.map((key) => `${key}=${String((value as Tree)[key])}`).join(',') : String(index);
  const [olds, news] = [items(before), items(after)];
  const pairs = keys ? byLabel(olds, news, labelOf) : byValue(olds, news);
  const changes: Difference[] = [];
  for (const [old, now] of pairs) {
    const item = now ?? old;
    if (item === undefined) continue;
    const inner = { ...place, way: [...place.way, item], path: `${place.path}[${labelOf(item)}]` };
    changes.push(...differences(old?.value, now?.value, inner));
  }
  yield* changes;
  const moved = place.way[0] !== 'status' && before.length === after.length && changes.length === 0;
  if (moved && inOrder(olds, keys, labelOf) !== inOrder(news, keys, labelOf)) yield { ...place, before, after };
}

function inOrder(list: readonly Item[], keys: unknown, labelOf: (item: Item) => string): string {
  return JSON.stringify(list.map((item) => (keys ? labelOf(item) : item.value)));
}

function items(list: readonly unknown[]): Item[] {
  return list.map((value, index) => ({ index, value }));
}

function tells(keys: readonly string[], list: readonly unknown[]): boolean {
  const seen = new Set<string>();
  for (const entry of list) {
    if (!isTree(entry)) return false;
    const values = keys.map((key) => own(entry, key));
    if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) return false;
    seen.add(JSON.stringify(values));
  }
  return seen.size === list.length;
}

type Pair = readonly [old: Item | undefined, now: Item | undefined];

function byLabel(olds: readonly Item[], news: readonly Item[], labelOf: (item: Item) => string): readonly Pair[] {
  const rest = new Map(olds.map((item) => [labelOf(item), item]));
  const pairs = news.map((item): Pair => {
    const label = labelOf(item);
    const old = rest.get(label);
    rest.delete(label);
    return [old, item];
  });
  return [...pairs, ...Array.from(rest.values(), (item): Pair => [item, undefined])];
}

/** Entries that are equal belong together; what is left, one by one. */
function byValue(olds: readonly Item[], news: readonly Item[]): readonly Pair[] {
  const left = Map.groupBy(olds, ({ value }) => JSON.stringify(value));
  const fresh = news.filter(({ value }) => left.get(JSON.stringify(value))?.shift() === undefined);
  const gone = [...left.values()].flat().sort((a, b) => a.index - b.index);
  return Array.from({ length: Math.max(gone.length, fresh.length) }, (_, index) => [gone[index], fresh[index]]);
}

const PLAIN = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

function fieldPath(path: string, key: string): string {
  if (!PLAIN.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function bounded(value: unknown, max: number): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= max ? (value as Json) : `${text.slice(0, max)}…`;
}

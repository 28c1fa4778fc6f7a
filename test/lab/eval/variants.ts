/** The same recording as others would have seen it: with less, later, out of order, or with more going on. Nothing is random but by the seed. */
import type { Change, KubeObject } from '../../../src/model/change.ts';
import { compareTime } from '../../../src/model/time.ts';
import { churns } from '../churn.ts';
import { randomFrom } from './statistics.ts';

export type Variant = (changes: readonly Change[], seed: number) => readonly Change[];

export const asRecorded: Variant = (changes) => changes;

const withoutLogs: Variant = (changes) => changes.filter(({ type }) => type !== 'occur');

/** What a cluster still shows hours later: Events are forgotten. */
const withoutEvents: Variant = (changes) =>
  changes.filter((change) => !('object' in change && change.object.kind === 'Event'));

/** What one look afterwards shows: each object once as it is, with the Events and logs that are left, and nothing of how it came to be. */
export const oneLook: Variant = (changes) => {
  const objects = new Map<string, KubeObject>();
  for (const change of changes) {
    if (change.type === 'apply') objects.set(keyOf(change.object), change.object);
    if (change.type === 'delete') objects.delete(keyOf(change.object));
  }
  const at = changes.at(-1)?.at ?? '';
  const cluster = changes[0]?.cluster ?? '';
  return [
    ...[...objects.values()].map((object): Change => ({ type: 'apply', at, cluster, object })),
    ...changes.filter(({ type }) => type === 'observe').map((change) => ({ ...change, at })),
    ...changes.filter(({ type }) => type === 'occur'),
  ];
};

const both =
  (first: Variant, then: Variant): Variant =>
  (changes, seed) =>
    then(first(changes, seed), seed);

const lookWithoutLogs = both(withoutLogs, oneLook);

/** What may be seen of a recording, by name. */
export const views: Readonly<Record<string, Variant>> = {
  'live, objects, Events and logs': asRecorded,
  'live, objects and Events': withoutLogs,
  'one look, with logs': oneLook,
  'one look, objects and Events': lookWithoutLogs,
  'one look, objects only': both(withoutEvents, lookWithoutLogs),
  'logs only': (changes) => changes.filter(({ type }) => type === 'occur'),
};

/** The robustness that is asked for, by name. */
export const disturbances: Readonly<Record<string, Variant>> = {
  'drop 20 %': (changes, seed) => {
    const random = randomFrom(seed);
    return changes.filter(() => random() >= 0.2);
  },
  'drop 20 % after the first look': (changes, seed) => {
    const random = randomFrom(seed);
    return changes.filter(({ at }) => at === changes[0]?.at || random() >= 0.2);
  },
  'Events 30–300 s late': (changes, seed) => {
    const random = randomFrom(seed);
    return inOrder(
      changes.map((change) =>
        change.type === 'apply' && change.object.kind === 'Event'
          ? { ...change, at: moved(change.at, 30_000 + random() * 270_000) }
          : change,
      ),
    );
  },
  'equal times shuffled': (changes, seed) => {
    const random = randomFrom(seed);
    return changes
      .map((change) => ({ change, order: random() }))
      .sort((a, b) => compareTime(a.change.at, b.change.at) || a.order - b.order)
      .map(({ change }) => change);
  },
  'clock 5 s behind': (changes) => changes.map((change) => ({ ...change, at: moved(change.at, -5_000) })),
  'clock 5 s ahead': (changes) => changes.map((change) => ({ ...change, at: moved(change.at, 5_000) })),
  'listed again': (changes) => {
    const half = Math.floor(changes.length / 2);
    const objects = new Map<string, Change>();
    for (const change of changes.slice(0, half)) {
      if (change.type === 'apply') objects.set(keyOf(change.object), change);
      if (change.type === 'delete') objects.delete(keyOf(change.object));
    }
    const at = changes[half]?.at ?? '';
    const again = [...objects.values()].map((change) => ({ ...change, at }));
    return [...changes.slice(0, half), ...again, ...changes.slice(half)];
  },
  'ten times the innocents': (changes) => [...changes, ...copies(changes)].sort((a, b) => compareTime(a.at, b.at)),
};

/** Nine more of every application that is only there to go about its business. */
function* copies(changes: readonly Change[]): Iterable<Change> {
  const names = new RegExp(`"(${innocents.join('|')})(?=[-.":/])`, 'g');
  for (const change of changes) {
    if (change.type !== 'apply' && change.type !== 'delete') continue;
    const { name } = change.object.metadata;
    if (!innocents.some((each) => name === each || name.startsWith(`${each}-`) || name.startsWith(`${each}.`)))
      continue;
    const text = JSON.stringify(change);
    for (let copy = 2; copy <= 10; copy += 1) {
      const tail = copy.toString(16).padStart(2, '0');
      yield JSON.parse(
        text
          .replaceAll(names, `"$1-no${copy}`)
          .replaceAll(/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{10})[0-9a-f]{2}/g, `$1${tail}`)
          .replaceAll(/"(10\.244\.\d+\.\d+|10\.96\.\d+\.\d+)"/g, `"10.9${copy % 10}.0.1"`),
      );
    }
  }
}

const innocents = namesOfInnocents();

function namesOfInnocents(): readonly string[] {
  const names = new Set<string>();
  for (const make of Object.values(churns)) {
    const { before, meanwhile } = make('any');
    const made = [...before, ...meanwhile.flatMap((step) => ('apply' in step ? step.apply : []))];
    for (const each of made) names.add((each as { metadata: { name: string } }).metadata.name);
  }
  return [...names];
}

function keyOf({
  apiVersion,
  kind,
  metadata: { namespace = '', name },
}:
  | KubeObject
  | {
      readonly apiVersion: string;
      readonly kind: string;
      readonly metadata: { readonly name: string; readonly namespace?: string };
    }): string {
  return `${apiVersion.split('/').length > 1 ? apiVersion.split('/')[0] : ''}/${kind}/${namespace}/${name}`;
}

function moved(at: string, byMs: number): string {
  return new Date(Date.parse(at) + byMs).toISOString();
}

function inOrder(changes: readonly Change[]): readonly Change[] {
  return [...changes].sort((a, b) => compareTime(a.at, b.at));
}

/**
 * What was observed in an interval: the versions of objects in the order in which they were seen, each object beginning with the state that it had
 * when the interval began, where that was not a healthy one. Reading is bounded, and what was left out is said.
 */
import type { KubeObject } from '../../../model/change.ts';
import type { GroupKind } from '../../../model/groups.ts';
import type { Position, Version } from '../../../model/history.ts';
import { problemFrom } from '../../../model/problem.ts';
import type { Resource } from '../../../model/resource.ts';
import { compareTime, type Time } from '../../../model/time.ts';
import { type Scene, selectionOf } from './window.ts';

/** Most versions that one question reads. */
const VERSIONS_MAX = 10_000;
const PAGE = 1_000;
/** Most objects whose state at the beginning is looked up. */
const STANDING_MAX = 200;

export interface Reading<T> {
  /** The earliest first. */
  readonly items: readonly T[];
  /** There were more, earlier ones. */
  readonly cut: boolean;
}

export interface Choice {
  readonly kinds?: readonly GroupKind[];
  readonly names?: readonly string[];
  readonly uids?: readonly string[];
  readonly withBefore?: boolean;
  readonly to?: Time;
}

/** What is taken from each version of the scene; the versions themselves, which are large, are not held. */
export async function versionsIn<T>(
  scene: Scene,
  { withBefore, to, ...choice }: Choice,
  take: (version: Version) => T,
): Promise<Reading<T>> {
  const { history, window } = scene;
  const query = { ...choice, ...selectionOf(scene), from: window.from, to: to ?? window.to };
  const newest: T[] = [];
  let after: Position | undefined;
  while (newest.length < VERSIONS_MAX) {
    const page = await history.versions(query, {
      order: 'newest',
      limit: PAGE,
      after,
      ...(withBefore && { withBefore }),
    });
    for (const version of page) newest.push(take(version));
    if (page.length < PAGE) return { items: newest.reverse(), cut: false };
    after = page.at(-1)?.position;
  }
  return { items: newest.reverse(), cut: true };
}

/** An object as it went through the interval. */
export interface Course {
  readonly of: Version['of'];
  /** As it was in the end. */
  readonly object: KubeObject;
  /** The earliest first; the first may be from before the interval. */
  readonly steps: readonly Step[];
}

interface Step {
  readonly of: Version['of'];
  readonly at: Time;
  readonly verb: Version['verb'];
  readonly symptoms: readonly Symptom[];
}

export type SymptomsOf = (object: KubeObject) => Iterable<Symptom>;

/** The courses of all objects of some kinds. */
export async function coursesIn(
  scene: Scene,
  kinds: readonly GroupKind[],
  symptomsOf: SymptomsOf,
): Promise<{ readonly courses: readonly Course[]; readonly cut: boolean }> {
  const latest = new Map<string, Version>();
  const step = (version: Version): Step => {
    const { of, at, verb, object } = version;
    // The newest come first.
    if (!latest.has(of.id)) latest.set(of.id, version);
    return { of, at, verb, symptoms: verb === 'delete' ? [] : [...symptomsOf(object)] };
  };
  const { items, cut } = await versionsIn(scene, { kinds }, step);
  const before = await standing(scene, kinds);
  const steps = Map.groupBy([...before.versions.map(step), ...items], ({ of }) => of.id);
  const courses = Array.from(steps, ([id, own]): Course[] => {
    const last = latest.get(id);
    return last ? [{ of: last.of, object: last.object, steps: own }] : [];
  });
  return { courses: courses.flat(), cut: cut || before.cut };
}

interface Unwell {
  readonly total: number;
  readonly items: readonly Pick<Resource, 'uid' | 'cluster' | 'namespace' | 'name'>[];
}

/** The versions that were valid when the interval began, of those that were not well then. */
async function standing(
  scene: Scene,
  kinds: readonly GroupKind[],
): Promise<{ readonly versions: readonly Version[]; readonly cut: boolean }> {
  const { context, history, window } = scene;
  const words = kinds.map(({ group, kind }) => (group === '' ? kind : `${group}/${kind}`));
  const input = { kinds: words, health: ['critical', 'warning'], limit: STANDING_MAX };
  const found = await before(() => context.past?.answer('resources', window.from, { ...input, ...selectionOf(scene) }));
  const versions: Version[] = [];
  for (const { uid, cluster, namespace, name } of found?.items ?? []) {
    const [version] = await history.versions(
      { kinds, clusters: [cluster], namespaces: [namespace], names: [name], uids: [uid], to: window.from },
      { order: 'newest', limit: 1 },
    );
    if (version && compareTime(version.at, window.from) < 0) versions.push(version);
  }
  return { versions, cut: (found?.total ?? 0) > STANDING_MAX };
}

/** Nothing where nothing was observed until then, or the kind is not known. */
async function before(ask: () => Promise<unknown> | undefined): Promise<Unwell | undefined> {
  try {
    return (await ask()) as Unwell | undefined;
  } catch (error) {
    const problem = problemFrom(error);
    if (problem.code === 'not-found' || problem.code === 'invalid-input') return undefined;
    throw problem;
  }
}

/** Something that is wrong with an object while its versions say so. */
export interface Symptom {
  /** Where it belongs in a report. */
  readonly section: string;
  /** Tells it from others of the same object. */
  readonly key: string;
  readonly text: string;
  /** When it began, where the object says. */
  readonly since?: Time | undefined;
  /** It did not last: it happened then. */
  readonly at?: Time;
}

/** A symptom with the time during which it was observed. */
export interface Episode extends Symptom {
  readonly of: Version['of'];
  readonly from: Time;
  /** Absent: it lasted beyond the interval. */
  readonly to?: Time;
  /** It ended because the object was deleted. */
  readonly deleted?: true;
}

/** What was wrong with an object, when it began and when it was over. Its text is the latest. */
export function episodesOf({ of, steps }: Pick<Course, 'of' | 'steps'>): readonly Episode[] {
  const open = new Map<string, Episode>();
  const ended: Episode[] = [];
  for (const { at, verb, symptoms } of steps) {
    const now = new Map(symptoms.map((one) => [`${one.section} ${one.key}`, one]));
    for (const [key, episode] of open) {
      if (now.has(key)) continue;
      ended.push({ ...episode, to: at, ...(verb === 'delete' && { deleted: true }) });
      open.delete(key);
    }
    for (const [key, symptom] of now) {
      const from = open.get(key)?.from ?? symptom.since ?? at;
      open.set(key, { ...symptom, of, from });
    }
  }
  return [...ended, ...open.values()];
}

export function isWithin({ from, to }: { readonly from: Time; readonly to: Time }, time: Time): boolean {
  return compareTime(from, time) <= 0 && compareTime(time, to) <= 0;
}

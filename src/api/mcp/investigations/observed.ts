/**
 * What was observed in an interval: the versions of objects in the order in which they were seen, each object beginning with the state that it had
 * when the interval began, where that was not a healthy one. Reading is bounded, and what was left out is said.
 */
import type { KubeObject } from '../../../model/change.ts';
import type { GroupKind } from '../../../model/groups.ts';
import type { Version } from '../../../model/history.ts';
import { problemFrom } from '../../../model/problem.ts';
import { compareTime, type Time } from '../../../model/time.ts';
import type { Scene } from './window.ts';

/** Most versions that one question reads. */
const VERSIONS_MAX = 20_000;
const PAGE = 1_000;
/** Most objects whose state at the beginning is looked up. */
const STANDING_MAX = 200;

export interface Reading {
  /** The earliest first. */
  readonly versions: readonly Version[];
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

/** Versions of the scene. */
export async function versionsIn(scene: Scene, { withBefore, to, ...choice }: Choice): Promise<Reading> {
  const { history, window, namespace } = scene;
  const query = {
    ...choice,
    ...(namespace !== undefined && { namespaces: [namespace] }),
    from: window.from,
    to: to ?? window.to,
  };
  const newest: Version[] = [];
  while (newest.length < VERSIONS_MAX) {
    const page = await history.versions(query, {
      order: 'newest',
      limit: PAGE,
      after: newest.at(-1)?.position,
      ...(withBefore && { withBefore }),
    });
    newest.push(...page);
    if (page.length < PAGE) return { versions: newest.reverse(), cut: false };
  }
  return { versions: newest.reverse(), cut: true };
}

/** An object as it went through the interval. */
export interface Course {
  readonly of: Version['of'];
  /** The earliest first; the first may be from before the interval. */
  readonly versions: readonly Version[];
}

/** The courses of all objects of some kinds, cluster-scoped ones whatever the namespace. */
export async function coursesIn(
  scene: Scene,
  kinds: readonly GroupKind[],
): Promise<{ courses: readonly Course[]; cut: boolean }> {
  const { versions, cut } = await versionsIn(scene, { kinds });
  const byObject = Map.groupBy(versions, ({ of }) => of.id);
  const before = await standing(scene, kinds);
  const ids = new Set([...before.keys(), ...byObject.keys()]);
  const courses = [...ids].flatMap((id): Course[] => {
    const first = before.get(id);
    const course = [...(first ? [first] : []), ...(byObject.get(id) ?? [])];
    return course[0] ? [{ of: course[0].of, versions: course }] : [];
  });
  return { courses, cut };
}

interface Unwell {
  readonly items: readonly { readonly id: string; readonly uid: string; readonly cluster: string }[];
}

/** The versions that were valid when the interval began, of those that were not well then. */
async function standing(scene: Scene, kinds: readonly GroupKind[]): Promise<ReadonlyMap<string, Version>> {
  const { context, history, window, namespace } = scene;
  const words = kinds.map(({ group, kind }) => (group === '' ? kind : `${group}/${kind}`));
  const input = { kinds: words, health: ['critical', 'warning'], limit: STANDING_MAX };
  const found = await before(() =>
    context.past?.answer('resources', window.from, {
      ...input,
      ...(namespace !== undefined && { namespaces: [namespace] }),
    }),
  );
  const versions = new Map<string, Version>();
  for (const { id, uid, cluster } of found?.items ?? []) {
    const [version] = await history.versions(
      { clusters: [cluster], uids: [uid], to: window.from },
      { order: 'newest', limit: 1 },
    );
    if (version) versions.set(id, version);
  }
  return versions;
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
export function episodesOf(
  { of, versions }: Course,
  symptomsOf: (object: KubeObject) => Iterable<Symptom>,
): readonly Episode[] {
  const open = new Map<string, Episode>();
  const ended: Episode[] = [];
  for (const { at, verb, object } of versions) {
    const now = new Map(
      verb === 'delete' ? [] : Iterator.from(symptomsOf(object)).map((one) => [`${one.section} ${one.key}`, one]),
    );
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

/**
 * What was observed in an interval: the versions of objects in the order in which they were seen, each object beginning with the state that it had
 * when the interval began, where that may say something. Reading is bounded, and what was left out is said.
 */
import { slices } from '../../../lib/slices.ts';
import type { KubeObject } from '../../../model/change.ts';
import type { GroupKind } from '../../../model/groups.ts';
import type { Position, Version, VersionQuery } from '../../../model/history.ts';
import { problemFrom } from '../../../model/problem.ts';
import type { Resource } from '../../../model/resource.ts';
import { compareTime, type Time } from '../../../model/time.ts';
import { type Scene, selectionOf } from './window.ts';

/** Most versions that one question reads. */
const VERSIONS_MAX = 10_000;
const PAGE = 1_000;
/** Most objects whose state at the beginning is looked up: of those that were not well, and of kinds that are looked at whole. */
const UNWELL_MAX = 200;
const WHOLE_MAX = 1_000;
/** Questions that are under way at once. */
const UNDER_WAY = 20;

export interface Reading<T> {
  /** The earliest first. */
  readonly items: readonly T[];
  /** There were more, earlier ones. */
  readonly cut: boolean;
}

export interface Choice extends Pick<VersionQuery, 'kinds' | 'names' | 'uids' | 'about'> {
  readonly withBefore?: boolean;
  readonly to?: Time;
}

/** What is taken from each version of the scene; the versions themselves, which are large, are not held here. */
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
export interface Course<T = unknown> {
  readonly of: Version['of'];
  /** What was kept of it as it was in the end. */
  readonly kept: T;
  /** The earliest first; the first may be from before the interval. */
  readonly steps: readonly Step[];
}

interface Step {
  readonly of: Version['of'];
  readonly at: Time;
  readonly verb: Version['verb'];
  readonly symptoms: readonly Symptom[];
}

export interface Look<T> {
  readonly kinds: readonly GroupKind[];
  /** Those of the kinds whose objects may have symptoms and be well. */
  readonly whole?: readonly GroupKind[];
  readonly symptomsOf: (object: KubeObject) => Iterable<Symptom>;
  /** What is needed of an object besides its symptoms, as it was in the end. */
  readonly keep: (object: KubeObject) => T;
}

/** The courses of all objects of some kinds. */
export async function coursesIn<T>(
  scene: Scene,
  look: Look<T>,
): Promise<{ readonly courses: readonly Course<T>[]; readonly cut: boolean }> {
  const latest = new Map<string, Pick<Course<T>, 'of' | 'kept'>>();
  const step = ({ of, at, verb, object }: Version): Step => {
    // The newest come first.
    if (!latest.has(of.id)) latest.set(of.id, { of, kept: look.keep(object) });
    return { of, at, verb, symptoms: verb === 'delete' ? [] : [...look.symptomsOf(object)] };
  };
  const { items, cut } = await versionsIn(scene, { kinds: look.kinds }, step);
  const before = await standing(scene, look, step);
  const steps = Map.groupBy([...before.items, ...items], ({ of }) => of.id);
  const courses = Array.from(steps, ([id, own]): Course<T>[] => {
    const last = latest.get(id);
    return last ? [{ ...last, steps: own }] : [];
  });
  return { courses: courses.flat(), cut: cut || before.cut };
}

interface Found {
  readonly total: number;
  readonly items: readonly Pick<Resource, 'uid' | 'cluster' | 'namespace' | 'name'>[];
}

/** What is taken from the versions that were valid when the interval began, of those that were not well then, and of kinds that are looked at whole. */
async function standing<T>(
  scene: Scene,
  { kinds, whole = [] }: Pick<Look<T>, 'kinds' | 'whole'>,
  take: (version: Version) => Step,
): Promise<Reading<Step>> {
  const { context, history, window } = scene;
  const others = kinds.filter((kind) => !whole.includes(kind));
  const questions = [
    { kinds: others, health: ['critical', 'warning'], limit: UNWELL_MAX },
    { kinds: whole, limit: WHOLE_MAX },
  ];
  const items: Step[] = [];
  let cut = false;
  for (const { kinds, ...input } of questions.filter(({ kinds }) => kinds.length > 0)) {
    const words = kinds.map(({ group, kind }) => (group === '' ? kind : `${group}/${kind}`));
    const asked = { ...input, kinds: words, ...selectionOf(scene) };
    const found = await before(() => context.past?.answer('resources', window.from, asked));
    cut ||= (found?.total ?? 0) > input.limit;
    for (const slice of slices(found?.items ?? [], UNDER_WAY)) {
      const answers = slice.map(({ uid, cluster, namespace, name }) =>
        history.versions(
          { kinds, clusters: [cluster], namespaces: [namespace], names: [name], uids: [uid], to: window.from },
          { order: 'newest', limit: 1 },
        ),
      );
      for (const [version] of await Promise.all(answers))
        if (version && compareTime(version.at, window.from) < 0) items.push(take(version));
    }
  }
  return { items, cut };
}

/** Nothing where nothing was observed until then, or the kind is not known. */
async function before(ask: () => Promise<unknown> | undefined): Promise<Found | undefined> {
  try {
    return (await ask()) as Found | undefined;
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

/**
 * The estate that a question is about: that of a recording, held as a whole, or what a history tells of those that are not well and of whatever they
 * have to do with. Of the rest of a large estate nothing is read.
 */
import type { Deletion, Estate, Told, Version } from '../../analysis/estate.ts';
import { edgeInfo } from '../../model/edges.ts';
import { DERIVED } from '../../model/event-types.ts';
import { isEvent, kindKey } from '../../model/groups.ts';
import type { HistoryQueries } from '../../model/history.ts';
import { occurrenceOf } from '../../model/occurrences.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import { compareTime, type Time } from '../../model/time.ts';
import type { View } from '../../model/view.ts';

/** Resources of which objects are read. */
const CONCERNED_MAX = 3_000;
/** Of those that are found by one step, so many of one type. */
const STEP_MAX = 200;
const STEPS = 3;
/** Events about one of them. */
const NOTICES_MAX = 50;
/** What was changed before, is no cause any more of what began since. */
const LOOK_BACK_MS = 24 * 3_600_000;
const DELETIONS_MAX = 500;

/** The estate of a view, read from a history. `also`: whose objects are wanted although they may be well. */
export async function estateFrom(
  view: View,
  history: Pick<HistoryQueries, 'courses' | 'versions'>,
  at: Time,
  also: Iterable<Resource> = [],
): Promise<Estate> {
  const from = new Date(Date.parse(at) - LOOK_BACK_MS).toISOString();
  const concerned = concernedIn(view, also);
  const courses = await history.courses([...concerned.values()], { from, to: at });
  const versions = new Map<ResourceId, readonly Version[]>(courses.map(({ of, versions: seen }) => [of.id, seen]));
  const gone = await history.versions(
    { verbs: ['delete'], from, to: at, namespaces: namespacesOf(concerned) },
    { limit: DELETIONS_MAX, order: 'newest' },
  );
  const deletions = gone
    .filter(({ of }) => !of.pseudo && !isEvent(of))
    .map(({ at: when, of, object }): Deletion => ({ at: when, resource: bare(of), object }))
    .reverse();
  return {
    at,
    begins: from,
    view,
    object: (id) => versions.get(id)?.at(-1)?.object,
    versions: (id) => versions.get(id) ?? [],
    deletions,
    occurrences: occurrencesIn(view),
  };
}

/** Whose objects are needed: those that are not well, or that restarted, and what is near them. */
function concernedIn(view: View, also: Iterable<Resource>): ReadonlyMap<ResourceId, Resource> {
  const concerned = new Map<ResourceId, Resource>();
  const add = (resource: Resource): boolean => {
    if (concerned.size >= CONCERNED_MAX || concerned.has(resource.id) || resource.pseudo) return false;
    concerned.set(resource.id, resource);
    return true;
  };
  for (const resource of view.resources()) if (needsExplanation(resource)) add(resource);
  for (const resource of complainedOf(view)) add(resource);
  for (const resource of also) add(resource);
  let rim = [...concerned.values()];
  for (let step = 0; step < STEPS; step++) rim = rim.flatMap((resource) => neighboursOf(view, resource).filter(add));
  for (const resource of [...concerned.values()]) for (const workload of meantBy(view, resource)) add(workload);
  for (const resource of [...concerned.values()]) for (const event of noticesOf(view, resource)) add(event);
  return concerned;
}

function needsExplanation(resource: Resource): boolean {
  const { pseudo, health, summary } = resource;
  if (pseudo || isEvent(resource)) return false;
  return (
    health.status === 'critical' ||
    health.status === 'warning' ||
    (kindKey(resource) === '/Pod' && Number(summary['restarts'] ?? 0) > 0)
  );
}

/** Of whom logs, alerts or tests complain, though it may look well. */
function* complainedOf(view: View): Iterable<Resource> {
  for (const { id, summary } of view.resources({ group: '', kind: 'Occurrence' })) {
    if (!/^(?:warning|error|critical)$/.test(String(summary['severity']))) continue;
    const [about] = view.out(id, 'ABOUT');
    const subject = about && view.get(about.to);
    if (subject && !subject.pseudo) yield subject;
  }
}

/** Workloads that a Service without pods may be there for: no edge leads to them. */
function* meantBy(view: View, { id, cluster, group, kind, namespace }: Resource): Iterable<Resource> {
  if (kindKey({ group, kind }) !== '/Service' || view.out(id, 'SELECTS')[Symbol.iterator]().next().done !== true)
    return;
  for (const maker of ['Deployment', 'StatefulSet', 'DaemonSet']) {
    const workloads = view.resources({ cluster, group: 'apps', kind: maker, namespace });
    yield* [...workloads].slice(0, STEP_MAX);
  }
}

/** By every edge that failure travels on, and by policies; the members of a namespace are not its neighbours. */
function neighboursOf(view: View, { id }: Resource): readonly Resource[] {
  const found: Resource[] = [];
  const counts = new Map<string, number>();
  for (const direction of ['out', 'in'] as const)
    view.scan(
      id,
      direction,
      (type, other) => {
        const key = `${direction} ${type}`;
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        if (count <= STEP_MAX && !(direction === 'in' && type === 'IN_NAMESPACE')) found.push(other);
      },
      (type) => type !== 'ABOUT' && !edgeInfo(type).computed,
    );
  return found;
}

function noticesOf(view: View, { id }: Resource): readonly Resource[] {
  const events: Resource[] = [];
  for (const { from } of view.in(id, 'ABOUT')) {
    const event = view.get(from);
    if (event && isEvent(event)) events.push(event);
  }
  return events
    .sort((a, b) => (String(a.summary['lastSeen']) < String(b.summary['lastSeen']) ? 1 : -1))
    .slice(0, NOTICES_MAX);
}

function namespacesOf(concerned: ReadonlyMap<ResourceId, Resource>): readonly string[] {
  return [...new Set(Array.from(concerned.values(), ({ namespace }) => namespace)), ''];
}

function bare(of: Deletion['resource'] | Omit<Resource, 'labels' | 'summary' | 'health'>): Resource {
  return { labels: {}, summary: {}, health: { status: 'unknown' }, ...of };
}

/** What happened and is no object, as the graph holds it, the earliest first; not what was only derived from objects, which analysis sees itself. */
function occurrencesIn(view: View): readonly Told[] {
  const told: Told[] = [];
  for (const resource of view.resources({ group: '', kind: 'Occurrence' })) {
    if (resource.labels[DERIVED] !== undefined) continue;
    told.push({ at: resource.createdAt ?? '', cluster: resource.cluster, occurrence: occurrenceOf(resource) });
  }
  return told.sort((a, b) => compareTime(a.at, b.at));
}

/**
 * Commit → occurrences: what the diff of a commit shows to have happened (a restart, a node that is not ready, a ConfigMap with other data, a Service that
 * nobody answers for), in the words that everybody else has for it. Pure; `view` is the graph after the commit, before the next.
 * Invariant: the same commit gives the same occurrences with the same ids, so to hear of them twice is harmless. What was only just listed has not happened.
 */
import type { Change, KubeObject, Occurrence } from '../model/change.ts';
import type { Commit } from '../model/commit.ts';
import type { Updated } from '../model/diff.ts';
import { DERIVED, eventTypeOf, type KnownEventType } from '../model/event-types.ts';
import { isEvent, kindKey } from '../model/groups.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { listAt, milliseconds, treeAt } from './case.ts';

type Happened = Extract<Change, { type: 'occur' }>;

/** What is left to say of an occurrence when its resource and time are known. */
interface Said extends Pick<Occurrence, 'severity' | 'message'> {
  readonly type: KnownEventType | string;
  readonly reason: string;
  /** Part of the id, where one resource has many of the type; the time when nothing is said. */
  readonly key?: string;
  readonly source?: 'state' | 'change';
  readonly more?: Readonly<Record<string, string | number>>;
}

export function happeningsOf(
  { at, changes, diff }: Pick<Commit, 'at' | 'changes' | 'diff'>,
  view: View,
): readonly Happened[] {
  const { added, updated, removed } = diff.resources;
  const found: Happened[] = [];
  const tell = (resource: Resource, said: Said): void => void found.push(occurrence(at, resource, said));
  let objects: ReadonlyMap<string, KubeObject> | undefined;
  const object = (uid: string) => (): KubeObject | undefined => {
    objects ??= objectsIn(changes);
    return objects.get(uid);
  };
  for (const change of updated) {
    if (!maySay(change)) continue;
    const { to } = change;
    for (const said of saidOf(change, object(to.uid))) tell(to, said);
  }
  for (const resource of removed) if (CONFIGURING.has(kindKey(resource))) tell(resource, deleted(resource));
  for (const { type, from, to } of diff.edges.added) {
    const maker = type === 'USES_IMAGE' && ROLLING.test(from) === false ? view.get(from) : undefined;
    if (maker && MAKERS.has(kindKey(maker)) && !isAmong(added, maker))
      tell(maker, otherImage(maker, view.get(to)?.name ?? ''));
  }
  if (mayServe(diff)) for (const [service, said] of servicesIn(diff, view)) tell(service, said);
  return found;
}

/** Ids of what has no uid begin so; it has no history either. */
const ROLLING = /\/=/;

function objectsIn(changes: readonly Change[]): ReadonlyMap<string, KubeObject> {
  const objects = new Map<string, KubeObject>();
  for (const change of changes)
    for (const object of change.type === 'apply' ? [change.object] : change.type === 'reset' ? change.objects : [])
      if (typeof object?.metadata?.uid === 'string') objects.set(object.metadata.uid, object);
  return objects;
}

function isAmong(resources: readonly Resource[], { id }: Resource): boolean {
  return resources.some((resource) => resource.id === id);
}

function occurrence(at: string, { cluster, group, kind, namespace, name, uid }: Resource, said: Said): Happened {
  const { type, reason, severity, message, key = at, source = 'state', more } = said;
  return {
    type: 'occur',
    at,
    cluster,
    occurrence: {
      id: `${kind}/${namespace}/${name}:${type}:${key}`,
      source,
      severity,
      reason,
      ...(message && { message }),
      subject: {
        kind,
        name,
        ...(namespace && { namespace }),
        ...(uid && { uid }),
        ...(group && { apiVersion: `${group}/v1` }),
      },
      attributes: { [DERIVED]: source, type, ...more },
    },
  };
}

function* saidOf(change: Updated<Resource>, object: () => KubeObject | undefined): Iterable<Said> {
  const { to } = change;
  const key = kindKey(to);
  if (key === '/Pod') yield* restarts(change, object);
  if (key === '/ConfigMap' || key === '/Secret') yield* otherData(change, object);
  if (!PARTS.has(key) && hasTurned(change)) yield* turned(change);
}

function hasTurned({ from: { health: before }, to: { health } }: Updated<Resource>): boolean {
  return before !== health && (before.status !== health.status || before.reason !== health.reason);
}

/** Whether an update may say anything: nearly all say nothing. */
function maySay(change: Updated<Resource>): boolean {
  const { from, to } = change;
  if (to.pseudo || isEvent(to)) return false;
  return (
    hasTurned(change) ||
    from.summary['restarts'] !== to.summary['restarts'] ||
    from.summary['digest'] !== to.summary['digest']
  );
}

/** What is well or not as its whole is. */
const PARTS: ReadonlySet<string> = new Set(['apps/ReplicaSet', '/Endpoints', 'discovery.k8s.io/EndpointSlice']);

/** Containers that ended and began again, and what for. */
function* restarts({ from, to }: Updated<Resource>, object: () => KubeObject | undefined): Iterable<Said> {
  const [before, now] = [Number(from.summary['restarts'] ?? 0), Number(to.summary['restarts'] ?? 0)];
  const ended = now > before || from.health.reason !== to.health.reason ? killedForMemory(object()) : undefined;
  if (ended && ended.count === now)
    yield {
      type: 'container_oom_killed',
      reason: 'OOMKilled',
      severity: 'error',
      key: `${ended.container}:${ended.at}`,
      message: `container ${ended.container} was killed for its memory`,
      more: { container: ended.container },
    };
  if (now <= before) return;
  const times = now - before === 1 ? 'once' : `${now - before} times`;
  yield {
    type: 'pod_restart',
    reason: 'Restarted',
    severity: 'warning',
    key: String(now),
    message: `restarted ${times}, ${now} in all`,
    more: { restarts: now },
  };
}

/** The container that was killed last, with the restarts of all. */
function killedForMemory(
  object: KubeObject | undefined,
): { readonly container: string; readonly at: string; readonly count: number } | undefined {
  const status = treeAt(object, 'status');
  const all = [...listAt(status, 'initContainerStatuses'), ...listAt(status, 'containerStatuses')];
  let last: { readonly container: string; readonly at: string } | undefined;
  for (const one of all) {
    for (const state of [treeAt(one['state'], 'terminated'), treeAt(one['lastState'], 'terminated')]) {
      const at = String(state?.['finishedAt'] ?? '');
      if (state?.['reason'] === 'OOMKilled' && at >= (last?.at ?? '')) last = { container: String(one['name']), at };
    }
  }
  const ends = all.map((one) => String(treeAt(one['lastState'], 'terminated')?.['finishedAt'] ?? ''));
  const newest = ends.sort().at(-1) ?? '';
  // A kill of long ago stays in the status; that of now is the last end of all.
  if (last === undefined || last.at < newest) return undefined;
  return { ...last, count: all.reduce((sum, one) => sum + Number(one['restartCount'] ?? 0), 0) };
}

function* otherData({ from, to }: Updated<Resource>, object: () => KubeObject | undefined): Iterable<Said> {
  const digest = String(to.summary['digest'] ?? '');
  if (from.summary['digest'] === to.summary['digest'] || from.summary['digest'] === undefined) return;
  const by = lastWriter(object());
  yield {
    type: to.kind === 'Secret' ? 'secret_changed' : 'config_changed',
    reason: `${to.kind}Changed`,
    severity: 'info',
    source: 'change',
    key: digest,
    message: `its data changed${by === undefined ? '' : ` by ${by}`}`,
    ...(by !== undefined && { more: { by } }),
  };
}

/** Who wrote last what is no status. */
function lastWriter(object: KubeObject | undefined): string | undefined {
  let last: { readonly at: number; readonly manager: string } | undefined;
  for (const { manager, subresource, time } of object?.metadata.managedFields ?? []) {
    const at = milliseconds(time);
    if (manager && subresource === undefined && at >= (last?.at ?? 0)) last = { at, manager };
  }
  return last?.manager;
}

/** Reasons of pods and others that are on their way, and say nothing of what happened. */
const ON_THE_WAY =
  /^(?:ContainerCreating|PodInitializing|Pending|SchedulingGated|Terminating|Progressing|NotObserved|RolloutInProgress|PodsNotReady|Init:\d)/;

/** Better or worse than before, for a reason. */
function* turned({ from, to }: Updated<Resource>): Iterable<Said> {
  const { status, reason = '', message = '' } = to.health;
  const key = `${reason}`;
  if (status === 'critical' || (status === 'warning' && from.health.status === 'healthy')) {
    if (ON_THE_WAY.test(reason)) return;
    const severity = status === 'critical' ? ('error' as const) : ('warning' as const);
    yield {
      type: typeOfHealth(to),
      reason: reason || 'Unhealthy',
      severity,
      message: message || `${to.kind} is ${status}: ${key}`,
    };
  } else if (status === 'healthy' && (from.health.status === 'critical' || from.health.status === 'warning')) {
    if (ON_THE_WAY.test(from.health.reason ?? '') || reason === 'Completed') return;
    yield {
      type: to.kind === 'Pod' || to.kind === 'Node' ? `${to.kind.toLowerCase()}_ready` : 'resource_recovered',
      reason: 'Recovered',
      severity: 'info',
      message: `${to.kind} is well again${from.health.reason ? `, after ${from.health.reason}` : ''}`,
    };
  }
}

function typeOfHealth({ kind, group, health: { status, reason = '', message = '' }, summary }: Resource): string {
  const isPod = kind === 'Pod' && group === '';
  if (reason === 'NotReady' || reason === 'NodeStatusUnknown')
    return kind === 'Node' ? 'node_not_ready' : isPod ? 'pod_not_ready' : 'resource_not_ready';
  if (kind === 'Node' && reason === 'SchedulingDisabled') return 'node_cordoned';
  if (kind === 'Job' && status === 'critical') return 'job_failed';
  const type = eventTypeOf({ source: 'state', reason, message });
  return isPod && type === 'pod_failed' && summary['status'] === 'OOMKilled' ? 'container_oom_killed' : type;
}

/** Kinds that others are configured with or reached by: that one of them is gone is worth telling. */
const CONFIGURING: ReadonlySet<string> = new Set(
  '/ConfigMap /Secret /Service /ServiceAccount /PersistentVolumeClaim apps/Deployment apps/StatefulSet apps/DaemonSet networking.k8s.io/NetworkPolicy networking.k8s.io/Ingress'.split(
    ' ',
  ),
);
const MAKERS: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet']);

function deleted({ kind }: Resource): Said {
  return {
    type: 'resource_deleted',
    reason: `${kind}Deleted`,
    severity: 'info',
    source: 'change',
    message: 'it was deleted',
  };
}

function otherImage({ kind }: Resource, image: string): Said {
  return {
    type: 'workload_changed',
    reason: `${kind}Changed`,
    severity: 'info',
    source: 'change',
    message: `it uses the image ${image} now`,
    more: { image },
  };
}

const isServing = ({ kind, health }: Resource): boolean =>
  kind === 'Pod' && health.status === 'healthy' && health.reason !== 'Completed';

/** Whether any Service may have won or lost a pod: nearly always none has. */
function mayServe({ resources, edges }: Commit['diff']): boolean {
  for (const { from, to } of resources.updated)
    if (from.health !== to.health && to.kind === 'Pod' && isServing(from) !== isServing(to)) return true;
  for (const { type } of edges.removed) if (type === 'SELECTS') return true;
  for (const { type } of edges.added) if (type === 'SELECTS') return true;
  return false;
}

/** Services that lost the last pod that answers, or have one again. */
function* servicesIn({ resources, edges }: Commit['diff'], view: View): Iterable<readonly [Resource, Said]> {
  /** By Service, how many answering pods it won and lost. */
  const touched = new Map<ResourceId, { won: number; lost: number }>();
  const count = (service: ResourceId, won: number): void => {
    const counts = touched.get(service) ?? { won: 0, lost: 0 };
    touched.set(service, counts);
    if (won > 0) counts.won++;
    else counts.lost++;
  };
  const was = new Map<ResourceId, boolean>();
  for (const { from, to } of resources.updated) {
    if (to.kind !== 'Pod' || to.pseudo || isServing(from) === isServing(to)) continue;
    was.set(to.id, isServing(from));
    const isNew = new Set<ResourceId>();
    for (const edge of edges.added) if (edge.to === to.id && edge.type === 'SELECTS') isNew.add(edge.from);
    for (const { from: service } of view.in(to.id, 'SELECTS'))
      if (!isNew.has(service)) count(service, isServing(to) ? 1 : -1);
  }
  for (const { type, from, to } of edges.added) {
    const pod = type === 'SELECTS' ? view.get(to) : undefined;
    if (pod && isServing(pod)) count(from, 1);
  }
  const gone = new Map(resources.removed.map((resource) => [resource.id, resource]));
  for (const { type, from, to } of edges.removed) {
    const pod = type === 'SELECTS' ? (gone.get(to) ?? view.get(to)) : undefined;
    if (pod && (was.get(to) ?? isServing(pod))) count(from, -1);
  }
  const fresh = new Set(resources.added.map(({ id }) => id));
  for (const [id, { won, lost }] of touched) {
    const service = view.get(id);
    if (service?.kind !== 'Service' || fresh.has(id)) continue;
    const now = servingOf(view, id, won);
    if (now === 0 && lost > won) yield [service, unavailable];
    else if (now > 0 && now === won && lost === 0) yield [service, available];
  }
}

/** How many pods of a Service answer, counted up to one more than asked. */
function servingOf(view: View, service: ResourceId, enough: number): number {
  let serving = 0;
  view.scan(
    service,
    'out',
    (_, pod) => {
      if (isServing(pod)) serving++;
      return serving <= enough;
    },
    (type) => type === 'SELECTS',
  );
  return serving;
}

const unavailable: Said = {
  type: 'service_unavailable',
  reason: 'ServiceUnavailable',
  severity: 'error',
  message: 'none of its pods answers any more',
};
const available: Said = {
  type: 'service_available',
  reason: 'ServiceAvailable',
  severity: 'info',
  message: 'a pod answers again',
};

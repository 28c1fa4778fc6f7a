/**
 * Workloads that have no pod to suffer for them: what they ask for is refused, or nobody makes it. Sources: pkg/controller/controller_utils.go,
 * pkg/controller/statefulset, apps/v1 status.
 */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, treeAt } from '../case.ts';
import { changesOf } from '../changes.ts';
import { conditionOf, numberAt, PATIENCE_MS, type Read, type State } from './state.ts';

export const workload: Read = (known, resource, suffering) => {
  const object = known.object(resource.id);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
  return (
    refused(known, resource) ??
    (suffering.has(resource.id) ? undefined : (notObserved(known, resource) ?? notMade(known, resource))) ??
    (suffering.has(resource.id) ? undefined : unavailable(known, resource))
  );
};

/** Who makes the pods: a Deployment has ReplicaSets for it. */
function makersOf(known: Case, resource: Resource): readonly Resource[] {
  if (kindKey(resource) !== 'apps/Deployment') return [resource];
  return known.targets(resource.id, 'OWNS').filter((one) => kindKey(one) === 'apps/ReplicaSet');
}

/** How many pods it wants, and how many there are. */
export function countsOf(known: Case, resource: Resource): { readonly wanted: number; readonly present: number } {
  const object = known.object(resource.id);
  const status = treeAt(object, 'status');
  if (resource.kind === 'DaemonSet')
    return {
      wanted: numberAt(status, 'desiredNumberScheduled', 0),
      present: numberAt(status, 'currentNumberScheduled', 0),
    };
  return { wanted: numberAt(treeAt(object, 'spec'), 'replicas', 1), present: numberAt(status, 'replicas', 0) };
}

/** What the API refuses, as long as pods are missing for it. Of a Deployment also the condition tells, where Events are gone. */
function refused(known: Case, resource: Resource): State | undefined {
  const refusals = makersOf(known, resource).flatMap((maker) => refusalOf(known, maker) ?? []);
  const condition = conditionOf(known.object(resource.id), 'ReplicaFailure');
  const { wanted } = countsOf(known, resource);
  if (refusals.length === 0 && condition?.status === 'True' && wanted > 0)
    refusals.push({ message: condition.message, since: condition.at || known.now, last: condition.at });
  const last = refusals.sort((a, b) => a.last - b.last).at(-1);
  if (last === undefined) return undefined;
  return stateOf(known, resource, {
    reason: 'FailedCreate',
    message: last.message,
    since: Math.min(...refusals.map(({ since }) => since)),
  });
}

interface Refusal {
  readonly message: string;
  readonly since: number;
  readonly last: number;
}

/** Controllers back off for up to 17 minutes between tries, so what was refused stays refused until something else is told. */
export function refusalOf(known: Case, maker: Resource): Refusal | undefined {
  const { wanted, present } = countsOf(known, maker);
  if (present >= wanted) return undefined;
  const notices = known.notices(maker);
  const failed = notices.filter(({ reason, isWarning }) => isWarning && reason === 'FailedCreate');
  const last = failed.at(-1);
  if (last !== undefined) {
    const made = notices.findLast(({ reason }) => reason === 'SuccessfulCreate');
    if (made !== undefined && made.last > last.last + 1_000) return undefined;
    return { message: last.message, since: Math.min(...failed.map(({ first }) => first)), last: last.last };
  }
  const condition = conditionOf(known.object(maker.id), 'ReplicaFailure');
  return condition?.status === 'True'
    ? { message: condition.message, since: condition.at || known.now, last: condition.at }
    : undefined;
}

/** Its controller has not looked at what was last asked for. */
function notObserved(known: Case, resource: Resource): State | undefined {
  const object = known.object(resource.id);
  const status = treeAt(object, 'status');
  const generation = numberAt(treeAt(object, 'metadata'), 'generation', 0);
  if (status === undefined || numberAt(status, 'observedGeneration', 0) >= generation) return undefined;
  const since = lastWritten(known, resource);
  if (known.now - since < PATIENCE_MS) return undefined;
  const state = stateOf(known, resource, {
    reason: 'NotObserved',
    message: 'its controller has not looked at what was last asked for',
    since,
  });
  return { ...state, tentative: true };
}

/** Pods are missing, and nobody says why. */
function notMade(known: Case, resource: Resource): State | undefined {
  for (const maker of makersOf(known, resource)) {
    const { wanted, present } = countsOf(known, maker);
    const since = Math.max(lastWritten(known, maker), lastWritten(known, resource));
    const status = treeAt(known.object(maker.id), 'status');
    if (!hasCounts(status) || present >= wanted || known.now - since < PATIENCE_MS) continue;
    const latest = known.notices(maker).at(-1);
    if (latest !== undefined && known.now - latest.last < PATIENCE_MS) continue;
    if (maker.kind === 'StatefulSet' && present > 0) continue; // It makes one after the other, each when the one before is ready.
    if (known.pods(maker).length >= wanted) continue;
    return stateOf(known, resource, {
      reason: 'PodsNotMade',
      message: `${present} of ${wanted} pods of ${maker.kind} ${maker.name} are there, and nobody says why`,
      since,
    });
  }
  return undefined;
}

/** Its controller has counted. */
function hasCounts(status: Readonly<Record<string, unknown>> | undefined): boolean {
  return status?.['replicas'] !== undefined || status?.['currentNumberScheduled'] !== undefined;
}

/** Its own status says that it does not serve, and its pods are not known. */
function unavailable(known: Case, resource: Resource): State | undefined {
  const { wanted, present } = countsOf(known, resource);
  if (wanted === 0 || present === 0 || known.pods(resource).length > 0) return undefined;
  const object = known.object(resource.id);
  const condition = ['Available', 'Progressing']
    .map((type) => conditionOf(object, type))
    .find((one) => one?.status === 'False');
  if (condition === undefined || known.now - condition.at < PATIENCE_MS) return undefined;
  const { reason, message, at } = condition;
  return stateOf(known, resource, {
    reason: reason === 'MinimumReplicasUnavailable' ? 'Unavailable' : reason,
    message,
    since: at,
  });
}

/** When somebody last asked for something else, as far as is known. */
function lastWritten(known: Case, resource: Resource): number {
  const created = milliseconds(known.object(resource.id)?.metadata.creationTimestamp);
  return changesOf(known, resource).find(({ verb }) => verb !== 'deleted')?.at ?? created;
}

function stateOf(
  known: Case,
  resource: Resource,
  { reason, message, since }: { readonly reason: string; readonly message: string; readonly since: number },
): State {
  const status = treeAt(known.object(resource.id), 'status');
  const ready = numberAt(status, 'readyReplicas', numberAt(status, 'numberReady', 0));
  return { resource, whole: resource, reason, message, since, severity: ready === 0 ? 'critical' : 'warning' };
}

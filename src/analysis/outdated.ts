/**
 * Pods whose state is not what was last seen of them: a watch may lose something, and who counts the pods of a workload (ReplicaSet, StatefulSet, DaemonSet,
 * Deployment) tells of it. Only a count that was seen later says anything.
 */
import type { Resource } from '../model/resource.ts';
import { type Case, milliseconds, treeAt } from './case.ts';
import { containersIn } from './containers.ts';

/** What a controller counts. */
interface Count {
  /** When it was seen, in milliseconds since 1970. */
  readonly at: number;
  readonly made: number;
  readonly ready: number;
}

/** Whether a pod that looked unwell is counted among the ready since, or among none. Who begins anew again and again is ready in between. */
export function isOutdated(known: Case, pod: Resource): boolean {
  const count = countedSince(known, pod);
  if (count === undefined || count.ready < count.made) return false;
  const containers = containersIn(treeAt(known.object(pod.id), 'status'), undefined);
  return count.made === 0 || containers.every(({ restarts }) => restarts === 0);
}

/**
 * When a pod that looked well was seen not to be counted among the ready, in milliseconds since 1970; undefined when it is, or when another may be meant:
 * some are counted, and nobody told that its probe fails.
 */
export function contradictedAt(known: Case, pod: Resource): number | undefined {
  const count = countedSince(known, pod);
  if (count === undefined || count.ready >= count.made) return undefined;
  const at = lastSeen(known, pod);
  const isTold = known
    .notices(pod)
    .some(({ isWarning, reason, last }) => isWarning && reason === 'Unhealthy' && last > at);
  return count.ready === 0 || isTold ? count.at : undefined;
}

/** The last count in which a pod was taken into account after it was last seen. */
function countedSince(known: Case, pod: Resource): Count | undefined {
  const owner = known.owner(pod);
  if (owner === undefined) return undefined;
  const counts = [owner, known.whole(pod)].flatMap((one) => {
    const status = treeAt(known.object(one.id), 'status');
    const made = status?.['replicas'] ?? status?.['currentNumberScheduled'];
    if (typeof made !== 'number') return [];
    return { at: lastSeen(known, one), made, ready: Number(status?.['readyReplicas'] ?? status?.['numberReady'] ?? 0) };
  });
  const [last] = counts.sort((a, b) => b.at - a.at);
  return last && last.at > lastSeen(known, pod) ? last : undefined;
}

function lastSeen(known: Case, { id }: Resource): number {
  return milliseconds(known.estate.versions(id).at(-1)?.at);
}

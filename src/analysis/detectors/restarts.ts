/**
 * When containers of a pod ended and were begun anew. Versions that were seen tell it exactly; a status by itself only tells of the last two runs, and those
 * before follow from the delays that the kubelet keeps (10 s, doubled each time, at most 5 minutes).
 */
import type { Resource, ResourceId } from '../../model/resource.ts';
import { type Case, milliseconds, push, treeAt } from '../case.ts';
import { type Container, containersIn, type End, lasted } from '../containers.ts';

export interface Restart {
  /** When the run ended. Milliseconds since 1970. */
  readonly at: number;
  readonly pod: Resource;
  readonly container: string;
  /** `OOMKilled`, `Error`; empty where nobody saw it. */
  readonly reason: string;
  readonly exitCode: number | undefined;
  /** How long it had run, in milliseconds; 0 where that is not known. */
  readonly ran: number;
  readonly message: string;
}

const SECOND = 1_000;
const PAUSE_MAX_MS = 300 * SECOND;
/** Ends reconstructed of one container; more say nothing more. */
const ENDS_MAX = 200;

const tables = new WeakMap<Case, ReadonlyMap<ResourceId, readonly Restart[]>>();

/** By pod, how its containers ended that were begun anew or are to be, the earliest first; looked for once. */
export function restartsByPod(known: Case): ReadonlyMap<ResourceId, readonly Restart[]> {
  let table = tables.get(known);
  if (table === undefined) {
    const made = new Map<ResourceId, readonly Restart[]>();
    for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
      // Most pods never restarted, and say so at first sight.
      const isCalm = pod.health.status === 'healthy' && Number(pod.summary['restarts'] ?? 0) === 0;
      const restarts = isCalm ? [] : restartsOf(known, pod);
      if (restarts.length > 0) made.set(pod.id, restarts);
    }
    table = made;
    tables.set(known, table);
  }
  return table;
}

const byWholes = new WeakMap<Case, ReadonlyMap<ResourceId, readonly Restart[]>>();

/** The same by workload. */
export function restartsByWhole(known: Case): ReadonlyMap<ResourceId, readonly Restart[]> {
  let table = byWholes.get(known);
  if (table === undefined) {
    const made = new Map<ResourceId, Restart[]>();
    for (const restarts of restartsByPod(known).values())
      for (const restart of restarts) push(made, known.whole(restart.pod).id, restart);
    for (const list of made.values()) list.sort((a, b) => a.at - b.at);
    table = made;
    byWholes.set(known, table);
  }
  return table;
}

function restartsOf(known: Case, pod: Resource): readonly Restart[] {
  const object = known.object(pod.id);
  const spec = treeAt(object, 'spec');
  const isForever = (spec?.['restartPolicy'] ?? 'Always') === 'Always';
  const found: Restart[] = [];
  for (const container of containersIn(treeAt(object, 'status'), spec)) {
    if (!container.last && !container.terminated && container.restarts === 0) continue;
    const ends = endsOf(known, pod, container);
    const created = milliseconds(object?.metadata.creationTimestamp);
    const last = container.terminated && (isForever || container.sidecar) ? container.restarts : container.restarts - 1;
    for (const [index, end] of complete(ends, last, created)) {
      // What has done its work is begun anew by nobody.
      if (index === container.restarts && end.exitCode === 0) continue;
      const { at, reason, exitCode, message } = end;
      found.push({
        at,
        pod,
        container: container.name,
        reason,
        exitCode: reason === '' ? undefined : exitCode,
        ran: lasted(end),
        message,
      });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Ends by the number of their run, as far as versions tell. */
function endsOf(known: Case, pod: Resource, now: Container): Map<number, End> {
  const ends = new Map<number, End>();
  const note = ({ restarts, waiting, terminated, last }: Container): void => {
    // A container that waits has not been begun anew: the run before is the one that its number says.
    if (last) ends.set(waiting ? restarts : restarts - 1, last);
    if (terminated) ends.set(restarts, terminated);
  };
  for (const { object } of known.estate.versions(pod.id)) {
    const seen = containersIn(treeAt(object, 'status'), undefined).find(({ name }) => name === now.name);
    if (seen && seen.restarts <= now.restarts) note(seen);
  }
  note(now);
  return ends;
}

/** Every end up to a number: those that nobody saw where the kubelet's delays put them, never before the pod was made. */
function* complete(ends: ReadonlyMap<number, End>, last: number, created: number): Iterable<readonly [number, End]> {
  let following: End | undefined;
  for (let index = Math.max(last, ...ends.keys()); index >= Math.max(0, last - ENDS_MAX); index--) {
    const end = ends.get(index) ?? (following && guessed(following, index, created));
    if (end === undefined) continue;
    yield [index, end];
    following = end;
  }
}

function guessed(next: End, index: number, created: number): End {
  const began = next.startedAt > 0 ? next.startedAt : next.at;
  const pause = index === 0 ? 0 : Math.min(PAUSE_MAX_MS, 10 * SECOND * 2 ** Math.min(index - 1, 10));
  const at = Math.max(created, began - pause);
  const ran = Math.min(lasted(next), at - created);
  return { reason: '', message: '', exitCode: 1, at, startedAt: Math.max(created, at - ran) };
}

/** The fullest stretch of so long among times that rise, and how much is in it. */
export function fullest<T extends { readonly at: number }>(
  events: readonly T[],
  lengthMs: number,
  weigh: (event: T) => number = () => 1,
): { readonly count: number; readonly events: readonly T[] } {
  let best = { count: 0, from: 0, to: 0 };
  let count = 0;
  let from = 0;
  for (const [to, event] of events.entries()) {
    count += weigh(event);
    for (let first = events[from]; first && event.at - first.at > lengthMs; first = events[from]) {
      count -= weigh(first);
      from++;
    }
    if (count > best.count) best = { count, from, to: to + 1 };
  }
  return { count: best.count, events: events.slice(best.from, best.to) };
}

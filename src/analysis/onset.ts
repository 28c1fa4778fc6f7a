/**
 * When a container began to fail again and again. Its status only tells of the last two runs; earlier ones follow from versions that were seen, from
 * the first Event about back-off, or from the delays that the kubelet keeps (10 s, doubled each time, at most 5 minutes).
 */
import type { Resource } from '../model/resource.ts';
import { type Case, type Notice, treeAt } from './case.ts';
import { type Container, containersIn, type End, lasted } from './containers.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A run that lasted so long was none of a loop; its end was the first failure. */
const LONG_MS = 10 * MINUTE;
/** The longest pause of a loop, and a little. */
const PAUSE_MS = 6 * MINUTE;
/** What ends sooner has failed from its beginning. */
const AT_ONCE_MS = 30 * SECOND;

/** When the first of the runs that failed one after the other failed, for a container whose last run is over. */
export function loopBegan(
  known: Case,
  pod: Resource,
  container: Container,
  created: number,
  backOff: Notice | undefined,
): number {
  const { end, index, isChain } = firstOf(runsOf(known, pod, container));
  if (end === undefined) return created;
  const began = failedAt(end);
  if (index === 0 || !isChain) return Math.max(began, created);
  const ran = lasted(end);
  if (backOff) return Math.max(created, Math.min(began, backOff.first - 2 * ran - 10 * SECOND));
  const before = began - spanOf(index, ran);
  return before - created < (began - created) / 2 ? created : began;
}

function failedAt(end: End): number {
  return lasted(end) > AT_ONCE_MS || end.startedAt === 0 ? end.at : end.startedAt;
}

/** Ends of runs by their number, from all versions that were seen. */
function runsOf(
  known: Case,
  pod: Resource,
  { name, restarts, waiting, terminated, last }: Container,
): Map<number, End> {
  const runs = new Map<number, End>();
  const note = (one: Pick<Container, 'restarts' | 'waiting' | 'terminated' | 'last'>): void => {
    // A container that waits has not been begun anew: the run before is the one that its number says.
    if (one.last) runs.set(one.waiting ? one.restarts : one.restarts - 1, one.last);
    if (one.terminated) runs.set(one.restarts, one.terminated);
  };
  for (const { object } of known.estate.versions(pod.id)) {
    const seen = containersIn(treeAt(object, 'status'), undefined).find((one) => one.name === name);
    if (seen) note(seen);
  }
  note({ restarts, ...(waiting && { waiting }), ...(terminated && { terminated }), ...(last && { last }) });
  return runs;
}

/** The first run of the loop that the last run belongs to; `isChain`: the one before it may belong to it as well, and is not known. */
function firstOf(runs: ReadonlyMap<number, End>): {
  readonly end: End | undefined;
  readonly index: number;
  readonly isChain: boolean;
} {
  let index = Math.max(...runs.keys(), 0);
  let end = runs.get(index);
  while (end && index > 0) {
    const before = runs.get(index - 1);
    if (before === undefined) return { end, index, isChain: lasted(end) < LONG_MS };
    if (lasted(end) >= LONG_MS || end.startedAt - before.at > PAUSE_MS) return { end, index, isChain: false };
    end = before;
    index--;
  }
  return { end, index, isChain: false };
}

/** How long so many runs and the pauses after them take. */
function spanOf(count: number, ran: number): number {
  let span = 0;
  for (let index = 0; index < count; index++)
    span += ran + (index === 0 ? 0 : Math.min(5 * MINUTE, 10 * SECOND * 2 ** Math.min(index - 1, 10)));
  return span;
}

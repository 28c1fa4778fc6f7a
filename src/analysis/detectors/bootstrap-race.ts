/** Pods that began before what they need, restarted for it, and are well since: an innocent, which other patterns would accuse. */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds } from '../case.ts';
import { cluesIn } from '../clues.ts';
import { CLUES_MAX, counted, type Detector, MINUTE } from './detection.ts';
import { type Restart, restartsByPod } from './restarts.ts';
import { endedClue, faultOf } from './signals.ts';

export const bootstrapRace: Detector = function* (known, { bootstrapMinutes }) {
  for (const restarts of restartsByPod(known).values()) {
    const [first] = restarts;
    const last = restarts.at(-1);
    if (first === undefined || last === undefined) continue;
    const { pod } = first;
    const created = milliseconds(pod.createdAt);
    const isEarly = last.at - created <= bootstrapMinutes * MINUTE;
    // Well for as long as it struggled.
    if (
      !isEarly ||
      faultOf(known, pod) !== undefined ||
      known.now - last.at < last.at - created ||
      restarts.some(({ reason }) => reason === 'OOMKilled')
    )
      continue;
    const waited = waitsFor(known, pod, restarts);
    yield {
      pattern: 'bootstrap_race',
      severity: 'info',
      confidence: waited ? 0.9 : 0.75,
      active: false,
      since: first.at,
      until: last.at,
      subject: known.whole(pod),
      resources: [pod],
      summary: `Pod ${pod.name} restarted ${counted(restarts.length, 'time')} as it began${waited ? ', before what it calls was there' : ''}, and is well since.`,
      evidence: restarts.slice(0, CLUES_MAX).map(endedClue),
    };
  }
};

/** What it said as it ended is that it did not reach somebody. */
function waitsFor(known: Case, pod: Resource, restarts: readonly Restart[]): boolean {
  const until = restarts.at(-1)?.at ?? 0;
  const said = [
    ...restarts.map(({ message }) => message),
    ...known
      .told(pod.id)
      .filter(({ at }) => Date.parse(at) <= until + MINUTE)
      .map(({ occurrence }) => occurrence.message ?? ''),
  ];
  return said.some((message) => cluesIn(message).some(({ type }) => type === 'connection' || type === 'lookup'));
}

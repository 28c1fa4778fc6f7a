/**
 * Memory that grows until containers are killed for it, again and again. Killed as soon as it has begun, a container has too little memory rather than a leak: a
 * leak takes its time, and what does not is less certain than what is told by default.
 */
import { CLUES_MAX, counted, type Detector, MINUTE } from './detection.ts';
import { fullest, type Restart, restartsByWhole } from './restarts.ts';
import { distinct, endedClue, faultOf, isOutOfMemory } from './signals.ts';

/** What is killed sooner had too little from the beginning. */
const GROWTH_MS = 60_000;

export const memoryLeak: Detector = function* (known, { leakKills, leakMinutes }) {
  for (const restarts of restartsByWhole(known).values()) {
    const slow = slowKillsIn(restarts);
    const kills = slow.length > 0 ? slow : restarts.filter(isOutOfMemory);
    const { count, events } = fullest(kills, leakMinutes * MINUTE);
    const [first] = events;
    if (first === undefined || count < leakKills) continue;
    const pods = distinct(events.map(({ pod }) => pod));
    yield {
      pattern: 'memory_leak',
      severity: 'warning',
      confidence: slow.length === 0 ? 0.65 : count > leakKills ? 0.9 : 0.8,
      active: pods.some((pod) => faultOf(known, pod) !== undefined) || isDue(kills, known.now),
      since: first.at,
      until: kills.at(-1)?.at ?? first.at,
      subject: known.whole(first.pod),
      resources: pods,
      summary: `Containers of ${known.whole(first.pod).name} were killed for their memory ${counted(count, 'time')} within ${leakMinutes} minutes${slow.length === 0 ? '' : ', each after a while'}.`,
      evidence: events.slice(0, CLUES_MAX).map(endedClue),
    };
  }
};

/** Kills after a run that took its time. In a loop of kills those that nobody saw were none other. */
function slowKillsIn(restarts: readonly Restart[]): readonly Restart[] {
  const isLoop = restarts.some((one) => isOutOfMemory(one) && one.ran >= GROWTH_MS);
  const told = restarts.filter(({ reason }) => reason !== '');
  const isOnly = told.every(isOutOfMemory);
  return isLoop
    ? restarts.filter(
        (one) => (isOutOfMemory(one) && (one.ran >= GROWTH_MS || one.ran === 0)) || (one.reason === '' && isOnly),
      )
    : [];
}

/** Another one would come within the time that the last ones took. */
function isDue(kills: readonly Restart[], now: number): boolean {
  const [first, last] = [kills[0], kills.at(-1)];
  if (first === undefined || last === undefined || kills.length < 2) return false;
  return now - last.at <= (2 * (last.at - first.at)) / (kills.length - 1);
}

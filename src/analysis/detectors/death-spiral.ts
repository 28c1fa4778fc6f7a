/** A pod that restarts faster than it can recover. Killed for its memory in between, it is surer still. */
import { CLUES_MAX, counted, type Detector, MINUTE } from './detection.ts';
import { fullest, restartsByPod } from './restarts.ts';
import { endedClue, faultOf, isOutOfMemory } from './signals.ts';

export const deathSpiral: Detector = function* (known, { deathSpiralRestarts, deathSpiralMinutes }) {
  for (const restarts of restartsByPod(known).values()) {
    const { count, events } = fullest(restarts, deathSpiralMinutes * MINUTE);
    const [first] = events;
    if (first === undefined || count <= deathSpiralRestarts) continue;
    const isMemory = events.some(isOutOfMemory);
    yield {
      pattern: 'death_spiral',
      severity: 'critical',
      confidence: isMemory ? 0.95 : 0.9,
      active: faultOf(known, first.pod) !== undefined,
      since: first.at,
      until: restarts.at(-1)?.at ?? first.at,
      subject: known.whole(first.pod),
      resources: [first.pod],
      summary: `Pod ${first.pod.name} restarted ${counted(count, 'time')} within ${deathSpiralMinutes} minutes${isMemory ? ', killed for its memory in between' : ''}.`,
      evidence: events.slice(0, CLUES_MAX).map(endedClue),
    };
  }
};

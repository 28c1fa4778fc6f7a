/** A container that ends again and again. In the long pauses of its later life it restarts seldom, and is in the loop all the same. */
import { CLUES_MAX, counted, type Detector, MINUTE } from './detection.ts';
import { fullest, restartsByPod } from './restarts.ts';
import { endedClue, faultOf } from './signals.ts';

export const crashLoop: Detector = function* (known, { crashLoopRestarts, crashLoopMinutes }) {
  for (const restarts of restartsByPod(known).values()) {
    for (const list of Map.groupBy(restarts, ({ container }) => container).values()) {
      const { count, events } = fullest(list, crashLoopMinutes * MINUTE);
      const [first] = events;
      if (first === undefined || count < crashLoopRestarts) continue;
      yield {
        pattern: 'crash_loop_backoff',
        severity: 'critical',
        confidence: 0.95,
        active: faultOf(known, first.pod) !== undefined,
        since: first.at,
        until: list.at(-1)?.at ?? first.at,
        subject: known.whole(first.pod),
        resources: [first.pod],
        summary: `Container ${first.container} of pod ${first.pod.name} ended ${counted(count, 'time')} within ${crashLoopMinutes} minutes.`,
        evidence: events.slice(-CLUES_MAX).map(endedClue),
      };
    }
  }
};

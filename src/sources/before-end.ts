/**
 * A recording up to some time before its end. When that is, only the end tells: what may turn out to be later is held back until something later still
 * comes, so that it is read once, also from a pipe. Invariant: the order stays.
 */
import type { Change } from '../model/change.ts';
import type { Source } from '../model/source.ts';
import type { RecordingReport } from './recording.ts';

/** The same source without its last `ms` milliseconds; `report` counts what is left. */
export function untilBeforeEnd<S extends Source>(source: S, ms: number, report: RecordingReport): S {
  return {
    ...source,
    async *changes(stop: AbortSignal) {
      const held: Change[] = [];
      let latest = Number.NEGATIVE_INFINITY;
      const isEarly = ({ at }: Change): boolean => Date.parse(at) <= latest - ms;
      for await (const batch of source.changes(stop)) {
        for (const change of batch) {
          latest = Math.max(latest, Date.parse(change.at));
          held.push(change);
        }
        const later = held.findIndex((change) => !isEarly(change));
        const sure = held.splice(0, later < 0 ? held.length : later);
        if (sure.length > 0) yield sure;
      }
      const early = held.filter(isEarly);
      report.changes -= held.length - early.length;
      if (early.length > 0) yield early;
    },
  };
}

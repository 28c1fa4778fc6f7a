/** A source at the pace at which it was recorded, or faster: what came at once comes at once, what came later waits its share. */
import type { Change } from '../model/change.ts';
import type { Source } from '../model/source.ts';

export interface ReplayOptions {
  /** How many times faster than recorded. */
  readonly speed: number;
  /** Longest wait between two batches, in milliseconds. */
  readonly waitMsMax: number;
  /** Resolves after a time or when stopped. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
}

/** Changes less than this apart, in recorded milliseconds, come together. */
const TOGETHER_MS = 200;

/** The same source otherwise, with whatever else it says of itself. */
export function replayed<S extends Source>(source: S, { speed, waitMsMax, sleep }: ReplayOptions): S {
  return {
    ...source,
    async *changes(stop: AbortSignal) {
      let pending: Change[] = [];
      let first = Number.NaN;
      for await (const batch of source.changes(stop)) {
        for (const change of batch) {
          const at = Date.parse(change.at);
          const gap = at - first;
          if (gap > TOGETHER_MS) {
            yield pending;
            pending = [];
            await sleep(Math.min(gap / speed, waitMsMax), stop);
            if (stop.aborted) return;
          }
          if (pending.length === 0) first = at;
          pending.push(change);
        }
      }
      if (pending.length > 0) yield pending;
    },
  };
}

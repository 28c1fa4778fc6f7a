/**
 * Keeping at it when a store fails: a call is made again a few times, and following begins again for as long as it takes.
 * Looks at `Problem.retryable` and nothing else. Time and chance are parameters.
 */
import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { type Problem, problemFrom } from '../../model/problem.ts';
import type { Sink } from '../../model/sink.ts';
import type { Follow } from './follow.ts';

export interface RetryOptions {
  readonly backoff: Backoff;
  /** Rejects when `stop` fires before. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** The sink, whose calls are made up to so many times while they fail with what can be tried again. Both are idempotent, so none does harm. */
export function retrying<S extends Sink>(
  sink: S,
  { attempts, backoff, sleep, random }: RetryOptions & { readonly attempts: number },
  stop: AbortSignal,
): Sink {
  const again = async (call: () => Promise<void>): Promise<void> => {
    for (let failures = 1; ; failures++) {
      try {
        return await call();
      } catch (error) {
        if (!problemFrom(error).retryable || failures >= attempts || stop.aborted) throw error;
        await sleep(backoffMs(backoff, failures, random), stop);
      }
    }
  };
  return {
    name: sink.name,
    replace: (view, generation) => again(() => sink.replace(view, generation)),
    write: (diff) => again(() => sink.write(diff)),
    close: () => sink.close(),
  };
}

/**
 * Follows anew, from a replacement, whenever following fails, until `stop`; never rejects. Nothing is kept meanwhile, so an outage costs no
 * memory however long it lasts. What cannot be tried again waits the longest: somebody has to mend it. `troubled` is told what is wrong, and
 * undefined when the sink has caught up.
 */
export function tireless(
  follow: Follow,
  { backoff, sleep, random, troubled }: RetryOptions & { readonly troubled: (problem: Problem | undefined) => void },
): Follow {
  return async (sink, stop, reached) => {
    let failures = 0;
    const caughtUp = (revision: number): void => {
      failures = 0;
      troubled(undefined);
      reached(revision);
    };
    while (!stop.aborted) {
      try {
        await follow(sink, stop, caughtUp);
      } catch (error) {
        if (stop.aborted) return;
        const problem = problemFrom(error);
        troubled(problem);
        failures++;
        const wait = problem.retryable ? backoffMs(backoff, failures, random) : backoff.maxMs;
        await sleep(wait, stop).catch(() => undefined);
      }
    }
  };
}

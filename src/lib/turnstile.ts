/** Lets one through at a time, never two within a certain time: for those that must not be met by many at the same instant. */
import { sleep } from './timer.ts';

/** Waits for a turn; turns are given in the order they are asked for. Rejects when `stop` fires first, and the turn passes unused. */
export type Turnstile = (stop: AbortSignal) => Promise<void>;

/** `now` in milliseconds. */
export function createTurnstile(spaceMs: number, now: () => number): Turnstile {
  let free = Number.NEGATIVE_INFINITY;
  return async (stop) => {
    stop.throwIfAborted();
    const turn = Math.max(free, now());
    free = turn + spaceMs;
    const wait = turn - now();
    if (wait > 0) await sleep(wait, stop);
  };
}

/** Time as a parameter: what the sources ask of the clock. Instants never step back, so that recordings do not. */
import { sleep } from '../../lib/timer.ts';
import type { Time } from '../../model/time.ts';

export interface Clock {
  /** Milliseconds, for durations. */
  now(): number;
  /** The instant of an observation; never before the one given last. */
  time(): Time;
  /** Rejects when `stop` fires. */
  sleep(milliseconds: number, stop: AbortSignal): Promise<void>;
  /** The promise's value, or undefined when it takes longer. Rejects when `stop` fires. */
  race<T>(promise: Promise<T>, milliseconds: number, stop: AbortSignal): Promise<T | undefined>;
}

export function systemClock(): Clock {
  let last = 0;
  let text = new Date(last).toISOString();
  return {
    now: () => performance.now(),
    time() {
      const now = Date.now();
      if (now > last) {
        last = now;
        text = new Date(now).toISOString();
      }
      return text;
    },
    sleep,
    async race(promise, milliseconds, stop) {
      const over = new AbortController();
      try {
        return await Promise.race([
          promise,
          sleep(milliseconds, AbortSignal.any([stop, over.signal])).then(() => undefined),
        ]);
      } finally {
        over.abort();
      }
    },
  };
}

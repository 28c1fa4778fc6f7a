/** A clock that stands until it is moved: what waits for it is woken in order, and gets a few turns of the event loop each time. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/sources/kubernetes/clock.ts';

const BEGINS = Date.parse('2026-11-22T00:00:00Z');
const TURNS = 20;

export class ManualClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<{ readonly due: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  time(): string {
    return new Date(BEGINS + this.#now).toISOString();
  }

  sleep(milliseconds: number, stop: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (stop.aborted) reject(stop.reason);
    const sleeper = { due: this.#now + milliseconds, wake: resolve };
    this.#sleepers.add(sleeper);
    const end = (): void => reject(stop.reason);
    stop.addEventListener('abort', end, { once: true });
    return promise.finally(() => {
      this.#sleepers.delete(sleeper);
      stop.removeEventListener('abort', end);
    });
  }

  async race<T>(promise: Promise<T>, milliseconds: number, stop: AbortSignal): Promise<T | undefined> {
    return Promise.race([promise, this.sleep(milliseconds, stop).then(() => undefined)]);
  }

  /** Lets so much time pass. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await settled();
      const [next] = [...this.#sleepers].sort((a, b) => a.due - b.due);
      if (next === undefined || next.due > until) break;
      this.#now = Math.max(this.#now, next.due);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#now = until;
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let count = 0; count < TURNS; count++) await turn();
}

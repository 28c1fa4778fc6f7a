/** Lets no more than so many in at a time, first come first served. */

/** Gives the place back. Calling it twice is calling it once. */
export type Release = () => void;

export interface Semaphore {
  /** Waits for a place. Rejects when `stop` fires first. */
  acquire(stop?: AbortSignal): Promise<Release>;
  /** Nobody is inside. */
  readonly isIdle: boolean;
  /** No place is left, nor one to wait at: who may not wait for long turns away. */
  readonly isFull: boolean;
}

/** `waitingMax` is what `isFull` goes by; it keeps nobody from waiting. */
export function createSemaphore(places: number, waitingMax = Number.POSITIVE_INFINITY): Semaphore {
  let free = places;
  const waiting = new Set<(release: Release) => void>();
  const admit = (): Release => {
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      const [next] = waiting;
      if (next === undefined) free++;
      else {
        waiting.delete(next);
        next(admit());
      }
    };
  };
  return {
    get isIdle() {
      return free === places;
    },
    get isFull() {
      return free === 0 && waiting.size >= waitingMax;
    },
    async acquire(stop) {
      stop?.throwIfAborted();
      if (free > 0) {
        free--;
        return admit();
      }
      const { promise, resolve, reject } = Promise.withResolvers<Release>();
      const giveUp = (): void => {
        if (waiting.delete(resolve)) reject(stop?.reason);
      };
      waiting.add(resolve);
      stop?.addEventListener('abort', giveUp, { once: true });
      try {
        return await promise;
      } finally {
        stop?.removeEventListener('abort', giveUp);
      }
    },
  };
}

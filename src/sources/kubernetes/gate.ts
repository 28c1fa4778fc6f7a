/** Lets no more than so many in at a time, first come first served. */

/** Gives the place back. Calling it twice is calling it once. */
export type Leave = () => void;

export interface Gate {
  /** Waits for a place. Rejects when `stop` fires first. */
  enter(stop: AbortSignal): Promise<Leave>;
}

export function createGate(places: number): Gate {
  let free = places;
  const waiting = new Set<(leave: Leave) => void>();
  const admit = (): Leave => {
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
    async enter(stop) {
      stop.throwIfAborted();
      if (free > 0) {
        free--;
        return admit();
      }
      const { promise, resolve, reject } = Promise.withResolvers<Leave>();
      const giveUp = (): void => {
        if (waiting.delete(resolve)) reject(stop.reason);
      };
      waiting.add(resolve);
      stop.addEventListener('abort', giveUp, { once: true });
      try {
        return await promise;
      } finally {
        stop.removeEventListener('abort', giveUp);
      }
    },
  };
}

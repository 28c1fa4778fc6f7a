/** Timers for any duration: `setTimeout` waits for 24.8 days at most, and for one millisecond where it is asked for more. */

const LONGEST_MS = 2 ** 31 - 1;

export interface TimerOptions {
  /** Keeps the process from ending meanwhile; true by default. */
  readonly ref?: boolean;
}

/** Calls back after a duration of any length. The returned function forgets it. */
export function startTimer(callback: () => void, ms: number, { ref = true }: TimerOptions = {}): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const next = left > LONGEST_MS ? () => wait(left - LONGEST_MS) : callback;
    timer = setTimeout(next, Math.min(left, LONGEST_MS));
    if (!ref) timer.unref();
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/** Resolves after a duration of any length; rejects with the signal's reason when `stop` fires before. */
export function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stop.aborted) return reject(stop.reason);
    const end = (): void => {
      forget();
      reject(stop.reason);
    };
    const forget = startTimer(() => {
      stop.removeEventListener('abort', end);
      resolve();
    }, ms);
    stop.addEventListener('abort', end, { once: true });
  });
}

/** Fires after a duration of any length; does not keep the process from ending. */
export function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  startTimer(() => controller.abort(), ms, { ref: false });
  return controller.signal;
}

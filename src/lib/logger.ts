/** Structured log lines on standard error. Never a line per object; repeated ones go through `throttled`. */
import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A logger that writes JSON lines to standard error. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
}

/** A logger that says nothing, for tests and one-shot commands. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs `report(count)` at most once an interval, with how often it was asked for since. `now` in milliseconds. */
export function throttled(intervalMs: number, now: () => number, report: (count: number) => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let count = 0;
  return () => {
    count++;
    if (now() - last < intervalMs) return;
    last = now();
    report(count);
    count = 0;
  };
}

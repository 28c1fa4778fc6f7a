/** Structured log lines on standard error. Never a line per object; repeated ones go through `throttled`. */
import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A logger that writes to standard error: JSON lines, on a terminal text. */
export function createLogger(level: LogLevel): Logger {
  const terminal = { write: (line: string) => process.stderr.write(readable(line)) };
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    process.stderr.isTTY ? terminal : pino.destination({ fd: 2, sync: true }),
  );
}

/** A JSON line for people: `14:29:31Z WARN  the mirror waits  code=timeout`. */
export function readable(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as { level: number; time: string; msg: string };
  const said = Object.entries(fields).map(([name, value]) => `  ${name}=${JSON.stringify(value)}`);
  return `${time.slice(11, 19)}Z ${(pino.levels.labels[level] ?? '').toUpperCase().padEnd(5)} ${msg}${said.join('')}\n`;
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

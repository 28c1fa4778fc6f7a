/** Keeps a history within its limits while it is written: looks every few minutes for what is to go, and tells how that went. */

import type { Logger } from '../lib/logger.ts';
import { bytesIn, bytesText } from '../lib/quantity.ts';
import { sleep } from '../lib/timer.ts';
import { problemFrom } from '../model/problem.ts';
import type { RetentionInfo } from '../operations/operation.ts';
import type { Removed } from '../sinks/history/clear.ts';
import type { History } from '../sinks/history/history.ts';
import type { ReadableOptions } from '../sinks/history/readable.ts';
import type { Pruned, Retention } from '../sinks/history/retention.ts';
import type { Config } from './config.ts';

export interface RetentionStatus {
  readonly info: RetentionInfo;
  /** What the last look found and did. */
  readonly last?: Pruned;
}

export interface KeepOptions {
  readonly retention: Retention;
  readonly everyMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/** Starts are busy enough. */
const FIRST_MS = 60_000;
/** What is a fiftieth older than its age waits for its like: what must be written anew is written less often. */
const SLACK = 0.02;

/** What the configuration says is kept. */
export function retentionOf({ history: { days, kindDays, maxSize } }: Config): Retention {
  return { days, kindDays, maxBytes: bytesIn(maxSize) ?? 0 };
}

/** What the configuration says is readable in SQL. */
export function readableOf({ history: { readableHours, readableSize, maxSize } }: Config): ReadableOptions {
  const [own, all] = [bytesIn(readableSize) ?? 0, (bytesIn(maxSize) ?? 0) / 4];
  const limits = [own, all].filter((bytes) => bytes > 0);
  return { hours: readableHours, maxBytes: limits.length === 0 ? 0 : Math.min(...limits) };
}

/** Looks again and again until it is stopped; the answer tells how it stands. */
export function keepWithin(
  history: Pick<History, 'prune'>,
  { retention, everyMs, now, log, stop }: KeepOptions,
): { readonly status: RetentionStatus } {
  let status: RetentionStatus = { info: { ...retention, rows: 0, bytes: 0 } };
  const look = async (): Promise<void> => {
    const start = now();
    try {
      const last = await history.prune(retention, { now: start, slack: SLACK });
      const { fault: _, ...info } = status.info;
      const wasOver = status.last?.isOver;
      const lastMs = now() - start;
      const rows = rowsOf(last);
      const sums = { rows: info.rows + rows, bytes: info.bytes + last.bytes };
      status = { info: { ...info, ...sums, lastAt: new Date(start).toISOString(), lastMs }, last };
      if (rows > 0) log.info({ rows, bytes: last.bytes, ms: lastMs, oldest: last.oldest }, 'history was shortened');
      if (last.isOver && !wasOver) log.warn({}, overText(last, retention));
    } catch (error) {
      const { code, message } = problemFrom(error);
      if (stop.aborted) return;
      if (status.info.fault !== message) log.warn({ code }, `history could not be shortened: ${message}`);
      status = { ...status, info: { ...status.info, fault: message } };
    }
  };
  void (async () => {
    for (let wait = Math.min(FIRST_MS, everyMs); ; wait = everyMs) {
      await sleep(wait, stop);
      await look();
    }
  })().catch(() => undefined);
  return {
    get status() {
      return status;
    },
  };
}

/** What is wrong with it, for people. */
export function retentionWarnings({ info: { fault, ...limits }, last }: RetentionStatus): readonly string[] {
  return [
    ...(fault === undefined ? [] : [`history could not be shortened: ${fault}`]),
    ...(last?.isOver ? [overText(last, limits)] : []),
  ];
}

function overText({ usedBytes }: Pruned, { maxBytes }: Pick<Retention, 'maxBytes'>): string {
  return `history takes ${bytesText(usedBytes)}, more than history.maxSize (${bytesText(maxBytes)}), although only the last hour is kept; give it more room`;
}

/** All rows that went. */
export function rowsOf({ rows }: Removed): number {
  return Object.values(rows).reduce((sum, count) => sum + count, 0);
}

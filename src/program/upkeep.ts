/** What is done to a history besides writing and asking: shortening, backup, restore. Where it lies is a file or the URL of a database. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { withoutPassword } from '../lib/address.ts';
import { Problem } from '../model/problem.ts';
import { timeOfMicroseconds } from '../model/time.ts';
import type { Removed } from '../sinks/history/clear.ts';
import { backUp, type CopyOptions, restore, versionOf } from '../sinks/history/copy.ts';
import type { Database } from '../sinks/history/database.ts';
import { noteExport } from '../sinks/history/exports.ts';
import { openDatabase } from '../sinks/history/open.ts';
import { dueCuts, floorAt, type Pruned, prune, type Retention, wouldGo } from '../sinks/history/retention.ts';
import { migrate } from '../sinks/history/schema.ts';
import { sizeOf } from '../sinks/history/size.ts';
import { makeFolderOf, makePlace } from './history-files.ts';
import { rowsOf } from './retention.ts';

export interface PruneOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly stop: AbortSignal;
  readonly progress?: (rows: number, bytes: number) => void;
}

/** Removes what is not to be kept, from a history that nobody writes to. What has not gone when it is stopped, goes the next time. */
export async function pruneHistory(
  url: string,
  retention: Retention,
  { now, stop, progress = () => undefined }: PruneOptions,
): Promise<Pruned | Removed> {
  await using database = await toChange(url);
  const steps = prune(database, retention, { now });
  let removed: Removed = { rows: {}, bytes: 0 };
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
    removed = value;
    progress(rowsOf(removed), removed.bytes);
    if (stop.aborted) return removed;
  }
}

/** What would go, and from when on everything would be known. Of the size that is to be reached, only how far it is. */
export async function pruneForeseen(
  url: string,
  retention: Retention,
  now: number,
): Promise<{ readonly resources: number; readonly versions: number; readonly oldest?: string; readonly over: number }> {
  await using database = await toRead(url);
  const cuts = await dueCuts(database, retention, now * 1_000);
  const [general] = cuts.filter(({ kinds }) => kinds === undefined);
  const [row] = general ? await database.rows('SELECT at FROM moment WHERE no = $1', [general.moment]) : [];
  const oldest = row ? Number(row[0]) : await floorAt(database);
  const { used } = await sizeOf(database);
  return {
    ...(await wouldGo(database, cuts)),
    ...(oldest !== undefined && { oldest: timeOfMicroseconds(oldest) }),
    over: retention.maxBytes > 0 ? Math.max(0, used - retention.maxBytes) : 0,
  };
}

/** Copies a history into a file, also while it is written to, and notes it there where that may be written to. Throws `invalid-input` when that is the history itself, or there is something already. */
export async function backUpHistory(url: string, file: string, options: CopyOptions): Promise<void> {
  checkThere(url, NO_HISTORY);
  if (existsSync(file) && existsSync(url) && realpathSync(file) === realpathSync(url))
    throw new Problem('invalid-input', `${file} is the history itself; name another file.`);
  if (existsSync(`${file}-wal`)) throw new Problem('invalid-input', `${file} is a history in use; name another file.`);
  makeFolderOf(file, 'A backup cannot be written', 'name another file');
  await backUp(url, file, options);
  const made = { format: 'sqlite', path: resolve(file), bytes: statSync(file).size };
  await noteExport(url, made).catch(() => undefined);
}

/** Puts a backup where a history is to be, which nobody writes to. */
export async function restoreHistory(from: string, to: string, options: CopyOptions): Promise<void> {
  checkThere(from, 'There is no backup');
  if (!to.includes('://')) makePlace(to);
  await heldElsewhere(to, () => restore(from, to, options));
}

const NO_HISTORY = 'There is no history';

function checkThere(url: string, what: string): void {
  if (url.includes('://') || existsSync(url)) return;
  const advice = what === NO_HISTORY ? ': "kube-kg serve" keeps one; name another with --history.' : '.';
  throw new Problem('store-unreachable', `${what} at ${url}${advice}`);
}

async function toRead(url: string): Promise<Database> {
  checkThere(url, NO_HISTORY);
  const database = await openDatabase(url, { readOnly: true });
  await versionOf(database, withoutPassword(url));
  return database;
}

async function toChange(url: string): Promise<Database> {
  await using _ = await toRead(url);
  return heldElsewhere(url, async () => {
    const database = await openDatabase(url);
    await migrate(database);
    return database;
  });
}

/** Says what to do when somebody else writes. */
async function heldElsewhere<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'store-in-use') throw error;
    throw new Problem(
      error.code,
      `A running kube-kg writes to ${withoutPassword(url)}: stop it first. It shortens its history by itself, as history.days, history.kindDays and history.maxSize say.`,
      { cause: error },
    );
  }
}

/**
 * History in a SQLite file: `node:sqlite` in WAL mode, one writer and any number of readers. What a transaction wrote outlives the process
 * (SIGKILL included); `synchronous=NORMAL` may lose the last transactions, never more, when the machine itself fails.
 */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Problem } from '../../model/problem.ts';
import { restored, storable } from './characters.ts';
import type { Access, Database, Reading, Row, Statement, Value } from './database.ts';

const BATCH = 1_000;
/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const FULL = 13;
const BUSY = 5;
const CORRUPT = new Set([11, 26]);

/** Opens or makes the file. Throws Problem `store-unreachable` when it cannot be opened or is no SQLite database. */
export function openSqlite(path: string, { readOnly = false, beside = false }: Access = {}): Database {
  let lock: DatabaseSync | undefined;
  try {
    // Only its owner may read it; SQLite gives the files beside it the same mode.
    const isOwn = !readOnly && !beside;
    if (isOwn && path !== MEMORY) closeSync(openSync(path, 'a', 0o600));
    if (isOwn && path !== MEMORY) lock = lockOf(path);
    const db = new DatabaseSync(path, { readOnly, timeout: 10_000 });
    if (isOwn) db.exec('PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL');
    db.exec(
      'PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY',
    );
    return new Sqlite(db, path, lock);
  } catch (error) {
    lock?.close();
    throw problemOf(error, path);
  }
}

const MEMORY = ':memory:';

/** Keeps other writers out until it is closed or the process ends, however it ends: the system gives such locks back. */
function lockOf(path: string): DatabaseSync {
  closeSync(openSync(`${path}.lock`, 'a', 0o600));
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  lock.exec('PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE');
  return lock;
}

/** Pages that are copied between two looks at anything else. */
const COPIED = 1_000;

/**
 * Copies a database, which may be written to meanwhile, into a new file that needs no other beside it: as it is now, whole or not at all. `told` hears how
 * many of how many pages are there. Rejects with Problem `store-unreachable`, or `store-full`.
 */
export async function copySqlite(from: string, to: string, told?: (done: number, of: number) => void): Promise<void> {
  const partial = `${to}.partial`;
  try {
    rmSync(partial, { force: true });
    closeSync(openSync(partial, 'wx', 0o600));
    const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
    try {
      // A copy of what is read at one instant is not begun anew when somebody writes.
      source.exec('BEGIN');
      source.prepare('SELECT count(*) FROM sqlite_schema').get();
      const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }): void =>
        told?.(totalPages - remainingPages, totalPages);
      await backup(source, partial, { rate: COPIED, progress });
    } finally {
      source.close();
    }
    const copy = new DatabaseSync(partial);
    copy.exec('PRAGMA journal_mode=DELETE');
    copy.close();
    renameSync(partial, to);
  } catch (error) {
    rmSync(partial, { force: true });
    throw problemOf(error, to);
  }
}

/** Does it while nobody else writes to the file, and puts the one that it names in its place. */
export async function replaceSqlite(path: string, work: () => Promise<string>): Promise<void> {
  let lock: DatabaseSync | undefined;
  try {
    lock = lockOf(path);
    const made = await work();
    // Before the file itself: a log of another file must never be taken for its own.
    for (const beside of ['-wal', '-shm']) rmSync(`${path}${beside}`, { force: true });
    renameSync(made, path);
  } catch (error) {
    throw problemOf(error, path);
  } finally {
    lock?.close();
  }
}

/** What SQLite itself finds wrong with the file, a line each; nothing when it is sound. `quick` leaves out whether indexes say the same as tables. */
export async function sqliteFaults(db: Database, quick: boolean): Promise<readonly string[]> {
  const rows = await db.rows(`PRAGMA ${quick ? 'quick_check' : 'integrity_check'}(20)`);
  return rows.map(([line]) => String(line)).filter((line) => line !== 'ok');
}

class Sqlite implements Database {
  readonly dialect = 'sqlite';
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, path: string, lock: DatabaseSync | undefined) {
    this.#db = db;
    this.#path = path;
    this.#lock = lock;
  }

  async rows(sql: string, values: Parameters<Database['rows']>[1] = []): Promise<readonly Row[]> {
    return this.#attempt(() => (this.#prepared(sql).all(...values.map(bound)) as unknown as Row[]).map(read));
  }

  async *batches(sql: string, values: Parameters<Database['rows']>[1] = []): AsyncIterable<readonly Row[]> {
    // A statement of its own: one that is being walked must not be asked anew.
    const statement = this.#attempt(() => this.#db.prepare(numbered(sql)));
    statement.setReturnArrays(true);
    let batch: Row[] = [];
    for (const row of statement.iterate(...values.map(bound))) {
      batch.push(read(row as unknown as Row));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async snapshot<T>(work: (reading: Reading) => Promise<T>): Promise<T> {
    await this.script('BEGIN');
    try {
      await this.rows('SELECT 1 FROM sqlite_schema');
      return await work(this);
    } finally {
      await this.script('ROLLBACK');
    }
  }

  list(parameter: string): string {
    return `SELECT value FROM json_each(${parameter})`;
  }

  async write({ sqlite }: Statement, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    this.#attempt(() => {
      const statement = this.#prepared(sqlite);
      for (const row of rows) statement.run(...row.map(bound));
    });
  }

  async script(sql: string): Promise<void> {
    this.#attempt(() => this.#db.exec(sql));
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.script('BEGIN IMMEDIATE');
    try {
      const result = await work();
      await this.script('COMMIT');
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself.
      await this.script('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    this.#statements.clear();
    // Folds the log back into the file, as far as readers let it.
    if (this.#db.isOpen && this.#lock) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    if (this.#db.isOpen) this.#db.close();
    if (this.#lock?.isOpen) this.#lock.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(numbered(sql));
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw problemOf(error, this.#path);
    }
  }
}

/** SQLite writes numbered parameters `?1`. */
function numbered(sql: string): string {
  return sql.replaceAll(/\$(\d+)/g, '?$1');
}

function bound(value: Value | readonly Value[]): SQLInputValue {
  if (Array.isArray(value)) return JSON.stringify(value.map(bound));
  return typeof value === 'string' ? storable(value) : (value as SQLInputValue);
}

function read(row: Row): Row {
  return row.map((value) => (typeof value === 'string' ? restored(value) : value));
}

function problemOf(error: unknown, path: string): Problem {
  if (error instanceof Problem) return error;
  const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
  const code = errcode === undefined ? undefined : errcode & 0xff;
  if (code === FULL)
    return new Problem(
      'store-full',
      `${path}: no space left; what is known goes on, history waits until there is space`,
      { cause: error },
    );
  if (code === BUSY)
    return new Problem(
      'store-unreachable',
      `${path} is in use by another kube-kg; give this one another file (--history FILE), or none (--no-history)`,
      { cause: error },
    );
  if (code !== undefined && CORRUPT.has(code))
    return new Problem(
      'store-unreachable',
      `${path} is damaged or no SQLite database (${message}); move it away, or restore a backup`,
      { cause: error },
    );
  if (/^no such (?:table|column)/.test(message))
    return new Problem(
      'store-unreachable',
      `${path} is no history, or one of an earlier version of this program (${message}); "kube-kg serve --history" brings it up to date`,
      { cause: error },
    );
  return new Problem('store-unreachable', `${path}: ${message}`, { cause: error });
}

/**
 * History in a SQLite file: `node:sqlite` in WAL mode, one writer and any number of readers. What a transaction wrote outlives the process
 * (SIGKILL included); `synchronous=NORMAL` may lose the last transactions, never more, when the machine itself fails.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Problem } from '../../model/problem.ts';
import { restored, storable } from './characters.ts';
import type { Database, Row, Statement, Value } from './database.ts';

export interface SqliteOptions {
  readonly readOnly?: boolean;
}

const BATCH = 1_000;
/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const FULL = 13;
const BUSY = 5;
const CORRUPT = new Set([11, 26]);

/** Opens or makes the file. Throws Problem `store-unreachable` when it cannot be opened or is no SQLite database. */
export function openSqlite(path: string, { readOnly = false }: SqliteOptions = {}): Database {
  let lock: DatabaseSync | undefined;
  try {
    // Only its owner may read it; SQLite gives the files beside it the same mode.
    if (!readOnly && path !== MEMORY) closeSync(openSync(path, 'a', 0o600));
    if (!readOnly && path !== MEMORY) lock = lockOf(path);
    const db = new DatabaseSync(path, { readOnly, timeout: 10_000 });
    if (!readOnly) db.exec('PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL');
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
  return new Problem('store-unreachable', `${path}: ${message}`, { cause: error });
}

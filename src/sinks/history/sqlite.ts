/**
 * History in a SQLite file: `node:sqlite` in WAL mode, one writer and any number of readers. What a transaction wrote outlives the process
 * (SIGKILL included); `synchronous=NORMAL` may lose the last transactions, never more, when the machine itself fails.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Problem } from '../../model/problem.ts';
import { restored, storable } from './characters.ts';
import type { Access, Database, Reading, Row, Statement, Value } from './database.ts';
import { problemFromSqlite } from './sqlite-problems.ts';

const BATCH = 1_000;
/**
 * Opens or makes the file. Throws a Problem: `invalid-input` when it is something else, and then nothing is left beside it; `store-in-use` when another
 * process writes to it; `store-damaged`; `store-unreachable` when it cannot be opened.
 */
export function openSqlite(path: string, { readOnly = false, beside = false }: Access = {}): Database {
  const isOwn = !readOnly && !beside;
  let lock: DatabaseSync | undefined;
  try {
    checkSqlite(path);
    if (!isOwn && !existsSync(path)) throw new Problem('store-unreachable', `There is no history at ${path}`);
    // Only its owner may read it; SQLite gives the files beside it the same mode.
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
    throw problemFromSqlite(error, path);
  }
}

const MEMORY = ':memory:';
/** SQLite's files begin so: https://sqlite.org/fileformat.html */
const HEADER = Buffer.from('SQLite format 3\0');

/** Throws Problem `invalid-input` for what is something else than an empty file or a database, `store-unreachable` for what cannot be read. */
export function checkSqlite(path: string): void {
  let what: string | undefined;
  try {
    what = otherThanSqlite(path);
  } catch (error) {
    throw problemFromSqlite(error, path);
  }
  if (what === undefined) return;
  throw new Problem(
    'invalid-input',
    `${path} is no history: it is no ${what}. Name another file; if it was one, it is damaged: move it away, or restore a backup.`,
  );
}

/** What it is not; undefined when nothing is there. */
function otherThanSqlite(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) return 'file';
  if (found === undefined || found.size === 0) return undefined;
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEADER.length);
    readSync(file, head);
    return head.equals(HEADER) ? undefined : 'SQLite database';
  } finally {
    closeSync(file);
  }
}

/** Keeps other writers out until it is closed or the process ends, however it ends: the system gives such locks back. */
function lockOf(path: string): DatabaseSync {
  closeSync(openSync(`${path}.lock`, 'a', 0o600));
  // Who only looks whether it is held, holds it for a moment.
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 50 });
  try {
    lock.exec('PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Makes nothing where nobody has ever written. */
function isLocked(path: string): boolean {
  if (!existsSync(`${path}.lock`)) return false;
  const lock = new DatabaseSync(`${path}.lock`, { readOnly: true });
  try {
    lock.prepare('SELECT 1 FROM sqlite_schema').get();
    return false;
  } catch (error) {
    const problem = problemFromSqlite(error, path);
    if (problem.code === 'store-in-use') return true;
    throw problem;
  } finally {
    lock.close();
  }
}

/** Pages that are copied between two looks at anything else. */
const COPIED = 1_000;

/**
 * Copies a database, which may be written to meanwhile, into a new file that needs no other beside it: as it is now, whole or not at all. `told` hears how
 * many of how many pages are there. Rejects with Problem `store-unreachable`, `store-full`, or `store-damaged`.
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
    const problem = problemFromSqlite(error, to);
    throw problem.code === 'store-damaged' ? problemFromSqlite(error, from) : problem;
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
    throw problemFromSqlite(error, path);
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
  readonly where: string;
  readonly #db: DatabaseSync;
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, path: string, lock: DatabaseSync | undefined) {
    this.#db = db;
    this.where = path;
    this.#lock = lock;
  }

  async rows(sql: string, values: Parameters<Database['rows']>[1] = []): Promise<readonly Row[]> {
    return this.#attempt(() => (this.#prepared(sql).all(...values.map(bound)) as unknown as Row[]).map(read));
  }

  async *batches(sql: string, values: Parameters<Database['rows']>[1] = []): AsyncIterable<readonly Row[]> {
    // A statement of its own: one that is being walked must not be asked anew.
    const answer = this.#attempt(() => {
      const statement = this.#db.prepare(numbered(sql));
      statement.setReturnArrays(true);
      return statement.iterate(...values.map(bound));
    });
    try {
      for (let isEnd = false; !isEnd; ) {
        const batch: Row[] = [];
        this.#attempt(() => {
          for (let next = answer.next(); ; next = answer.next()) {
            isEnd = next.done === true;
            if (!next.done) batch.push(read(next.value as unknown as Row));
            if (isEnd || batch.length === BATCH) return;
          }
        });
        if (batch.length > 0) yield batch;
      }
    } finally {
      answer.return?.();
    }
  }

  async isHeld(): Promise<boolean> {
    return this.#lock !== undefined || this.#attempt(() => isLocked(this.where));
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
    // Folds the log back into the file, as far as readers, the disk and damage let it; else it is read from there.
    if (this.#db.isOpen && this.#lock) await this.script('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined);
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
      throw problemFromSqlite(error, this.where);
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

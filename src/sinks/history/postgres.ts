/**
 * History in a schema of a PostgreSQL database (13 or later). Whoever writes has a connection of its own that holds a lock on the schema, so that
 * there is one at a time; long answers are read from a snapshot, on connections beside it.
 *
 * A lost connection is replaced when it is needed again. The writer is told of each loss once, for another may have written meanwhile, and a
 * transaction whose end was not heard of may be there or not.
 */
import { Pool } from 'pg';
import { Problem } from '../../model/problem.ts';
import type { Access, Database, Reading, Row, Statement } from './database.ts';
import { problemFromPostgres } from './postgres-problems.ts';
import { bound, type Query, queryOf, type Values } from './postgres-query.ts';
import { type Address, addressOf, LIMITED, lockHeld, prepare, Session } from './postgres-session.ts';

type Ask = (query: Query) => Promise<readonly Row[]>;

const BATCH = 1_000;
const READERS = 4;

/**
 * Opens the schema that the URL names (`?schema=`, by default `kube_kg`), to write or only to read; for a writer it is made when absent.
 * Rejects with a Problem: `store-unreachable`; `store-in-use` when another process writes to it; `invalid-config` for a URL that is none.
 */
export async function openPostgres(url: string, { readOnly = false, beside = false }: Access = {}): Promise<Database> {
  const address = addressOf(url, readOnly);
  const database = new Postgres(address, !readOnly && !beside);
  try {
    await database.open();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class Postgres implements Database {
  readonly dialect = 'postgres';
  readonly where: string;
  readonly #address: Address;
  readonly #pool: Pool;
  readonly #session: Session | undefined;

  /** `isOwn`: nobody else writes. */
  constructor(address: Address, isOwn: boolean) {
    const { config, settings } = address;
    this.#address = address;
    this.where = address.where;
    this.#pool = new Pool({ ...config, max: READERS, onConnect: (client) => prepare(client, settings) });
    // Unused ones that break are replaced.
    this.#pool.on('error', () => undefined);
    this.#session = isOwn ? new Session(address) : undefined;
  }

  /** Rejects when it cannot be used. */
  async open(): Promise<void> {
    const { schema } = this.#address;
    const [row] = await this.rows(
      "SELECT current_setting('server_encoding'), (SELECT count(*) FROM pg_namespace WHERE nspname = $1)",
      [schema],
    );
    const [encoding, schemas] = row ?? [];
    if (encoding !== 'UTF8')
      throw new Problem(
        'store-unreachable',
        `${this.where}: the database holds ${encoding} text; make one with ENCODING 'UTF8' for history`,
      );
    if (schemas === 0 && this.#session) await this.script(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  }

  async rows(sql: string, values: Values = []): Promise<readonly Row[]> {
    return (await this.#query({ ...queryOf(sql, values), ...LIMITED })).rows;
  }

  async isHeld(): Promise<boolean> {
    const [row] = (await this.#query({ ...lockHeld(this.#address.schema), ...LIMITED })).rows;
    return Number(row?.[0]) > 0;
  }

  async *batches(sql: string, values: Values = []): AsyncIterable<readonly Row[]> {
    const { ask, end } = await this.#beginSnapshot();
    let isDone = false;
    try {
      yield* walked(ask, queryOf(sql, values));
      isDone = true;
    } finally {
      await end(isDone);
    }
  }

  async snapshot<T>(work: (reading: Reading) => Promise<T>): Promise<T> {
    const { ask, end } = await this.#beginSnapshot();
    let isDone = false;
    try {
      const result = await work({
        rows: (sql, values = []) => ask(queryOf(sql, values)),
        batches: (sql, values = []) => walked(ask, queryOf(sql, values)),
      });
      isDone = true;
      return result;
    } finally {
      await end(isDone);
    }
  }

  /** A connection that sees everything as of now until it is ended. */
  async #beginSnapshot(): Promise<{ readonly ask: Ask; end(isDone: boolean): Promise<void> }> {
    const client = await this.#attempt(() => this.#pool.connect());
    const ask: Ask = async (query) => (await this.#attempt(() => client.query({ ...query, ...LIMITED }))).rows;
    const end = async (isDone: boolean): Promise<void> => {
      let isFree = false;
      try {
        if (isDone) await ask({ text: 'COMMIT' });
        isFree = isDone;
      } finally {
        client.release(!isFree);
      }
    };
    try {
      await ask({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL cursor_tuple_fraction TO 1' });
    } catch (error) {
      await end(false);
      throw error;
    }
    return { ask, end };
  }

  list(parameter: string, of: 'numbers' | 'texts' = 'numbers'): string {
    return `SELECT unnest(${parameter}::${of === 'numbers' ? 'bigint' : 'text'}[])`;
  }

  async write(statement: Statement, rows: readonly Row[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const columns = first.map((_, column) => rows.map((row) => bound(row[column] ?? null)));
    await this.#query({ text: statement.postgres, values: columns, ...LIMITED });
  }

  async script(sql: string): Promise<void> {
    await this.#query({ text: sql });
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const session = this.#session;
    if (session === undefined) throw new Problem('read-only', `${this.where} was opened to be read`);
    return session.transaction(work);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    await this.#session?.close();
    if (!this.#pool.ending) await this.#pool.end();
  }

  #query(query: Query): Promise<{ readonly rows: readonly Row[] }> {
    return this.#session ? this.#session.query(query) : this.#attempt(() => this.#pool.query(query));
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw problemFromPostgres(error, this.where);
    }
  }
}

/** All rows of an answer, a batch at a time. */
async function* walked(ask: Ask, { text, ...rest }: Query): AsyncIterable<readonly Row[]> {
  await ask({ text: `DECLARE answer NO SCROLL CURSOR FOR ${text}`, ...rest });
  for (let isEnd = false; !isEnd; ) {
    const rows = await ask({ text: `FETCH ${BATCH} FROM answer`, rowMode: 'array' });
    if (rows.length > 0) yield rows;
    isEnd = rows.length < BATCH;
  }
  await ask({ text: 'CLOSE answer' });
}

/**
 * History in a schema of a PostgreSQL database (13 or later). Whoever writes has a connection of its own that holds a lock on the schema, so that
 * there is one at a time; long answers are read from a snapshot, on connections beside it.
 *
 * A lost connection is replaced when it is needed again. The writer is told of each loss once, for another may have written meanwhile, and a
 * transaction whose end was not heard of may be there or not.
 */
import { Client, type ClientBase, type ClientConfig, Pool, type PoolClient, type QueryConfig } from 'pg';
import { withoutPassword } from '../../lib/address.ts';
import { Problem } from '../../model/problem.ts';
import { restored, storable } from './characters.ts';
import type { Access, Database, Reading, Row, Statement, Value } from './database.ts';
import { problemFromPostgres } from './postgres-problems.ts';

type Values = readonly (Value | readonly Value[])[];
type Query = QueryConfig & { readonly rowMode?: 'array' };
type Ask = (query: Query) => Promise<readonly Row[]>;

const BATCH = 1_000;
const CONNECT_MS = 10_000;
/** No answer for so long is none. */
const QUERY_MS = 120_000;
const READERS = 4;
/** Tells our advisory locks from those of others; any number will do. */
const LOCK = 0x6b75_6b67;

/**
 * Opens the schema that the URL names (`?schema=`, by default `kube_kg`), to write or only to read; for a writer it is made when absent.
 * Rejects with Problem `store-unreachable`, also when another process writes to it; `invalid-config` for a URL that is none.
 */
export async function openPostgres(url: string, { readOnly = false }: Access = {}): Promise<Database> {
  const address = addressOf(url, readOnly);
  const database = new Postgres(address, readOnly);
  try {
    await database.open();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Address {
  /** As people may see it. */
  readonly where: string;
  readonly schema: string;
  readonly config: ClientConfig;
  /** What every connection begins with. */
  readonly settings: string;
}

function addressOf(url: string, readOnly: boolean): Address {
  const where = withoutPassword(url);
  const schema = decodeURIComponent(/[?&]schema=([^&#]*)/.exec(url)?.[1] ?? 'kube_kg');
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new Problem('invalid-config', `${where}: a schema is named with small letters, digits and _`);
  const config: ClientConfig = {
    connectionString: url,
    application_name: 'kube-kg',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: CONNECT_MS,
    types: { getTypeParser: parserOf },
  };
  try {
    new Client(config);
  } catch {
    // What it says may show the password.
    throw new Problem('invalid-config', `${where}: not an address like postgres://USER:PASSWORD@HOST:5432/DATABASE`);
  }
  const settings = [
    `search_path TO ${schema}`,
    // A client that is no more must not hold the lock for long.
    'tcp_keepalives_idle TO 20',
    'tcp_keepalives_interval TO 5',
    'tcp_keepalives_count TO 4',
    // Compiling takes longer than what is asked here.
    'jit TO off',
    'client_min_messages TO warning',
    ...(readOnly ? ['default_transaction_read_only TO on'] : []),
  ];
  return { where, schema, config, settings: settings.map((setting) => `SET ${setting}`).join('; ') };
}

class Postgres implements Database {
  readonly dialect = 'postgres';
  readonly #address: Address;
  readonly #pool: Pool;
  readonly #session: Session | undefined;

  constructor(address: Address, readOnly: boolean) {
    const { config, settings } = address;
    this.#address = address;
    this.#pool = new Pool({ ...config, max: READERS, onConnect: (client) => prepare(client, settings) });
    // Unused ones that break are replaced.
    this.#pool.on('error', () => undefined);
    this.#session = readOnly ? undefined : new Session(address);
  }

  /** Rejects when it cannot be used. */
  async open(): Promise<void> {
    const { schema, where } = this.#address;
    const [row] = await this.rows(
      "SELECT current_setting('server_encoding'), (SELECT count(*) FROM pg_namespace WHERE nspname = $1)",
      [schema],
    );
    const [encoding, schemas] = row ?? [];
    if (encoding !== 'UTF8')
      throw new Problem(
        'store-unreachable',
        `${where}: the database holds ${encoding} text; make one with ENCODING 'UTF8' for history`,
      );
    if (schemas === 0 && this.#session) await this.script(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  }

  async rows(sql: string, values: Values = []): Promise<readonly Row[]> {
    return (await this.#query({ ...queryOf(sql, values), ...LIMITED })).rows;
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

  list(parameter: string): string {
    return `SELECT unnest(${parameter}::list[])`;
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
    if (session === undefined) throw new Problem('read-only', `${this.#address.where} was opened to be read`);
    return this.#attempt(() => session.transaction(work));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    await this.#session?.close();
    if (!this.#pool.ending) await this.#pool.end();
  }

  #query(query: Query): Promise<{ readonly rows: readonly Row[] }> {
    return this.#attempt(() => (this.#session ?? this.#pool).query(query));
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw problemFromPostgres(error, this.#address.where);
    }
  }
}

/** The connection of the one who writes, and after a loss the next. */
class Session {
  readonly #address: Address;
  #client: Client | undefined;
  /** While a transaction is under way: it must not go on on another connection. */
  #bound: Client | undefined;
  /** How the last connection was lost, until somebody is told. */
  #loss: Error | undefined;

  constructor(address: Address) {
    this.#address = address;
  }

  async query(query: Query): Promise<{ readonly rows: readonly Row[]; readonly command: string }> {
    const client = this.#bound ?? (await this.#connected());
    try {
      return await client.query(query);
    } catch (error) {
      // What the server says of a statement leaves the connection as it was.
      const { severity } = error as { readonly severity?: string };
      if (severity !== 'ERROR') await this.#drop(client);
      throw error;
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const client = await this.#connected();
    this.#bound = client;
    try {
      await this.query({ text: 'BEGIN' });
      const result = await work();
      const { command } = await this.query({ text: 'COMMIT', ...LIMITED });
      // So the server answers when a statement had failed.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
      return result;
    } catch (error) {
      if (this.#client === client) await this.query({ text: 'ROLLBACK', ...LIMITED }).catch(() => this.#drop(client));
      throw error;
    } finally {
      this.#bound = undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#client) await this.#drop(this.#client);
  }

  async #connected(): Promise<Client> {
    const loss = this.#loss;
    this.#loss = undefined;
    if (loss) throw loss;
    this.#client ??= await this.#connect();
    return this.#client;
  }

  async #connect(): Promise<Client> {
    const { config, settings, schema, where } = this.#address;
    const client = new Client(config);
    client.on('error', (error) => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#loss = error;
    });
    try {
      await client.connect();
      await prepare(client, settings);
      const { rows } = await client.query(`SELECT pg_try_advisory_lock(${LOCK}, hashtext($1)) AS got`, [schema]);
      if (rows[0]?.got === 1) return client;
    } catch (error) {
      await end(client);
      throw error;
    }
    await end(client);
    throw new Problem(
      'store-unreachable',
      `${where} is in use by another kube-kg, or was less than a minute ago; give this one another schema (?schema=NAME), or no history (--no-history)`,
    );
  }

  async #drop(client: Client): Promise<void> {
    if (this.#client === client) this.#client = undefined;
    await end(client);
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

const LIMITED = { query_timeout: QUERY_MS } as const;

async function prepare(client: ClientBase, settings: string): Promise<void> {
  // A connection that breaks while nobody asks it anything says so here, and to whoever asks next.
  client.on('error', () => undefined);
  await client.query({ text: settings, ...LIMITED } as Query);
}

/** Also of one that is broken, and without waiting for what it is asked. */
async function end(client: Client | PoolClient): Promise<void> {
  await (client as Client).end().catch(() => undefined);
}

/** A list takes the type of its values: names, or numbers. */
function queryOf(sql: string, values: Values): Query {
  const text = sql.replaceAll(/\$(\d+)::list\[\]/g, (_, number: string) => {
    const list = values[Number(number) - 1];
    return `$${number}::${Array.isArray(list) && typeof list[0] === 'number' ? 'bigint' : 'text'}[]`;
  });
  const mapped = values.map((value) => (Array.isArray(value) ? value.map(bound) : bound(value as Value)));
  return { text, values: mapped, rowMode: 'array' };
}

function bound(value: Value): Value {
  return typeof value === 'string' ? storable(value) : value;
}

/** Types by their object id (pg_type.dat), as SQLite gives them: integers and truth as numbers. */
function parserOf(type: number): (text: string) => Value {
  return parsers.get(type) ?? restored;
}

const parsers: ReadonlyMap<number, (text: string) => Value> = new Map([
  [16, (text: string): Value => (text === 't' ? 1 : 0)],
  [17, (text: string): Value => Buffer.from(text.slice(2), 'hex')],
  ...[20, 21, 23, 26, 700, 701, 1700].map((type) => [type, Number] as const),
]);

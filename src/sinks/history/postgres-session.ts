/** Connections to PostgreSQL: where they go, what they begin with, and the one of whoever writes. */
import { Client, type ClientBase, type ClientConfig } from 'pg';
import { withoutPassword } from '../../lib/address.ts';
import { Problem } from '../../model/problem.ts';
import type { Row } from './database.ts';
import { problemFromPostgres } from './postgres-problems.ts';
import { parserOf, type Query } from './postgres-query.ts';

const CONNECT_MS = 10_000;
/** No answer for so long is none. */
export const LIMITED = { query_timeout: 120_000 } as const;
/** Tells our advisory locks from those of others; any number will do. */
const LOCK = 0x6b75_6b67;

export interface Address {
  /** As people may see it. */
  readonly where: string;
  readonly schema: string;
  readonly config: ClientConfig;
  /** What every connection begins with. */
  readonly settings: string;
}

/** Throws Problem `invalid-config`. */
export function addressOf(url: string, readOnly: boolean): Address {
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
    // As SQLite has it.
    'timezone TO UTC',
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

/** To be called of every connection before anything is asked of it. */
export async function prepare(client: ClientBase, settings: string): Promise<void> {
  // A connection that breaks while nobody asks it anything says so here, and to whoever asks next.
  client.on('error', () => undefined);
  await client.query({ text: settings, ...LIMITED } as Query);
}

/** Whether somebody holds the lock on a schema: https://www.postgresql.org/docs/current/view-pg-locks.html */
export const lockHeld = (schema: string): Query => ({
  text: `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = ${LOCK}
    AND objid = (hashtext($1)::bigint & 4294967295)::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  values: [schema],
  rowMode: 'array',
});

/**
 * The connection of the one who writes, and after a loss the next. All it throws is a Problem, but for what work in a transaction throws itself.
 */
export class Session {
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
      throw this.#problem(error);
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const client = await this.#connected();
    this.#bound = client;
    try {
      await this.query({ text: 'BEGIN', ...LIMITED });
      const result = await work();
      const { command } = await this.query({ text: 'COMMIT', ...LIMITED });
      // So the server answers when a statement had failed.
      if (command !== 'COMMIT') throw this.#problem(new Error('the transaction was rolled back'));
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
    if (loss) throw this.#problem(loss);
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
      const text = `SELECT pg_try_advisory_lock(${LOCK}, hashtext($1)) AS got`;
      const { rows } = await client.query({ text, values: [schema], ...LIMITED } as Query);
      if (rows[0]?.got === 1) return client;
    } catch (error) {
      await end(client);
      throw this.#problem(error);
    }
    await end(client);
    throw new Problem(
      'store-in-use',
      `${where} is in use by another kube-kg, or was less than a minute ago; give this one another schema (?schema=NAME), or no history (--no-history)`,
    );
  }

  #problem(error: unknown): Problem {
    return problemFromPostgres(error, this.#address.where);
  }

  async #drop(client: Client): Promise<void> {
    if (this.#client === client) this.#client = undefined;
    await end(client);
  }
}

/** Also of one that is broken, and without waiting for what it is asked. */
async function end(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}

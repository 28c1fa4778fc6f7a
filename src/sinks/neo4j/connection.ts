/**
 * Transactions on a Neo4j server. Foreign errors become Problems here; nothing is tried again here (`sinks/policy/retry.ts`).
 * Invariant: statements of one transaction take effect together or not at all.
 */
import neo4j, { auth, type Driver, type Result, type Session, session as sessions } from 'neo4j-driver';
import { abortAfter } from '../../lib/timer.ts';
import { Problem } from '../../model/problem.ts';
import { problemFromNeo4j } from './problems.ts';

export interface Neo4jOptions {
  /** `bolt://`, `neo4j://`, either with `+s` or `+ssc`. */
  readonly uri: string;
  /** Without it, none is sent. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** That of the server's choice without it. */
  readonly database?: string | undefined;
  /** How long it may take until there is a connection, and until a server says that it is there; 5 seconds by default. */
  readonly patienceMs?: number;
}

export interface Statement {
  readonly text: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Values of one record in the order of the columns. Integers are numbers. */
export type Row = readonly unknown[];

export interface Connection {
  /** Runs the statements in order, in one transaction, and returns the rows of each. */
  write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>;
  /** Rows as they come; whoever reads slowly slows the server. */
  read(statement: Statement): AsyncIterable<Row>;
  /** Rejects when the server cannot be asked. */
  verify(): Promise<void>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

const PATIENCE_MS = 5_000;
/** Rows that are fetched, and handed on, in one go. */
const FETCH = 2_000;

/** Opens nothing yet: the first use connects. Throws for an address that is none. */
export function connect({ uri, user, password = '', database, patienceMs = PATIENCE_MS }: Neo4jOptions): Connection {
  const driver = neo4j.driver(uri, user === undefined ? undefined : auth.basic(user, password), {
    maxConnectionPoolSize: 4,
    connectionTimeout: patienceMs,
    connectionAcquisitionTimeout: patienceMs,
    connectionLivenessCheckTimeout: 30_000,
    maxTransactionRetryTime: 0,
    fetchSize: FETCH,
    disableLosslessIntegers: true,
    telemetryDisabled: true,
    userAgent: 'kube-kg',
    notificationFilter: { minimumSeverityLevel: 'OFF' },
  });
  return new DriverConnection(driver, database, patienceMs);
}

class DriverConnection implements Connection {
  readonly #driver: Driver;
  readonly #database: string | undefined;
  readonly #patienceMs: number;

  constructor(driver: Driver, database: string | undefined, patienceMs: number) {
    this.#driver = driver;
    this.#database = database;
    this.#patienceMs = patienceMs;
  }

  async write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const session = this.#session(sessions.WRITE);
    try {
      const transaction = session.beginTransaction();
      // Sent without waiting for each other; the first that fails fails the others.
      const results: Result[] = statements.map(({ text, params }) => transaction.run(text, params));
      const answers = await Promise.all(results);
      await transaction.commit();
      return answers.map(({ records }) => records.map((record) => Array.from(record.values())));
    } catch (error) {
      throw problemFromNeo4j(error);
    } finally {
      await session.close().catch(() => undefined);
    }
  }

  async *read({ text, params }: Statement): AsyncIterable<Row> {
    const session = this.#session(sessions.READ);
    try {
      for await (const record of session.run(text, params)) yield Array.from(record.values());
    } catch (error) {
      throw problemFromNeo4j(error);
    } finally {
      await session.close().catch(() => undefined);
    }
  }

  #session(defaultAccessMode: 'READ' | 'WRITE'): Session {
    return this.#driver.session({
      defaultAccessMode,
      ...(this.#database !== undefined && { database: this.#database }),
    });
  }

  async verify(): Promise<void> {
    const answer = this.#driver.getServerInfo(this.#database === undefined ? {} : { database: this.#database });
    try {
      await Promise.race([answer, silence(this.#patienceMs)]);
    } catch (error) {
      throw problemFromNeo4j(error);
    }
  }

  async close(): Promise<void> {
    await this.#driver.close();
  }
}

/** Rejects when a server has said nothing for so long; a connection from before may hang without an end. */
function silence(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    abortAfter(ms).addEventListener('abort', () => reject(new Problem('store-unreachable', 'Neo4j says nothing')));
  });
}

/** What history needs of a database: the same tables and questions in SQLite and in PostgreSQL. Everything is asynchronous, whichever it is. */

/** What a column holds. Integers stay below 2^53: times are microseconds since 1970. */
export type Value = number | string | Uint8Array | null;

/** A row, its columns in the order of the question. */
export type Row = readonly Value[];

/** A statement that writes one row after the other, in both dialects. */
export interface Statement {
  /** Takes the columns of one row as `?1`, `?2` … */
  readonly sqlite: string;
  /** Takes each column of all rows as one array: `$1::bigint[]` … */
  readonly postgres: string;
}

export interface Access {
  readonly readOnly?: boolean;
  /** Writes beside whoever else does, single rows of tables that are nobody's alone: `exports`, `user_preferences`. No transactions. */
  readonly beside?: boolean;
}

export interface Reading {
  /** All rows of an answer. `$1` … stand for the values; an array stands in `IN (${list('$1')})`. */
  rows(sql: string, values?: readonly (Value | readonly Value[])[]): Promise<readonly Row[]>;
  /** The same for answers that are too long to hold. Nothing else may be asked of this connection meanwhile. */
  batches(sql: string, values?: readonly (Value | readonly Value[])[]): AsyncIterable<readonly Row[]>;
}

export interface Database extends Reading, AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgres';
  /** As people may see it. */
  readonly where: string;
  /** Whether somebody, here or elsewhere, has it open to write. */
  isHeld(): Promise<boolean>;
  /** What is asked of `reading` is answered as of one instant, whatever is written meanwhile. Not within a transaction. */
  snapshot<T>(work: (reading: Reading) => Promise<T>): Promise<T>;
  /** The rows of a list given as one value, for `IN (…)`; of numbers when nothing else is said. */
  list(parameter: string, of?: 'numbers' | 'texts'): string;
  write(statement: Statement, rows: readonly Row[]): Promise<void>;
  /** Statements without values. */
  script(sql: string): Promise<void>;
  /** All or nothing. Not nested. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

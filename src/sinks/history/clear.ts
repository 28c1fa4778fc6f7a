/**
 * Forgets what no instant from a moment on needs. Invariant: after each of its transactions, and when it is broken off after any of them, every
 * instant from that moment on is as it was; what is left over goes with the next call.
 */
import { encode } from './codec.ts';
import type { Database, Row } from './database.ts';
import { needlessObservations, type Observed } from './observations.ts';
import { rewriteVersion } from './statements.ts';
import { type Answer, STORED_WIDTH, stored, Texts } from './texts.ts';

export interface Cut {
  /** The earliest moment of which everything stays known. */
  readonly moment: number;
  /** Kinds, by their numbers, for which it is; without them: everything. */
  readonly kinds?: readonly number[] | undefined;
}

/** How many rows went, by table, and the bytes of what they held. */
export interface Removed {
  readonly rows: Readonly<Record<string, number>>;
  readonly bytes: number;
}

/** Told of what whoever writes may remember, and must not any more. */
export interface Forgetful {
  forgetVersions(resources: readonly number[]): void;
  forgetDictionaries(dictionaries: readonly number[]): void;
}

/** Rows that go in one transaction. */
const PIECE = 5_000;
/** Resources whose versions are looked at together: of each, up to a hundred may have to be written anew. */
const RESOURCES = 10;
/** Bytes of dictionaries that are kept from one look to the next. */
const DICTIONARIES_MAX = 4 * 2 ** 20;
/** Moments whose versions are looked for together. */
const MOMENTS = 20_000;

/** Yields after each transaction with what it removed. */
export async function* clear(db: Database, cut: Cut, writer?: Forgetful): AsyncGenerator<Removed> {
  const clearing = new Clearing(db, cut, writer);
  yield* clearing.run();
}

class Clearing {
  readonly #db: Database;
  readonly #moment: number;
  readonly #kinds: readonly number[] | undefined;
  readonly #writer: Forgetful | undefined;
  readonly #texts: Texts;

  constructor(db: Database, { moment, kinds }: Cut, writer: Forgetful | undefined) {
    this.#db = db;
    this.#moment = moment;
    this.#kinds = kinds;
    this.#writer = writer;
    this.#texts = new Texts(db, DICTIONARIES_MAX);
  }

  async *run(): AsyncGenerator<Removed> {
    const cleared = await this.#begin();
    yield* this.#ended();
    if (this.#kinds === undefined)
      yield* this.#drain(
        'edge',
        `DELETE FROM edge WHERE (source, target, type, since) IN (SELECT source, target, type, since FROM edge WHERE until <= $1 LIMIT ${PIECE}) RETURNING 0`,
        [this.#moment],
      );
    yield* this.#superseded(cleared);
    yield* this.#dictionaries();
    yield* this.#frames();
    if (this.#kinds === undefined) {
      yield* this.#observations();
      yield* this.#moments();
    }
    await this.#db.rows(`UPDATE kept SET cleared = since WHERE kind IN (${this.#db.list('$1')})`, [this.#scopes]);
  }

  get #scopes(): readonly number[] {
    return this.#kinds ?? [0];
  }

  /** Answers begin with the moment before anything goes. Returns up to where everything has gone. */
  async #begin(): Promise<number> {
    const cleared: number[] = [];
    await this.#db.transaction(async () => {
      for (const kind of this.#scopes) {
        const [row] = await this.#db.rows(
          'INSERT INTO kept (kind, since, cleared) VALUES ($1, $2, 0) ON CONFLICT (kind) DO UPDATE SET since = excluded.since RETURNING cleared',
          [kind, this.#moment],
        );
        cleared.push(Number(row?.[0] ?? 0));
      }
    });
    return Math.min(...cleared);
  }

  /** Resources that were gone by then, with all that is theirs. */
  async *#ended(): AsyncGenerator<Removed> {
    const list = this.#db.list('$1');
    for (let after: Row = [0, 0]; ; ) {
      const rows = await this.#db.rows(
        `SELECT until, no FROM resource WHERE until <= $1 AND (until, no) > ($2, $3) ${this.#ofKinds('kind', 4)} ORDER BY until, no LIMIT 500`,
        [this.#moment, ...(after as [number, number]), ...this.#kindValues],
      );
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last;
      const values = [rows.map(([, no]) => Number(no))];
      this.#writer?.forgetVersions(values[0] ?? []);
      yield* this.#drain(
        'version',
        `DELETE FROM version WHERE (resource, moment) IN (SELECT resource, moment FROM version WHERE resource IN (${list}) LIMIT ${PIECE}) RETURNING length(body)`,
        values,
      );
      for (const end of ['source', 'target'])
        yield* this.#drain(
          'edge',
          `DELETE FROM edge WHERE (source, target, type, since) IN (SELECT source, target, type, since FROM edge WHERE ${end} IN (${list}) LIMIT ${PIECE}) RETURNING 0`,
          values,
        );
      // What people read of it.
      for (const table of ['event', 'object_text'])
        yield* this.#remove(table, `DELETE FROM ${table} WHERE resource IN (${list}) RETURNING 0`, values);
      yield* this.#remove('resource', `DELETE FROM resource WHERE no IN (${list}) RETURNING 0`, values);
    }
  }

  /** Versions before the one that was valid then. */
  async *#superseded(cleared: number): AsyncGenerator<Removed> {
    const valid = '(SELECT max(moment) FROM version WHERE resource = v.resource AND moment <= $2)';
    for (const resources of pieces([...(await this.#versioned(cleared))], RESOURCES)) {
      yield* this.#rewrite(resources, valid);
      yield* this.#drain(
        'version',
        `DELETE FROM version WHERE (resource, moment) IN (
          SELECT v.resource, v.moment FROM version v WHERE v.resource IN (${this.#db.list('$1')}) AND v.moment < ${valid} LIMIT ${PIECE}
        ) RETURNING length(body)`,
        [resources, this.#moment],
      );
    }
  }

  /** Resources with versions after the last moment that was cleared, up to this one: only they have versions that are superseded. */
  async #versioned(cleared: number): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (let after = cleared; after < this.#moment; after += MOMENTS) {
      const rows = await this.#db.rows(
        `SELECT DISTINCT v.resource FROM version v ${this.#kinds ? 'JOIN resource r ON r.no = v.resource' : ''}
        WHERE v.moment > $1 AND v.moment <= $2 ${this.#ofKinds('r.kind', 3)}`,
        [after, Math.min(after + MOMENTS, this.#moment), ...this.#kindValues],
      );
      for (const [resource] of rows) found.add(Number(resource));
    }
    return found;
  }

  /** Of the versions that lose their base the first becomes one, and the others hang on it. */
  async *#rewrite(resources: readonly number[], valid: string): AsyncGenerator<Removed> {
    const { columns, join } = stored('v');
    const sql = `SELECT ${columns}, v.resource, v.moment FROM version v ${join}
      WHERE v.resource IN (${this.#db.list('$1')}) AND vb.moment < ${valid} AND v.moment >= ${valid} ORDER BY v.resource, v.moment`;
    const hanging = await this.#texts.of(() => this.#db.rows(sql, [resources, this.#moment]), [0]);
    if (hanging.rows.length === 0) return;
    const rows: Row[] = [];
    let base: { readonly resource: number; readonly moment: number; readonly text: Buffer } | undefined;
    for (const row of hanging.rows) {
      const [resource, moment] = row.slice(STORED_WIDTH) as unknown as readonly [number, number];
      const text = textIn(hanging, row);
      if (text === undefined) continue;
      if (base?.resource === resource) rows.push([resource, moment, base.moment, null, encode(text, base.text)]);
      else {
        base = { resource, moment, text };
        rows.push([resource, moment, null, row[0] ?? null, encode(text, hanging.dictionaryOf(row, 0))]);
      }
    }
    await this.#db.transaction(() => this.#db.write(rewriteVersion, rows));
    this.#writer?.forgetVersions(resources);
    yield { rows: {}, bytes: 0 };
  }

  /** The last one stays, so that its number is not given away again. */
  async *#dictionaries(): AsyncGenerator<Removed> {
    for (let after = 0; ; ) {
      const rows = await this.#db.rows(
        `SELECT no FROM dictionary d WHERE no > $1 AND no < (SELECT max(no) FROM dictionary)
          AND NOT EXISTS (SELECT 1 FROM version WHERE dictionary = d.no) ORDER BY no LIMIT 500`,
        [after],
      );
      if (rows.length === 0) return;
      const numbers = rows.map(([no]) => Number(no));
      after = numbers.at(-1) ?? after;
      this.#writer?.forgetDictionaries(numbers);
      yield* this.#remove(
        'dictionary',
        `DELETE FROM dictionary WHERE no IN (${this.#db.list('$1')}) RETURNING length(body)`,
        [numbers],
      );
    }
  }

  /** Graphs of before, which hold what is not known any more. */
  async *#frames(): AsyncGenerator<Removed> {
    yield* this.#remove('frame', 'DELETE FROM frame WHERE moment < $1 RETURNING length(body)', [this.#moment]);
  }

  async *#observations(): AsyncGenerator<Removed> {
    const observed: Observed[] = [];
    for (let after = 0; ; ) {
      const rows = await this.#db.rows(
        `SELECT no, body FROM observation WHERE no > $1 AND moment <= $2 ORDER BY no LIMIT ${PIECE}`,
        [after, this.#moment],
      );
      for (const [no, body] of rows) observed.push({ no: Number(no), text: String(body) });
      after = observed.at(-1)?.no ?? after;
      if (rows.length < PIECE) break;
    }
    for (const numbers of pieces(needlessObservations(observed), PIECE))
      yield* this.#remove(
        'observation',
        `DELETE FROM observation WHERE no IN (${this.#db.list('$1')}) RETURNING length(body)`,
        [numbers],
      );
  }

  /** Moments since when something is that is still there are needed to tell when that was. */
  async *#moments(): AsyncGenerator<Removed> {
    const needed = new Set<number>();
    for (const sql of [
      'SELECT DISTINCT since FROM resource WHERE since < $1',
      'SELECT DISTINCT moment FROM observation WHERE moment < $1',
    ])
      for (const [no] of await this.#db.rows(sql, [this.#moment])) needed.add(Number(no));
    for (let after = 0; ; ) {
      const rows = await this.#db.rows(
        `SELECT no FROM moment m WHERE no > $1 AND no < $2 AND NOT EXISTS (SELECT 1 FROM version WHERE moment = m.no)
          AND NOT EXISTS (SELECT 1 FROM edge WHERE since = m.no) ORDER BY no LIMIT ${PIECE}`,
        [after, this.#moment],
      );
      if (rows.length === 0) return;
      const numbers = rows.map(([no]) => Number(no));
      after = numbers.at(-1) ?? after;
      const needless = numbers.filter((no) => !needed.has(no));
      if (needless.length > 0)
        yield* this.#remove('moment', `DELETE FROM moment WHERE no IN (${this.#db.list('$1')}) RETURNING 0`, [
          needless,
        ]);
    }
  }

  get #kindValues(): (readonly number[])[] {
    return this.#kinds ? [this.#kinds] : [];
  }

  /** A condition on kinds, given as a value of that place. */
  #ofKinds(column: string, place: number): string {
    return this.#kinds ? `AND ${column} IN (${this.#db.list(`$${place}`)})` : '';
  }

  /** Removes until nothing is left that fits. */
  async *#drain(table: string, sql: string, values: Parameters<Database['rows']>[1]): AsyncGenerator<Removed> {
    for (let count = PIECE; count === PIECE; ) {
      const removed = await this.#delete(table, sql, values);
      count = removed.rows[table] ?? 0;
      if (count > 0) yield removed;
    }
  }

  async *#remove(table: string, sql: string, values: Parameters<Database['rows']>[1]): AsyncGenerator<Removed> {
    yield await this.#delete(table, sql, values);
  }

  /** The rows that come back are the bytes that each held. */
  async #delete(table: string, sql: string, values: Parameters<Database['rows']>[1]): Promise<Removed> {
    const gone = await this.#db.rows(sql, values);
    return { rows: { [table]: gone.length }, bytes: gone.reduce((sum, [bytes]) => sum + Number(bytes), 0) };
  }
}

/** Undefined for what is damaged, which it stays: nothing else hangs on it. */
function textIn(answer: Answer, row: Row): Buffer | undefined {
  try {
    return answer.bytesOf(row, 0);
  } catch {
    return undefined;
  }
}

function* pieces<T>(list: readonly T[], size: number): Iterable<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size);
}

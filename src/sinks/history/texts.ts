/**
 * Rows of `version` → texts. Invariant: what can be read when it is asked for is read, also while another process shortens the history: rows and the
 * dictionaries they name come in two questions, and where a dictionary went in between, both are asked again.
 */
import { BoundedCache } from '../../lib/bounded-cache.ts';
import { Problem } from '../../model/problem.ts';
import { decode } from './codec.ts';
import type { Database, Row } from './database.ts';

/** How many columns a text is made of. */
export const STORED_WIDTH = 3;

/**
 * The columns that the text of a version is made of (number of the dictionary, body, and the body of the version it hangs on), and the join that they
 * need: on the one it hangs on, called as it is with a `b`.
 */
export function stored(version: string): { readonly columns: string; readonly join: string } {
  const base = `${version}b`;
  return {
    columns: `coalesce(${base}.dictionary, ${version}.dictionary), ${version}.body, ${base}.body`,
    join: `LEFT JOIN version ${base} ON ${base}.resource = ${version}.resource AND ${base}.moment = ${version}.base`,
  };
}

interface Dictionaries {
  has(no: number): boolean;
  get(no: number): Buffer | undefined;
}

/** Rows, and what the versions in them say. `column`: where those of the version begin. What cannot be read throws Problem `store-damaged`. */
export class Answer {
  readonly rows: readonly Row[];
  readonly #where: string;
  readonly #dictionaries: Dictionaries;

  constructor(rows: readonly Row[], where: string, dictionaries: Dictionaries) {
    this.rows = rows;
    this.#where = where;
    this.#dictionaries = dictionaries;
  }

  /** Whether a dictionary that a row names is there. */
  has(dictionary: number): boolean {
    return this.#dictionaries.has(dictionary);
  }

  /** Undefined where there is no version. */
  textOf(row: Row, column: number): string | undefined {
    return row[column + 1] === null ? undefined : this.bytesOf(row, column).toString();
  }

  bytesOf(row: Row, column: number): Buffer {
    return this.#decoded(row[column + 1], this.baseOf(row, column) ?? this.dictionaryOf(row, column));
  }

  /** What it hangs on. */
  baseOf(row: Row, column: number): Buffer | undefined {
    const base = row[column + 2];
    return base === null ? undefined : this.#decoded(base, this.dictionaryOf(row, column));
  }

  /** That of the version, or of the one it hangs on. */
  dictionaryOf(row: Row, column: number): Buffer | undefined {
    const no = row[column] ?? null;
    if (no === null) return undefined;
    const dictionary = this.#attempt(() => this.#dictionaries.get(Number(no)));
    if (dictionary === undefined) throw this.#damaged(`dictionary ${no} is not there`);
    return dictionary;
  }

  #decoded(body: Row[number] | undefined, dictionary: Buffer | undefined): Buffer {
    return this.#attempt(() => decode(body as Uint8Array, dictionary));
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#damaged(error instanceof Error ? error.message : String(error), error);
    }
  }

  #damaged(why: string, cause?: unknown): Problem {
    return new Problem(
      'store-damaged',
      `${this.#where} is damaged: a version cannot be read (${why}); "kube-kg doctor --history" says how much of it, "kube-kg restore" puts a backup in its place`,
      { cause },
    );
  }
}

/** Bytes of dictionaries that are kept for the next answers. */
const KEPT_MAX = 32 * 2 ** 20;

export class Texts {
  readonly #db: Database;
  readonly #kept: BoundedCache<number, Buffer>;

  constructor(db: Database, keptMax = KEPT_MAX) {
    this.#db = db;
    this.#kept = new BoundedCache(keptMax, ({ length }) => length);
  }

  /** The rows of a question, whose versions begin at these columns. It may be asked several times. */
  async of(ask: (again: boolean) => Promise<readonly Row[]>, columns: readonly number[]): Promise<Answer> {
    let lost: ReadonlySet<number> = new Set();
    for (let again = false; ; again = true) {
      const rows = await ask(again);
      const named = rows.flatMap((row) => columns.map((column) => row[column]));
      const { dictionaries, missing } = await this.#read(new Set(named.filter((no) => typeof no === 'number')));
      if (missing.every((no) => lost.has(no))) return new Answer(rows, this.#db.where, dictionaries);
      lost = new Set(missing);
    }
  }

  /** Held as they are stored until they are needed: the texts of one answer may be many times as long. */
  async #read(
    needed: ReadonlySet<number>,
  ): Promise<{ readonly dictionaries: Dictionaries; readonly missing: readonly number[] }> {
    const held = new Map<number, Buffer>();
    for (const no of needed) {
      const known = this.#kept.get(no);
      if (known) held.set(no, known);
    }
    const wanted = [...needed].filter((no) => !held.has(no));
    const rows =
      wanted.length === 0
        ? []
        : await this.#db.rows(`SELECT no, body FROM dictionary WHERE no IN (${this.#db.list('$1')})`, [wanted]);
    const bodies = new Map(rows.map(([no, body]) => [Number(no), body as Uint8Array]));
    const has = (no: number): boolean => held.has(no) || bodies.has(no);
    const get = (no: number): Buffer | undefined => {
      const known = held.get(no) ?? this.#kept.get(no);
      const body = bodies.get(no);
      if (known || body === undefined) return known;
      const text = decode(body);
      this.#kept.set(no, text);
      this.#kept.shrink();
      return text;
    };
    return { dictionaries: { has, get }, missing: wanted.filter((no) => !bodies.has(no)) };
  }
}

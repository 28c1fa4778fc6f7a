/** Bodies of versions → texts, with the dictionaries they need. */
import { decode } from './codec.ts';
import type { Database } from './database.ts';

/** The columns that a text is made of: number of the dictionary, body, and the body of the version it hangs on. */
export type Stored = readonly [dictionary: number | null, body: Uint8Array | null, base: Uint8Array | null];

/** The text of a version; undefined for what has no body. */
export type TextOf = (stored: Stored) => string | undefined;

const DICTIONARIES_MAX = 4_000;

export class Texts {
  readonly #db: Database;
  /** Those read last come last. */
  readonly #dictionaries = new Map<number, Buffer>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads the dictionaries that some versions need, and returns how these are read. */
  async for(rows: readonly Stored[]): Promise<TextOf> {
    const needed = new Map<number, Buffer>();
    const missing = new Set<number>();
    for (const [no] of rows) {
      if (no === null) continue;
      const known = this.#dictionaries.get(no);
      if (known) needed.set(no, known);
      else missing.add(no);
    }
    if (missing.size > 0) {
      const sql = `SELECT no, body FROM dictionary WHERE no IN (${this.#db.list('$1')})`;
      for (const [no, body] of await this.#db.rows(sql, [[...missing]])) {
        const text = decode(body as Uint8Array);
        needed.set(Number(no), text);
        this.#dictionaries.set(Number(no), text);
      }
      for (const no of this.#dictionaries.keys()) {
        if (this.#dictionaries.size <= DICTIONARIES_MAX) break;
        this.#dictionaries.delete(no);
      }
    }
    return ([no, body, base]) => {
      if (body === null) return undefined;
      const own = no === null ? undefined : needed.get(no);
      return (base === null ? decode(body, own) : decode(body, decode(base, own))).toString();
    };
  }
}

/** Bodies of versions → texts, with the dictionaries they need. */
import { decode } from './codec.ts';
import type { Database } from './database.ts';

/** The columns that a text is made of: number of the dictionary, body, and the body of the version it hangs on. */
export type Stored = readonly [dictionary: number | null, body: Uint8Array | null, base: Uint8Array | null];

const DICTIONARIES_MAX = 4_000;

export class Texts {
  readonly #db: Database;
  readonly #dictionaries = new Map<number, Buffer>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads the dictionaries that are needed and not known yet. Call before `of`. */
  async prepare(rows: readonly Stored[]): Promise<void> {
    if (this.#dictionaries.size > DICTIONARIES_MAX) this.#dictionaries.clear();
    const missing = new Set<number>();
    for (const [no] of rows) if (no !== null && !this.#dictionaries.has(no)) missing.add(no);
    if (missing.size === 0) return;
    const found = await this.#db.rows(`SELECT no, body FROM dictionary WHERE no IN (${this.#db.list('$1')})`, [
      [...missing],
    ]);
    for (const [no, body] of found) this.#dictionaries.set(Number(no), decode(body as Uint8Array));
  }

  /** Undefined for what has no body. */
  of([dictionary, body, base]: Stored): string | undefined {
    if (body === null) return undefined;
    const own = dictionary === null ? undefined : this.#dictionaries.get(dictionary);
    return (base === null ? decode(body, own) : decode(body, decode(base, own))).toString();
  }
}

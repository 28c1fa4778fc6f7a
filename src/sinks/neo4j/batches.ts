/**
 * Rows for statements → transactions of at most so many rows, in the order in which they came. One is made while another is under way.
 * Invariant: rows that fit into one transaction, from the first to the flush, take effect together.
 */
import type { Connection } from './connection.ts';

export class Batches {
  readonly #connection: Connection;
  readonly #rowsMax: number;
  /** Rows by statement, in the order of their first row. */
  #waiting = new Map<string, object[]>();
  #count = 0;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, rowsMax: number) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
  }

  /** A statement that was seen before takes the row at its old place, so say first what must be done first. Waits when there is enough. */
  async add(text: string, row: object): Promise<void> {
    const rows = this.#waiting.get(text);
    if (rows) rows.push(row);
    else this.#waiting.set(text, [row]);
    if (++this.#count >= this.#rowsMax) await this.#send();
  }

  async #send(): Promise<void> {
    if (this.#count === 0) return;
    const statements = Array.from(this.#waiting, ([text, rows]) => ({ text, params: { rows } }));
    this.#waiting = new Map();
    this.#count = 0;
    await this.#underWay;
    const sent = this.#connection.write(statements);
    this.#underWay = sent;
    sent.catch(() => undefined); // seen by whoever waits for it next
  }

  /** Resolves when all is written. Rejects with what went wrong since the last time. */
  async flush(): Promise<void> {
    await this.#send();
    await this.#underWay;
  }
}

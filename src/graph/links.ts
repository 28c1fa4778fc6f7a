/**
 * Links: edges while they exist. Each hangs in doubly linked lists at both ends, so that a hub with a hundred thousand of them loses one in
 * constant time. Supported by at least one statement.
 */
import type { EdgeType } from '../model/edges.ts';
import type { Time } from '../model/time.ts';
import { Columns, Dictionary, type Slots } from './columns.ts';
import type { Node } from './node.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';

const FROM = 0;
const TO = 1;
/** The type's number above the day since 1970 on which it came to be: 16 bits hold days until 2149. */
const TYPE_DAY = 2;
const SUPPORT = 3;
const MILLISECOND = 4;
const PREVIOUS_OUT = 5;
const NEXT_OUT = 6;
const PREVIOUS_IN = 7;
const NEXT_IN = 8;
const WIDTH = 9;

const DAY_MS = 86_400_000;
const DAY_BITS = 16;
const DAY_MASK = (1 << DAY_BITS) - 1;

export class Links {
  readonly #rows = new Columns(WIDTH);
  readonly #types = new Dictionary<EdgeType>();
  /** Further statements of links that have more than one; nearly always it is one, and then no list. */
  readonly #more = new Map<number, number | readonly number[]>();
  readonly #nodes: Slots<Node>;
  count = 0;

  constructor(nodes: Slots<Node>) {
    this.#nodes = nodes;
  }

  /** Hangs a new link between two nodes. */
  add(type: EdgeType, from: Node, to: Node, support: number, at: Time): number {
    const row = this.#rows.take();
    const rows = this.#rows;
    rows.set(row, FROM, from.number);
    rows.set(row, TO, to.number);
    rows.set(row, TYPE_DAY, this.#types.number(type) << DAY_BITS);
    rows.set(row, SUPPORT, support);
    this.setSince(row, at);
    rows.set(row, NEXT_OUT, from.firstOut);
    if (from.firstOut !== 0) rows.set(from.firstOut, PREVIOUS_OUT, row);
    from.firstOut = row;
    from.outCount++;
    rows.set(row, NEXT_IN, to.firstIn);
    if (to.firstIn !== 0) rows.set(to.firstIn, PREVIOUS_IN, row);
    to.firstIn = row;
    to.inCount++;
    this.count++;
    return row;
  }

  /** Takes a link out of the lists of both ends. Its row is kept until `release`: a commit may still speak of it. */
  unhang(row: number): void {
    const rows = this.#rows;
    const from = this.from(row);
    const to = this.to(row);
    const [previousOut, nextOut] = [rows.get(row, PREVIOUS_OUT), rows.get(row, NEXT_OUT)];
    if (previousOut !== 0) rows.set(previousOut, NEXT_OUT, nextOut);
    else from.firstOut = nextOut;
    if (nextOut !== 0) rows.set(nextOut, PREVIOUS_OUT, previousOut);
    from.outCount--;
    const [previousIn, nextIn] = [rows.get(row, PREVIOUS_IN), rows.get(row, NEXT_IN)];
    if (previousIn !== 0) rows.set(previousIn, NEXT_IN, nextIn);
    else to.firstIn = nextIn;
    if (nextIn !== 0) rows.set(nextIn, PREVIOUS_IN, previousIn);
    to.inCount--;
    this.#more.delete(row);
    this.count--;
  }

  release(row: number): void {
    this.#rows.release(row);
  }

  from(row: number): Node {
    return this.#nodes.get(this.#rows.get(row, FROM));
  }

  to(row: number): Node {
    return this.#nodes.get(this.#rows.get(row, TO));
  }

  type(row: number): EdgeType {
    return this.#types.value(this.#rows.get(row, TYPE_DAY) >> DAY_BITS);
  }

  /** When it came to be, to the millisecond. */
  since(row: number): Time {
    const ms = (this.#rows.get(row, TYPE_DAY) & DAY_MASK) * DAY_MS + this.#rows.get(row, MILLISECOND);
    if (ms !== this.#shownMs) {
      this.#shownMs = ms;
      this.#shownTime = new Date(ms).toISOString();
    }
    return this.#shownTime;
  }

  setSince(row: number, at: Time): void {
    const ms = this.#msOf(at);
    const day = Math.min(Math.floor(ms / DAY_MS), DAY_MASK);
    this.#rows.set(row, TYPE_DAY, (this.#rows.get(row, TYPE_DAY) & ~DAY_MASK) | day);
    this.#rows.set(row, MILLISECOND, ms % DAY_MS);
  }

  // Links come in batches of one time: the last one read and written are remembered.
  #shownMs = Number.NaN;
  #shownTime: Time = '';
  #lastTime: Time = '';
  #lastMs = 0;

  #msOf(at: Time): number {
    if (at !== this.#lastTime) {
      this.#lastTime = at;
      this.#lastMs = Math.max(0, Date.parse(at) || 0);
    }
    return this.#lastMs;
  }

  nextOut(row: number): number {
    return this.#rows.get(row, NEXT_OUT);
  }

  nextIn(row: number): number {
    return this.#rows.get(row, NEXT_IN);
  }

  /** The link of a type between two nodes, by walking the shorter of the two lists; 0 for none. */
  between(type: EdgeType, from: Node, to: Node): number {
    const rows = this.#rows;
    const number = this.#types.number(type);
    if (from.outCount <= to.inCount) {
      for (let row = from.firstOut; row !== 0; row = rows.get(row, NEXT_OUT)) {
        if (rows.get(row, TO) === to.number && rows.get(row, TYPE_DAY) >> DAY_BITS === number) return row;
      }
    } else {
      for (let row = to.firstIn; row !== 0; row = rows.get(row, NEXT_IN)) {
        if (rows.get(row, FROM) === from.number && rows.get(row, TYPE_DAY) >> DAY_BITS === number) return row;
      }
    }
    return 0;
  }

  /** Every statement that supports a link, in no order. */
  supports(row: number): readonly number[] {
    return [this.#rows.get(row, SUPPORT)].concat(this.#more.get(row) ?? []);
  }

  /** Whether a test holds for every statement that supports a link. */
  isSupportedOnly(row: number, holds: (statement: number) => boolean): boolean {
    return holds(this.#rows.get(row, SUPPORT)) && (!this.#more.has(row) || this.supports(row).every(holds));
  }

  supportedBy(row: number, statement: number): boolean {
    if (this.#rows.get(row, SUPPORT) === statement) return true;
    const more = this.#more.get(row);
    return more === statement || (typeof more === 'object' && more.includes(statement));
  }

  support(row: number, statement: number): void {
    this.#keepMore(row, this.supports(row).slice(1).concat(statement));
  }

  /** Removes one statement's support; false when it was the last and stays. */
  withdraw(row: number, statement: number): boolean {
    const [first, ...more] = this.supports(row).filter((other) => other !== statement);
    if (first === undefined) return false;
    this.#rows.set(row, SUPPORT, first);
    this.#keepMore(row, more);
    return true;
  }

  #keepMore(row: number, more: readonly number[]): void {
    if (more.length === 0) this.#more.delete(row);
    else this.#more.set(row, more.length === 1 && more[0] !== undefined ? more[0] : more.slice());
  }

  write(frame: FrameWriter): void {
    this.#rows.write(frame);
    this.#types.write(frame);
    frame.table(1, Int32Array.of(this.count));
    frame.rows(2, (put) => {
      for (const row of this.#more.keys()) {
        for (const statement of this.supports(row).slice(1)) {
          put(row);
          put(statement);
        }
      }
    });
  }

  read(frame: FrameReader): void {
    this.#rows.read(frame);
    this.#types.read(frame);
    [this.count = 0] = frame.table(1);
    for (const rows = frame.rows(2); !rows.ended; ) this.support(rows.next(), rows.next());
  }
}

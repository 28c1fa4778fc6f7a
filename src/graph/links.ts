/**
 * Links: edges while they exist. Each hangs in doubly linked lists at both ends, so that a hub with a hundred thousand of them loses one in
 * constant time. Supported by at least one statement.
 */
import type { EdgeType } from '../model/edges.ts';
import type { Time } from '../model/time.ts';
import { Columns, Dictionary, type Slots } from './columns.ts';
import type { Node } from './node.ts';

const FROM = 0;
const TO = 1;
const TYPE = 2;
const SUPPORT = 3;
const BORN = 4;
const DAY = 5;
const MILLISECOND = 6;
const PREVIOUS_OUT = 7;
const NEXT_OUT = 8;
const PREVIOUS_IN = 9;
const NEXT_IN = 10;
const WIDTH = 11;

const DAY_MS = 86_400_000;

export class Links {
  readonly #rows = new Columns(WIDTH);
  readonly #types = new Dictionary<EdgeType>();
  /** Further statements of links that have more than one. */
  readonly #more = new Map<number, readonly number[]>();
  readonly #nodes: Slots<Node>;
  count = 0;

  constructor(nodes: Slots<Node>) {
    this.#nodes = nodes;
  }

  /** Hangs a new link between two nodes. `born` is the number of the commit that makes it. */
  add(type: EdgeType, from: Node, to: Node, support: number, at: Time, born: number): number {
    const row = this.#rows.take();
    const rows = this.#rows;
    rows.set(row, FROM, from.number);
    rows.set(row, TO, to.number);
    rows.set(row, TYPE, this.#types.number(type));
    rows.set(row, SUPPORT, support);
    rows.set(row, BORN, born);
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
    return this.#types.value(this.#rows.get(row, TYPE));
  }

  born(row: number): number {
    return this.#rows.get(row, BORN);
  }

  setBorn(row: number, commit: number): void {
    this.#rows.set(row, BORN, commit);
  }

  /** When it came to be, to the millisecond. */
  since(row: number): Time {
    const ms = this.#rows.get(row, DAY) * DAY_MS + this.#rows.get(row, MILLISECOND);
    if (ms !== this.#shownMs) {
      this.#shownMs = ms;
      this.#shownTime = new Date(ms).toISOString();
    }
    return this.#shownTime;
  }

  setSince(row: number, at: Time): void {
    const ms = this.#msOf(at);
    this.#rows.set(row, DAY, Math.floor(ms / DAY_MS));
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
        if (rows.get(row, TO) === to.number && rows.get(row, TYPE) === number) return row;
      }
    } else {
      for (let row = to.firstIn; row !== 0; row = rows.get(row, NEXT_IN)) {
        if (rows.get(row, FROM) === from.number && rows.get(row, TYPE) === number) return row;
      }
    }
    return 0;
  }

  /** Every statement that supports a link, in no order. */
  supports(row: number): readonly number[] {
    const first = this.#rows.get(row, SUPPORT);
    const more = this.#more.get(row);
    return more === undefined ? [first] : [first, ...more];
  }

  /** Whether a test holds for every statement that supports a link. */
  isSupportedOnly(row: number, holds: (statement: number) => boolean): boolean {
    return holds(this.#rows.get(row, SUPPORT)) && (this.#more.get(row)?.every(holds) ?? true);
  }

  supportedBy(row: number, statement: number): boolean {
    return this.#rows.get(row, SUPPORT) === statement || (this.#more.get(row)?.includes(statement) ?? false);
  }

  support(row: number, statement: number): void {
    this.#more.set(row, [...(this.#more.get(row) ?? []), statement]);
  }

  /** Removes one statement's support; false when it was the last and stays. */
  withdraw(row: number, statement: number): boolean {
    const [first, ...more] = this.supports(row).filter((other) => other !== statement);
    if (first === undefined) return false;
    this.#rows.set(row, SUPPORT, first);
    if (more.length === 0) this.#more.delete(row);
    else this.#more.set(row, more);
    return true;
  }
}

/**
 * Rows of 32-bit columns. A graph has millions of links and statements; as objects they would cost three times the memory and be walked by
 * every garbage collection. Rows are numbered from 1; 0 means none. Released rows are used again.
 */

import type { FrameReader, FrameWriter } from './pieces.ts';

const SHIFT = 14;
const CHUNK_ROWS = 1 << SHIFT;
const MASK = CHUNK_ROWS - 1;

export class Columns {
  readonly #width: number;
  readonly #chunks: Int32Array[] = [];
  #next = 1;
  #free = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** A row of zeros. */
  take(): number {
    const row = this.#free;
    if (row !== 0) {
      this.#free = this.get(row, 0);
      this.set(row, 0, 0);
      return row;
    }
    if (this.#next >>> SHIFT >= this.#chunks.length) this.#chunks.push(new Int32Array(CHUNK_ROWS * this.#width));
    return this.#next++;
  }

  release(row: number): void {
    for (let column = 1; column < this.#width; column++) this.set(row, column, 0);
    this.set(row, 0, this.#free);
    this.#free = row;
  }

  get(row: number, column: number): number {
    return (this.#chunks[row >>> SHIFT] as Int32Array)[(row & MASK) * this.#width + column] as number;
  }

  set(row: number, column: number, value: number): void {
    (this.#chunks[row >>> SHIFT] as Int32Array)[(row & MASK) * this.#width + column] = value;
  }

  /** Every number that may be a row, also of rows that were released: those are zeros but for column 0. */
  get end(): number {
    return this.#next;
  }

  write(frame: FrameWriter): void {
    frame.table(1, Int32Array.of(this.#next, this.#free, this.#chunks.length));
    for (const [index, chunk] of this.#chunks.entries())
      frame.table(this.#width, chunk.subarray(0, (this.#next - index * CHUNK_ROWS) * this.#width));
  }

  /** Call when nothing is in it yet, as with every `read`. */
  read(frame: FrameReader): void {
    const [next = 1, free = 0, chunks = 0] = frame.table(1);
    this.#next = next;
    this.#free = free;
    for (let index = 0; index < chunks; index++) this.#chunks.push(frame.table(this.#width, CHUNK_ROWS));
  }
}

/** Values that rows refer to by number: each distinct one is kept once, for good. For sets that are small by nature (rules, edge types). */
export class Dictionary<T> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<T, number>();

  number(value: T): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#values.length;
      this.#values.push(value);
      this.#numbers.set(value, number);
    }
    return number;
  }

  value(number: number): T {
    return this.#values[number] as T;
  }

  get size(): number {
    return this.#values.length;
  }

  write(frame: FrameWriter): void {
    frame.table(
      1,
      Int32Array.from(this.#values, (value) => frame.value(value)),
    );
  }

  /** `known` finds the value in use that says the same, where values are told apart by identity. */
  read(frame: FrameReader, known: (value: T) => T = (value) => value): void {
    for (const number of frame.table(1)) {
      const value = known(frame.value<T>(number));
      this.#numbers.set(value, this.#values.push(value) - 1);
    }
  }
}

/** Objects that rows refer to by number while they live. Numbers start at 1 and are used again. */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** What had a number in a frame is added with that one. */
  add(item: T, number: number = this.#free.pop() ?? this.#items.length): number {
    this.#items[number] = item;
    return number;
  }

  /** Adds what must know its own number. */
  make<M extends T>(item: (number: number) => M, number: number = this.#free.pop() ?? this.#items.length): M {
    const made = item(number);
    this.#items[number] = made;
    return made;
  }

  get(number: number): T {
    return this.#items[number] as T;
  }

  /** Every number that may be taken is below. */
  get end(): number {
    return this.#items.length;
  }

  remove(number: number): void {
    this.#items[number] = undefined;
    this.#free.push(number);
  }

  /** Which numbers are free. What has the others adds itself again. */
  write(frame: FrameWriter): void {
    frame.table(1, Int32Array.from([this.#items.length, ...this.#free]));
  }

  read(frame: FrameReader): void {
    const [length = 1, ...free] = frame.table(1);
    while (this.#items.length < length) this.#items.push(undefined);
    for (const number of free) this.#free.push(number);
  }
}

/** Values that rows refer to by number, each distinct one kept once while some row has it. 0 stands for none. For sets without a bound. */
export class SharedValues<T extends string | object> {
  readonly #values = new Slots<T>();
  readonly #numbers = new Map<T, number>();
  /** How many rows have the value of each number. */
  readonly #users: number[] = [0];

  take(value: T | undefined): number {
    if (value === undefined) return 0;
    const number = this.#numbers.get(value) ?? this.#values.add(value);
    const users = this.#users[number] ?? 0;
    if (users === 0) this.#numbers.set(value, number);
    this.#users[number] = users + 1;
    return number;
  }

  release(number: number): void {
    if (number === 0) return;
    const users = (this.#users[number] ?? 0) - 1;
    this.#users[number] = users;
    if (users > 0) return;
    const value = this.get(number);
    if (value !== undefined) this.#numbers.delete(value);
    this.#values.remove(number);
  }

  get(number: number): T | undefined {
    return number === 0 ? undefined : this.#values.get(number);
  }

  write(frame: FrameWriter): void {
    this.#values.write(frame);
    frame.rows(2, (put) => {
      for (let number = 1; number < this.#users.length; number++) {
        put(frame.only(this.get(number)));
        put(this.#users[number] ?? 0);
      }
    });
  }

  read(frame: FrameReader): void {
    this.#values.read(frame);
    for (const rows = frame.rows(2); !rows.ended; ) {
      const value = frame.value<T | undefined>(rows.next());
      const number = this.#users.push(rows.next()) - 1;
      if (value === undefined) continue;
      this.#values.add(value, number);
      this.#numbers.set(value, number);
    }
  }
}

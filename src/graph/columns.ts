/**
 * Rows of 32-bit columns. A graph has millions of links and statements; as objects they would cost three times the memory and be walked by
 * every garbage collection. Rows are numbered from 1; 0 means none. Released rows are used again.
 */

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
}

/** Objects that rows refer to by number while they live. Numbers start at 1 and are used again. */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];

  add(item: T): number {
    const number = this.#free.pop() ?? this.#items.length;
    this.#items[number] = item;
    return number;
  }

  /** Adds what must know its own number. */
  make<M extends T>(item: (number: number) => M): M {
    const number = this.#free.pop() ?? this.#items.length;
    const made = item(number);
    this.#items[number] = made;
    return made;
  }

  get(number: number): T {
    return this.#items[number] as T;
  }

  remove(number: number): void {
    this.#items[number] = undefined;
    this.#free.push(number);
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
}

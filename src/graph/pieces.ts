/**
 * The pieces of a frame: what a graph holds, as bytes. Nearly all is rows of 32-bit numbers. Values (what JSON can say) have numbers, by which rows
 * refer to them; each is kept once. Who reads goes through the rows in the order in which they were written.
 * Invariant: pieces that are not exactly those that were written, by the same edition, are refused before anything of them is read.
 */

/** Bytes of a linked graph. The pieces belong together, in this order; each is at most some megabytes, and compresses well. */
export type Frame = readonly Uint8Array[];

/** The form of the pieces and of what is in them. Raise it with every change of either; `frame.test.ts` notices. */
const FORMAT = 2;

/** Rows and texts of one piece. */
const ROWS = 1 << 14;

/** A record with more keys has no shape: that of each is as large as all its keys. */
const KEYS_MAX = 64;

/** Words of the first piece: the format, how many pieces of texts follow, and the seal. */
const HEAD_WORDS = 4;

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Fill = (put: (number: number) => void) => void;

export class FrameWriter {
  readonly #pieces: Uint8Array[] = [];
  readonly #numbers = new Map<unknown, number>();
  readonly #texts: unknown[] = [];
  #records = 0;
  /** Of each record its shape and the values of its keys. */
  readonly #parts = new NumbersIn(1);
  /** Lists of keys, as a tree: each adds one key to another. The first has none. */
  readonly #shapes: Map<string, number>[] = [new Map()];
  readonly #shapeRows = new NumbersIn(2);

  /** The number of a value: the same for equal scalars and for the same object; negative for small records, 0 for undefined. */
  value(value: unknown): number {
    if (value === undefined) return 0;
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.only(value);
    this.#numbers.set(value, number);
    return number;
  }

  /** The same for an object that is written nowhere else. */
  only(value: unknown): number {
    if (value === undefined) return 0;
    return isRecord(value) ? this.#record(value) : this.#texts.push(value);
  }

  #record(record: Readonly<Record<string, unknown>>): number {
    let shape = 0;
    const numbers: number[] = [];
    for (const key in record) {
      shape = this.#shapes[shape]?.get(key) ?? this.#shape(shape, key);
      numbers.push(this.value(record[key]));
    }
    this.#parts.put(shape);
    for (const number of numbers) this.#parts.put(number);
    return -++this.#records;
  }

  #shape(shape: number, key: string): number {
    const made = this.#shapes.push(new Map()) - 1;
    this.#shapes[shape]?.set(key, made);
    this.#shapeRows.put(shape);
    this.#shapeRows.put(this.value(key));
    return made;
  }

  /** Rows of `width` numbers, one row after the other. By columns, as differences from row to row, they are small numbers. */
  table(width: number, rows: Int32Array): void {
    this.#pieces.push(packed(width, rows));
  }

  /** Any number of rows: `fill` puts their numbers one after the other. */
  rows(width: number, fill: Fill): void {
    const numbers = new NumbersIn(width);
    fill((number) => numbers.put(number));
    this.#pieces.push(...numbers.pieces());
  }

  /** All that was written. `edition` names what has to be the same for who reads it. */
  frame(edition: string): Frame {
    const texts: Uint8Array[] = [];
    for (let start = 0; start < this.#texts.length; start += ROWS)
      texts.push(encoder.encode(JSON.stringify(this.#texts.slice(start, start + ROWS))));
    const head = new Int32Array(HEAD_WORDS);
    head.set([FORMAT, texts.length]);
    const values = [...texts, ...this.#shapeRows.pieces(), ...this.#parts.pieces()];
    const frame = [new Uint8Array(head.buffer), ...values, ...this.#pieces];
    head.set(sealOf(frame, edition), 2);
    return frame;
  }
}

export class FrameReader {
  readonly #pieces: Iterator<Uint8Array>;
  readonly #texts: unknown[] = [undefined];
  readonly #records: unknown[] = [undefined];

  private constructor(texts: Frame, pieces: Frame) {
    this.#pieces = pieces.values();
    for (const text of texts)
      for (const value of JSON.parse(decoder.decode(text)) as unknown[]) this.#texts.push(value);
    this.#readRecords();
  }

  /** A reader of a frame, or undefined when it is not whole, or of another format or edition. */
  static open(frame: Frame, edition: string): FrameReader | undefined {
    const [first] = frame;
    if (first?.length !== HEAD_WORDS * 4) return undefined;
    const [format, texts = 0, ...seal] = wordsOf(first);
    if (format !== FORMAT || sealOf(frame, edition).some((word, index) => word !== seal[index])) return undefined;
    return new FrameReader(frame.slice(1, 1 + texts), frame.slice(1 + texts));
  }

  #readRecords(): void {
    // A record is copied from an empty one of its shape, which is faster than adding key after key.
    const shapes: { readonly keys: readonly string[]; readonly empty: Readonly<Record<string, unknown>> }[] = [];
    shapes.push({ keys: [], empty: {} });
    for (const rows = this.rows(2); !rows.ended; ) {
      const { keys = [], empty } = shapes[rows.next()] ?? {};
      const key = this.value<string>(rows.next());
      shapes.push({ keys: [...keys, key], empty: { ...empty, [key]: undefined } });
    }
    for (const parts = this.rows(1); !parts.ended; ) {
      const { keys = [], empty } = shapes[parts.next()] ?? {};
      const record: Record<string, unknown> = { ...empty };
      for (const key of keys) record[key] = this.value(parts.next());
      this.#records.push(record);
    }
  }

  /** The value of a number. What it is was known to who wrote it. */
  value<T>(number: number): T {
    return (number < 0 ? this.#records[-number] : this.#texts[number]) as T;
  }

  /** The rows that one `table` wrote, followed by zeros where room is wanted for more. */
  table(width: number, room = 0): Int32Array {
    return unpacked(width, this.#pieces.next().value ?? NOTHING, room);
  }

  /** The rows that one `rows` wrote. */
  rows(width: number): NumbersOut {
    const [count = 0] = this.table(1);
    return new NumbersOut(Array.from({ length: count }, () => this.table(width)));
  }
}

/** Small records of scalars are told by shape and parts, so that the texts in them are kept once; whatever else there is, is told as JSON. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let keys = 0;
  for (const key in value)
    if (++keys > KEYS_MAX || typeof (value as Record<string, unknown>)[key] === 'object') return false;
  return true;
}

/** Numbers on their way in: rows of a width, in as many pieces as it takes; the first says how many. */
class NumbersIn {
  readonly #width: number;
  readonly #tables: Int32Array[] = [];
  #table = new Int32Array(0);
  #at = 0;

  constructor(width: number) {
    this.#width = width;
  }

  put(number: number): void {
    if (this.#at === this.#table.length) {
      this.#table = new Int32Array(ROWS * this.#width);
      this.#tables.push(this.#table);
      this.#at = 0;
    }
    this.#table[this.#at++] = number;
  }

  pieces(): Frame {
    const filled = (table: Int32Array): Int32Array => (table === this.#table ? table.subarray(0, this.#at) : table);
    const tables = this.#tables.map((table) => packed(this.#width, filled(table)));
    return [packed(1, Int32Array.of(tables.length)), ...tables];
  }
}

/** Numbers on their way out. */
class NumbersOut {
  readonly #tables: readonly Int32Array[];
  #place = 0;
  #table: Int32Array;
  #at = 0;

  constructor(tables: readonly Int32Array[]) {
    this.#tables = tables;
    this.#table = tables[0] ?? new Int32Array(0);
  }

  get ended(): boolean {
    return this.#at === this.#table.length && this.#place + 1 >= this.#tables.length;
  }

  /** Call until `ended`. */
  next(): number {
    if (this.#at === this.#table.length) {
      this.#table = this.#tables[++this.#place] ?? new Int32Array(1);
      this.#at = 0;
    }
    return this.#table[this.#at++] as number;
  }
}

function packed(width: number, rows: Int32Array): Uint8Array {
  const differences = new Int32Array(rows.length);
  let at = 0;
  for (let column = 0; column < width; column++) {
    let last = 0;
    for (let index = column; index < rows.length; index += width) {
      const number = rows[index] as number;
      differences[at++] = number - last;
      last = number;
    }
  }
  return new Uint8Array(differences.buffer);
}

function unpacked(width: number, piece: Uint8Array, room: number): Int32Array {
  const differences = wordsOf(piece);
  const rows = new Int32Array(Math.max(room * width, differences.length));
  let at = 0;
  for (let column = 0; column < width; column++) {
    let last = 0;
    for (let index = column; index < differences.length; index += width) {
      last = (last + (differences[at++] as number)) | 0;
      rows[index] = last;
    }
  }
  return rows;
}

/** The bytes as numbers; those that do not fill one are followed by zeros. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = bytes;
  if (length % 4 === 0 && byteOffset % 4 === 0) return new Int32Array(buffer, byteOffset, length / 4);
  const whole = new Uint8Array(Math.ceil(length / 4) * 4);
  whole.set(bytes);
  return new Int32Array(whole.buffer);
}

/** Two numbers that differ, as good as always, when edition, pieces or their lengths do. The first piece ends in them, and counts without. */
function sealOf([head = NOTHING, ...pieces]: Frame, edition: string): Int32Array {
  const seal = Int32Array.of(0x2545f491, pieces.length);
  for (const bytes of [encoder.encode(edition), head.subarray(0, 8), ...pieces]) {
    seal[0] = (seal[0] as number) ^ bytes.length;
    stir(seal, wordsOf(bytes));
  }
  return seal;
}

function stir(seal: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0] = seal;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    a = Math.imul(a ^ word, 0x9e3779b1);
    b = Math.imul(b ^ ((word << 16) | (word >>> 16)), 0x85ebca6b);
  }
  seal[0] = a;
  seal[1] = b;
}

/** A map that holds no more than so much: of its entries, those longest not used go when it is told to shrink. */
export class BoundedCache<Key, Value> {
  readonly #max: number;
  readonly #weigh: (value: Value) => number;
  /** Those used last come last. */
  readonly #entries = new Map<Key, Value>();
  #weight = 0;

  /** `weigh` says the same of a value each time. */
  constructor(max: number, weigh: (value: Value) => number) {
    this.#max = max;
    this.#weigh = weigh;
  }

  get weight(): number {
    return this.#weight;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** Using it counts. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
  }

  delete(key: Key): void {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#weight -= this.#weigh(value);
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  /** Not to be changed meanwhile, but for what has come already. */
  entries(): Iterable<readonly [Key, Value]> {
    return this.#entries;
  }

  /** Removes until it holds no more than it may. */
  shrink(): void {
    for (const key of this.#entries.keys()) {
      if (this.#weight <= this.#max) return;
      this.delete(key);
    }
  }
}

/**
 * A rate, and how far it may be exceeded for a moment: so much may be taken as has come in since, up to what the bucket holds. Taking more than is there
 * leaves a debt, so that a piece of any size passes, and the mean holds all the same. Time is a parameter.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #capacity: number;
  #tokens: number;
  #at: number;

  /** `now` in milliseconds. */
  constructor(perSecond: number, capacity: number, now: number) {
    this.#perSecond = perSecond;
    this.#capacity = capacity;
    this.#tokens = capacity;
    this.#at = now;
  }

  take(count: number, now: number): void {
    this.#fill(now);
    this.#tokens -= count;
  }

  /** Milliseconds until something may be taken; 0 when it may now. */
  wait(now: number): number {
    this.#fill(now);
    return this.#tokens > 0 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1_000);
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (Math.max(0, now - this.#at) / 1_000) * this.#perSecond);
    this.#at = Math.max(this.#at, now);
  }
}

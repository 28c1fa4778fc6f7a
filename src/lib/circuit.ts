/** A circuit breaker: what fails again and again is left alone for a while, then tried once. Time is a parameter. */

export interface CircuitOptions {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** It stays open so long, in milliseconds; then one call is let through. */
  readonly openMs: number;
  /** Milliseconds, of a clock that does not step back. */
  readonly now: () => number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

export class Circuit {
  readonly #options: CircuitOptions;
  #failed = 0;
  #openedAt = 0;
  #isProbing = false;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  get state(): CircuitState {
    const { failures, openMs, now } = this.#options;
    if (this.#failed < failures) return 'closed';
    return now() - this.#openedAt >= openMs ? 'half-open' : 'open';
  }

  /** Calls, or answers undefined without calling while it is open, or while one call is let through. Rejects with what the call rejects. */
  async call<T>(what: () => Promise<T>): Promise<T | undefined> {
    const { state } = this;
    if (state === 'open' || (state === 'half-open' && this.#isProbing)) return undefined;
    this.#isProbing = state === 'half-open';
    try {
      const answer = await what();
      this.#failed = 0;
      return answer;
    } catch (error) {
      this.#failed++;
      this.#openedAt = this.#options.now();
      throw error;
    } finally {
      this.#isProbing = false;
    }
  }
}

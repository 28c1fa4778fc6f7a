/**
 * Records that were turned down and may be corrected and sent again: in memory, bounded by number and room, the longest unseen go first; and where a
 * history is kept, there as well, so that they outlive the process. What is sent again and again is one letter.
 */
import { hash } from 'node:crypto';
import { countBounded } from '../lib/bounded-count.ts';
import type { DeadLetter, LetterChoice } from '../model/intake.ts';
import { Problem } from '../model/problem.ts';

export interface LetterStore {
  /** Letters as JSON, by id; undefined: gone. */
  write(letters: readonly { readonly id: string; readonly text: string | undefined }[]): void;
}

export interface LetterBoxOptions {
  /** Most letters. */
  readonly max: number;
  readonly store?: LetterStore | undefined;
  /** What the store holds, as JSON. */
  readonly kept?: readonly string[] | undefined;
}

/** Characters of all payloads together, and of one. */
const ROOM_MAX = 32 * 2 ** 20;
const PAYLOAD_MAX = 64 * 2 ** 10;
const REASONS_MAX = 100;
const OTHER_REASONS = 'other reasons';

/** A record that was turned down, redacted. */
export type Refused = Pick<DeadLetter, 'format' | 'at' | 'reason' | 'cluster' | 'key' | 'payload'>;

export class LetterBox {
  readonly #max: number;
  readonly #store: LetterStore | undefined;
  /** The longest unseen first. */
  readonly #letters = new Map<string, DeadLetter>();
  readonly #byReason = new Map<string, number>();
  #room = 0;
  #dropped = 0;

  constructor({ max, store, kept = [] }: LetterBoxOptions) {
    this.#max = max;
    this.#store = store;
    const letters = kept.map((text) => JSON.parse(text) as DeadLetter).sort((a, b) => (a.at < b.at ? -1 : 1));
    for (const letter of letters) this.#put(letter);
    this.#shrink();
  }

  get counts(): { readonly byReason: ReadonlyMap<string, number>; readonly dropped: number } {
    return { byReason: this.#byReason, dropped: this.#dropped };
  }

  list(): Iterable<DeadLetter> {
    return this.#letters.values();
  }

  /** Keeps those, each with an id that follows from what it is. Returns the ids. */
  add(all: readonly Refused[]): readonly string[] {
    const ids = all.map((refused) => {
      const id = hash('sha256', `${refused.format}\n${refused.key ?? ''}\n${refused.payload}`).slice(0, 16);
      const isCut = refused.payload.length > PAYLOAD_MAX;
      const payload = isCut ? refused.payload.slice(0, PAYLOAD_MAX) : refused.payload;
      const times = (this.#letters.get(id)?.times ?? 0) + 1;
      countBounded(this.#byReason, refused.reason, REASONS_MAX, OTHER_REASONS);
      this.#put({ ...refused, id, payload, times, ...(isCut && { cut: true as const }) });
      return id;
    });
    const gone = this.#shrink();
    const there = [...new Set(ids)].map((id) => this.#letters.get(id)).filter((letter) => letter !== undefined);
    this.#store?.write([
      ...gone.map((id) => ({ id, text: undefined })),
      ...there.map((letter) => ({ id: letter.id, text: JSON.stringify(letter) })),
    ]);
    return ids;
  }

  /** Counts what was turned down and is not kept. */
  count(reason: string): void {
    countBounded(this.#byReason, reason, REASONS_MAX, OTHER_REASONS);
  }

  /** Those that are meant. Throws `not-found` for an id that is none. */
  choose({ ids, reason, format }: LetterChoice): readonly DeadLetter[] {
    const fits = (letter: DeadLetter): boolean =>
      (reason === undefined || letter.reason === reason) && (format === undefined || letter.format === format);
    if (ids === undefined) return [...this.#letters.values()].filter(fits);
    const unknown = ids.filter((id) => !this.#letters.has(id));
    if (unknown.length > 0)
      throw new Problem(
        'not-found',
        `no dead letter has the id ${unknown.join(', ')}; it may have been replayed, discarded or dropped`,
      );
    return ids
      .map((id) => this.#letters.get(id))
      .filter((letter) => letter !== undefined && fits(letter)) as DeadLetter[];
  }

  remove(letters: readonly DeadLetter[]): void {
    for (const { id } of letters) this.#forget(id);
    if (letters.length > 0) this.#store?.write(letters.map(({ id }) => ({ id, text: undefined })));
  }

  #put(letter: DeadLetter): void {
    this.#forget(letter.id);
    this.#letters.set(letter.id, letter);
    this.#room += letter.payload.length;
  }

  #forget(id: string): void {
    this.#room -= this.#letters.get(id)?.payload.length ?? 0;
    this.#letters.delete(id);
  }

  /** The ids of those that had to go. */
  #shrink(): readonly string[] {
    const gone: string[] = [];
    for (const id of this.#letters.keys()) {
      if (this.#letters.size <= this.#max && this.#room <= ROOM_MAX) break;
      this.#forget(id);
      gone.push(id);
      this.#dropped++;
    }
    return gone;
  }
}

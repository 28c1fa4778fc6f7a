/**
 * The feed of commits by position: followers say how far they are and get what came since, or `gone` when that is no longer kept.
 * Revision = `epoch:number`; a new process is a new epoch, hence `gone`. Bounded by the number of diff entries kept; nothing is kept, nor any
 * diff made, before the first follower comes.
 */
import type { Commit, Revision } from '../model/commit.ts';
import { size } from '../model/diff.ts';
import type { CommitFeed, Entry, Since } from '../model/feed.ts';

export interface FeedOptions {
  /** Distinguishes this process from those before it. */
  readonly epoch: string;
  /** Diff entries (resources and edges) kept at most. */
  readonly entriesMax?: number;
  /** Number of the last commit before the first that is published here. */
  readonly head?: number;
}

const ENTRIES_MAX = 100_000;
const COMMITS_MAX = 10_000;

export class Feed implements CommitFeed {
  readonly epoch: string;
  readonly #entriesMax: number;
  readonly #subscribers = new Set<(commit: Commit) => void>();
  #kept: Entry[] = [];
  #sizes: number[] = [];
  #entries = 0;
  #head = 0;
  #followed = false;

  constructor({ epoch, entriesMax = ENTRIES_MAX, head = 0 }: FeedOptions) {
    this.epoch = epoch;
    this.#head = head;
    this.#entriesMax = entriesMax;
  }

  get head(): number {
    return this.#head;
  }

  /** Appends a commit and tells every subscriber, in order. A number left out is a commit that was lost: what was kept before it is `gone`. */
  publish(commit: Commit): void {
    if (this.#followed) this.#keep(commit);
    this.#head = commit.number;
    for (const subscriber of this.#subscribers) subscriber(commit);
  }

  #keep({ number, at, diff }: Commit): void {
    if (number !== this.#head + 1) this.#drop(this.#kept.length);
    this.#kept.push({ number, at, diff });
    const entries = size(diff);
    this.#sizes.push(entries);
    this.#entries += entries;
    this.#trim();
  }

  #trim(): void {
    let entries = this.#entries;
    let count = 0;
    while (entries > this.#entriesMax || this.#kept.length - count > COMMITS_MAX) entries -= this.#sizes[count++] ?? 0;
    if (count > 0) this.#drop(count);
  }

  /** Forgets so many commits, the oldest. */
  #drop(count: number): void {
    for (const entries of this.#sizes.slice(0, count)) this.#entries -= entries;
    this.#kept = this.#kept.slice(count);
    this.#sizes = this.#sizes.slice(count);
  }

  /** `gone` when the revision is of another epoch, too old, or not a revision at all. */
  since(revision: Revision): Since {
    const [, epoch, digits] = /^(.*):(\d{1,15})$/.exec(revision) ?? [];
    const number = Number(digits);
    if (epoch !== this.epoch || number > this.#head) return { type: 'gone' };
    if (number === this.#head) return { type: 'diffs', entries: [] };
    const first = this.#kept[0];
    if (first === undefined || first.number > number + 1) return { type: 'gone' };
    return { type: 'diffs', entries: this.#kept.slice(number + 1 - first.number) };
  }

  subscribe(subscriber: (commit: Commit) => void): () => void {
    this.#followed = true;
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }
}

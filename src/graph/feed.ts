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

  constructor({ epoch, entriesMax = ENTRIES_MAX }: FeedOptions) {
    this.epoch = epoch;
    this.#entriesMax = entriesMax;
  }

  get head(): number {
    return this.#head;
  }

  get revision(): Revision {
    return `${this.epoch}:${this.#head}`;
  }

  /** How full the window is, 0..1. */
  get fill(): number {
    return this.#entries / this.#entriesMax;
  }

  /** Appends a commit and tells every subscriber, in order. Numbers must follow one another. */
  publish(commit: Commit): void {
    this.#head = commit.number;
    if (!this.#followed) return;
    const { number, at, diff } = commit;
    this.#kept.push({ number, at, diff });
    const entries = size(diff);
    this.#sizes.push(entries);
    this.#entries += entries;
    this.#trim();
    for (const subscriber of this.#subscribers) subscriber(commit);
  }

  #trim(): void {
    let drop = 0;
    while (this.#entries > this.#entriesMax || this.#kept.length - drop > COMMITS_MAX) {
      this.#entries -= this.#sizes[drop] ?? 0;
      drop++;
    }
    if (drop === 0) return;
    this.#kept = this.#kept.slice(drop);
    this.#sizes = this.#sizes.slice(drop);
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

/**
 * Keeps a sink equal to a view, from the feed of commits: one replacement, then everything since as one diff,
 * again and again, at the pace the sink takes it.
 */
import { settle } from '../../model/diff.ts';
import type { CommitFeed } from '../../model/feed.ts';
import type { Sink } from '../../model/sink.ts';
import type { View } from '../../model/view.ts';

/**
 * Brings a sink up to date and keeps it so until `stop`, one call at a time. `reached` is called with the number of the last commit the
 * sink holds, each time it has caught up with one; every revision the view shows must be reached in the end, also through commits that
 * did nothing. Settles when stopped; rejects with what the sink rejected with.
 */
export type Follow = (sink: Sink, stop: AbortSignal, reached: (revision: number) => void) => Promise<void>;

/** Follows a feed whose commits are in the view by the time they are published. */
export function follower(view: View, feed: CommitFeed): Follow {
  return async (sink, stop, reached) => {
    using bell = new Bell(feed, stop);
    let generation = 0;
    let at: number | undefined;
    while (!stop.aborted) {
      if (at === undefined) {
        at = feed.head;
        await sink.replace(view, ++generation);
      }
      const since = feed.since(`${feed.epoch}:${at}`);
      if (since.type === 'gone') {
        at = undefined;
        continue;
      }
      const last = since.entries.at(-1);
      if (last) {
        await sink.write(settle(since.entries.map(({ diff }) => diff)));
        at = last.number;
      }
      reached(at);
      if (!last) await bell.rings();
    }
  };
}

/** Follows a view that does not change. */
export function still(view: View): Follow {
  return async (sink, stop, reached) => {
    await sink.replace(view, 1);
    reached(view.revision);
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  };
}

/** Rings for every commit and when following stops; a ring nobody waits for is kept. */
class Bell implements Disposable {
  readonly #unsubscribe: () => void;
  readonly #stop: AbortSignal;
  #rung = Promise.withResolvers<void>();
  readonly #ring = (): void => this.#rung.resolve();

  constructor(feed: CommitFeed, stop: AbortSignal) {
    this.#unsubscribe = feed.subscribe(this.#ring);
    this.#stop = stop;
    stop.addEventListener('abort', this.#ring);
  }

  async rings(): Promise<void> {
    await this.#rung.promise;
    this.#rung = Promise.withResolvers();
    if (this.#stop.aborted) this.#ring();
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#stop.removeEventListener('abort', this.#ring);
  }
}

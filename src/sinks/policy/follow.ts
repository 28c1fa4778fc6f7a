/**
 * Brings a sink that keeps `latest` up to date and keeps it so: `replace` first and whenever the feed says `gone`, then squashed diffs.
 * Backlog is bounded by the feed; a slow sink gets fewer, larger diffs, never a wrong graph.
 */
import { squash } from '../../model/diff.ts';
import type { CommitFeed } from '../../model/feed.ts';
import type { Sink } from '../../model/sink.ts';
import type { View } from '../../model/view.ts';

export interface Following {
  /** Number of the last commit that the sink has taken over; undefined before the first `replace` is done. */
  readonly position: number | undefined;
  /** Resolves once the sink has taken over a commit; rejects when following ends before. */
  reached(number: number): Promise<void>;
  /** Settles when following ends: fulfilled after `stop`, rejected with the sink's error. */
  readonly ended: Promise<void>;
}

/** Starts following. `replace` reads the view while commits go on: the diffs since its start are applied on top, idempotently. */
export function follow(
  sink: Sink,
  { feed, view }: { readonly feed: CommitFeed; readonly view: View },
  stop: AbortSignal,
): Following {
  let position: number | undefined;
  let generation = 0;
  let wake: () => void = () => undefined;
  const waiting = new Set<{ number: number; resolve: () => void; reject: (error: unknown) => void }>();
  const unsubscribe = feed.subscribe(() => wake());
  const onStop = (): void => wake();
  stop.addEventListener('abort', onStop);

  const moved = (to: number): void => {
    position = to;
    for (const waiter of waiting) {
      if (waiter.number > to) continue;
      waiting.delete(waiter);
      waiter.resolve();
    }
  };

  const step = async (): Promise<void> => {
    const since = position === undefined ? ({ type: 'gone' } as const) : feed.since(`${feed.epoch}:${position}`);
    if (since.type === 'gone') {
      const start = feed.head;
      generation++;
      await sink.replace(view, generation);
      moved(start);
      return;
    }
    const last = since.entries.at(-1);
    if (last === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (feed.head !== position || stop.aborted) resolve();
      });
      return;
    }
    await sink.write(squash(since.entries.map(({ diff }) => diff)), []);
    moved(last.number);
  };

  const ended = (async () => {
    try {
      while (!stop.aborted) await step();
    } catch (error) {
      for (const waiter of waiting) waiter.reject(error);
      waiting.clear();
      throw error;
    } finally {
      unsubscribe();
      stop.removeEventListener('abort', onStop);
      for (const waiter of waiting) waiter.reject(new Error('following has ended'));
    }
  })();
  ended.catch(() => undefined);

  return {
    get position() {
      return position;
    },
    reached: (number) =>
      position !== undefined && position >= number
        ? Promise.resolve()
        : new Promise((resolve, reject) => waiting.add({ number, resolve, reject })),
    ended,
  };
}

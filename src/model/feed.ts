/** Following the graph by position: what sinks and transports may ask of the feed. */
import type { Commit, Revision } from './commit.ts';
import type { GraphDiff } from './diff.ts';
import type { Time } from './time.ts';

/** What the feed keeps of a commit: its effect, not what came in. */
export interface Entry {
  readonly number: number;
  readonly at: Time;
  readonly diff: GraphDiff;
}

/** Everything after a revision, or word that it is no longer kept: take a snapshot and go on from there. */
export type Since = { readonly type: 'diffs'; readonly entries: readonly Entry[] } | { readonly type: 'gone' };

export interface CommitFeed {
  readonly epoch: string;
  /** Number of the last commit; 0 before the first. */
  readonly head: number;
  since(revision: Revision): Since;
  /** Calls back for every commit from now on; the returned function ends it. The callback must be quick and must not throw. */
  subscribe(subscriber: (commit: Commit) => void): () => void;
}

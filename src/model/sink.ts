/** Commit → store. A sink never talks to a source; the pipeline brings it commits at the pace it takes them. */
import type { Commit } from './commit.ts';
import type { GraphDiff } from './diff.ts';
import type { View } from './view.ts';

export interface Sink {
  readonly name: string;
  /**
   * `latest`: a backlog is squashed into one diff, truth is never dropped.
   * `every`: each commit counts; a full queue holds the sources back.
   */
  readonly keeps: 'every' | 'latest';
  /** Makes the store equal to the view: writes everything tagged with the generation, then sweeps what carries an older tag. Idempotent. */
  replace(view: View, generation: number): Promise<void>;
  /** Takes over what happened since. `commits` is empty for sinks that keep `latest`: `diff` is the squash of them all. */
  write(diff: GraphDiff, commits: readonly Commit[]): Promise<void>;
  /** Releases what it holds. Safe to call twice and before the first write. */
  close(): Promise<void>;
}

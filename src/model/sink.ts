/** Commit → store. A sink never talks to a source; it is brought what happened at the pace it takes it (`sinks/policy/follow.ts`). */
import type { GraphDiff } from './diff.ts';
import type { View } from './view.ts';

/** Holds the latest state: a backlog comes as one diff, and truth is never dropped. */
export interface Sink {
  readonly name: string;
  /** Makes the store equal to the view: writes everything tagged with the generation, then sweeps what carries an older tag. Idempotent. */
  replace(view: View, generation: number): Promise<void>;
  /** Takes over everything since, which may be many commits. Idempotent. */
  write(diff: GraphDiff): Promise<void>;
  /** Releases what it holds. Safe to call twice and before the first write. */
  close(): Promise<void>;
}

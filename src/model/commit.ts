/** What one batch of changes did to the graph. */
import type { Change } from './change.ts';
import type { GraphDiff } from './diff.ts';
import type { Time } from './time.ts';

/** Position in the feed, `epoch:number`. A new process is a new epoch. */
export type Revision = string;

/** A change that could not be taken, with the reason; counted and reported, never thrown. */
export interface Rejection {
  readonly at: Time;
  readonly reason: string;
  /** What it was about, as far as can be told: `Kind/namespace/name`. */
  readonly subject: string;
}

export interface Commit {
  readonly number: number;
  /** Time of the last change in it. */
  readonly at: Time;
  readonly changes: readonly Change[];
  /** Made when first read; read it before the next batch is applied. */
  readonly diff: GraphDiff;
  readonly rejected: readonly Rejection[];
}

/** What the thread that writes history and its owner say to each other. */
import type { ProblemCode } from '../../model/problem.ts';
import type { Removed } from './clear.ts';
import type { Entry } from './entries.ts';
import type { Pruned, PruneOptions, Retention } from './retention.ts';

export interface Fault {
  readonly code: ProblemCode;
  readonly message: string;
}

export type ToWriter =
  /** `number` comes back when it is written. */
  | { readonly type: 'write'; readonly number: number; readonly entries: readonly Entry[] }
  /** Remove what is not kept any longer, while writing goes on. One at a time. */
  | { readonly type: 'prune'; readonly retention: Retention; readonly options: Omit<PruneOptions, 'writer'> }
  /** Write what is left, then end. */
  | { readonly type: 'close' };

export type FromWriter =
  | { readonly type: 'opened' }
  | { readonly type: 'failed'; readonly fault: Fault }
  /** All up to this number is in the store, and outlives this process. */
  | { readonly type: 'written'; readonly number: number }
  /** What has gone so far. */
  | { readonly type: 'pruning'; readonly removed: Removed }
  /** It is done, or was given up. */
  | { readonly type: 'pruned'; readonly pruned: Pruned | Fault }
  /** Writing fails and is tried again; undefined: it works again. */
  | { readonly type: 'trouble'; readonly fault: Fault | undefined };

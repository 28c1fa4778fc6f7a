/** What the thread that writes history and its owner say to each other. */
import type { ProblemCode } from '../../model/problem.ts';
import type { Removed } from './clear.ts';
import type { Entry } from './entries.ts';
import type { FrameMade } from './frames.ts';
import type { ReadableOptions } from './readable.ts';
import type { Pruned, PruneOptions, Retention } from './retention.ts';

export interface Fault {
  readonly code: ProblemCode;
  readonly message: string;
}

/** What the thread is started with. */
export interface WriterData {
  readonly url: string;
  readonly readable: ReadableOptions;
}

export type ToWriter =
  /** `number` comes back when it is written. */
  | { readonly type: 'write'; readonly number: number; readonly entries: readonly Entry[] }
  /** The linked graph as it was after what was sent before. */
  | { readonly type: 'frame'; readonly frame: FrameMade }
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
  /** What people read in SQL does not come along; undefined: it does again. */
  | { readonly type: 'unreadable'; readonly fault: Fault | undefined }
  /** Writing fails and is tried again; undefined: it works again. */
  | { readonly type: 'trouble'; readonly fault: Fault | undefined };

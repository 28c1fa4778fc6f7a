/** What the thread that writes history and its owner say to each other. */
import type { ProblemCode } from '../../model/problem.ts';
import type { Entry } from './entries.ts';

export interface Fault {
  readonly code: ProblemCode;
  readonly message: string;
}

export type ToWriter =
  /** `number` comes back when it is written. */
  | { readonly type: 'write'; readonly number: number; readonly entries: readonly Entry[] }
  /** Write what is left, then end. */
  | { readonly type: 'close' };

export type FromWriter =
  | { readonly type: 'opened' }
  | { readonly type: 'failed'; readonly fault: Fault }
  /** All up to this number is in the store, and outlives this process. */
  | { readonly type: 'written'; readonly number: number }
  /** Writing fails and is tried again; undefined: it works again. */
  | { readonly type: 'trouble'; readonly fault: Fault | undefined };

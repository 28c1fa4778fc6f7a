/** What the thread that answers about the past and its owner say to each other. */
import type { HistoryQueries } from '../model/history.ts';
import type { ProblemCode } from '../model/problem.ts';
import type { Config } from './config.ts';

export interface PastThreadData {
  readonly config: Config;
  /** Of the history. */
  readonly url: string;
  /** It is that of a recording. */
  readonly ended: boolean;
}

export type Question =
  | {
      readonly type: 'answer';
      readonly operation: string;
      readonly at: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'query'; readonly method: keyof HistoryQueries; readonly values: readonly unknown[] };

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

export interface Answered {
  readonly id: number;
  readonly value?: unknown;
  /** An answer in pieces of JSON text. */
  readonly pieces?: readonly string[];
  readonly problem?: { readonly code: ProblemCode; readonly message: string; readonly details: readonly string[] };
}

/**
 * Scoring: how unusual what is measured of something is, from 0 (as ever) to 1 (never seen). A scorer is given series and answers a number for each; bring one of
 * your own, a model behind HTTP or in this process, by keeping this contract. `model` says nothing of where it runs.
 */

/** What is measured of one thing: series at even distances, the earliest first, the last one now. All of one request are as long and as far apart. */
export interface Features {
  /** Stands for it in the answer. */
  readonly id: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

export interface Score {
  readonly id: string;
  /** 0..1 */
  readonly score: number;
  /** The measure that says most, where one does. */
  readonly feature?: string;
}

export interface Scorer {
  /** For answers: which one it was. */
  readonly name: string;
  /** One score for each, in any order; those left out are not known. Rejects with a Problem where none is to be had. */
  score(features: readonly Features[], stop: AbortSignal): Promise<readonly Score[]>;
}

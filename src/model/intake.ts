/**
 * What others send, as those see it who bring it in and who ask what became of it: a Delivery of records in some format, the Receipt for it, and the
 * dead letters, which are records that were turned down and may be corrected and sent again.
 */
import type { Time } from './time.ts';

/** Records as they came, in one request or message. */
export interface Delivery {
  /** Name of a format, as `IntakeFormat` has it. */
  readonly format: string;
  /** Unpacked bytes. */
  readonly body: Uint8Array;
  /** Media type of the body, lower case, without parameters; `` when nobody said. */
  readonly mediaType: string;
  /** Names in lower case. Some formats have attributes there (CloudEvents `ce-…`). */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Cluster of records that name none. */
  readonly cluster?: string | undefined;
  /** Key of the message, where the format comes from a log that has keys. */
  readonly key?: string | undefined;
}

/** One record that was turned down. */
export interface Refusal {
  /** Which of the delivery's records, from 0. */
  readonly record: number;
  readonly reason: string;
  /** Under which it is kept; absent when it is not. */
  readonly deadLetter?: string;
}

/** What became of a delivery. `taken`, `ignored` and `rejected` together are its records. */
export interface Receipt {
  /** Understood, and in the graph. */
  readonly taken: number;
  /** Understood, and of no use: what is known from the cluster itself, or what the settings leave out. */
  readonly ignored: number;
  readonly rejected: number;
  /** Of what was rejected, how often for which reason; of what was ignored likewise. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The first hundred that were rejected. */
  readonly rejections: readonly Refusal[];
}

export interface IntakeFormat {
  readonly name: string;
  readonly title: string;
}

/** A record that was turned down. Bounded and redacted, so that it may be kept and shown. */
export interface DeadLetter {
  /** Follows from the format and the payload: what is sent again and again is one letter. */
  readonly id: string;
  readonly format: string;
  /** When it came last. */
  readonly at: Time;
  /** How often it came. */
  readonly times: number;
  readonly reason: string;
  /** Cluster of records that name none, and key of the message, as they came with it. */
  readonly cluster?: string;
  readonly key?: string;
  /** The record as JSON, redacted. */
  readonly payload: string;
  /** The payload is the beginning of one that was too long to be kept; it can only be replayed with a correction. */
  readonly cut?: true;
}

/** Which letters are meant; every given field must match. */
export interface LetterChoice {
  readonly ids?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly format?: string | undefined;
}

export interface DeadLetters {
  /** Those that are kept, in no order. */
  list(): Iterable<DeadLetter>;
  /** How many were written ever since the start, by reason, and how many had to go because there were too many. */
  readonly counts: { readonly byReason: ReadonlyMap<string, number>; readonly dropped: number };
  /**
   * Sends them again: those that are taken now are letters no longer. `record` is sent in the place of the one that is meant. Rejects with a Problem:
   * `not-found` for an id that is none, `invalid-input` for a correction of several.
   */
  replay(choice: LetterChoice, record?: unknown): Promise<Receipt & { readonly letters: number }>;
  /** Forgets them, and returns how many. */
  discard(choice: LetterChoice): number;
}

export interface Intake {
  readonly formats: readonly IntakeFormat[];
  /**
   * Takes what was sent, and resolves when it is in the graph. Rejects with a Problem: `limit-reached` while there is no room (send it again later),
   * `invalid-input` for a body that is not of the format as a whole, `unsupported-type` for a media type that nobody reads, `not-found` for a format
   * that is none.
   */
  take(delivery: Delivery): Promise<Receipt>;
  /** The answer to logs in protobuf: so many were rejected, and why. */
  logsAnswer(rejected: number, reason: string): Uint8Array;
}

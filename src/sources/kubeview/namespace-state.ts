/** The words of the machine that follows one namespace: what it is told, what it remembers, what it asks for. */
import type { Change, Coverage, KubeObject } from '../../model/change.ts';
import type { GroupKind, Wanted } from '../../model/groups.ts';
import type { Time } from '../../model/time.ts';
import type { Failure } from '../kubernetes/failure.ts';
import type { RawObject } from '../raw-object.ts';
import type { KindTable } from './kinds.ts';
import type { Update } from './payload.ts';

/** What is followed, and how. The same for every step of one machine. */
export interface Subject {
  readonly cluster: string;
  readonly namespace: string;
  /** Seconds between two fetches, for messages. */
  readonly refreshSeconds: number;
  /** Fetch once and end. */
  readonly once: boolean;
  /** Makes what KubeView sent fit to leave this folder. */
  readonly prepare: (object: RawObject) => KubeObject;
}

/** What is remembered of an object, to tell what changed and what vanished. */
export interface Known extends GroupKind {
  readonly apiVersion: string;
  readonly name: string;
  version: string | undefined;
  /** The fetch in or after which it was last said to be there. */
  round: number;
  /** It was deleted; what is told of it later was said before. Forgotten after two more fetches. */
  gone: boolean;
  /** To be said again, whatever its version. */
  again: boolean;
}

/**
 * opening: the stream is asked for · fetching: it is there, and everything is being fetched · following: everything is known, or why not ·
 * pausing: the stream is lost, another is to be opened later · ended
 */
export type Phase = 'opening' | 'fetching' | 'following' | 'pausing' | 'ended';

export interface State {
  readonly phase: Phase;
  /** By `keyInNamespace`. */
  readonly known: Map<string, Known>;
  /** What has been said of each kind, by `kindKey`. */
  readonly shown: Map<string, { readonly kind: GroupKind; readonly coverage: Coverage; readonly message?: string }>;
  /** Kinds by key of the fetch's answer: those of the table, and others that an answer has told of. */
  readonly table: KindTable;
  /** Kinds, by `kindKey`, whose last list may have been cut. */
  readonly cut: ReadonlySet<string>;
  /** Counts the fetches. */
  readonly round: number;
  /** Pings of this stream since its first fetch; undefined before that. */
  readonly pings: number | undefined;
  /** The last sign of life. */
  readonly goodAt: Time | undefined;
  /** Failures in a row. */
  readonly attempt: number;
  /** There is something to be fetched: again, when the fetch that is under way is done; or soon, while following. */
  readonly again: boolean;
}

export type Input = {
  readonly at: Time;
} /** `opened`: the stream has said its first word. `due`: the time waited for has come. `nudge`: KubeView was out of reach and is back. */ & (
  | { readonly type: 'start' | 'opened' | 'due' | 'nudge' | 'vanish' }
  | { readonly type: 'refresh'; readonly wanted: Wanted }
  | {
      readonly type: 'updates';
      readonly updates: readonly Update[];
      readonly pings: number;
      /** Something was told that nobody could read. */
      readonly unreadable: boolean;
    }
  | { readonly type: 'fetched'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly type: 'unfetched' | 'lost'; readonly failure: Failure }
);

/** What to do next. `wait`: come back with `due`, after the interval of fetches, or by back-off after that many failures. */
export type Effect =
  | { readonly type: 'none' | 'open' | 'fetch' | 'end' }
  | { readonly type: 'wait'; readonly failures: number; readonly atLeastMs: number };

export interface Step {
  readonly state: State;
  readonly changes: readonly Change[];
  readonly effect: Effect;
}

/** The words of the machine that follows one kind: what it is told, what it remembers, what it asks for. */
import type { Change, Coverage, KubeObject } from '../../model/change.ts';
import type { Time } from '../../model/time.ts';
import type { RawObject } from '../raw-object.ts';
import type { ApiResource } from './api-resource.ts';
import type { Failure } from './failure.ts';

/** What is followed, and how. The same for every step of one machine. */
export interface Subject {
  readonly cluster: string;
  readonly resource: ApiResource;
  /** Only this namespace; otherwise all. */
  readonly namespace?: string;
  /** Objects a page. */
  readonly pageSize: number;
  /** First lists through the watch (KEP-3157) where the server offers it. */
  readonly streamed: boolean;
  /** List once and end. */
  readonly once: boolean;
  /** Makes what the API sent fit to leave this folder: redacted, and with its kind. */
  readonly prepare: (raw: RawObject) => KubeObject;
}

/** What is remembered of an object, to tell on a list what changed and what vanished. */
export interface Known {
  readonly name: string;
  readonly namespace: string | undefined;
  /** undefined: to be said again, whatever its version. */
  version: string | undefined;
  /** The list or watch that saw it last. */
  round: number;
}

export type Phase =
  | { readonly type: 'listing'; readonly limit: number; readonly token?: string }
  | { readonly type: 'streaming'; readonly progress: boolean }
  | { readonly type: 'watching'; readonly version: string; readonly accepted: boolean; readonly progress: boolean }
  | { readonly type: 'ended' };

export interface State {
  /** What is under way, or will be after a pause. */
  readonly phase: Phase;
  /** By uid. */
  readonly known: Map<string, Known>;
  /** Counts the lists. */
  readonly round: number;
  readonly coverage: Coverage | undefined;
  readonly message: string | undefined;
  /** The last sign of life: a page, a line, an orderly end. */
  readonly goodAt: Time | undefined;
  /** Failures in a row. */
  readonly attempt: number;
  /** The position was lost, and nothing good has come since: if it is lost again, there is no hurry. */
  readonly lostAgain: boolean;
  /** Whether lists are still to be tried through the watch. */
  readonly streamed: boolean;
  /** False once the server let us list and not watch. */
  readonly followable: boolean;
}

export type Input = { readonly at: Time } /** `nudge`: the server was out of reach and is back. */ & (
  | { readonly type: 'start' | 'wake' | 'nudge' | 'refresh' | 'vanish' }
  | {
      readonly type: 'page';
      readonly items: readonly unknown[];
      readonly version: string | undefined;
      readonly token?: string;
    }
  /** The watch is open; `quiet`: and for a moment no line came, so that the server took the resourceVersion. */
  | { readonly type: 'opened' | 'quiet' }
  | { readonly type: 'lines'; readonly lines: readonly unknown[] }
  | { readonly type: 'closed'; readonly livedMs: number }
  | { readonly type: 'failed'; readonly failure: Failure; readonly livedMs: number }
);

/** The one thing to do next; its outcome is the next input. */
export type Effect =
  | { readonly type: 'list'; readonly limit: number; readonly token?: string }
  /** Without a version: everything first, then what changes. */
  | { readonly type: 'watch'; readonly version?: string }
  | { readonly type: 'read' }
  /** Back-off of that attempt, or the long pause before looking again at what was refused; not less than the server asks for. */
  | { readonly type: 'sleep'; readonly attempt: number; readonly slow: boolean; readonly atLeastMs: number }
  | { readonly type: 'end' };

export interface Step {
  readonly state: State;
  readonly changes: readonly Change[];
  readonly effect: Effect;
}

/**
 * What a question is: an Operation. One table of them (index.ts) is projected to REST, OpenAPI, the command line and every other interface,
 * so each question is asked and answered the same way everywhere. An operation reads a View and knows no transport.
 */
import { z } from 'zod';
import type { Thresholds } from '../analysis/detectors/thresholds.ts';
import type { Estate } from '../analysis/estate.ts';
import type { Filed, IncidentState } from '../analysis/incidents.ts';
import { nearest } from '../lib/nearest.ts';
import { placeOf, plainWords } from '../lib/plain-words.ts';
import type { Rejection } from '../model/commit.ts';
import type { HistoryQueries } from '../model/history.ts';
import type { DeadLetters } from '../model/intake.ts';
import { Problem } from '../model/problem.ts';
import type { RemediationDesk } from '../model/remediation.ts';
import type { Resource } from '../model/resource.ts';
import type { Scorer } from '../model/scorer.ts';
import type { Time } from '../model/time.ts';
import type { View } from '../model/view.ts';

/** One row of the relations table, as a kind's file states it. */
export interface RelationInfo {
  readonly edge: string;
  /** Field path pattern in the declaring object. */
  readonly path: string;
  /** Target kinds as the documentation names them. */
  readonly to: string;
  readonly confidence: string;
  /** The edge runs from the target to the declaring object. */
  readonly reverse?: boolean;
  readonly via?: 'template';
  readonly note?: string;
}

/** What is known of a kind beforehand or by discovery. The kinds table fits as it is. */
export interface KindInfo {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly version?: string;
  readonly relations?: readonly RelationInfo[];
}

export interface CypherLimits {
  /** Most rows. */
  readonly limit: number;
  readonly timeoutMs: number;
}

export interface CypherAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly elapsedMs: number;
  /** Names in the query that nothing bears. */
  readonly hints?: readonly string[];
}

/** Runs a read-only Cypher query. Throws a Problem: `invalid-query` with the position, `read-only`, `timeout`. */
export type Cypher = (
  text: string,
  parameters: Readonly<Record<string, unknown>>,
  limits: CypherLimits,
) => Promise<CypherAnswer>;

/** Changes that could not be taken: how many, why, and the latest of them. */
export interface RejectionInfo {
  readonly count: number;
  readonly byReason: ReadonlyMap<string, number>;
  readonly latest: readonly Rejection[];
}

/** Answers questions about the past, elsewhere if need be. */
export interface Past {
  /** Versions as they were observed. */
  readonly history: HistoryQueries;
  /**
   * The answer of an operation about an instant, given as RFC 3339 or as how long ago (`15m`). `input` is valid. Throws a Problem: `not-found` when
   * nothing was observed until then, `invalid-input` for what is no instant.
   */
  answer(operation: string, at: string, input: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** That the view is one of the past. */
export interface AsOf {
  /** The instant asked for. */
  readonly instant: Time;
  /** Position in the history; the same position is the same graph. */
  readonly moment: number;
}

/** What is kept of a history, and how keeping it within its limits goes. */
export interface RetentionInfo {
  /** Days of which everything is kept; 0: no limit. */
  readonly days: number;
  /** Days for kinds of which less is kept, by `Kind` or `group/Kind`. */
  readonly kindDays: Readonly<Record<string, number>>;
  /** 0: no limit. */
  readonly maxBytes: number;
  /** When was looked last for what is to go, and how long that took. */
  readonly lastAt?: Time;
  readonly lastMs?: number;
  /** What has gone since the start. */
  readonly rows: number;
  readonly bytes: number;
  /** Why the last look failed. */
  readonly fault?: string;
}

/** Incidents as they are now, and the one place where people change them. */
export interface IncidentDesk {
  get(name: string): Filed | undefined;
  /** Rejects with Problem `not-found` when there is none of that name. */
  change(name: string, said: IncidentWord): Promise<Filed>;
}

/** What people say of an incident. */
export interface IncidentWord {
  readonly state: IncidentState;
  readonly by?: string;
  readonly note?: string;
}

/** Reads what containers write, now. */
export interface LogDesk {
  /** Reads the logs of pods, however well they are; resolves when what they wrote is in the graph, as far as it is kept. */
  read(pods: readonly Resource[]): Promise<void>;
}

/** What operations may use. Everything but the view is optional: a file on the command line has no feed and no cluster. */
export interface Context {
  readonly view: View;
  /** Epoch of the feed; makes revisions of different processes different. */
  readonly epoch?: string;
  /** Kinds known beforehand; the view adds those it has seen. */
  readonly kinds?: readonly KindInfo[];
  /** Relations that every kind has (owners, namespaces), or every kind without a file of its own. */
  readonly generalRelations?: readonly RelationInfo[];
  /** Clusters that are meant to be watched, whether or not anything came from them yet. */
  readonly clusters?: readonly string[];
  readonly cypher?: Cypher;
  /** Present where logs can be read. */
  readonly logs?: LogDesk | undefined;
  readonly rejections?: RejectionInfo;
  /** Present where somebody may ask for something to be done. */
  readonly remediation?: RemediationDesk | undefined;
  /** Present where an analyst is at work. */
  readonly incidents?: IncidentDesk;
  /** Present where a history is kept. */
  readonly past?: Past;
  /** Present for operations about the past. */
  readonly history?: HistoryQueries;
  /** Present where something is taken in from others. */
  readonly deadLetters?: DeadLetters;
  /** Present where a history is kept within limits. */
  readonly retention?: RetentionInfo;
  /** Present where the view is one of the past. */
  readonly asOf?: AsOf;
  /** Present where what is looked at was read as a whole: a recording, or one look at live clusters. */
  readonly estate?: Estate;
  /** From when on something is a pattern, where that is not the default. */
  readonly thresholds?: Thresholds;
  /** Scores how unusual things are; robust statistics where there is none. */
  readonly scorer?: Scorer;
  /** Most resources of an export; a server must not stand still for longer. */
  readonly exportMax?: number;
}

export interface Example<I> {
  readonly title: string;
  readonly input: I;
}

/** A question with its inputs and its answer. `route` is its place in a tree of REST paths below the API's root: `GET /resources/{resource...}`. */
export interface Operation<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  /** Unique, kebab-case. */
  readonly name: string;
  readonly title: string;
  /** Markdown. The first sentence says what it answers. */
  readonly description: string;
  /** `{name}` takes one path segment, `{name...}` the rest of the path. Other inputs are query parameters, or the body of a POST or PATCH. */
  readonly route: `${'GET' | 'POST' | 'PATCH'} /${string}`;
  /**
   * Without it an operation is about any instant, and has an input `at`; one about the past as such is given a history, and where it asks up to an
   * instant (`to`), `at` is another name of that.
   */
  readonly about?: 'present' | 'past';
  /** It changes something: those who may only ask are not offered it. */
  readonly acts?: true;
  /** It is about what only a running server has: of a recording there is no example of it. */
  readonly live?: true;
  /** Besides the view: versions as they were observed, or the estate that analysis looks at. Says where a command without a server gets them from. */
  readonly reads?: 'history' | 'estate';
  readonly input: I;
  readonly output: O;
  readonly examples: readonly Example<z.input<I>>[];
  /** Throws a Problem when there is no answer. */
  run(context: Context, input: z.output<I>): Answer<O>;
}

type Answer<O extends z.ZodType> = z.input<O> | JsonText | Promise<z.input<O> | JsonText>;

/** An answer too large to be built as one value: JSON text in pieces. Read it in one go, the view moves on. */
export class JsonText {
  readonly pieces: Iterable<string>;

  constructor(pieces: Iterable<string>) {
    this.pieces = pieces;
  }
}

const atInput = z
  .string()
  .optional()
  .describe('as it was at this instant: RFC 3339, or how long ago (`90s`, `15m`, `6h`, `2d`); default: now');

const sameAsTo = z.string().optional().describe('another name of `to`, as other questions have it');

/** Keeps the types of input and output together while an operation is written down; `run` is not told of `at`, its view is of then. */
export function operation<I extends z.ZodObject, O extends z.ZodType>(definition: Operation<I, O>): Operation<I, O> {
  const { about, input } = definition;
  const hasEnd = Object.hasOwn(input.shape, 'to');
  if (about === 'present' || (about === 'past' && !hasEnd)) return definition;
  return { ...definition, input: input.extend({ at: about === undefined ? atInput : sameAsTo }) as unknown as I };
}

/** Checks an input of unknown shape and asks the question. Throws a Problem; `details` lists every fault of the input. */
export async function perform(operation: Operation, context: Context, input: unknown): Promise<unknown> {
  const { at, ...asked } = validInput(operation, input);
  if (operation.about === 'past')
    return operation.run({ ...context, history: pastOf(context).history }, at === undefined ? asked : upTo(at, asked));
  return at === undefined ? operation.run(context, asked) : pastOf(context).answer(operation.name, String(at), asked);
}

function upTo(at: unknown, asked: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (asked['to'] === undefined) return { ...asked, to: at };
  throw new Problem('invalid-input', 'at: another name of "to" here; give one of both');
}

/** Throws `unsupported`, with how to keep a history, where there is none. */
export function pastOf({ past }: Pick<Context, 'past'>): Past {
  if (past) return past;
  throw new Problem(
    'unsupported',
    'No history is kept here, so there is no past to ask; start with "kube-kg serve --history FILE", or give a recording and --at on the command line.',
  );
}

/** The input with its defaults. Throws `invalid-input` with every fault at once; unknown names come with the nearest known one. */
export function validInput<I extends z.ZodObject>(
  { input: schema, name }: Pick<Operation<I>, 'input'> & { readonly name?: string },
  input: unknown,
): z.output<I> {
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(typeof input === 'object' && input !== null ? input : {}).filter(
    (key) => !known.includes(key),
  );
  const parsed = schema.safeParse(input, { error: plainWords });
  if (parsed.success && unknown.length === 0) return parsed.data;
  const details = [
    ...unknown.map((key) => unknownInput(key, known, name)),
    ...(parsed.error?.issues ?? [])
      .filter(({ code, path }) => code !== 'unrecognized_keys' || path.length > 0)
      .map(({ path, message }) => `${placeOf(path) || 'input'}: ${message}`),
  ];
  throw new Problem('invalid-input', details.join('; '), { details });
}

function unknownInput(key: string, known: readonly string[], question = 'this'): string {
  if (key === 'at') return `at: "${question}" is the same at every instant, or about now; ask without it`;
  const [near] = nearest(key, known);
  const hint = near === undefined ? `known are ${known.join(', ') || 'none'}` : `did you mean ${near}?`;
  return `${key}: no such parameter; ${hint}`;
}

/**
 * Answers about the past: the operations, asked of the graph of an instant. One question at a time: graphs are large, a few are kept, and one is
 * moved on to a later instant when that is nearer than building it anew.
 */
import type { Graph } from '../graph/graph.ts';
import { createSemaphore } from '../lib/semaphore.ts';
import { type HistoryQueries, SILENCE_MS } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { microseconds, type Time, timeOfMicroseconds } from '../model/time.ts';
import type { View } from '../model/view.ts';
import { operations } from '../operations/index.ts';
import { type AsOf, type Context, type Cypher, JsonText, type Operation, type Past } from '../operations/operation.ts';
import { instantBefore, noInstant } from '../operations/shared/interval.ts';
import type { HistoryReader } from '../sinks/history/reader.ts';
import { conclusionsOf, needsConclusions } from './conclusions.ts';
import { type FrameOrigin, isNear, resume } from './frames.ts';
import { advance, type RebuildOptions, rebuild } from './past.ts';
import { interrupted } from './recall.ts';

export interface PastOptions extends Omit<RebuildOptions, 'describer'>, FrameOrigin {
  readonly reader: HistoryReader;
  readonly history: HistoryQueries;
  /** What operations may use besides the view. */
  readonly context: Omit<Context, 'view'>;
  /** A Cypher store of a view, and its end. */
  readonly cypher: (view: View) => { readonly query: Cypher; close(): void };
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Nothing comes any more: how long ago something was counts from the end. */
  readonly ended?: boolean;
}

/** A graph of the past that is kept. */
interface Kept {
  readonly graph: Graph;
  readonly moment: number;
  /** It says that nobody has looked since its moment, which is the last one. */
  isSilent?: true;
  /** What follows from its happenings is in it. */
  isConcluded?: true;
  cypher?: { readonly query: Cypher; close(): void };
}

const SILENT = 'kube-kg was not running, or could not write its history';

/** Graphs kept at a time, those asked for last. */
const KEPT_MAX = 2;

export class PastAnswers implements Past {
  readonly #options: PastOptions;
  readonly #turn = createSemaphore(1);
  #kept: Kept[] = [];

  get history(): HistoryQueries {
    return this.#options.history;
  }

  constructor(options: PastOptions) {
    this.#options = options;
  }

  async answer(name: string, at: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const operation = operations.find((each) => each.name === name);
    if (operation === undefined) throw new Problem('not-found', `no operation is called ${name}`);
    const done = await this.#turn.acquire();
    try {
      return await this.#run(operation, at, input);
    } finally {
      done();
    }
  }

  /** The graph of an instant, for who asks for nothing else. Throws like `answer`. */
  async graphAt(at: string): Promise<{ readonly graph: Graph; readonly asOf: AsOf }> {
    const { kept, asOf } = await this.#keptAt(at);
    return { graph: kept.graph, asOf };
  }

  /** Ends what was begun for Cypher. */
  end(): void {
    for (const { cypher } of this.#kept) cypher?.close();
    this.#kept = [];
  }

  async #run(operation: Operation, at: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { kept, asOf } = await this.#keptAt(at);
    const { view } = kept.graph;
    if (needsConclusions(operation.name) && !kept.isConcluded) {
      kept.graph.apply(conclusionsOf(view));
      kept.isConcluded = true;
    }
    const cypher: Cypher = (text, parameters, limits) => {
      kept.cypher ??= this.#options.cypher(view);
      return kept.cypher.query(text, parameters, limits);
    };
    const answer = await operation.run(
      { ...this.#options.context, view, cypher, asOf, history: this.#options.history },
      input as never,
    );
    return answer instanceof JsonText ? new JsonText([...answer.pieces]) : answer;
  }

  async #keptAt(at: string): Promise<{ readonly kept: Kept; readonly asOf: AsOf }> {
    const { reader, now, ended } = this.#options;
    const last = await reader.last();
    const end = last ? last.at / 1_000 : 0;
    // The clock of who asks may be behind that of who observed.
    const instant = instantFrom(at, ended && last ? end : Math.max(now(), end), ended);
    const isSilent = Date.parse(instant) > end + SILENCE_MS;
    const kept = await this.#at(instant, isSilent);
    if (isSilent && !kept.isSilent) {
      kept.graph.apply(interrupted(kept.graph.view, timeOfMicroseconds(end * 1_000), SILENT));
      kept.isSilent = true;
    }
    return { kept, asOf: { instant, moment: kept.moment } };
  }

  /** The graph of an instant. Throws `not-found` when nothing was observed until then. */
  async #at(instant: Time, isSilent: boolean): Promise<Kept> {
    const { reader } = this.#options;
    const moment = await reader.momentAt(microseconds(instant));
    if (moment === undefined) throw await beforeAll(reader, instant);
    const kept = (await this.#near(reader, moment, isSilent)) ?? { graph: await this.#made(reader, moment), moment };
    this.#kept = [kept, ...this.#kept.filter((each) => each !== kept)];
    for (const each of this.#kept.slice(KEPT_MAX)) this.#drop(each);
    return kept;
  }

  /** What says that nobody looks any more is of no use where somebody did. */
  async #near(reader: HistoryReader, moment: number, isSilent: boolean): Promise<Kept | undefined> {
    const [nearest] = this.#kept
      .filter((each) => each.moment <= moment && (!each.isSilent || (isSilent && each.moment === moment)))
      .sort((a, b) => b.moment - a.moment);
    if (nearest === undefined || nearest.moment === moment) return nearest;
    if (!(await isNear(nearest.graph, reader, nearest.moment, moment))) return undefined;
    this.#drop(nearest);
    if (!(await advance(nearest.graph, reader, nearest.moment, moment))) return undefined;
    return { graph: nearest.graph, moment };
  }

  async #made(reader: HistoryReader, moment: number): Promise<Graph> {
    return (await resume(reader, moment, this.#options)) ?? (await rebuild(reader, moment, this.#options));
  }

  /** What was made of it is of no use any more. */
  #drop(kept: Kept): void {
    this.#kept = this.#kept.filter((each) => each !== kept);
    kept.cypher?.close();
  }
}

/** The last instant of which a history tells. Throws `not-found` in an empty one. */
export async function lastInstant(history: HistoryQueries): Promise<Time> {
  const known = await history.extent();
  if (known) return known.to;
  throw new Problem('not-found', 'nothing has been observed yet');
}

async function beforeAll(reader: HistoryReader, instant: Time): Promise<Problem> {
  const first = await reader.first();
  return new Problem(
    'not-found',
    first === undefined
      ? 'nothing has been observed yet'
      : `nothing was observed until ${instant}; history begins at ${timeOfMicroseconds(first)}`,
  );
}

/** `15m` → 15 minutes before now, which of a recording is its end. Throws `invalid-input` for what is no instant, and for what is to come. */
export function instantFrom(text: string, now: number, ended = false): Time {
  const instant = instantBefore(text, now);
  if (instant === undefined) throw noInstant('at', text);
  if (microseconds(instant) > (now + 1_000) * 1_000)
    throw new Problem(
      'invalid-input',
      `at: ${instant} is ${ended ? 'after the recording, which ends at' : 'still to come; now is'} ${new Date(now).toISOString()}`,
    );
  return instant;
}

/**
 * The program put together from its configuration: the pipeline with users' relations, and what operations are given: the pipeline's view,
 * the tables, and Cypher on demand. What feeds it: inputs.ts; what it offers over HTTP: server.ts.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Graph } from '../graph/graph.ts';
import { customRelations } from '../kinds/custom.ts';
import { genericRelations } from '../kinds/generic.ts';
import { kinds } from '../kinds/index.ts';
import { createLogger, type Logger, silentLogger } from '../lib/logger.ts';
import { Problem } from '../model/problem.ts';
import type { View } from '../model/view.ts';
import type { Context, Cypher } from '../operations/operation.ts';
import { instantBefore } from '../operations/shared/interval.ts';
import { openEmbedded } from '../sinks/embedded/embedded.ts';
import type { Database } from '../sinks/history/database.ts';
import { openDatabase } from '../sinks/history/open.ts';
import { Queries } from '../sinks/history/queries.ts';
import { HistoryReader } from '../sinks/history/reader.ts';
import { type Follow, follower, still } from '../sinks/policy/follow.ts';
import { conclusionsOf, Deriving } from './conclusions.ts';
import type { Config } from './config.ts';
import { originOf } from './frames.ts';
import type { ProgramHistory } from './history.ts';
import { checkRecording, type Inputs, inputsOf, type Origin, type Reading } from './inputs.ts';
import { type Rules, rulesOf } from './live-relations.ts';
import { lastInstant, PastAnswers } from './past-answers.ts';
import { PastClient } from './past-client.ts';
import { type Failure, openPipeline, type Pipeline, runAll, type Witness } from './pipeline.ts';
import { scorerOf } from './scorer.ts';

/** What a program needs of its surroundings. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends whatever runs. */
  readonly stop: AbortSignal;
}

export interface Program {
  readonly pipeline: Pipeline;
  readonly context: Context;
  /** Other relations are in force: the past is asked anew by them. */
  renewPast(): void;
  /** Ends the Cypher store and what answers about the past, if they were ever asked. */
  close(): Promise<void>;
}

export interface ProgramOptions {
  readonly rules: Rules;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log?: Logger;
  readonly history?: ProgramHistory;
  /** Sees what happens, where no history does. */
  readonly witness?: Witness;
  /** A graph that knows something already. */
  readonly graph?: Graph;
}

/** A clock that does not step back. */
const monotonic = (): number => performance.now();

/** A program without sources yet. */
export function openProgram(config: Config, { rules, now, log, history, witness, graph }: ProgramOptions): Program {
  const { windowMax, feedEntriesMax } = config.graph;
  const pipeline = openPipeline({
    describer: rules.describer,
    epoch: randomUUID().slice(0, 8),
    windowMax,
    feedEntriesMax,
    ...(graph && { graph }),
    ...(witness && { witness }),
    ...(history && { graph: history.graph, witness: history.witness }),
    log: log ?? createLogger(config.log.level),
    now,
  });
  const { view, feed, rejections } = pipeline;
  const { query, close } = cypherOf(config, view, follower(view, feed));
  const tables = {
    kinds,
    generalRelations: [...genericRelations, ...customRelations],
    thresholds: config.detectors,
    scorer: scorerOf(config, monotonic),
  };
  const past = history && new PastClient({ config, url: history.url, ended: !history.live }, history);
  return {
    pipeline,
    context: { ...tables, view, epoch: feed.epoch, rejections, cypher: query, ...(past && { past }) },
    renewPast: () => past?.renew(),
    async close() {
      close();
      await past?.end();
    },
  };
}

/** Answers about the past of a history. */
export function openPast(
  config: Config,
  {
    rules,
    now,
    database,
    tables = { kinds },
    ended = false,
  }: Pick<ProgramOptions, 'rules' | 'now'> & { database: Database; tables?: Partial<Context>; ended?: boolean },
): PastAnswers {
  return new PastAnswers({
    reader: new HistoryReader(database),
    history: new Queries(database),
    ...originOf(config, rules.describer),
    windowMax: config.graph.windowMax,
    context: { ...tables, thresholds: config.detectors, scorer: scorerOf(config, monotonic) },
    cypher: (view) => cypherOf(config, view, still(view)),
    now,
    ended,
  });
}

/** A Cypher store that is filled when it is first asked. */
function cypherOf(config: Config, view: View, follow: Follow): { readonly query: Cypher; close(): void } {
  const { idleSeconds, rowsMax, timeoutMs } = config.cypher;
  const embedded = openEmbedded({ view, follow, ...(idleSeconds > 0 && { idleMs: idleSeconds * 1000 }) });
  return {
    query: (text, parameters, limits) =>
      embedded.query(text, parameters, {
        limitRows: Math.min(limits.limit, rowsMax),
        timeoutMs: Math.min(limits.timeoutMs, timeoutMs),
      }),
    close: () => embedded.close(),
  };
}

/** A program that has read all its inputs once. */
export interface Snapshot extends Program, Pick<Inputs, 'report'> {
  /** Inputs that gave nothing or not all; what the others gave is there. */
  readonly failures: readonly Failure[];
}

/** Reads a whole recording, or every configured cluster as it is now; `concluded`: with what follows from that. Throws when there is nothing to read. */
export async function takeSnapshot(
  config: Config,
  origin: Origin,
  io: Surroundings & Reading & { readonly concluded?: boolean },
): Promise<Snapshot> {
  const { sources, rules, report } = inputsOf(config, origin, io, 'once');
  const deriving = io.concluded ? new Deriving() : undefined;
  const witness = deriving && { witness: deriving };
  const program = openProgram(config, { rules, now: io.now, log: silentLogger, ...witness });
  const failures = await runAll(program.pipeline, sources, io.stop);
  checkRecording(report, origin.file);
  if (deriving) {
    program.pipeline.take(deriving.taken());
    program.pipeline.take(conclusionsOf(program.pipeline.view));
  }
  const context = { ...program.context, ...asOfEnd(origin, report, program.pipeline) };
  return { ...program, context, failures, ...(report && { report }) };
}

/** Of a recording that is read to an instant: that its view is one of the past. */
export function asOfEnd({ at }: Origin, report: Inputs['report'], { view }: Pick<Pipeline, 'view'>): Partial<Context> {
  const instant = at === undefined ? undefined : instantBefore(at, Date.parse(report?.lastAt ?? ''));
  return instant === undefined ? {} : { asOf: { instant, moment: view.revision } };
}

/**
 * What a history knows of an instant, without one of the last that it knows. Throws `store-unreachable` when there is none, and what `PastAnswers` throws of
 * the instant.
 */
export async function pastSnapshot(
  config: Config,
  at: string | undefined,
  { now }: Pick<Surroundings, 'now'>,
): Promise<Snapshot> {
  const rules = rulesOf(config);
  await using database = await openKeptHistory(config);
  const past = openPast(config, { rules, now, database });
  const { graph, asOf } = await past.graphAt(at ?? (await lastInstant(past.history)));
  const program = openProgram(config, { rules, now, graph, log: silentLogger });
  return { ...program, context: { ...program.context, asOf }, failures: [] };
}

/** The configured history, for reading. Throws Problem `store-unreachable` when there is none. */
export async function openKeptHistory({ history: { url } }: Config): Promise<Database> {
  if (url !== undefined && (url.includes('://') || existsSync(url))) return openDatabase(url, { readOnly: true });
  throw new Problem(
    'store-unreachable',
    `There is no history at ${url ?? 'a known place'}: "kube-kg serve" keeps one; name it with --history, give a recording, or ask a running one with --server.`,
  );
}

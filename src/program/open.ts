/**
 * The program put together from its configuration: the pipeline with users' relations, and what operations are given: the pipeline's view,
 * the tables, and Cypher on demand. What feeds it: inputs.ts; what it offers over HTTP: server.ts.
 */
import { randomUUID } from 'node:crypto';
import { customRelations } from '../kinds/custom.ts';
import { genericRelations } from '../kinds/generic.ts';
import { kinds } from '../kinds/index.ts';
import { createLogger, type Logger, silentLogger } from '../lib/logger.ts';
import type { Context } from '../operations/operation.ts';
import { openEmbedded } from '../sinks/embedded/embedded.ts';
import { follower } from '../sinks/policy/follow.ts';
import type { Config } from './config.ts';
import { checkRecording, type Inputs, inputsOf, type Origin, type Reading } from './inputs.ts';
import type { Rules } from './live-relations.ts';
import { type Failure, openPipeline, type Pipeline, runAll } from './pipeline.ts';

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
  /** Ends the Cypher store, if it was ever asked. */
  close(): void;
}

/** A program without sources yet. `clusters` are those that are meant to be watched, whether or not anything came from them. */
export function openProgram(
  config: Config,
  { describer }: Rules,
  now: () => number,
  clusters: readonly string[] = [],
  log: Logger = createLogger(config.log.level),
): Program {
  const { windowMax, feedEntriesMax } = config.graph;
  const pipeline = openPipeline({
    describer,
    epoch: randomUUID().slice(0, 8),
    windowMax,
    feedEntriesMax,
    log,
    now,
  });
  const { view, feed, rejections } = pipeline;
  const { idleSeconds, rowsMax, timeoutMs } = config.cypher;
  const embedded = openEmbedded({
    view,
    follow: follower(view, feed),
    ...(idleSeconds > 0 && { idleMs: idleSeconds * 1000 }),
  });
  const context: Context = {
    view,
    epoch: feed.epoch,
    kinds,
    generalRelations: [...genericRelations, ...customRelations],
    clusters,
    rejections,
    cypher: (text, parameters, limits) =>
      embedded.query(text, parameters, {
        limitRows: Math.min(limits.limit, rowsMax),
        timeoutMs: Math.min(limits.timeoutMs, timeoutMs),
      }),
  };
  return { pipeline, context, close: () => embedded.close() };
}

/** A program that has read all its inputs once. */
export interface Snapshot extends Program, Pick<Inputs, 'report'> {
  /** Inputs that gave nothing or not all; what the others gave is there. */
  readonly failures: readonly Failure[];
}

/** Reads a whole recording, or every configured cluster as it is now. Throws when there is nothing to read. */
export async function takeSnapshot(config: Config, origin: Origin, io: Surroundings & Reading): Promise<Snapshot> {
  const { sources, rules, report } = inputsOf(config, origin, io, 'once');
  const program = openProgram(config, rules, io.now, [], silentLogger);
  const failures = await runAll(program.pipeline, sources, io.stop);
  checkRecording(report, origin.file);
  return { ...program, failures, ...(report && { report }) };
}

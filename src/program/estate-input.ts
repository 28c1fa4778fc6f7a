/** An estate to explain without a server: a recording read as a whole, or one look at live clusters. */
import { Chronicle } from '../analysis/chronicle.ts';
import type { Estate } from '../analysis/estate.ts';
import { kinds } from '../kinds/index.ts';
import { silentLogger } from '../lib/logger.ts';
import type { Context } from '../operations/operation.ts';
import type { Config } from './config.ts';
import { checkRecording, type Inputs, inputsOf, type Origin, type Reading } from './inputs.ts';
import type { Surroundings } from './open.ts';
import { type Failure, openPipeline, type Pipeline, runAll } from './pipeline.ts';

export interface ReadEstate extends Pick<Inputs, 'report'> {
  readonly estate: Estate;
  readonly pipeline: Pipeline;
  /** For what a question names. */
  readonly context: Context;
  readonly failures: readonly Failure[];
}

/** Reads live clusters with the logs of pods that look unwell. Throws what reading throws. */
export async function readEstate(config: Config, origin: Origin, io: Surroundings & Reading): Promise<ReadEstate> {
  const { sources, rules, report } = inputsOf(config, origin, { ...io, logs: true }, 'once');
  const chronicle = new Chronicle();
  const pipeline = openPipeline({
    describer: rules.describer,
    epoch: 'estate',
    windowMax: config.graph.windowMax,
    log: silentLogger,
    now: io.now,
    witness: { see: (commit, view) => chronicle.take(commit, view), room: () => undefined },
  });
  const failures = await runAll(pipeline, sources, io.stop);
  checkRecording(report, origin.file);
  const { view } = pipeline;
  return { estate: chronicle.estate(view), pipeline, context: { view, kinds }, failures, ...(report && { report }) };
}

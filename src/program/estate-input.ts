/** An estate to explain without a server: a recording read as a whole, or one look at live clusters. */
import { Chronicle } from '../analysis/chronicle.ts';
import type { Estate } from '../analysis/estate.ts';
import { silentLogger } from '../lib/logger.ts';
import type { Config } from './config.ts';
import { checkRecording, type Inputs, inputsOf, type Origin, type Reading } from './inputs.ts';
import type { Surroundings } from './open.ts';
import { type Failure, openPipeline, type Pipeline, runAll } from './pipeline.ts';

export interface ReadEstate extends Pick<Inputs, 'report'> {
  readonly estate: Estate;
  readonly pipeline: Pipeline;
  readonly failures: readonly Failure[];
}

/** Throws what reading throws. */
export async function readEstate(config: Config, origin: Origin, io: Surroundings & Reading): Promise<ReadEstate> {
  const { sources, rules, report } = inputsOf(config, origin, io, 'once');
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
  return { estate: chronicle.estate(pipeline.view), pipeline, failures, ...(report && { report }) };
}

/** Recordings as estates, at their end or at instants on the way. */
import { Chronicle } from '../../../src/analysis/chronicle.ts';
import type { Estate } from '../../../src/analysis/estate.ts';
import { describer } from '../../../src/kinds/index.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { Change } from '../../../src/model/change.ts';
import { openPipeline, type Pipeline } from '../../../src/program/pipeline.ts';

/** What is known when all of it has been seen. */
export function estateOf(changes: readonly Change[]): Estate {
  const { pipeline, estate } = opened();
  pipeline.take(changes);
  return estate();
}

/** What is known every so many milliseconds of a recording, and at its end. */
export function* estatesOf(changes: readonly Change[], everyMs: number): Iterable<Estate> {
  const { pipeline, estate } = opened();
  let next = Date.parse(changes[0]?.at ?? '') + everyMs;
  let batch: Change[] = [];
  for (const change of changes) {
    if (Date.parse(change.at) >= next) {
      pipeline.take(batch);
      batch = [];
      yield estate();
      while (Date.parse(change.at) >= next) next += everyMs;
    }
    batch.push(change);
  }
  pipeline.take(batch);
  yield estate();
}

function opened(): { readonly pipeline: Pipeline; readonly estate: () => Estate } {
  const chronicle = new Chronicle();
  const pipeline = openPipeline({
    describer,
    epoch: 'eval',
    log: silentLogger,
    now: () => 0,
    witness: { see: (commit, view) => chronicle.take(commit, view), room: () => undefined },
  });
  return { pipeline, estate: () => chronicle.estate(pipeline.view) };
}

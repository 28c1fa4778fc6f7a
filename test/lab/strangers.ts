/**
 * Recordings of applications that nobody here had in mind: written by people who had not seen the program, from the sources and the issue trackers of
 * those applications. Not made on a cluster, and labelled by who wrote them. Scored by what can be seen: objects once, objects as they change, logs, alerts, traces.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chronicle } from '../../src/analysis/chronicle.ts';
import { describer } from '../../src/kinds/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openPipeline } from '../../src/program/pipeline.ts';
import { emptyReport, recordingSource } from '../../src/sources/recording.ts';
import { explained, type Score, scored } from './eval/answers.ts';
import type { Entity } from './fault.ts';

const FOLDER = join(import.meta.dirname, 'strangers');

export interface Stranger {
  readonly id: string;
  /** What is seen: `logs-only`, `alerts+objects`, `one-look`. */
  readonly view: string;
  /** Absent: nothing is wrong. */
  readonly root?: Entity;
  /** Roots that are as good. */
  readonly also: readonly Entity[];
  readonly why: string;
}

export function readStrangers(): readonly Stranger[] {
  return JSON.parse(readFileSync(join(FOLDER, 'labels.json'), 'utf8'));
}

/** How well one is explained. */
export async function scoreOf({ id, root, also }: Stranger): Promise<Score> {
  const chronicle = new Chronicle();
  const pipeline = openPipeline({
    describer,
    epoch: 'eval',
    log: silentLogger,
    now: () => 0,
    witness: { see: (commit, seen) => chronicle.take(commit, seen), room: () => undefined },
  });
  const source = recordingSource(
    { paths: [join(FOLDER, `${id}.jsonl.zst`)], redact: (change) => change },
    emptyReport(),
  );
  await pipeline.run(source, new AbortController().signal);
  const label = { id, split: 'held-back', family: 'negative', reasons: [], symptoms: [], also } as const;
  return scored(root === undefined ? label : { ...label, root }, explained(chronicle.estate(pipeline.view)));
}

/** A command's graph, read once from a recording or from live clusters, and what is said of it on standard error. */

import { type Snapshot, takeSnapshot } from '../../program/open.ts';
import type { Pipeline } from '../../program/pipeline.ts';
import type { RecordingReport } from '../../sources/recording.ts';
import { exitCodes, type Io } from './io.ts';
import { configFrom, type SharedOptions } from './options.ts';

/** The argument of commands that take a recording. */
export const fileArgument = [
  '[file...]',
  'recording (.jsonl, .jsonl.gz, .jsonl.zst), its parts, a folder or a pattern of them, or - for standard input; without it: the live clusters',
] as const;

/** Reads the whole input; `concluded`: with what follows from it. Throws when there is nothing to show. */
export function snapshotOf(
  file: string | readonly string[] | undefined,
  options: SharedOptions,
  io: Io,
  { concluded = false } = {},
): Promise<Snapshot> {
  const origin = { file: file?.length === 0 ? undefined : file, at: options.at };
  return takeSnapshot(configFrom(options, io), origin, { ...io, concluded });
}

/** Says what could not be read, and returns the exit code that follows from it. */
export function reportFaults(
  snapshot: Pick<Snapshot, 'report' | 'pipeline' | 'failures'>,
  options: SharedOptions,
  io: Io,
): number {
  const { report, pipeline, failures } = snapshot;
  for (const line of [...recordingFaults(report), ...rejections(pipeline)]) io.stderr.write(`warning: ${line}\n`);
  for (const { source, problem } of failures) io.stderr.write(`error: ${source}: ${problem.message}\n`);
  return exitCodeFor(snapshot, options);
}

/** The exit code that follows from what could not be read. */
export function exitCodeFor(
  { report, pipeline, failures }: Pick<Snapshot, 'report' | 'pipeline' | 'failures'>,
  options: Pick<SharedOptions, 'strict'>,
): number {
  const faulty = (report?.badLines ?? 0) + pipeline.rejections.count > 0;
  const codes = failures.map(({ problem }) => problem.exit);
  return Math.max(exitCodes.done, options.strict && faulty ? exitCodes.usage : exitCodes.done, ...codes);
}

/** What is wrong with a recording, a line each. */
export function* recordingFaults(report: RecordingReport | undefined): Iterable<string> {
  if (report === undefined) return;
  const { bad, badLines, stepsBack, ignoredTypes, changes, lines, notes } = report;
  yield* notes;
  for (const { line, reason } of bad) yield `line ${line}: ${reason}`;
  if (badLines > bad.length) yield `… and ${badLines - bad.length} more bad lines`;
  if (stepsBack > 0) yield `${stepsBack} line(s) step back in time; used in the order of the file`;
  for (const [type, count] of ignoredTypes) yield `${count} line(s) of unknown type "${type}" ignored`;
  if (lines === 0) yield 'the recording is empty; make one with "kube-kg record"';
  else if (changes === 0 && badLines === 0 && notes.length === 0)
    yield 'the recording says nothing of the time asked for';
}

function* rejections({ rejections: { byReason } }: Pipeline): Iterable<string> {
  for (const [reason, count] of byReason) yield `${count} object(s): ${reason}`;
}

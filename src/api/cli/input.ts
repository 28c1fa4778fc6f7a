/** A command's graph, read once from a recording or from live clusters, and what is said of it on standard error. */

import { type Look, look } from '../../program/open.ts';
import type { Pipeline } from '../../program/pipeline.ts';
import type { RecordingReport } from '../../sources/recording.ts';
import { exitCodes, type Io } from './io.ts';
import { configFrom, type SharedOptions } from './options.ts';

/** The argument of commands that take a recording. */
export const fileArgument = [
  '[file...]',
  'recording (.jsonl, .jsonl.gz, .jsonl.zst), its parts, a folder or a pattern of them, or - for standard input; without it: the live clusters',
] as const;

/** Reads the whole input. Throws when there is nothing to show. */
export function lookAt(file: string | readonly string[] | undefined, options: SharedOptions, io: Io): Promise<Look> {
  return look(
    configFrom(options, io),
    { file: file?.length === 0 ? undefined : file, at: options.at, stdin: io.stdin },
    io,
  );
}

/** Says what could not be read, and returns the exit code that follows from it. */
export function reportFaults(
  { report, pipeline, failures }: Pick<Look, 'report' | 'pipeline' | 'failures'>,
  { strict }: SharedOptions,
  io: Io,
): number {
  const lines = [...recordingFaults(report), ...rejections(pipeline)].map((line) => `warning: ${line}\n`);
  for (const { source, problem } of failures) lines.push(`error: ${source}: ${problem.message}\n`);
  if (lines.length > 0) io.stderr.write(lines.join(''));
  const faulty = (report?.badLines ?? 0) + pipeline.rejections.count > 0;
  const codes = failures.map(({ problem }) => problem.exit);
  return Math.max(exitCodes.done, strict && faulty ? exitCodes.usage : exitCodes.done, ...codes);
}

function* recordingFaults(report: RecordingReport | undefined): Iterable<string> {
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

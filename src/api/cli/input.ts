/** Where a command's graph comes from: a recording, or one look at a live cluster. Shared by `graph`, `query`, `export` and the questions. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { type Config, load } from '../../config.ts';
import { describerWith } from '../../kinds/index.ts';
import { createLogger } from '../../lib/logger.ts';
import { Problem } from '../../model/problem.ts';
import { timeFrom } from '../../model/time.ts';
import { openPipeline, type Pipeline } from '../../pipeline.ts';
import { readRelations } from '../../relations-file.ts';
import { kubernetesSnapshots } from '../../sources/kubernetes/clusters.ts';
import { emptyReport, type RecordingReport, recordingSource } from '../../sources/recording.ts';
import { redactor } from '../../sources/redact.ts';
import type { Io } from './io.ts';

export interface InputOptions {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string[];
  readonly at?: string;
  readonly strict?: boolean;
}

export interface Input {
  readonly pipeline: Pipeline;
  readonly config: Config;
  /** Present when the graph came from a recording. */
  readonly report?: RecordingReport;
}

/** Adds the options that say where the graph comes from. */
export function withInput(command: Command): Command {
  return command
    .argument(
      '[file]',
      'recording (.jsonl, .jsonl.gz, .jsonl.zst) or - for standard input; without it: one look at a live cluster',
    )
    .option('--at <time>', 'the graph at this instant (RFC 3339); recordings only')
    .option('--strict', 'exit with 2 when a line of the recording is bad')
    .option('--kubeconfig <file>', 'kubeconfig of the live cluster')
    .option('--context <name...>', 'kubeconfig context(s)')
    .option('--config <file>', 'configuration file');
}

/** Configuration with the command line's options over it. */
export function configFrom(options: InputOptions, io: Io, overrides: Readonly<Record<string, unknown>> = {}): Config {
  return load({
    file: options.config,
    environment: io.environment,
    overrides: { 'kubernetes.kubeconfig': options.kubeconfig, 'kubernetes.contexts': options.context, ...overrides },
  });
}

/** Key of the redaction fingerprints: configured, or random for this process. */
export function redactionKey(config: Config): string {
  return config.redaction.key ?? randomBytes(32).toString('hex');
}

/** A pipeline configured, with users' relations, without sources yet. */
export function pipelineFrom(config: Config, io: Io): Pipeline {
  const { relations } = config.graph;
  return openPipeline({
    describer: describerWith(relations === undefined ? undefined : readRelations(relations)),
    epoch: randomUUID().slice(0, 8),
    windowMax: config.graph.windowMax,
    feedEntriesMax: config.graph.feedEntriesMax,
    log: createLogger(config.log.level),
    now: io.now,
  });
}

/** Reads the whole input and returns the graph. */
export async function openInput(file: string | undefined, options: InputOptions, io: Io): Promise<Input> {
  const config = configFrom(options, io);
  const pipeline = pipelineFrom(config, io);
  if (file === undefined) {
    if (options.at !== undefined) throw new Problem('invalid-input', '--at needs a recording: give a FILE.');
    for (const source of kubernetesSnapshots(config.kubernetes, redactionKey(config)))
      await pipeline.run(source, io.stop);
    return { pipeline, config };
  }
  const report = emptyReport();
  const until = options.at === undefined ? undefined : timeFrom(options.at);
  if (options.at !== undefined && until === undefined) {
    throw new Problem('invalid-input', `--at ${options.at} is not an RFC 3339 time; write it as 2026-11-20T10:00:00Z.`);
  }
  const source = recordingSource(
    { path: file, stdin: io.stdin, redact: redactor(redactionKey(config)), ...(until !== undefined && { until }) },
    report,
  );
  await pipeline.run(source, io.stop);
  return { pipeline, config, report };
}

/** Says on standard error what of a recording could not be used. True when something could not. */
export function reportFaults({ report, pipeline }: Input, io: Io): boolean {
  const lines: string[] = [];
  for (const { line, reason } of report?.bad ?? []) lines.push(`line ${line}: ${reason}`);
  const more = (report?.badLines ?? 0) - (report?.bad.length ?? 0);
  if (more > 0) lines.push(`… and ${more} more bad lines`);
  if (report && report.stepsBack > 0)
    lines.push(`${report.stepsBack} line(s) step back in time; used in the order of the file`);
  for (const [type, count] of report?.ignoredTypes ?? [])
    lines.push(`${count} line(s) of unknown type "${type}" ignored`);
  for (const [reason, count] of pipeline.rejections.byReason) lines.push(`${count} object(s): ${reason}`);
  if (lines.length > 0) io.stderr.write(`${lines.map((line) => `warning: ${line}`).join('\n')}\n`);
  return (report?.badLines ?? 0) > 0 || pipeline.rejections.count > 0;
}

/** `kube-kg record`: a live cluster → a recording file, with progress, rotation and limits. */
import type { Command } from 'commander';
import { bytesText } from '../../lib/quantity.ts';
import { abortAfter } from '../../lib/timer.ts';
import type { Change } from '../../model/change.ts';
import { Problem, problemFrom } from '../../model/problem.ts';
import type { Source } from '../../model/source.ts';
import { redactionFrom } from '../../program/inputs.ts';
import { rulesOf } from '../../program/live-relations.ts';
import { logOptionsOf } from '../../program/logs.ts';
import { program as self } from '../../program/version.ts';
import { kubernetesSources } from '../../sources/kubernetes/clusters.ts';
import { Recorder } from '../../sources/recorder.ts';
import { exitCodes, type Io } from './io.ts';
import { configFrom, type SharedOptions, withConfig } from './options.ts';
import { bytesFrom, durationFrom } from './units.ts';

interface RecordOptions extends SharedOptions {
  readonly duration?: string;
  readonly rotate?: string;
  readonly maxSize?: string;
  readonly force?: boolean;
}

export function recordCommand(program: Command, io: Io, done: (code: number) => void): void {
  withConfig(program.command('record'))
    .description('record what a live cluster does into a file')
    .argument('<file>', 'file to write: .jsonl, .jsonl.gz or .jsonl.zst')
    .option('--duration <time>', 'stop after this long, for example 90s, 15m, 2h; default: until interrupted')
    .option('--rotate <size>', 'begin a new file after so much JSON, for example 500MB')
    .option('--max-size <size>', 'stop after so much JSON', '10GB')
    .option('--force', 'overwrite a recording of that name, with all its parts')
    .addHelpText(
      'after',
      '\nExamples:\n  kube-kg record incident.jsonl.gz --duration 15m\n  kube-kg record --context prod --rotate 1GB estate.jsonl.zst',
    )
    .action(async (file: string, options: RecordOptions) => {
      await record(file, options, io);
      done(exitCodes.done);
    });
}

async function record(file: string, options: RecordOptions, io: Io): Promise<void> {
  const config = configFrom(options, io);
  const ms = options.duration === undefined ? undefined : durationFrom(options.duration, '--duration');
  const { describer } = rulesOf(config);
  const redaction = redactionFrom(config, { describer });
  const warn = (message: string): unknown => io.stderr.write(`warning: ${message}\n`);
  const sources = kubernetesSources(config.kubernetes, {
    redact: redaction.object,
    environment: io.environment,
    logs: logOptionsOf(config, { describer, redaction, warn }),
  });
  const recorder = new Recorder({
    path: file,
    cluster: sources[0]?.cluster ?? 'default',
    startedAt: new Date(io.now()).toISOString(),
    producer: self.producer,
    overwrite: options.force === true,
    ...(options.rotate !== undefined && { rotateBytes: bytesFrom(options.rotate, '--rotate') }),
    ...(options.maxSize !== undefined && { bytesMax: bytesFrom(options.maxSize, '--max-size') }),
  });
  const coverage: CoverageByScope = new Map();
  const enough = new AbortController();
  const stop = AbortSignal.any([io.stop, enough.signal, ...(ms === undefined ? [] : [abortAfter(ms)])]);
  await recorder.open();
  const ticker = progress(recorder, io);
  try {
    let turn = Promise.resolve();
    const write = (changes: readonly Change[]): Promise<void> => {
      for (const change of changes) if (change.type === 'observe') note(coverage, change);
      turn = turn.then(() => recorder.write(changes)).then(() => (recorder.full ? enough.abort() : undefined));
      return turn;
    };
    await Promise.all(sources.map((source) => copy(told(source, stop, io), write)));
  } finally {
    // Also when writing fails: the other clusters' connections would keep the process.
    enough.abort();
    ticker();
    await recorder.close();
  }
  const { lines, bytes, paths } = recorder;
  io.stderr.write(
    `recorded ${lines} changes, ${bytesText(bytes)} of JSON, into ${paths.join(', ')}${recorder.full ? ' (size limit reached)' : ''}\n`,
  );
  reportCoverage(coverage, io);
}

const LACKING_SHOWN_MAX = 10;

type CoverageByScope = Map<string, Extract<Change, { type: 'observe' }>>;

function note(coverage: CoverageByScope, change: Extract<Change, { type: 'observe' }>): void {
  const { group, kind, namespace = '' } = change.scope;
  coverage.set(`${change.cluster} ${kind}.${group} ${namespace}`, change);
}

/** Says what the recording lacks. Throws when nothing at all was observed. */
function reportCoverage(coverage: CoverageByScope, io: Io): void {
  const scopes = [...coverage.values()];
  const lacking = scopes.filter((scope) => scope.coverage !== 'ready' && scope.coverage !== 'excluded');
  for (const { cluster, scope, coverage: state, message } of lacking.slice(0, LACKING_SHOWN_MAX)) {
    io.stderr.write(`warning: ${cluster}: ${scope.kind} ${state}${message ? `: ${message}` : ''}\n`);
  }
  if (lacking.length > LACKING_SHOWN_MAX)
    io.stderr.write(`warning: … and ${lacking.length - LACKING_SHOWN_MAX} more kinds\n`);
  if (scopes.some((scope) => scope.coverage === 'ready') || scopes.length === 0) return;
  throw new Problem('cluster-unreachable', 'Nothing could be observed; "kube-kg doctor" says why.');
}

/** A source whose failure is told, and is not that of the others. */
async function* told(source: Source, stop: AbortSignal, io: Io): AsyncIterable<readonly Change[]> {
  try {
    yield* source.changes(stop);
  } catch (error) {
    io.stderr.write(`warning: ${source.name}: ${problemFrom(error).message}\n`);
  }
}

/** Copies one cluster's changes; writes of several clusters take turns, so that lines stay whole and files rotate once. */
async function copy(
  batches: AsyncIterable<readonly Change[]>,
  write: (changes: readonly Change[]) => Promise<void>,
): Promise<void> {
  for await (const batch of batches) await write(batch);
}

/** Shows how far recording is, on a terminal. The returned function ends it. */
function progress(recorder: Recorder, io: Io): () => void {
  if (!io.terminal.stderr) return () => undefined;
  const timer = setInterval(() => io.stderr.write(`\r${recorder.lines} changes, ${bytesText(recorder.bytes)}   `), 500);
  return () => {
    clearInterval(timer);
    io.stderr.write('\r');
  };
}

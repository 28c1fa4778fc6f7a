/** `kube-kg serve`: follows clusters (or holds a recording) and answers over HTTP until it is stopped. */
import type { Command } from 'commander';
import { createLogger } from '../../lib/logger.ts';
import { Problem } from '../../model/problem.ts';
import type { Config } from '../../program/config.ts';
import { keyBeside, standardHistory } from '../../program/history-files.ts';
import { checkRecording, inputsOf } from '../../program/inputs.ts';
import { type PassingHistory, passingHistory } from '../../program/passing-history.ts';
import { startServer } from '../../program/server.ts';
import { apart } from './apart.ts';
import { exitCodeFor, recordingFaults } from './input.ts';
import { exitCodes, type Io } from './io.ts';
import { configFrom, numberFrom, type SharedOptions, withConfig, withRecording } from './options.ts';

interface ServeOptions extends SharedOptions {
  readonly host?: string;
  readonly port?: string;
  readonly insecure?: boolean;
  /** False: none is to be kept. */
  readonly history?: string | boolean;
}

export function serveCommand(program: Command, io: Io, done: (code: number) => void): void {
  const command = program.command('serve').argument('[file]', 'recording to serve instead of live clusters');
  apart(withConfig(withRecording(command, 'recording')), { 'a history': ['--history'], 'no history': ['--no-history'] })
    .description('follow clusters, or hold a recording, and answer over HTTP')
    .option('--host <address>', 'address to listen on; others than loopback need a token (KG_SERVER_TOKEN)')
    .option('--port <port>', 'TCP port; 0 takes a free one')
    .option('--insecure', 'listen on other addresses without a token')
    .option(
      '--history <file>',
      'where to keep what is seen; default: ~/.local/state/kube-kg/history.db, for a recording a file that goes when it ends',
    )
    .option('--no-history', 'leave out keeping a history')
    .addHelpText(
      'after',
      '\nExamples:\n  kube-kg serve\n  kube-kg serve --context prod --context staging --port 9000\n  kube-kg serve demo/shop.jsonl.gz',
    )
    .action(async (file: string | undefined, options: ServeOptions) => {
      await serve(file, options, io);
      done(exitCodes.done);
    });
}

async function serve(file: string | undefined, options: ServeOptions, io: Io): Promise<void> {
  const given = configFrom(options, io, {
    'server.host': options.host,
    'server.port': numberFrom(options.port, '--port', 0, 65_535),
    'server.insecure': options.insecure,
    'history.url': options.history || undefined,
    'history.enabled': options.history === false ? false : undefined,
  });
  const { enabled, url: place } = given.history;
  using passing = enabled && place === undefined && file !== undefined ? await passingHistory() : undefined;
  const config = enabled ? keeping(given, passing, io) : given;
  const log = createLogger(config.log.level);
  const inputs = inputsOf(config, { file, at: options.at }, io, 'follow');
  const { sources, report } = inputs;
  const { url, pipeline, ended, close } = await startServer(config, inputs, io);
  io.stderr.write(
    `kube-kg serves ${sources.map(({ name }) => name).join(', ')} at ${url} (documentation: ${url}/api/docs)\n`,
  );
  try {
    const failures = await Promise.race([ended, stopped(io.stop)]);
    if (!report || !failures) return;
    checkRecording(report, file);
    const faults = [...recordingFaults(report)];
    if (exitCodeFor({ pipeline, report, failures }, options) !== exitCodes.done)
      throw new Problem('bad-recording', `${file} is not whole; without --strict the rest of it is served.`, {
        details: faults,
      });
    for (const fault of faults) log.warn({ file }, fault);
    await stopped(io.stop);
  } finally {
    await close();
  }
}

/** With the history where it passes, where the user says, or in the standard place, and with the key that lasts as long as it does. */
function keeping(config: Config, passing: PassingHistory | undefined, { environment }: Io): Config {
  const { history, redaction } = config;
  if (passing) return { ...config, history: { ...history, url: passing.url } };
  const standard = standardHistory(environment);
  const url = history.url ?? standard;
  // A database elsewhere has no place beside it.
  const key = redaction.key ?? keyBeside(url.includes('://') ? standard : url);
  return { ...config, history: { ...history, url }, redaction: { ...redaction, key } };
}

/** Resolves when the process is asked to stop. */
export function stopped(stop: AbortSignal): Promise<void> {
  return stop.aborted
    ? Promise.resolve()
    : new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}

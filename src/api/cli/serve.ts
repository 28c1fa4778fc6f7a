/** `kube-kg serve`: follows clusters (or holds a recording) and answers over HTTP until it is stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createLogger } from '../../lib/logger.ts';
import { Problem } from '../../model/problem.ts';
import { keyBeside, standardHistory } from '../../program/history-files.ts';
import { checkRecording, inputsOf } from '../../program/inputs.ts';
import { startServer } from '../../program/server.ts';
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
  withConfig(withRecording(program.command('serve').argument('[file]', 'recording to serve instead of live clusters')))
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
  using history = historyOf(file, options, io);
  const config = configFrom(options, io, {
    'server.host': options.host,
    'server.port': numberFrom(options.port, '--port', 0, 65_535),
    'server.insecure': options.insecure,
    ...history.settings,
  });
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

interface HistoryChoice extends Disposable {
  /** Settings that follow from it. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Where history is kept: where the user says, else in the standard place, for a recording in a folder that goes afterwards. */
function historyOf(file: string | undefined, options: ServeOptions, io: Io): HistoryChoice {
  const nothing = (): void => undefined;
  if (options.history === false) return { settings: { 'history.enabled': false }, [Symbol.dispose]: nothing };
  const given = typeof options.history === 'string' ? options.history : undefined;
  const { history, redaction } = configFrom(options, io, { 'history.url': given });
  if (file !== undefined && history.url === undefined) {
    return history.enabled ? passingHistory() : { settings: {}, [Symbol.dispose]: nothing };
  }
  const url = history.url ?? standardHistory(io.environment);
  // A database elsewhere has no place beside it.
  const place = url.includes('://') ? standardHistory(io.environment) : url;
  const key = redaction.key ?? (history.enabled ? keyBeside(place) : undefined);
  return { settings: { 'history.url': url, ...(key && { 'redaction.key': key }) }, [Symbol.dispose]: nothing };
}

/** A history that goes when it is disposed of. */
export function passingHistory(): HistoryChoice {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-'));
  const settings = { 'history.url': join(folder, 'history.db') };
  return { settings, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Resolves when the process is asked to stop. */
export function stopped(stop: AbortSignal): Promise<void> {
  return stop.aborted
    ? Promise.resolve()
    : new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}

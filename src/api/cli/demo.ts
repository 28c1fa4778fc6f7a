/** `kube-kg demo`: replays the recording of an incident that ships with the program, serves it, and says what to try. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Problem } from '../../model/problem.ts';
import { inputsOf } from '../../program/inputs.ts';
import { passingHistory } from '../../program/passing-history.ts';
import { startServer } from '../../program/server.ts';
import { replayed } from '../../sources/replay.ts';
import { exitCodes, type Io, pageOf, print } from './io.ts';
import { configFrom, numberFrom, type SharedOptions } from './options.ts';
import { stopped } from './serve.ts';
import { storyOf } from './story.ts';
import { suggestionLines } from './suggestions.ts';
import { estateSummary } from './summary.ts';

interface DemoOptions extends Pick<SharedOptions, 'config'> {
  readonly port?: string;
  readonly speed?: string;
  readonly once?: boolean;
}

const RECORDING = fileURLToPath(new URL('../../../demo/shop.jsonl.gz', import.meta.url));

export function demoCommand(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('demo')
    .description('replay a recorded incident in a shop, serve it, and say what to try')
    .option('--port <port>', 'TCP port; 0 takes a free one')
    .option('--speed <factor>', 'times faster than it happened', '15')
    .option('--once', 'end after the replay instead of serving on')
    .option('--config <file>', 'configuration file')
    .addHelpText('after', '\nExamples:\n  kube-kg demo\n  kube-kg demo --port 9000 --speed 5')
    .action(async (options: DemoOptions) => {
      await demo(options, io);
      done(exitCodes.done);
    });
}

async function demo(options: DemoOptions, io: Io): Promise<void> {
  const speed = Number(options.speed);
  if (!(speed > 0)) throw new Problem('invalid-input', `--speed ${options.speed}: give a number above 0.`);
  if (!existsSync(RECORDING))
    throw new Problem('bad-recording', `The demo's recording is missing at ${RECORDING}; install the package anew.`);
  using history = await passingHistory();
  const config = configFrom(options, io, {
    'history.url': history.url,
    'server.port': numberFrom(options.port, '--port', 0, 65_535),
    'log.level': 'warn',
    // It is a recording, of another time.
    'intake.enabled': false,
  });
  const { sources, rules } = inputsOf(config, { file: RECORDING }, io, 'once');
  const replays = sources.map((recording) => replayed(recording, { speed, waitMsMax: 2_000, sleep }));
  const served = await startServer(config, { sources: replays, rules }, io);
  const { view, feed } = served.pipeline;
  const story = storyOf(view, pageOf(io, 'stderr'));
  try {
    io.stderr.write(
      `kube-kg demo at ${served.url} — an incident in a shop, ${speed} times faster than it happened\n\n`,
    );
    feed.subscribe((commit) => {
      for (const line of story.tell(commit)) io.stderr.write(line);
    });
    await served.ended;
    io.stderr.write('\n');
    const page = pageOf(io, 'stdout');
    await print(io.stdout, estateSummary({ view }, page));
    await print(
      io.stdout,
      suggestionLines({ url: served.url, recording: RECORDING, before: story.firstLoss }, page.paint),
    );
    if (!options.once) await stopped(io.stop);
  } finally {
    await served.close();
  }
}

async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch(() => undefined);
}

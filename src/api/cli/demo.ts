/** `kube-kg demo`: replays the recording of an incident that ships with the program, serves it, and says what to try. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Problem } from '../../model/problem.ts';
import { emptyReport, recordingSource } from '../../sources/recording.ts';
import { redactor } from '../../sources/redact.ts';
import { replayed } from '../../sources/replay.ts';
import { configFrom, type InputOptions, redactionKey } from './input.ts';
import { exitCodes, type Io, painter, print } from './io.ts';
import { stopped } from './serve.ts';
import { type Served, startServer } from './server.ts';
import { estateSummary } from './summary.ts';

interface DemoOptions extends InputOptions {
  readonly port?: string;
  readonly speed?: string;
  readonly once?: boolean;
}

const RECORDING = fileURLToPath(new URL('../../../demo/shop.jsonl.gz', import.meta.url));

export function demoCommand(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('demo')
    .description('replay a recorded incident in a shop, serve it on loopback, and say what to try')
    .option('--port <port>', 'TCP port; 0 takes a free one')
    .option('--speed <factor>', 'times faster than it happened', '30')
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
  const config = configFrom(options, io, {
    'server.port': options.port === undefined ? undefined : Number(options.port),
    'log.level': 'warn',
  });
  const recording = recordingSource({ path: RECORDING, redact: redactor(redactionKey(config)) }, emptyReport());
  const source = replayed(recording, { speed, waitMsMax: 2_000, sleep });
  const served = await startServer(config, [source], io);
  try {
    io.stderr.write(
      `kube-kg demo at ${served.url} — a shop is being replayed, ${speed} times faster than it happened\n\n`,
    );
    await served.sourcesEnded;
    const paint = painter(io.terminal.stdout);
    await print(io.stdout, estateSummary(served.pipeline.view, paint));
    await print(io.stdout, suggestions(served));
    if (!options.once) await stopped(io.stop);
  } finally {
    await served.close();
  }
}

async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch(() => undefined);
}

/** Commands that fit what is there: around what is broken, or else around any workload. */
function* suggestions({ url, pipeline: { view } }: Served): Iterable<string> {
  const [broken] = view.dangling();
  const [workload] = view.resources({ kind: 'Deployment' });
  const focus = broken === undefined ? workload : view.get(broken.from);
  const path =
    focus === undefined ? '' : [focus.kind, focus.namespace, focus.name].filter((part) => part !== '').join('/');
  yield `\nTry\n`;
  yield `  curl '${url}/api/v1/resources?health=critical'\n`;
  if (path !== '') {
    yield `  curl '${url}/api/v1/resources/${path}'\n`;
    yield `  curl '${url}/api/v1/impact/${path}'\n`;
  }
  if (focus) yield `  curl '${url}/api/v1/topology?namespaces=${focus.namespace}'\n`;
  yield `  curl '${url}/api/v1/dangling'\n`;
  yield `  curl -H 'content-type: application/json' '${url}/api/v1/query' -d '{"query":"MATCH (s:Service)-[:SELECTS]->(p:Pod) RETURN s.name, count(p) AS pods ORDER BY s.name"}'\n`;
  yield `  curl -N '${url}/api/v1/feed'\n`;
  yield `Documentation: ${url}/api/docs · stop with Ctrl-C\n`;
}

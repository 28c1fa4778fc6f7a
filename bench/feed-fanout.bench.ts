/**
 * How late do a thousand followers of the feed learn of a change, and does the server hold its memory when some of them stall?
 *
 *   npx node bench/feed-fanout.bench.ts [--clients 1000] [--stalled 20] [--rate 100] [--seconds 30] [--objects 10000] [--smoke] [--append DATE]
 *
 * Synthetic API server → `serve` → WebSockets. Latency is from the change being sent by the API server to the follower having the message.
 * The baseline is the same with one follower. Stalled followers read nothing while the others are measured, then must catch up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchOptions, benchOptions, type Figure, numberOption, report, round } from './harness.ts';
import { type CensusServing, Helper, type Memory, type Serving, serve, serveCensus } from './program.ts';

interface Outcome {
  readonly messages: number;
  readonly bytes: number;
  readonly stamps: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly dropped: number;
  /** Last revision of each follower, duplicates left out. */
  readonly revisions: readonly string[];
}

interface Crowd {
  readonly clients: number;
  readonly stalled: number;
  readonly rate: number;
  readonly seconds: number;
}

async function follow(
  server: CensusServing,
  program: Serving,
  { clients, stalled, rate, seconds }: Crowd,
): Promise<Outcome & { readonly before: Memory; readonly after: Memory }> {
  const url = `${program.url}/api/v1/feed/ws?snapshot=false`;
  await using helper = new Helper('followers.ts', [url, String(clients), String(stalled)]);
  await helper.hear();
  const before = await program.memory();
  helper.tell('start');
  server.setRate(rate);
  await sleep(seconds * 1000);
  server.setRate(0);
  await sleep(1_000);
  const after = await program.memory();
  helper.tell('settle');
  await sleep(seconds >= 10 ? 5_000 : 1_000);
  helper.tell('end');
  return { ...(await helper.hear<Outcome>()), before, after };
}

function crowdOf(options: BenchOptions): Crowd {
  const { smoke } = options;
  return {
    clients: numberOption(options, 'clients', smoke ? 50 : 1_000),
    stalled: numberOption(options, 'stalled', smoke ? 5 : 20),
    rate: numberOption(options, 'rate', 100),
    seconds: numberOption(options, 'seconds', smoke ? 3 : 30),
  };
}

const options = benchOptions(['clients', 'stalled', 'rate', 'seconds', 'objects']);
const crowd = crowdOf(options);
await using server = await serveCensus({ objects: numberOption(options, 'objects', options.smoke ? 1_000 : 10_000) });
await using program = await serve(server.kubeconfig);
await program.hasPods(server.pods);
const alone = await follow(server, program, { ...crowd, clients: 1, stalled: 0, seconds: Math.min(10, crowd.seconds) });
const all = await follow(server, program, crowd);
const grownMb = all.after.rssMb - all.before.rssMb;
const shared = { unit: 'ms', baselineName: 'one follower' };
const limit = options.smoke ? 500 : 100;
const information = { target: 'for information', met: true };
const lost = all.dropped + all.revisions.length - 1;
const figures: Figure[] = [
  {
    name: `p99 over ${crowd.clients - crowd.stalled} followers`,
    figure: all.p99,
    baseline: alone.p99,
    ...shared,
    target: `< ${limit} ms`,
    met: all.p99 < limit,
  },
  { name: 'median', figure: all.p50, baseline: alone.p50, ...shared, ...information },
  { name: 'longest', figure: all.max, baseline: alone.max, ...shared, ...information },
  {
    name: `followers dropped or not at the last revision in the end (${crowd.stalled} had stalled)`,
    figure: lost,
    unit: '',
    target: '0',
    met: lost === 0,
  },
  {
    name: 'growth of the resident set while measured',
    figure: grownMb,
    unit: 'MB',
    target: '≤ 100 MB',
    met: grownMb <= 100,
  },
  {
    name: `messages a follower and second (${round(all.bytes / all.messages)} bytes each)`,
    figure: all.messages / crowd.clients / crowd.seconds,
    unit: '',
    ...information,
  },
];
report(`Feed to ${crowd.clients} WebSocket followers at ${crowd.rate} changes a second`, figures, options);

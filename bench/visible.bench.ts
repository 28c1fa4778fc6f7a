/**
 * A change in the API server: how much later than `kubectl get -w` does a subscriber of our feed see it?
 *
 *   npx node bench/visible.bench.ts [--rate 200] [--seconds 30] [--pods 1000] [--append DATE]
 *
 * ConfigMaps of a live cluster are labelled with the time at which the request was sent. One reader follows `serve` over SSE, the other is
 * kubectl; both in the same moment, so that the API server's own delay is in both figures.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from '../test/stack/build.ts';
import type { Login } from '../test/stack/client.ts';
import { benchOptions, type Figure, numberOption, percentile, report } from './harness.ts';
import { startEstate } from './live-estate.ts';
import { serve } from './program.ts';
import { sentLabel } from './stamp.ts';

const namespace = 'rollout';
const configMaps = 965;

/** Milliseconds until each change was seen, by the stamp it carried; the first sight counts. */
class Sightings {
  readonly latencies = new Map<string, number>();

  see(stamp: string): void {
    if (!this.latencies.has(stamp)) this.latencies.set(stamp, Date.now() - Number(stamp.split('-')[0]));
  }
}

/** Follows the feed over SSE until told to stop. */
async function followFeed(url: string, sightings: Sightings, stop: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/api/v1/feed?snapshot=false&kinds=ConfigMap`, { signal: stop });
  const stamps = new RegExp(`"${sentLabel}":"([^"]+)"`, 'g');
  let rest = '';
  for await (const part of response.body ?? []) {
    const lines = (rest + Buffer.from(part).toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) for (const [, stamp = ''] of line.matchAll(stamps)) sightings.see(stamp);
  }
}

/** Follows with kubectl until told to stop. */
async function followKubectl(kubeconfig: string, sightings: Sightings, stop: AbortSignal): Promise<void> {
  const program = join(await built('kubernetes'), 'kubectl');
  const path = `{.metadata.labels.${sentLabel.replaceAll('.', '\\.')}}{"\\n"}`;
  const args = [
    `--kubeconfig=${kubeconfig}`,
    'get',
    'configmaps',
    `--namespace=${namespace}`,
    '--watch-only',
    `--output=jsonpath=${path}`,
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  stop.addEventListener('abort', () => child.kill('SIGTERM'));
  for await (const line of createInterface({ input: child.stdout })) if (line !== '') sightings.see(line);
  await exit;
}

/** Labels ConfigMaps at a steady rate; the stamps that were sent. */
async function makeChanges(login: Login, rate: number, seconds: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, ca: await readFile(login.caFile), maxSockets: 50 });
  const sent: string[] = [];
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let count = 0; count < rate * seconds; count++) {
    const wait = start + (count * 1000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    const stamp = `${Date.now()}-${count}`;
    sent.push(stamp);
    pending.push(label(login, agent, `settings-${count % configMaps}`, stamp));
  }
  await Promise.all(pending);
  agent.destroy();
  return sent;
}

function label({ server, token }: Login, agent: Agent, name: string, stamp: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' };
  const url = new URL(`/api/v1/namespaces/${namespace}/configmaps/${name}`, server);
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'PATCH', agent, headers }, (response) => {
      response
        .resume()
        .on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`PATCH: ${response.statusCode}`)),
        );
    });
    call.on('error', reject);
    call.end(JSON.stringify({ metadata: { labels: { [sentLabel]: stamp } } }));
  });
}

const options = benchOptions(['rate', 'seconds', 'pods']);
const rate = numberOption(options, 'rate', 200);
const seconds = numberOption(options, 'seconds', 30);
const pods = numberOption(options, 'pods', 1_000);
await using cluster = await startEstate({
  name: 'bench-visible',
  pods: numberOption(options, 'pods', 1_000),
  configMaps,
});
await using program = await serve(cluster.kubeconfig);
await program.hasPods(pods);
const [ours, theirs] = [new Sightings(), new Sightings()];
const ended = new AbortController();
const followers = [
  followFeed(program.url, ours, ended.signal).catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  }),
  followKubectl(cluster.kubeconfig, theirs, ended.signal),
];
await sleep(2_000);
const sent = await makeChanges(cluster.login(), rate, seconds);
await sleep(2_000);
ended.abort();
await Promise.all(followers);

const latencyOf = (sightings: Sightings, percent: number): number =>
  percentile([...sightings.latencies.values()], percent);
const figures: Figure[] = [50, 99, 100].map((percent) => {
  const [figure, baseline] = [latencyOf(ours, percent), latencyOf(theirs, percent)];
  const name = percent === 100 ? 'longest' : `p${percent}`;
  const targeted = percent === 99;
  return {
    name: `API server → SSE subscriber, ${name}`,
    figure,
    unit: 'ms',
    baseline,
    baselineName: 'kubectl get -w',
    target: targeted ? 'p99 ≤ 50 ms later' : 'for information',
    met: !targeted || figure - baseline <= 50,
  };
});
/** A state that was replaced within one message is not missed: the feed carries final states. kubectl shows each. */
const seen = sent.filter((stamp) => ours.latencies.has(stamp)).length / sent.length;
figures.push({
  name: 'changes whose own state was seen',
  figure: seen * 100,
  unit: '%',
  baseline: (sent.filter((stamp) => theirs.latencies.has(stamp)).length / sent.length) * 100,
  baselineName: 'kubectl get -w',
  target: '≥ 95 %',
  met: seen >= 0.95,
});
report(`Visible to a subscriber at ${rate} changes a second`, figures, options);

/**
 * How long from nothing to a graph that answers, beside a live API server?
 *
 *   npx node bench/cold-start.bench.ts [--pods 5000] [--rounds 5] [--append DATE]
 *
 * The cluster is that of the published comparison: 20 kwok nodes, 5,000 pods in 50 Deployments, about 1,000 ConfigMaps and Secrets each,
 * Services, Ingresses, and the Events. Both we and the null lister are timed from the start of the process. kube-state-metrics is run as
 * well, until all pods are in /metrics. Radar's figures on such a cluster are quoted: 1.35 s, 186 MB (2 cores, January 2026 tree).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from '../test/stack/build.ts';
import { benchOptions, type Figure, median, numberOption, report, round } from './harness.ts';
import { startEstate } from './live-estate.ts';
import { freePort, type Memory, memoryOf, nullLister, serve } from './program.ts';

const radar = { ms: 1350, rssMb: 186 };

interface Start {
  readonly ms: number;
  readonly memory: Memory;
}

/** `early`: it said that it was ready before it had all pods. */
async function startOurs(kubeconfig: string, pods: number): Promise<Start & { readonly early: boolean }> {
  await using program = await serve(kubeconfig);
  const { afterMs, asked } = await program.hasPods(pods);
  return { ms: program.readyMs + afterMs, memory: await program.memory(), early: asked > 1 };
}

async function startKubeStateMetrics(kubeconfig: string, pods: number): Promise<Start> {
  const program = join(await built('kube-state-metrics'), 'kube-state-metrics');
  const [port, telemetryPort] = [await freePort(), await freePort()];
  const start = performance.now();
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    '--host=127.0.0.1',
    `--port=${port}`,
    '--telemetry-host=127.0.0.1',
    `--telemetry-port=${telemetryPort}`,
  ];
  const child = spawn(program, flags, { stdio: 'ignore' });
  try {
    while ((await podsInMetrics(port)) < pods) {
      if (child.exitCode !== null) throw new Error(`kube-state-metrics ended with ${child.exitCode}`);
      await sleep(10);
    }
    return { ms: performance.now() - start, memory: await memoryOf(child.pid ?? 0) };
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}

async function podsInMetrics(port: number): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (response) => response.text(),
    () => '',
  );
  return text.match(/^kube_pod_info\{/gm)?.length ?? 0;
}

const options = benchOptions(['pods', 'rounds']);
const pods = numberOption(options, 'pods', 5_000);
await using cluster = await startEstate({ name: 'bench-cold-start', pods });
const { kubeconfig } = cluster;
const rounds: { ours: Start & { early: boolean }; baselineMs: number; baselineRssMb: number; objects: number }[] = [];
for (let count = 0; count <= numberOption(options, 'rounds', 5); count++) {
  const baseline = await nullLister(kubeconfig);
  const ours = await startOurs(kubeconfig, pods);
  if (count > 0)
    rounds.push({ ours, baselineMs: baseline.wallMs, baselineRssMb: baseline.peakRssMb, objects: baseline.objects });
}
const metrics = await startKubeStateMetrics(kubeconfig, pods);
const baselineMs = median(rounds.map((one) => one.baselineMs));
const ms = median(rounds.map(({ ours }) => ours.ms));
const peakMb = median(rounds.map(({ ours }) => ours.memory.peakRssMb));
const early = rounds.filter(({ ours }) => ours.early).length;
const startMs = { figure: ms, unit: 'ms' };
const resident = { figure: peakMb, unit: 'MB' };
const information = { target: 'for information', met: true };
const beside = { nothing: 'null lister', metrics: 'kube-state-metrics', radar: 'Radar, quoted' };
/** What was published holds for that many pods only. */
const quoted: Figure[] =
  pods === 5_000
    ? [
        { name: 'ready to answer', ...startMs, baseline: radar.ms, baselineName: beside.radar, ...information },
        {
          name: 'highest resident set',
          ...resident,
          baseline: radar.rssMb,
          baselineName: beside.radar,
          target: 'less',
          met: peakMb < radar.rssMb,
        },
      ]
    : [];
const nothingMb = median(rounds.map((one) => one.baselineRssMb));
const metricsMb = metrics.memory.peakRssMb;
const figures: Figure[] = [
  {
    name: 'ready to answer',
    ...startMs,
    baseline: baselineMs,
    baselineName: beside.nothing,
    target: '≤ 1.5 × null lister',
    met: ms <= 1.5 * baselineMs,
  },
  { name: 'ready to answer', ...startMs, baseline: metrics.ms, baselineName: beside.metrics, ...information },
  {
    name: 'highest resident set',
    ...resident,
    baseline: metricsMb,
    baselineName: beside.metrics,
    target: 'less',
    met: peakMb < metricsMb,
  },
  { name: 'highest resident set', ...resident, baseline: nothingMb, baselineName: beside.nothing, ...information },
  ...quoted,
  {
    name: 'starts that said they were ready before all pods were there',
    figure: early,
    unit: '',
    target: '0',
    met: early === 0,
  },
];
report(
  `Cold start beside a live API server with ${round(median(rounds.map(({ objects }) => objects)))} objects`,
  figures,
  options,
);

/**
 * What does the Cypher store cost: to fill, to keep current, to ask, and in memory, while the server goes on working?
 *
 *   npx node bench/embedded.bench.ts [--nodes 134000] [--edges 1000000] [--smoke] [--append DATE]
 *
 * The baseline of filling is Grafeo in this process, given the same rows: the ratio is the price of a process that can be ended.
 */
import { spawnSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { emptyDiff, type GraphDiff } from '../src/model/diff.ts';
import type { Edge } from '../src/model/edge.ts';
import { Problem } from '../src/model/problem.ts';
import type { Resource } from '../src/model/resource.ts';
import type { View } from '../src/model/view.ts';
import { nodeRow, outRow } from '../src/sinks/cypher/rows.ts';
import { GrafeoGraph } from '../src/sinks/embedded/grafeo-graph.ts';
import { queryFrom, runQuery } from '../src/sinks/embedded/query.ts';
import { embeddedSink } from '../src/sinks/embedded/sink.ts';
import { openStore, type Store } from '../src/sinks/embedded/store.ts';
import { seededRandom } from '../test/support/random.ts';
import { viewFromArrays } from '../test/support/view-from-arrays.ts';
import { benchOptions, type Figure, numberOption, percentile, report, timed, withGc } from './harness.ts';

const KINDS = ['Pod', 'Event', 'ConfigMap', 'Secret', 'ReplicaSet', 'Deployment', 'Service', 'EndpointSlice'];
const TYPES = ['OWNS', 'IN_NAMESPACE', 'MOUNTS', 'RUNS_ON', 'READS', 'SELECTS', 'ABOUT'];

function resourceAt(number: number, restarts = number % 3): Resource {
  const kind = KINDS[number % KINDS.length] ?? 'Pod';
  return {
    id: `prod/0b5e6d7c-9d9c-4f3a-8000-${String(number).padStart(12, '0')}`,
    cluster: 'prod',
    group: '',
    kind,
    namespace: `team-${number % 200}`,
    name: `web-${number}-x7k2p`,
    uid: `0b5e6d7c-9d9c-4f3a-8000-${String(number).padStart(12, '0')}`,
    pseudo: false,
    labels: { app: `app-${number % 500}`, 'pod-template-hash': `h${number % 5000}`, tier: 'web' },
    createdAt: '2026-11-20T10:00:00Z',
    summary: {
      ready: '1/1',
      status: 'Running',
      restarts,
      ip: `10.0.${number % 250}.${number % 199}`,
      node: `node-${number % 300}`,
    },
    health: { status: 'healthy' },
  };
}

function edgeAt(resources: readonly Resource[], from: number, index: number): Edge {
  const to = (from * 7919 + index * 104_729 + 1) % resources.length;
  const detail = {
    rule: `Pod/spec.rule-${index}`,
    field: `spec.volumes[${index}].configMap.name`,
    class: 'exact',
    confidence: 1,
  } as const;
  const type = TYPES[index % TYPES.length] ?? 'OWNS';
  return {
    type,
    from: resources[from]?.id ?? '',
    to: resources[to]?.id ?? '',
    detail: { ...detail, since: '2026-11-20T10:00:00Z' },
  };
}

/** A view whose edges are made as they are read, so that this process holds the resources only. */
function estate(nodes: number, edges: number): View {
  const resources = Array.from({ length: nodes }, (_, number) => resourceAt(number));
  const numbers = new Map(resources.map(({ id }, number) => [id, number]));
  const each = Math.round(edges / nodes);
  return {
    ...viewFromArrays({ resources }),
    *stored(id) {
      for (let index = 0; index < each; index++) yield edgeAt(resources, numbers.get(id) ?? 0, index);
    },
  };
}

function rssMbOf(pid: number | undefined): number {
  return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)]).stdout) / 1024;
}

/** The same rows into Grafeo here, without messages. */
async function fillHere(view: View): Promise<void> {
  const graph = new GrafeoGraph();
  await graph.index();
  graph.begin(1);
  const resources = [...view.resources()];
  for (let at = 0; at < resources.length; at += 1000) await graph.nodes(resources.slice(at, at + 1000).map(nodeRow));
  for (let at = 0; at < resources.length; at += 300) {
    await graph.outs(
      resources.slice(at, at + 300).map(({ id }) => ({ from: id, edges: Array.from(view.stored(id, 'out'), outRow) })),
    );
  }
  graph.sweep();
  graph.close();
}

/** Upserts a second when each commit changes so many resources. */
async function upsertsPerSecond(store: Store, view: View, perCommit: number, commits: number): Promise<number> {
  const sink = embeddedSink(store);
  const random = seededRandom('upserts');
  const { ms } = await timed(async () => {
    for (let commit = 0; commit < commits; commit++) {
      const updated = Array.from({ length: perCommit }, () => {
        const number = random.int(view.resourceCount);
        return { from: resourceAt(number), to: resourceAt(number, commit) };
      });
      await sink.write({ resources: { ...emptyDiff, updated }, edges: emptyDiff } satisfies GraphDiff);
    }
  });
  return (perCommit * commits * 1000) / ms;
}

async function queryMs(
  store: Store,
  text: string,
  paramsAt: (round: number) => Record<string, unknown>,
): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 30; round++)
    times.push((await runQuery(store, queryFrom(text, paramsAt(round)))).elapsedMs);
  return percentile(times, 50);
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['nodes', 'edges']);
  const nodes = numberOption(options, 'nodes', options.smoke ? 5000 : 134_000);
  const view = estate(nodes, numberOption(options, 'edges', options.smoke ? 40_000 : 1_000_000));
  const generous = options.smoke ? 5 : 1;

  const store = openStore();
  await runQuery(store, queryFrom('RETURN 1', {}));
  const bare = rssMbOf(store.pid);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const filled = await timed(() => embeddedSink(store).replace(view, 1));
  delay.disable();
  const memory = rssMbOf(store.pid);
  const here = await timed(() => fillHere(view));

  const single = await upsertsPerSecond(store, view, 1, options.smoke ? 200 : 2000);
  const batched = await upsertsPerSecond(store, view, 100, options.smoke ? 10 : 200);
  const nameAt = (round: number): Record<string, unknown> => ({ name: `web-${round * 100}-x7k2p` });
  const lookup = await queryMs(store, 'MATCH (n:Pod {name: $name}) RETURN n', nameAt);
  const hops = await queryMs(store, 'MATCH (n:Pod {name: $name})-[*1..2]-(m) RETURN count(DISTINCT m)', nameAt);
  const count = await queryMs(store, 'MATCH (n:Pod)-[:OWNS]->(m) RETURN m.kind, count(*)', () => ({}));
  const kept = rssMbOf(store.pid);
  store.end(new Problem('store-unreachable', 'done'));

  const fill = { unit: 's', baseline: here.ms / 1000, baselineName: 'Grafeo in this process' };
  const figures: Figure[] = [
    {
      name: `fill, ${view.resourceCount} nodes`,
      figure: filled.ms / 1000,
      ...fill,
      target: '≤ 2 × in process',
      met: filled.ms <= 2 * generous * here.ms,
    },
    {
      name: 'longest stop of the event loop meanwhile',
      figure: delay.max / 1e6,
      unit: 'ms',
      target: '< 100 ms',
      met: delay.max / 1e6 < 100 * generous,
    },
    {
      name: 'memory of the store, filled',
      figure: memory,
      unit: 'MB',
      baseline: bare,
      baselineName: 'empty',
      target: '≤ 1000 MB',
      met: memory <= 1000,
    },
    { name: 'memory after the upserts and queries', figure: kept, unit: 'MB', target: '≤ 1200 MB', met: kept <= 1200 },
    { name: 'upserts, one a commit', figure: single, unit: '/s', target: '≥ 1000 /s', met: single * generous >= 1000 },
    {
      name: 'upserts, 100 a commit',
      figure: batched,
      unit: '/s',
      target: '≥ 10000 /s',
      met: batched * generous >= 10_000,
    },
    { name: 'query: a pod by name', figure: lookup, unit: 'ms', target: '< 5 ms', met: lookup < 5 * generous },
    { name: 'query: two hops around it', figure: hops, unit: 'ms', target: '< 20 ms', met: hops < 20 * generous },
    {
      name: 'query: count by kind over one edge',
      figure: count,
      unit: 'ms',
      target: '< 1000 ms',
      met: count < 1000 * generous,
    },
  ];
  report('What does the Cypher store cost?', figures, options);
});

/**
 * What does the mirror in Neo4j cost: a full synchronisation, one without changes, and changes as they come?
 *
 *   npx node bench/neo4j.bench.ts [--objects 30000] [--changes 20000] [--smoke] [--append DATE]
 *
 * Starts a real Neo4j (test/stack). The baseline of the full synchronisation is a bare `UNWIND … CREATE` of the same rows, ready made and in
 * transactions of the same size, into an index of the same kind: no program that writes them can do less. Both meet a server that has been
 * warmed up by a small estate, and are told from each other by the cluster's name alone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Graph } from '../src/graph/graph.ts';
import { describer, kinds } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { Change, KubeObject } from '../src/model/change.ts';
import { isBuiltInGroup } from '../src/model/groups.ts';
import type { View } from '../src/model/view.ts';
import { openPipeline } from '../src/program/pipeline.ts';
import { nodeRow, outRow } from '../src/sinks/cypher/rows.ts';
import type { Connection } from '../src/sinks/neo4j/connection.ts';
import { quoted } from '../src/sinks/neo4j/names.ts';
import { neo4jSink } from '../src/sinks/neo4j/sink.ts';
import { valuesFrom } from '../src/sinks/neo4j/values.ts';
import { follower } from '../src/sinks/policy/follow.ts';
import { startNeo4j } from '../test/stack/components/neo4j.ts';
import { waitFor } from '../test/stack/runner.ts';
import { benchOptions, type Figure, numberOption, percentile, report, timed } from './harness.ts';
import { type Census, census, listed } from './workload.ts';

const AT = '2026-11-20T10:00:00Z';
const BATCH = 2_000;
/** Changes a second that are offered. */
const OFFERED = 2_500;
const table = kinds.filter(({ group }) => isBuiltInGroup(group));

function viewOf(estate: Census, cluster: string): View {
  const graph = new Graph({ describer });
  for (const kind of estate.kinds) graph.apply([listed(cluster, AT, kind, [...estate.objects(kind.kind)])]);
  return graph.view;
}

type Rows = ReadonlyMap<string, readonly object[]>;

/** The rows of a view by the statement that creates them. */
function bareRows(view: View): { readonly nodes: Rows; readonly edges: Rows } {
  const nodes = new Map<string, object[]>();
  const edges = new Map<string, object[]>();
  const put = (rows: Map<string, object[]>, text: string, row: object): void => {
    const known = rows.get(text);
    if (known) known.push(row);
    else rows.set(text, [row]);
  };
  for (const resource of view.resources()) {
    const { labels, properties } = nodeRow(resource);
    const named = labels.map((label) => `:${quoted(`Bare${label}`)}`).join('');
    put(nodes, `UNWIND $rows AS row CREATE (n${named}) SET n = row`, valuesFrom(properties));
    for (const edge of view.stored(resource.id, 'out')) {
      const text = `UNWIND $rows AS row MATCH (a:BareResource {id: row.from}) MATCH (b:BareResource {id: row.to})
CREATE (a)-[r:${quoted(edge.type)}]->(b) SET r = row.properties`;
      put(edges, text, { from: edge.from, to: edge.to, properties: valuesFrom(outRow(edge).properties) });
    }
  }
  return { nodes, edges };
}

async function createBare(connection: Connection, { nodes, edges }: ReturnType<typeof bareRows>): Promise<void> {
  for (const [text, rows] of [...nodes, ...edges])
    for (let at = 0; at < rows.length; at += BATCH)
      await connection.write([{ text, params: { rows: rows.slice(at, at + BATCH) } }]);
}

async function indexBare(connection: Connection): Promise<void> {
  await connection.write([{ text: 'CREATE INDEX bare IF NOT EXISTS FOR (n:BareResource) ON (n.id)', params: {} }]);
  for await (const _ of connection.read({ text: 'CALL db.awaitIndexes(600)', params: {} }));
}

/** Follows a small estate whose pods change: changes a second that arrive, and the lag of the mirror on the way, in milliseconds. */
async function follow(connection: Connection, estate: Census, changes: number) {
  const { view, feed, take } = openPipeline({ describer, epoch: 'e', log: silentLogger, now: () => performance.now() });
  for (const kind of estate.kinds) take([listed('changes', AT, kind, [...estate.objects(kind.kind)])]);
  const stop = new AbortController();
  const taken = new Map<number, number>();
  const lags: number[] = [];
  let reached = -1;
  const sink = neo4jSink(connection, { kinds: table });
  const following = follower(view, feed)(sink, stop.signal, (revision) => {
    for (let number = reached + 1; number <= revision; number++) {
      const at = taken.get(number);
      if (at !== undefined) lags.push(performance.now() - at);
      taken.delete(number);
    }
    reached = revision;
  });
  const caughtUp = (): Promise<unknown> => waitFor('the mirror', () => reached === view.revision, 600_000, 5);
  await caughtUp();
  const pods = [...estate.objects('Pod')];
  const { ms } = await timed(async () => {
    const began = performance.now();
    for (let done = 0; done < changes; await delay(2)) {
      const due = Math.min(changes, Math.ceil(((performance.now() - began) * OFFERED) / 1000));
      if (due <= done) continue;
      take(
        Array.from({ length: due - done }, (_, index) => restarted(pods[(done + index) % pods.length], done + index)),
      );
      taken.set(view.revision, performance.now());
      done = due;
    }
    await caughtUp();
  });
  stop.abort();
  await following;
  return { perSecond: (changes * 1000) / ms, lagMs: percentile(lags, 95), lastLagMs: percentile(lags.slice(-50), 95) };
}

/** A pod whose first container has restarted, one that moves to another address, as they change in life. */
function restarted(pod: KubeObject | undefined, count: number): Change {
  const status = pod?.['status'] as { containerStatuses?: object[] };
  const containerStatuses = (status.containerStatuses ?? []).map((each) => ({ ...each, restartCount: count }));
  const podIP = `10.1.${count % 250}.${count % 199}`;
  return {
    type: 'apply',
    at: AT,
    cluster: 'changes',
    object: { ...pod, status: { ...status, containerStatuses, podIP } } as KubeObject,
  };
}

const options = benchOptions(['objects', 'changes']);
const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 30_000);
const changes = numberOption(options, 'changes', options.smoke ? 2_000 : 40_000);
const generous = options.smoke ? 5 : 1;

await using server = await startNeo4j();
const connection = server.connect();
const small = census({ objects: 1_000 });
await neo4jSink(connection, { kinds: table }).replace(viewOf(small, 'warm'), 1);
await indexBare(connection);
await createBare(connection, bareRows(viewOf(small, 'warm')));

const view = viewOf(census({ objects }), 'full');
const rows = bareRows(view);
const sink = neo4jSink(connection, { kinds: table });
const full = await timed(() => sink.replace(view, 1));
const bare = await timed(() => createBare(connection, rows));
const again: number[] = [];
for (let round = 0; round < 5; round++) again.push((await timed(() => sink.replace(view, 2))).ms);
const unchanged = percentile(again, 50);
const live = await follow(connection, small, changes);
await connection.close();

const edges = Array.from(view.edges()).length;
const figures: Figure[] = [
  {
    name: `full synchronisation, ${objects} objects: ${view.resourceCount} nodes, ${edges} relationships`,
    figure: full.ms / 1000,
    unit: 's',
    baseline: bare.ms / 1000,
    baselineName: 'bare UNWIND … CREATE',
    target: '≤ 2 × bare',
    met: full.ms <= 2 * generous * bare.ms,
  },
  {
    name: 'the same again, nothing changed',
    figure: unchanged,
    unit: 'ms',
    target: '< 500 ms',
    met: unchanged < 500 * generous,
  },
  {
    name: 'changes as they come',
    figure: live.perSecond,
    unit: '/s',
    target: '≥ 2000 /s',
    met: live.perSecond * generous >= 2_000,
  },
  { name: 'lag meanwhile, p95', figure: live.lagMs, unit: 'ms', target: '–', met: true },
  {
    name: 'lag at the end, p95',
    figure: live.lastLagMs,
    unit: 'ms',
    target: '≤ 2 × the lag meanwhile',
    met: live.lastLagMs <= 2 * generous * Math.max(live.lagMs, 100),
  },
];
report('What does the mirror in Neo4j cost?', figures, options);

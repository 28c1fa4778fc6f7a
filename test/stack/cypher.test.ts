/** The same Cypher on the embedded store and on a real Neo4j, over the same estate: the same rows. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DateTime, Duration, isNode, isPath, isRelationship, type Node, type Relationship } from 'neo4j-driver';
import { conclusionsIn } from '../../src/analysis/correlations.ts';
import { happeningsOf } from '../../src/analysis/happenings.ts';
import { Graph } from '../../src/graph/graph.ts';
import { describer } from '../../src/kinds/index.ts';
import type { KubeObject } from '../../src/model/change.ts';
import { type Embedded, openEmbedded } from '../../src/sinks/embedded/embedded.ts';
import { statementFrom } from '../../src/sinks/embedded/statement.ts';
import type { Connection } from '../../src/sinks/neo4j/connection.ts';
import { neo4jSink } from '../../src/sinks/neo4j/sink.ts';
import { still } from '../../src/sinks/policy/follow.ts';
import { emptyReport, recordingSource } from '../../src/sources/recording.ts';
import { type CypherQuery, cypherQueries } from '../contracts/cypher.ts';
import { type Neo4jServer, startNeo4j } from './components/neo4j.ts';

let server: Neo4jServer;
let connection: Connection;
let embedded: Embedded;
/** `id` of nodes by what the driver calls them. */
const ids = new Map<string, string>();

before(async () => {
  const graph = new Graph({ describer });
  const paths = [new URL('../../demo/shop.jsonl.gz', import.meta.url).pathname];
  const recording = recordingSource({ paths, stdin: process.stdin, redact: (change) => change }, emptyReport());
  for await (const changes of recording.changes(new AbortController().signal)) graph.apply(changes);
  for (const [minutes, object] of ofNow()) {
    const commit = graph.apply([{ type: 'apply', at: ago(minutes), cluster: 'shop-demo', object }]);
    const happened = happeningsOf(commit, graph.view);
    graph.apply(happened);
  }
  graph.apply([...conclusionsIn(graph.view)]);
  graph.apply([{ type: 'apply', at: now(), cluster: 'shop-demo', object: incident }]);
  embedded = openEmbedded({ view: graph.view, follow: still(graph.view) });
  server = await startNeo4j();
  connection = server.connect();
  await neo4jSink(connection, { kinds: [] }).replace(graph.view, 1);
  for await (const [element, id] of connection.read({ text: 'MATCH (n) RETURN elementId(n), n.id', params: {} }))
    ids.set(String(element), String(id));
});
after(async () => {
  embedded.close();
  await connection.close();
  await server[Symbol.asyncDispose]();
});

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const now = (): string => ago(0);

/** Settings that change, a pod that restarts since, with Events of another collector: each with its age in minutes. */
function ofNow(): (readonly [number, KubeObject])[] {
  const pod = { namespace: 'shop', name: 'restarts-a-lot', uid: 'uid-restarts-a-lot' };
  const events = [1, 2, 3, 4].map((number) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'shop', name: `restarted-${number}`, uid: `uid-restarted-${number}` },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', ...pod },
    type: 'pod_restart',
    reason: 'Restarted',
    lastTimestamp: new Date(Date.now() - number * 30_000).toISOString(),
  }));
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name: 'settings-of-it', uid: 'uid-settings-of-it' },
  };
  const envFrom = [{ configMapRef: { name: 'settings-of-it' } }];
  const restarted = (restartCount: number) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: pod,
    spec: { containers: [{ name: 'main', image: 'app:1', envFrom }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'main', restartCount, state: { running: {} } }] },
  });
  const all: (readonly [number, object])[] = [
    [5, { ...settings, data: { level: 'info' } }],
    [5, restarted(0)],
    [4.5, { ...settings, data: { level: 'loud' } }],
    ...[4, 3, 2, 1].map((minutes) => [minutes, restarted(5 - minutes)] as const),
    ...events.map((event) => [0, event] as const),
  ];
  return all as (readonly [number, KubeObject])[];
}

const incident = {
  apiVersion: 'kube-kg.dev/v1',
  kind: 'Incident',
  metadata: { name: 'restarts-a-lot', creationTimestamp: '2026-11-21T10:00:00Z' },
  spec: {
    title: 'it restarts a lot',
    severity: 'critical',
    startedAt: '2026-11-21T10:00:00Z',
    symptoms: [
      { resource: { group: '', kind: 'Pod', namespace: 'shop', name: 'restarts-a-lot', uid: 'uid-restarts-a-lot' } },
    ],
    causes: [
      {
        resource: {
          group: '',
          kind: 'ConfigMap',
          namespace: 'shop',
          name: 'settings-of-it',
          uid: 'uid-settings-of-it',
        },
        reason: 'ConfigMapChangeBrokeApp',
        confidence: 0.9,
      },
    ],
    happenings: ['uid-restarted-1'],
  },
  status: { state: 'open' },
} as unknown as KubeObject;

for (const each of cypherQueries) {
  test(`Y20 embedded and Neo4j answer alike: ${each.title}`, async () => {
    const ours = rowsOf(each, (await embedded.query(each.query, each.parameters, { limitRows: 100_000 })).rows);
    const theirs = rowsOf(each, await asked(each));
    assert.deepEqual(theirs, ours);
    assert.equal(ours.length === 0, each.empty === true, `${ours.length} rows`);
  });
}

/** The query as the embedded store is given it, so that names of other graphs mean the same. */
async function asked({ query, parameters = {} }: CypherQuery): Promise<unknown[]> {
  const { text } = statementFrom(query, { params: parameters, limitRows: 100_000, readOnly: true });
  const rows: unknown[] = [];
  for await (const row of connection.read({ text, params: parameters })) rows.push(plain(row));
  return rows;
}

function rowsOf({ query }: CypherQuery, rows: readonly unknown[]): string[] {
  const lines = rows.map((row) => JSON.stringify(sorted(row)));
  return /ORDER BY[^}]*$/.test(query) ? lines : lines.sort();
}

/** Keys in order, so that texts compare; instants with as few digits as they need. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === 'string') return /^\d{4}-.*T.*\.\d+Z$/.test(value) ? value.replace(/\.?0*Z$/, 'Z') : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** What the driver gives, as the embedded store has it in JSON; without the fingerprints. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof DateTime || value instanceof Duration) return value.toString();
  if (isNode(value)) return nodeFrom(value);
  if (isRelationship(value)) return relationshipFrom(value);
  if (isPath(value)) {
    const nodes = [value.start, ...value.segments.map(({ end }) => end)];
    return {
      nodes: nodes.map(nodeFrom),
      edges: value.segments.map(({ relationship }) => relationshipFrom(relationship)),
    };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function nodeFrom({ labels, properties }: Node): unknown {
  const { kind } = properties;
  const ordered = [...labels].sort((a, b) => Number(b === kind) - Number(a === kind) || (a < b ? -1 : 1));
  return { labels: ordered, properties: facts(properties) };
}

function relationshipFrom({ type, startNodeElementId, endNodeElementId, properties }: Relationship): unknown {
  return { type, from: ids.get(startNodeElementId), to: ids.get(endNodeElementId), properties: facts(properties) };
}

function facts(properties: Readonly<Record<string, unknown>>): unknown {
  return plain(Object.fromEntries(Object.entries(properties).filter(([name]) => name !== '_kg' && name !== '_lack')));
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { Neo4jError } from 'neo4j-driver';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { Graph } from '../../graph/graph.ts';
import { describer, kinds } from '../../kinds/index.ts';
import type { Change } from '../../model/change.ts';
import type { Edge } from '../../model/edge.ts';
import type { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { edgeRow, nodeRow } from '../cypher/rows.ts';
import { Batches } from './batches.ts';
import { type Connection, connect, type Statement } from './connection.ts';
import { Fingerprints, hash } from './fingerprint.ts';
import { Lacks } from './lacks.ts';
import { quoted } from './names.ts';
import { problemFromNeo4j } from './problems.ts';
import { schemaOf } from './schema.ts';
import { neo4jSink } from './sink.ts';
import { deleteLack, putLack } from './statements.ts';
import { valuesFrom } from './values.ts';

const view = smallGraph(['Pod/shop/web RUNS_ON Node/n1'], {
  resources: {
    'Pod/shop/web': {
      labels: { app: 'web' },
      summary: { ready: '1/1', restarts: 3, started: '2026-01-01T00:00:00.5Z' },
      createdAt: '2026-01-01T00:00:00Z',
      health: { status: 'warning', reason: 'Slow', message: 'is slow' },
    },
  },
  evidence: {
    'Pod/shop/web RUNS_ON Node/n1': { value: 'n1', since: '2026-01-01T00:00:00Z', attributes: { port: 80 } },
  },
});
const pod = view.get('Pod/shop/web')!;
const [edge] = [...view.edges()] as [Edge];

test('NJ13 every fact of a node changes its fingerprint, and nothing else does', () => {
  const of = (changed: Partial<Resource>): number => new Fingerprints().node({ ...pod, ...changed });
  const changes: Partial<Resource>[] = [
    {},
    { name: 'other' },
    { labels: { app: 'other' } },
    { labels: { app: 'web', tier: 'x' } },
    { labels: {} },
    { summary: { ...pod.summary, restarts: 4 } },
    { summary: { ...pod.summary, restarts: '3' } },
    { summary: { ready: '1/1' } },
    { createdAt: '2026-01-01T00:00:01Z' },
    { health: { status: 'critical', reason: 'Slow', message: 'is slow' } },
    { health: { status: 'warning', message: 'is slow' } },
    { health: { status: 'warning', reason: 'Slow' } },
  ];
  assert.equal(new Set(changes.map(of)).size, changes.length);
  assert.equal(of({}), of(structuredClone(pod)));
  const many = new Fingerprints();
  many.node({ ...pod, name: 'another' });
  assert.equal(many.node(pod), of({}), 'whatever was seen before');
});

test('NJ13 every fact of an edge changes its fingerprint, but the time since when it is known does not', () => {
  const of = (detail: Partial<Edge['detail']>): number =>
    new Fingerprints().edge({ ...edge, detail: { ...edge.detail, ...detail } });
  const changes: Partial<Edge['detail']>[] = [
    {},
    { rule: 'x' },
    { field: 'x' },
    { class: 'approximate' as Edge['detail']['class'] },
    { confidence: 0.5 },
    { value: 'x' },
    { via: 'template' },
    { more: 1 },
    { optional: true },
    { attributes: { port: 81 } },
  ];
  assert.equal(new Set(changes.map(of)).size, changes.length);
  assert.equal(of({ since: '2020-01-01T00:00:00Z' }), of({}));
  assert.notEqual(new Fingerprints().edge({ ...edge, to: 'x' }), of({}));
});

test('NJ13 rows say facts as they did when the layout of fingerprints was counted last', () => {
  // When this fails, raise LAYOUT in fingerprint.ts, and then this number: mirrors made before are written anew.
  assert.equal(hash(JSON.stringify([nodeRow(pod), edgeRow(edge), valuesFrom(nodeRow(pod).properties)])), LAYOUT_SEEN);
});

const LAYOUT_SEEN = 174_999_186;

test('NJ4 a name is quoted so that nothing in it ends the name', () => {
  assert.equal(quoted('Pod'), '`Pod`');
  assert.equal(quoted('a`b'), '`a``b`');
  assert.equal(quoted('\\u0060'), '`\\u005Cu0060`');
  assert.equal(quoted(''), '`_`');
  assert.equal(quoted('a\0b'), '`a\uFFFDb`');
});

test('NJ10 constraints and indexes come of the table of kinds, each once', () => {
  const items = schemaOf(kinds);
  const labels = new Set(kinds.map(({ kind }) => kind));
  assert.equal(items.length, 2 + 3 + labels.size);
  assert.equal(new Set(items.map(({ name }) => name)).size, items.length);
  assert.ok(
    items.some(({ text }) => text === 'CREATE INDEX `kube_kg_Pod_name` IF NOT EXISTS FOR (n:`Pod`) ON (n.`name`)'),
  );
});

test('NJ14 whole numbers are integers, instants are datetimes to the nanosecond, and all else is as it was', () => {
  const { ready, restarts, started, createdAt } = valuesFrom(nodeRow(pod).properties) as Record<string, object>;
  assert.equal(String(ready), '1/1');
  assert.equal(restarts?.constructor.name, 'Integer');
  assert.equal(String(started), '2026-01-01T00:00:00.500000000Z');
  assert.equal(String(createdAt), '2026-01-01T00:00:00Z');
  const { big, part } = valuesFrom({ big: 2 ** 60, part: 0.5 });
  assert.deepEqual([big, part], [2 ** 60, 0.5]);
});

test('NJ15 transactions are bounded, keep the order in which statements came, and hold together what fits', async () => {
  const sent: Statement[][] = [];
  const connection = listening((statements) => {
    sent.push([...statements]);
    return undefined;
  });
  const batches = new Batches(connection, 4);
  for (const text of ['a', 'b', 'a', 'b', 'c', 'a', 'b']) await batches.add(text, {});
  await batches.flush();
  await batches.flush();
  const shapes = sent.map((statements) =>
    statements.map(({ text, params }) => `${text}${(params['rows'] as object[]).length}`),
  );
  assert.deepEqual(shapes, [
    ['a2', 'b2'],
    ['c1', 'a1', 'b1'],
  ]);
});

test('NJ20 a server that takes connections and says nothing is out of reach within the patience', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = connect({
    uri: `bolt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    patienceMs: 50,
  });
  const before = performance.now();
  for (const call of [() => connection.verify(), () => connection.write([{ text: 'RETURN 1', params: {} }])])
    await assert.rejects(call, { code: 'store-unreachable' });
  assert.ok(performance.now() - before < 2_000);
  await connection.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('NJ21 what the driver says itself may succeed later; what takes too much memory does not, and names the setting', () => {
  const meant = (code: string, message = 'why'): Problem => problemFromNeo4j(new Neo4jError(message, code, '', ''));
  for (const code of ['N/A', 'ServiceUnavailable', 'SessionExpired', 'SomethingNew', 'Neo.TransientError.Any.Other'])
    assert.ok(meant(code).retryable, code);
  for (const code of ['Neo.ClientError.Statement.TypeError', 'Neo.DatabaseError.General.UnknownError'])
    assert.equal(meant(code).code, 'internal', code);
  const full = meant('Neo.TransientError.General.MemoryPoolOutOfMemoryError', 'would use more than the limit 10.0 MiB');
  assert.equal(full.retryable, false);
  assert.match(full.message, /neo4j\.batchSize.*10\.0 MiB/);
});

test('NJ22 a write compares what its resources lack; all that is broken is compared seldom, the more the less, and when a kind is listed', async () => {
  const graph = new Graph({ describer });
  const at = '2026-01-01T00:00:00Z';
  const taken = (...changes: object[]): Graph['view'] => {
    graph.apply(changes.map((change) => ({ at, cluster: 'c', ...change })) as Change[]);
    return graph.view;
  };
  const pod = (index: number, configMap: string): object => ({
    type: 'apply',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'shop', name: `p${index}`, uid: `p${index}` },
      spec: { volumes: [{ name: 'v', configMap: { name: configMap } }], containers: [] },
    },
  });
  const scope = (kind: string): object => ({ type: 'reset', scope: { group: '', kind }, objects: [] });
  taken(scope('Namespace'), scope('ServiceAccount'), scope('ConfigMap'));
  taken(...Array.from({ length: 2_000 }, (_, index) => pod(index, 'missing')));
  let whole = 0;
  const view: View = new Proxy(graph.view, {
    get(target, name: keyof View) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (name === 'dangling' && given[0] === undefined) whole++;
        return Reflect.apply(value, target, given);
      };
    },
  });
  let told: string[] = [];
  const lacks = new Lacks(
    listening((statements) => {
      for (const { text, params } of statements)
        if (text === putLack || text === deleteLack)
          told.push(...(params['rows'] as { from: string }[]).map((row) => row.from));
      return statements.map(({ text, params }) =>
        text === putLack
          ? (params['rows'] as { from: string; lack: string }[]).map(({ from, lack }) => [from, lack])
          : [],
      );
    }),
    1_000,
  );
  await lacks.replace(view, ['c']);
  assert.deepEqual([whole, new Set(told).size], [1, 2_000]);
  const written = async (...changes: object[]): Promise<string[]> => {
    told = [];
    const { diff } = graph.apply(changes.map((change) => ({ at, cluster: 'c', ...change })) as Change[]);
    lacks.forget(diff.resources.removed);
    await lacks.reconcile(view, ['c'], diff);
    return [...new Set(told)].sort();
  };
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'there', uid: 'cm' } };
  assert.deepEqual(
    await written({ type: 'apply', object: settings }, pod(7, 'there')),
    ['c/p7'],
    'it lacks nothing any more',
  );
  assert.deepEqual(await written({ type: 'delete', object: settings }), ['c/p7'], 'it lacks it again');
  assert.equal(whole, 1);
  assert.deepEqual(await written(pod(8, 'another')), [], 'no diff tells of it');
  assert.deepEqual(await written(), ['c/p8'], 'but it is found out');
  assert.equal(whole, 2);
  assert.deepEqual(await written(scope('Secret')), [], 'a kind was listed');
  assert.equal(whole, 3);
});

test('NJ9 what cannot be indexed is counted while it is there', async () => {
  const long = (name: string): Resource => ({ ...pod, id: `c/${name}`, name: name.repeat(9_000) });
  const sink = neo4jSink(listening(), { kinds: [] });
  const none = { added: [], updated: [], removed: [] };
  await sink.write({ resources: { ...none, added: [long('a'), long('b')] }, edges: none });
  assert.equal(sink.skipped, 2);
  await sink.write({ resources: { ...none, removed: [long('a')] }, edges: none });
  assert.equal(sink.skipped, 1);
  await sink.replace(view, 1);
  assert.equal(sink.skipped, 0);
});

/** A stand-in for a server that has nothing: what is written is heard. */
function listening(
  heard: (statements: readonly Statement[]) => readonly (readonly unknown[])[][] | undefined = () => undefined,
): Connection {
  return {
    write: async (statements) => heard(statements) ?? statements.map(() => []),
    async *read() {},
    async verify() {},
    async close() {},
  };
}

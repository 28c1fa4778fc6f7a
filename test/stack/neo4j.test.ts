/** The mirror against a real Neo4j: the contract of sinks, what it leaves alone, and what it does when the server is not there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Graph } from '../../src/graph/graph.ts';
import { describer, kinds } from '../../src/kinds/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { sleep } from '../../src/lib/timer.ts';
import type { Change, Coverage, KubeObject } from '../../src/model/change.ts';
import { emptyDiff } from '../../src/model/diff.ts';
import { Problem } from '../../src/model/problem.ts';
import type { View } from '../../src/model/view.ts';
import { load, printable } from '../../src/program/config.ts';
import { inputsOf } from '../../src/program/inputs.ts';
import { listedOf, type Mirror, type Neo4jSettings, startMirror } from '../../src/program/mirror.ts';
import { openPipeline } from '../../src/program/pipeline.ts';
import { startServer } from '../../src/program/server.ts';
import type { Connection, Row } from '../../src/sinks/neo4j/connection.ts';
import { type Neo4jSink, type Neo4jSinkOptions, neo4jSink } from '../../src/sinks/neo4j/sink.ts';
import { follower } from '../../src/sinks/policy/follow.ts';
import { retrying, tireless } from '../../src/sinks/policy/retry.ts';
import { type Redaction, redaction } from '../../src/sources/redact.ts';
import { edgeLine, resourceLine, sinkContract } from '../contracts/sink.ts';
import { realObject } from '../fuzz/real-objects.ts';
import { seededRandom } from '../support/random.ts';
import { smallGraph } from '../support/small-graph.ts';
import { type Neo4jServer, startNeo4j } from './components/neo4j.ts';
import { waitFor } from './runner.ts';

let server: Neo4jServer;
let own: Connection;

before(async () => {
  server = await startNeo4j();
  own = server.connect();
});
after(async () => {
  await own.close();
  await server[Symbol.asyncDispose]();
});

/** Rows of a query, on a connection that no sink closes. */
async function ask(text: string, params: Record<string, unknown> = {}): Promise<readonly Row[]> {
  const [rows = []] = await own.write([{ text, params }]);
  return rows;
}

async function empty(): Promise<void> {
  while (Number((await ask('MATCH ()-[r]->() WITH r LIMIT 10000 DELETE r RETURN count(*)'))[0]?.[0]) > 0);
  while (Number((await ask('MATCH (n) WITH n LIMIT 10000 DELETE n RETURN count(*)'))[0]?.[0]) > 0);
}

function open(options: Partial<Neo4jSinkOptions> = {}): Neo4jSink {
  return neo4jSink(server.connect(), { kinds: [], ...options });
}

async function contents(): Promise<string[]> {
  const nodes = await ask('MATCH (n:Resource) RETURN n.id, n.kind, n.namespace, n.name, n.health');
  const edges = await ask('MATCH (a:Resource)-[r]->(b:Resource) RETURN type(r), a.id, b.id, r.field');
  return [
    ...(nodes as string[][]).map(([id = '', kind = '', namespace = '', name = '', health = '']) =>
      resourceLine({ id, kind, namespace, name, health }),
    ),
    ...(edges as string[][]).map(([type = '', from = '', to = '', field = '']) => edgeLine({ type, from, to, field })),
  ];
}

function wanted(view: View): string[] {
  return Array.from(view.resources(), (resource) => [
    resourceLine({ ...resource, health: resource.health.status }),
    ...Array.from(view.stored(resource.id, 'out'), (edge) => edgeLine({ ...edge, field: edge.detail.field })),
  ]).flat();
}

async function holds(view: View, when?: string): Promise<void> {
  assert.deepEqual((await contents()).sort(), wanted(view).sort(), when);
}

sinkContract('Neo4j', async () => {
  await empty();
  return { sink: open(), contents };
});

sinkContract('Neo4j in transactions of a few rows', async () => {
  await empty();
  return { sink: open({ batchSize: 3 }), contents };
});

sinkContract('Neo4j that fails now and then, tried again', async () => {
  await empty();
  const unreliable = flaky(server.connect(), seededRandom('flaky'));
  return { sink: retrying(neo4jSink(unreliable, { kinds: [] }), again, new AbortController().signal), contents };
});

test('NJ17 what is tried again leaves broken references as what succeeds at once', async () => {
  for (const keepEnded of [false, true]) {
    await empty();
    const graph = new Graph({ describer });
    for (const kind of ['ConfigMap', 'Secret', 'Pod', 'ServiceAccount', 'Namespace', 'PersistentVolumeClaim'])
      graph.apply([{ type: 'reset', at: AT, cluster: 'c', scope: { group: '', kind }, objects: [] }]);
    const random = seededRandom('broken');
    const unreliable = flaky(server.connect(), random);
    const sink = retrying(neo4jSink(unreliable, { kinds: [], keepEnded }), again, new AbortController().signal);
    await sink.replace(graph.view, 1);
    for (let step = 0; step < 40; step++)
      await sink.write(graph.apply(Array.from({ length: 5 }, () => change(random))).diff);
    const lacks = (): Promise<readonly Row[]> =>
      ask('MATCH (a)-[l:LACKS]->(m) RETURN a.id, l.edge, l.field, l.reason, m.id ORDER BY a.id, l.edge, l.field, m.id');
    const left = await lacks();
    assert.equal(left.length, [...graph.view.dangling()].length);
    assert.deepEqual(await ask('MATCH (m:Missing) WHERE NOT (m)<-[:LACKS]-() RETURN m.id'), []);
    await sink.close();
    await using fresh = closing(open({ keepEnded }));
    await fresh.replace(graph.view, 1);
    assert.deepEqual(await lacks(), left);
  }
});

test('NJ1 what others keep in the database stays: beside our nodes, between them, and under our labels', async () => {
  await empty();
  await using sink = closing(open());
  await ask(
    `CREATE (t:Team {name: 'red', id: 'red'})-[:LIKES]->(:Resource {id: 'x'}), (:Resource {id: 'x'}), (:Pod {name: 'web-1', cluster: 'c'})`,
  );
  const view = smallGraph(['Service/shop/web SELECTS Pod/shop/web-1', 'Pod/shop/web-1 RUNS_ON Node/n1']);
  await sink.replace(view, 1);
  await ask(`MATCH (t:Team), (s:Service {name: 'web'}), (p:Pod {name: 'web-1'}) WHERE p.uid IS NOT NULL
    CREATE (t)-[:OWNS]->(s), (s)-[:SELECTS {by: 'hand'}]->(p), (s)-[:CALLS]->(p)`);
  const foreign = `MATCH (a)-[r]->(b) WHERE r._kg IS NULL RETURN a.name, type(r), b.name, r.by ORDER BY type(r), a.name`;
  const before = await ask(foreign);
  assert.equal(before.length, 4);
  await sink.replace(view, 2);
  assert.deepEqual(await ask(foreign), before);
  const [service, pod] = [view.get('Service/shop/web')!, view.get('Pod/shop/web-1')!];
  const [selects] = [...view.out(service.id)];
  await sink.write({
    resources: { added: [], updated: [{ from: pod, to: pod }], removed: [] },
    edges: { added: [], updated: [], removed: [selects!] },
  });
  assert.deepEqual(await ask(foreign), before, 'our edge between the same two is gone, theirs is not');
  await sink.replace(smallGraph(['Service/shop/web']), 3);
  const left = await ask('MATCH (n) RETURN labels(n), n.name ORDER BY n.name, labels(n)');
  assert.equal(left.length, 5, JSON.stringify(left));
  assert.deepEqual(await ask('MATCH (:Team)-[r:OWNS]->(:Service) RETURN count(r)'), [[1]]);
});

test('NJ2 several clusters live in one database, and whoever mirrors one sweeps that one only', async () => {
  await empty();
  const world = (cluster: string, seed: number): View => {
    const graph = new Graph({ describer });
    const random = seededRandom(seed);
    for (let count = 0; count < 30; count++)
      graph.apply([{ type: 'apply', at: AT, cluster, object: realObject(random) }]);
    return graph.view;
  };
  await using east = closing(open());
  await using west = closing(open());
  const [first, second] = [world('east', 1), world('west/1', 1)];
  await east.replace(first, 1);
  await west.replace(second, 1);
  const both = [...wanted(first), ...wanted(second)].sort();
  assert.deepEqual((await contents()).sort(), both);
  await east.replace(first, 2);
  assert.deepEqual((await contents()).sort(), both);
  const other = world('east', 2);
  await east.replace(other, 3);
  assert.deepEqual((await contents()).sort(), [...wanted(other), ...wanted(second)].sort());
});

test('NJ3 whatever happened to the database meanwhile, a replacement leaves exactly the view', async () => {
  await empty();
  const graph = new Graph({ describer });
  const random = seededRandom('meanwhile');
  for (let count = 0; count < 60; count++)
    graph.apply([{ type: 'apply', at: AT, cluster: 'c', object: realObject(random) }]);
  await using sink = closing(open());
  await sink.replace(graph.view, 1);
  for (const harm of [
    'MATCH (n:Resource) WITH n LIMIT 7 DETACH DELETE n',
    'MATCH (:Resource)-[r]->(:Resource) WITH r LIMIT 9 DELETE r',
    'MATCH (a:Resource)-[r:IN_NAMESPACE]->(b) CREATE (a)-[twin:IN_NAMESPACE]->(b) SET twin = r',
    "MATCH (n:Resource) WITH n LIMIT 5 SET n = {id: n.id, cluster: 'c', _kg: 1}",
    "CREATE (:Resource:Pod {id: 'c/never', cluster: 'c', kind: 'Pod', _kg: 1})-[:RUNS_ON {_kg: 1}]->(:Resource {id: 'c/was', cluster: 'c', _kg: 1})",
    'MATCH (n) DETACH DELETE n',
  ]) {
    await ask(harm);
    await sink.replace(graph.view, 2);
    await holds(graph.view, harm);
  }
});

test('NJ4 labels, types, keys and values of any letters are stored as they are', async () => {
  await empty();
  const odd = [
    'a b',
    'back`tick',
    '``',
    '\\u0060) DETACH DELETE n //',
    "it's",
    '漢字 🎉',
    'a\nb',
    '\\',
    '{$x: 1}',
    '0',
    'a.b/c-d',
  ];
  const resources = Object.fromEntries(
    odd.map((name, index) => [
      `Odd/${index}`,
      { kind: name, name, labels: { [name]: name }, summary: { [name]: name, [`${name} `]: index } },
    ]),
  );
  const view = smallGraph(
    odd.slice(1).map((_, index) => `Odd/${index} T${index} Odd/${index + 1}`),
    { resources },
  );
  const types = new Map(odd.map((name, index) => [`T${index}`, name]));
  const renamed: View = {
    ...view,
    *stored(id, direction) {
      for (const edge of view.stored(id, direction)) yield { ...edge, type: types.get(edge.type) ?? edge.type };
    },
    kinds: () => odd.map((kind) => ({ group: '', kind })),
  };
  await using sink = closing(open());
  await sink.replace(renamed, 1);
  await sink.replace(renamed, 2);
  await holds(renamed);
  const rows = await ask(
    'MATCH (n:Resource) RETURN [l IN labels(n) WHERE l <> "Resource"][0], n.name, properties(n) ORDER BY n.id',
  );
  assert.equal(rows.length, odd.length);
  for (const [label, name, properties] of rows as [string, string, Record<string, unknown>][]) {
    assert.equal(label, name);
    assert.equal(properties[`label.${name}`], name);
    assert.equal(properties[name], name);
  }
});

test('NJ5 a replacement writes what differs and nothing else; who starts anew keeps the times at which edges were first seen', async () => {
  await empty();
  const random = seededRandom('again');
  const alone = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'red', name: 'alone', uid: 'alone' } };
  const objects = [alone, ...Array.from({ length: 40 }, () => realObject(random))];
  const estate = (at: string, list: readonly KubeObject[]): View => {
    const graph = new Graph({ describer });
    for (const object of list) graph.apply([{ type: 'apply', at, cluster: 'c', object }]);
    return graph.view;
  };
  const counted = counting(server.connect());
  await using sink = closing(neo4jSink(counted, { kinds: [] }));
  await sink.replace(estate('2026-01-01T00:00:00Z', objects), 1);
  const since = await ask('MATCH (:Resource)-[r]->(:Resource) RETURN DISTINCT toString(r.since)');
  counted.rows = 0;
  await sink.replace(estate('2026-02-02T00:00:00Z', objects), 1);
  assert.equal(counted.rows, 0, 'the same again');
  const view = estate('2026-02-02T00:00:00Z', objects.slice(1));
  await sink.replace(view, 1);
  await holds(view);
  assert.ok(counted.rows > 0 && counted.rows < 25, `${counted.rows} rows for one object that is gone`);
  assert.deepEqual(await ask('MATCH (:Resource)-[r]->(:Resource) RETURN DISTINCT toString(r.since)'), since);
});

test('NJ6 broken references are LACKS edges to shared Missing nodes, and go when the target comes or the resource goes', async () => {
  await empty();
  const pod = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name, uid: `uid-${name}` },
    spec: { volumes: [{ name: 'v', configMap: { name: 'settings' } }], containers: [] },
  });
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name: 'settings', uid: 'uid-s' },
  };
  const graph = new Graph({ describer });
  const does = (change: Omit<Change & { type: 'apply' | 'delete' }, 'at' | 'cluster'>): ReturnType<Graph['apply']> =>
    graph.apply([{ ...change, at: AT, cluster: 'c' } as Change]);
  for (const kind of ['ConfigMap', 'Pod', 'ServiceAccount', 'Namespace'])
    graph.apply([{ type: 'reset', at: AT, cluster: 'c', scope: { group: '', kind }, objects: [] }]);
  does({ type: 'apply', object: pod('a') });
  does({ type: 'apply', object: pod('b') });
  await using sink = closing(open());
  await sink.replace(graph.view, 1);
  const lacks = (): Promise<readonly Row[]> =>
    ask(
      `MATCH (r:Resource)-[l:LACKS]->(m:Missing {kind: 'ConfigMap'}) RETURN r.name, l.edge, l.reason, m.name, count { (m)<--() } ORDER BY r.name`,
    );
  const both = [
    ['a', 'MOUNTS', 'missing', 'settings', 2],
    ['b', 'MOUNTS', 'missing', 'settings', 2],
  ];
  assert.deepEqual(await lacks(), both);
  await sink.replace(graph.view, 2);
  assert.deepEqual(await lacks(), both, 'said twice');
  await sink.write(does({ type: 'apply', object: settings }).diff);
  assert.deepEqual(await lacks(), []);
  assert.deepEqual(await ask(`MATCH (m:Missing {kind: 'ConfigMap'}) RETURN m`), []);
  await sink.write(does({ type: 'delete', object: settings }).diff);
  assert.deepEqual(await lacks(), both);
  await sink.write(does({ type: 'delete', object: pod('a') }).diff);
  assert.deepEqual(await lacks(), [['b', 'MOUNTS', 'missing', 'settings', 1]]);
  await sink.write(does({ type: 'delete', object: pod('b') }).diff);
  assert.deepEqual(await ask(`MATCH (m:Missing {kind: 'ConfigMap'}) RETURN m`), []);
});

test('NJ7 what ended is kept with its times where that is wanted, and comes back as itself', async () => {
  await empty();
  const graph = new Graph({ describer });
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', uid: 'uid-n', creationTimestamp: '2026-01-01T00:00:00Z' },
  };
  const pod = (nodeName: string | undefined): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'web', uid: 'uid-p' },
    spec: { nodeName, containers: [] },
  });
  const at = (minute: number): string => `2026-02-02T00:0${minute}:00Z`;
  graph.apply([{ type: 'apply', at: at(0), cluster: 'c', object: node }]);
  graph.apply([{ type: 'apply', at: at(1), cluster: 'c', object: pod('n1') }]);
  await using sink = closing(open({ keepEnded: true }));
  await sink.replace(graph.view, 1);
  const times = (): Promise<readonly Row[]> =>
    ask(
      'MATCH (p:Pod)-[r:RUNS_ON]->(n:Node) RETURN toString(r.validFrom), toString(r.validTo), toString(n.validTo) ORDER BY r.validTo',
    );
  assert.deepEqual(await times(), [[null, null, null]]);
  await sink.write(graph.apply([{ type: 'apply', at: at(2), cluster: 'c', object: pod(undefined) }]).diff);
  assert.deepEqual(await times(), [[at(1), at(2), null]]);
  await sink.write(graph.apply([{ type: 'apply', at: at(3), cluster: 'c', object: pod('n1') }]).diff);
  assert.equal((await times()).length, 2, 'the edge is there again, and once more as it was');
  graph.apply([{ type: 'delete', at: at(4), cluster: 'c', object: node }]);
  await sink.replace(graph.view, 2);
  assert.deepEqual(await ask('MATCH (n:Node) RETURN toString(n.validFrom), toString(n.validTo)'), [
    ['2026-01-01T00:00:00Z', at(4)],
  ]);
  await sink.write(graph.apply([{ type: 'apply', at: at(5), cluster: 'c', object: node }]).diff);
  assert.deepEqual(await ask('MATCH (n:Node) RETURN n.validTo, n.name'), [[null, 'n1']]);
  assert.deepEqual(await ask('MATCH ()-[r:RUNS_ON]->() RETURN count(r), count(r.validTo)'), [[3, 2]]);
});

test('NJ8 a node with more relationships than fit into a transaction goes all the same', async () => {
  await empty();
  const pods = Array.from({ length: 500 }, (_, index) => `Pod/shop/web-${index} IN_NAMESPACE Namespace/shop`);
  await using sink = closing(open({ batchSize: 50 }));
  await sink.replace(smallGraph(pods), 1);
  const counted = counting(server.connect());
  await using second = closing(neo4jSink(counted, { kinds: [], batchSize: 50 }));
  const left = smallGraph(['Pod/shop/web-0']);
  await second.replace(left, 1);
  await holds(left);
});

test('NJ9 what cannot be indexed is left out and counted, and the rest is there', async () => {
  await empty();
  const long = 'x'.repeat(9_000);
  await using sink = closing(open());
  await sink.replace(smallGraph([`Pod/shop/web USES_IMAGE Image/${long}`, 'Pod/shop/web RUNS_ON Node/n1']), 1);
  assert.equal(sink.skipped, 1);
  assert.deepEqual(await ask('MATCH (n:Resource) RETURN n.kind ORDER BY n.kind'), [['Node'], ['Pod']]);
});

test('NJ10 every kind of the table has an index by name, and any other when it comes', async () => {
  await empty();
  const some = kinds.slice(0, 40);
  await using sink = closing(open({ kinds: some }));
  await sink.replace(smallGraph(['Pod/shop/web']), 1);
  const later = smallGraph(['Whatever/shop/web']).get('Whatever/shop/web')!;
  await sink.write({ resources: { added: [later], updated: [], removed: [] }, edges: emptyDiff });
  const indexed = new Set(
    (
      await ask(
        'SHOW INDEXES YIELD labelsOrTypes, properties, type WHERE type = "RANGE" AND properties = ["name"] RETURN labelsOrTypes[0]',
      )
    ).flat(),
  );
  assert.deepEqual(
    [...some, later].filter(({ kind }) => !indexed.has(kind)),
    [],
  );
  assert.deepEqual(
    (
      await ask(
        'SHOW CONSTRAINTS YIELD labelsOrTypes, properties RETURN labelsOrTypes[0], properties ORDER BY labelsOrTypes',
      )
    ).map(String),
    ['Missing,id,cluster', 'Resource,id,cluster'],
  );
});

test('NJ11 no value of a Secret is anywhere in the database', async () => {
  await empty();
  const canary = 'canary-7f3a9c51e2';
  const { change: redact }: Redaction = redaction('0123456789abcdef', () => () => false);
  const encoded = Buffer.from(canary).toString('base64');
  const meta = { namespace: 'shop', annotations: { note: `password=${canary}` } };
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...meta, name: 's', uid: 's' },
      data: { password: encoded },
      stringData: { p: canary },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...meta, name: 'p', uid: 'p' },
      spec: {
        containers: [
          {
            name: 'c',
            env: [
              { name: 'DB_PASSWORD', value: canary },
              { name: 'URL', value: `postgres://u:${canary}@db/x` },
            ],
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { ...meta, name: 'e', uid: 'e' },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'p', uid: 'p' },
      message: `login failed: password=${canary}`,
      reason: 'Failed',
    },
  ] as unknown as KubeObject[];
  const graph = new Graph({ describer });
  for (const object of objects) graph.apply([redact({ type: 'apply', at: AT, cluster: 'c', object })]);
  await using sink = closing(open());
  await sink.replace(graph.view, 1);
  const all = JSON.stringify([
    await ask('MATCH (n) RETURN properties(n)'),
    await ask('MATCH ()-[r]->() RETURN properties(r)'),
  ]);
  assert.ok(all.includes('"Secret"') && all.includes('"Event"'));
  for (const text of [canary, encoded]) assert.ok(!all.includes(text), text);
});

test('NJ12 a server that dies under load costs no memory, and the mirror catches up by itself: nothing missing, nothing twice', {
  timeout: 180_000,
}, async () => {
  await empty();
  const stop = new AbortController();
  const { view, feed, take } = openPipeline({
    describer,
    epoch: 'e',
    feedEntriesMax: 5_000,
    log: silentLogger,
    now: () => performance.now(),
  });
  const troubles: (string | undefined)[] = [];
  let reached = -1;
  const sink = open();
  const follow = tireless(follower(view, feed), {
    backoff: { firstMs: 200, maxMs: 1_000 },
    sleep,
    random: Math.random,
    troubled: (problem) => troubles.push(problem?.code),
  });
  const following = follow(sink, stop.signal, (revision) => {
    reached = revision;
  });
  const random = seededRandom('under load');
  const live = async (batches: number): Promise<void> => {
    for (let batch = 0; batch < batches; batch++) {
      take(Array.from({ length: 20 }, () => change(random)));
      await delay(2);
    }
  };
  const caughtUp = (): Promise<unknown> => waitFor('the mirror to catch up', () => reached === view.revision, 60_000);
  await live(100);
  await caughtUp();
  await holds(view, 'before');
  await live(50);
  await server.stop('at once');
  await live(100);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await live(1_500);
  globalThis.gc?.();
  const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  assert.ok(grown < 100, `30,000 changes in an outage took ${grown} MB`);
  assert.ok(troubles.includes('store-unreachable'), String(troubles));
  await Promise.all([server.start(), live(200)]);
  await live(50);
  await caughtUp();
  await holds(view, 'after');
  assert.equal(troubles.at(-1), undefined);
  await server.stop();
  await server.start();
  await live(20);
  await caughtUp();
  await holds(view, 'after it was stopped and started');
  stop.abort();
  await following;
  await sink.close();
});

test('NJ16 serve mirrors what it reads, and tells in /health how that goes; without Neo4j it goes on, and catches up when there is one', {
  timeout: 120_000,
}, async () => {
  await empty();
  await server.stop('at once');
  const stop = new AbortController();
  const environment = { NEO4J_URI: server.uri, NEO4J_USER: server.user, NEO4J_PASSWORD: server.password };
  const config = load({
    environment,
    overrides: { 'server.port': 0, 'log.level': 'silent', 'history.enabled': false },
  });
  assert.equal(printable(config)['neo4j']?.['password'], '***');
  const file = new URL('../../demo/shop.jsonl.gz', import.meta.url).pathname;
  const inputs = inputsOf(config, { file }, { stdin: process.stdin, environment }, 'follow');
  const served = await startServer(config, inputs, { now: () => performance.now(), stop: stop.signal });
  const health = async (): Promise<{ dependencies: Record<string, string>; warnings?: string[] }> =>
    (await (await fetch(`${served.url}/health`)).json()) as never;
  await served.ended;
  await waitFor('the trouble to be told', async () => (await health()).warnings?.some((text) => /Neo4j/.test(text)));
  assert.equal((await health()).dependencies['neo4j'], 'UNAVAILABLE');
  assert.ok((await fetch(`${served.url}/api/v1/kinds`)).ok, 'answers go on');
  await server.start();
  await waitFor('Neo4j to be reached', async () => (await health()).dependencies['neo4j'] === 'OK');
  await waitFor('the mirror to be whole', async () => {
    const [[count] = []] = await ask('MATCH (n:Resource) RETURN count(n)');
    return count === served.pipeline.view.resourceCount;
  });
  await waitFor(
    'all edges to be there',
    async () => JSON.stringify((await contents()).sort()) === JSON.stringify(wanted(served.pipeline.view).sort()),
  );
  assert.deepEqual((await health()).warnings, undefined);
  stop.abort();
  await served.close();
});

test('NJ18 what the mirror missed is written when Neo4j answers again, also while a new kind is being listed', {
  timeout: 240_000,
}, async () => {
  await empty();
  await using mirrored = mirroring();
  const { take } = mirrored;
  take(scoped('', 'Pod', 'ready'), { type: 'apply', object: plain('v1', 'Pod', 'before') });
  await waitFor('the first to be there', async () => (await names()).includes('before'));
  await server.stop('at once');
  take({ type: 'apply', object: plain('v1', 'Pod', 'meanwhile') });
  await waitFor('the outage to be noticed', () => mirrored.mirror.warnings().length > 0);
  take(scoped('x.io', 'New', 'loading'));
  await server.start();
  await waitFor('the second to be there', async () => (await names()).includes('meanwhile'), 60_000);
  assert.deepEqual(await names(), ['before', 'meanwhile']);
  await waitFor('the mirror to have caught up', () => mirrored.mirror.warnings().length === 0);
});

test('NJ23 closing does not wait for what Neo4j is doing', async () => {
  await empty();
  const { take, mirror } = mirroring();
  const pods = Array.from({ length: 5_000 }, (_, index) => plain('v1', 'Pod', `p${index}`));
  take({ type: 'reset', scope: { group: '', kind: 'Pod' }, objects: pods });
  await waitFor('some to be there', async () => (await names()).length > 0, 60_000, 1);
  const closed = mirror.close().then(() => 'closed');
  assert.equal(await Promise.race([closed, delay(5_000, 'it waits', { ref: false })]), 'closed');
  assert.ok((await names()).length < pods.length);
});

test('NJ19 a kind that cannot be listed does not hold up the mirror: what is there of it stays, and is compared once it is listed', {
  timeout: 240_000,
}, async () => {
  await empty();
  const old = new Graph({ describer });
  for (const name of ['kept', 'gone'])
    old.apply([{ type: 'apply', at: AT, cluster: 'c', object: plain('x.io/v1', 'Widget', name) }]);
  old.apply([{ type: 'apply', at: AT, cluster: 'c', object: plain('v1', 'Pod', 'of-before') }]);
  const sink = open();
  await sink.replace(old.view, 1);
  await sink.close();
  await using mirrored = mirroring();
  const { take } = mirrored;
  take(scoped('x.io', 'Widget', 'loading', 'its conversion webhook failed'), scoped('', 'Pod', 'ready'));
  take({ type: 'apply', object: plain('v1', 'Pod', 'new') });
  await waitFor('the mirror to be compared', async () => (await names()).includes('new'));
  await waitFor('the pod of before to go', async () => !(await names()).includes('of-before'));
  assert.deepEqual(await names(), ['gone', 'kept', 'new']);
  const scope = { group: 'x.io', kind: 'Widget' };
  take({ type: 'reset', scope, objects: [plain('x.io/v1', 'Widget', 'kept')] });
  await waitFor('the widget to go', async () => !(await names()).includes('gone'));
  assert.deepEqual(await names(), ['kept', 'new']);
});

/** The mirror of a cluster `c` that is told what happens. */
function mirroring(): AsyncDisposable & { readonly mirror: Mirror; take(...changes: object[]): void } {
  const pipeline = openPipeline({ describer, epoch: 'e', log: silentLogger, now: () => performance.now() });
  const { uri, user, password } = server;
  const settings: Neo4jSettings = { uri, user, password, keepEnded: false, batchSize: 100 };
  const listed = (): readonly string[] => listedOf({ view: pipeline.view, clusters: ['c'] });
  const mirror = startMirror({ settings, pipeline, listed, log: silentLogger });
  return {
    mirror,
    take: (...changes) => pipeline.take(changes.map((change) => ({ at: AT, cluster: 'c', ...change }) as Change)),
    [Symbol.asyncDispose]: () => mirror.close(),
  };
}

function scoped(group: string, kind: string, coverage: Coverage, message?: string): object {
  return { type: 'observe', scope: { group, kind }, coverage, ...(message !== undefined && { message }) };
}

function plain(apiVersion: string, kind: string, name: string): KubeObject {
  return { apiVersion, kind, metadata: { namespace: 'shop', name, uid: `uid-${name}` } };
}

/** Of Pods and Widgets. */
async function names(): Promise<unknown[]> {
  return (await ask('MATCH (n:Pod|Widget) RETURN n.name ORDER BY n.name')).flat();
}

const AT = '2026-01-01T00:00:00Z';

function change(random: ReturnType<typeof seededRandom>): Change {
  const object = realObject(random);
  return random.chance(0.3)
    ? { type: 'delete', at: AT, cluster: 'c', object }
    : { type: 'apply', at: AT, cluster: 'c', object };
}

function closing<T extends Neo4jSink>(sink: T): T & AsyncDisposable {
  return Object.assign(sink, { [Symbol.asyncDispose]: () => sink.close() });
}

const again = { attempts: 100, backoff: { firstMs: 1, maxMs: 1 }, sleep: async () => {}, random: Math.random };

/** One transaction of five fails, before the server took it or after. */
function flaky(connection: Connection, random: ReturnType<typeof seededRandom>): Connection {
  const fail = (): void => {
    if (random.chance(0.1)) throw new Problem('store-unreachable', 'now and then');
  };
  return {
    async write(statements) {
      fail();
      const rows = await connection.write(statements);
      fail();
      return rows;
    },
    async *read(statement) {
      fail();
      yield* connection.read(statement);
    },
    verify: () => connection.verify(),
    close: () => connection.close(),
  };
}

/** Counts the rows of statements that write. */
function counting(connection: Connection): Connection & { rows: number } {
  return {
    rows: 0,
    async write(statements) {
      for (const { params } of statements) this.rows += Array.isArray(params['rows']) ? params['rows'].length : 0;
      return connection.write(statements);
    },
    read: (statement) => connection.read(statement),
    verify: () => connection.verify(),
    close: () => connection.close(),
  };
}

/** The whole store on the real graph, its feed and the real Grafeo process. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../../test/support/random.ts';
import { Feed } from '../../graph/feed.ts';
import { Graph } from '../../graph/graph.ts';
import { describer } from '../../kinds/index.ts';
import type { Change, KubeObject } from '../../model/change.ts';
import { Problem, type ProblemCode } from '../../model/problem.ts';
import { follower } from '../policy/follow.ts';
import { type Embedded, type EmbeddedOptions, openEmbedded, type Timer } from './embedded.ts';
import type { QueryAnswer, QueryOptions } from './query.ts';

interface World {
  readonly graph: Graph;
  readonly embedded: Embedded;
  take(...changes: Change[]): void;
  rows(text: string, params?: Record<string, unknown>, options?: QueryOptions): Promise<unknown>;
}

const opened: Embedded[] = [];
after(() => {
  for (const embedded of opened) embedded.close();
});

function world(options: Partial<EmbeddedOptions> = {}, entriesMax = 100_000): World {
  const graph = new Graph({ describer });
  const feed = new Feed({ epoch: 'e', entriesMax });
  const embedded = openEmbedded({ view: graph.view, follow: follower(graph.view, feed), ...options });
  opened.push(embedded);
  return {
    graph,
    embedded,
    take: (...changes) => feed.publish(graph.apply(changes)),
    rows: async (text, params, how) => (await embedded.query(text, params, how)).rows,
  };
}

const AT = '2026-11-20T10:00:00Z';
const meta = (name: string, more: object = {}) => ({
  name,
  namespace: 'shop',
  uid: `uid-${name}`,
  creationTimestamp: AT,
  ...more,
});
const apply = (apiVersion: string, kind: string, metadata: object, rest: object = {}): Change => ({
  type: 'apply',
  at: AT,
  cluster: 'c',
  object: { apiVersion, kind, metadata, ...rest } as KubeObject,
});
const remove = (apiVersion: string, kind: string, name: string): Change => ({
  type: 'delete',
  at: AT,
  cluster: 'c',
  object: { apiVersion, kind, metadata: { name, namespace: 'shop', uid: `uid-${name}` } },
});
const configMap = (name: string): Change => apply('v1', 'ConfigMap', meta(name));
const podReading = (name: string, configMapName: string): Change =>
  apply('v1', 'Pod', meta(name, { labels: { app: 'web', 'app.kubernetes.io/name': 'web' } }), {
    spec: { containers: [{ name: 'c', image: 'web:1', envFrom: [{ configMapRef: { name: configMapName } }] }] },
  });

async function problem(code: ProblemCode, asked: Promise<unknown>): Promise<Problem> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`expected ${code}`);
}

test('Y11 the store is started by the first question that can be asked, not before', async () => {
  const { embedded, take, rows } = world();
  take(configMap('a'));
  await problem('read-only', rows('MATCH (n) SET n.x = 1'));
  await problem('invalid-query', rows("RETURN 'open"));
  await problem('invalid-input', rows('RETURN 1', {}, { limitRows: 0 }));
  await problem('invalid-input', rows('RETURN $x', { x: 1n }));
  assert.equal(embedded.state, 'empty');
  assert.deepEqual(await rows('MATCH (n:ConfigMap) RETURN n.name'), [['a']]);
  assert.equal(embedded.state, 'ready');
});

test('Y12 an answer is never older than what the caller could see', async () => {
  const { take, rows } = world();
  for (let count = 1; count <= 30; count++) {
    take(configMap(`m${count}`));
    assert.deepEqual(await rows('MATCH (n:ConfigMap) RETURN count(n)'), [[count]]);
  }
  take(remove('v1', 'ConfigMap', 'm1'));
  assert.deepEqual(await rows('MATCH (n:ConfigMap) RETURN count(n)'), [[29]]);
});

/** Everything in the store that is not about age, and the same of the view. */
async function compare({ graph, rows }: World): Promise<void> {
  const limit = { limitRows: 1_000_000 };
  const nodes = (await rows('MATCH (n:Resource) RETURN n.id', {}, limit)) as string[][];
  const edges = (await rows(
    'MATCH (a:Resource)-[r]->(b:Resource) RETURN type(r), a.id, b.id, r.field',
    {},
    limit,
  )) as string[][];
  const lacks = (await rows(
    'MATCH (a)-[r:LACKS]->(b:Missing) RETURN r.edge, a.id, b.kind, b.name',
    {},
    limit,
  )) as string[][];
  const { view } = graph;
  assert.deepEqual(nodes.flat().sort(), [...view.resources()].map(({ id }) => id).sort());
  const wanted = [...view.resources()].flatMap(({ id }) => [...view.stored(id, 'out')]);
  assert.deepEqual(
    edges.map(String).sort(),
    wanted.map(({ type, from, to, detail }) => String([type, from, to, detail.field])).sort(),
  );
  const broken = [...view.dangling()].map(({ type, from, target }) => String([type, from, target.kind, target.name]));
  assert.deepEqual(lacks.map(String).sort(), broken.sort());
}

for (const [name, entriesMax] of [
  ['the feed keeps it all', 100_000],
  ['the feed keeps too little and the store must begin again', 600],
] as const) {
  test(`Y13 what changes while the store is being filled is in it, and what came and went is not: ${name}`, async () => {
    const here = world({}, entriesMax);
    const { take, rows, embedded } = here;
    take(
      ...Array.from({ length: 1500 }, (_, number) => [
        configMap(`m${number}`),
        podReading(`p${number}`, `m${number}`),
      ]).flat(),
    );
    const random = seededRandom(name);
    const asked = rows('MATCH (n) RETURN count(n)');
    let commits = 0;
    for (; embedded.state !== 'ready' && commits < 2000; commits++) {
      const number = random.int(1500);
      take(random.chance(0.5) ? podReading(`p${number}`, `m${random.int(1500)}`) : remove('v1', 'Pod', `p${number}`));
      // For a while this pod reads another ConfigMap, and a pod stands there that nothing shall know of.
      take(podReading(`p${commits}`, 'm1'), podReading(`x${commits}`, 'm1'));
      if (commits >= 30)
        take(podReading(`p${commits - 30}`, `m${commits - 30}`), remove('v1', 'Pod', `x${commits - 30}`));
      await (commits % 10 === 0 ? setTimeout(2) : setImmediate());
    }
    await asked;
    assert.ok(commits > 20, 'the store was filled before anything changed');
    await compare(here);
  });
}

const RUNAWAY = 'MATCH (a),(b),(c),(d),(e),(f) RETURN count(*)';

test('Y14 a query that runs too long ends in time, blocks nothing, and the next is answered by a store filled anew', async () => {
  const { take, rows, embedded } = world();
  take(...Array.from({ length: 200 }, (_, number) => configMap(`m${number}`)));
  await rows('RETURN 1');
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  const began = performance.now();
  const error = await problem('timeout', rows(RUNAWAY, {}, { timeoutMs: 300 }));
  clearInterval(ticking);
  assert.ok(performance.now() - began < 10_000, 'not stopped in time');
  assert.ok(ticks > 5, `the event loop turned ${ticks} times while the query ran`);
  assert.match(error.message, /300 ms/);
  assert.equal(embedded.state, 'empty');
  assert.deepEqual(await rows('MATCH (n:ConfigMap) RETURN count(n)'), [[200]]);
});

test('Y14 queries that a stopped one takes with it are asked again', async () => {
  const { take, rows } = world();
  take(...Array.from({ length: 150 }, (_, number) => configMap(`m${number}`)));
  await rows('RETURN 1');
  const [stopped, other] = await Promise.allSettled([
    rows(RUNAWAY, {}, { timeoutMs: 200 }),
    rows('MATCH (a:ConfigMap),(b:ConfigMap),(c:ConfigMap) RETURN count(*)', {}, { timeoutMs: 60_000 }),
  ]);
  assert.equal(stopped.status, 'rejected');
  assert.deepEqual(other, { status: 'fulfilled', value: [[150 ** 3]] });
});

test('Y15 memory and the size of an answer are bounded', async () => {
  const small = world({ limits: { queryMemoryMax: 60 * 2 ** 20, answerMax: 100_000 } });
  small.take(...Array.from({ length: 1000 }, (_, number) => configMap(`m${number}`)));
  await problem(
    'too-large',
    small.rows('MATCH (a),(b),(c) RETURN collect(a.name + b.name + c.name)', {}, { timeoutMs: 60_000 }),
  );
  await problem('too-large', small.rows('MATCH (a),(b) RETURN collect(a.name)'));
  assert.deepEqual(await small.rows('MATCH (n) RETURN count(n)'), [[1000]]);
});

test('Y15 so many queries run, so many wait, and the rest are turned away', async () => {
  const { take, rows } = world({ runningMax: 1, waitingMax: 1 });
  take(configMap('a'));
  const answers = [rows('RETURN 1'), rows('RETURN 2'), problem('limit-reached', rows('RETURN 3'))];
  assert.deepEqual((await Promise.all(answers)).slice(0, 2), [[[1]], [[2]]]);
  assert.deepEqual(await rows('RETURN 4'), [[4]]);
});

test('Y16 an idle store is dropped, and started again when asked', async () => {
  const pending: { callback: () => void; ms: number }[] = [];
  const timer: Timer = (callback, ms) => {
    const entry = { callback, ms };
    pending.push(entry);
    return () => pending.splice(pending.indexOf(entry), 1);
  };
  const { take, rows, embedded } = world({ idleMs: 60_000, timer });
  take(configMap('a'));
  await rows('RETURN 1');
  await rows('RETURN 1');
  assert.deepEqual(
    pending.map(({ ms }) => ms),
    [60_000],
    'one timer, begun by the last query',
  );
  pending[0]?.callback();
  assert.equal(embedded.state, 'empty');
  take(configMap('b'));
  assert.deepEqual(await rows('MATCH (n:ConfigMap) RETURN count(n)'), [[2]]);
});

test('Y16 closing rejects what waits, and nothing is asked afterwards', async () => {
  const { take, rows, embedded } = world();
  take(configMap('a'));
  const waiting = problem('store-unreachable', rows('RETURN 1'));
  await setImmediate();
  embedded.close();
  embedded.close();
  await waiting;
  await problem('store-unreachable', rows('RETURN 1'));
});

test('Y16 the store’s process does not outlive the server, whatever it is doing', async () => {
  const script = `
    import { openStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
    const store = openStore();
    await store.request({ type: 'begin', generation: 1 });
    await store.request({ type: 'nodes', rows: Array.from({ length: 2000 }, (_, i) => ({ labels: ['A'], properties: { id: String(i) } })) });
    await store.request({ type: 'sweep' });
    store.request({ type: 'query', text: 'MATCH (a),(b),(c) RETURN count(*)', params: {}, limitRows: 1, writes: false }, () => console.log(store.pid));
  `;
  const server = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(server.stdout, 'data');
  const pid = Number(String(output));
  assert.ok(pid > 0 && isAlive(pid));
  server.kill('SIGKILL');
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await setTimeout(50);
  assert.ok(!isAlive(pid), 'the process is still there');
});

/** Whether the process runs; one that has ended and nobody has asked after does not. */
function isAlive(pid: number): boolean {
  const state = String(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout).trim();
  return state !== '' && !state.startsWith('Z');
}

test('Y4 an answer has as many rows as asked for at most, and says when there were more', async () => {
  const { take, embedded } = world();
  take(...Array.from({ length: 20 }, (_, number) => configMap(`m${String(number).padStart(2, '0')}`)));
  const ask = (text: string, limitRows: number): Promise<QueryAnswer> => embedded.query(text, {}, { limitRows });
  const sorted = await ask('MATCH (n) RETURN n.name AS name, n.kind ORDER BY name DESC', 2);
  assert.deepEqual(
    [sorted.columns, sorted.rows, sorted.truncated],
    [
      ['name', 'n.kind'],
      [
        ['m19', 'ConfigMap'],
        ['m18', 'ConfigMap'],
      ],
      true,
    ],
  );
  const exact = await ask('MATCH (n) RETURN n.name', 20);
  assert.deepEqual([exact.rows.length, exact.truncated], [20, false]);
  const own = await ask('MATCH (n) RETURN n.name LIMIT 15', 10);
  assert.deepEqual([own.rows.length, own.truncated], [10, true]);
  const union = await ask('MATCH (n) RETURN n.name AS b, 1 AS a UNION ALL MATCH (n) RETURN n.name AS b, 2 AS a', 30);
  assert.deepEqual([union.columns, union.rows.length, union.truncated], [['b', 'a'], 30, true]);
  const called = await ask('CALL db.labels()', 1);
  assert.deepEqual([called.rows.length, called.truncated], [1, true]);
});

test('Y5 what is wrong with a query is said with its place in the text as it was written', async () => {
  const { take, rows } = world();
  take(configMap('a'));
  for (const [source, where, text] of [
    ['MATCH (n) RETUR n', 'line 1, column 11', /Expected end of query/],
    ['MATCH (n:Pod RETURN n', 'line 1, column 14', /Expected \)/],
    ['MATCH (n) // é 😀\nWHERE n.x = = 3\nRETURN n', 'line 2, column 13', /Expected expression/],
    ['MATCH (c:PVC)-[:AFFECTS]->(x) RETURN = 1', 'line 1, column 38', /Expected expression/],
    ['RETURN 1 AS a UNION RETURN = 1', 'line 1, column 28', /Expected expression/],
    ['MATCH (n) RETURN n.name, m.name', 'line 1, column 26', /Undefined variable 'm'/],
    ['MATCH (n)\nRETURN nope(n)', 'line 2, column 8', /Unknown function 'nope'/],
    ['MATCH (n {name: $who}) RETURN n', 'line 1, column 18', /Missing parameter/],
    ['', 'line 1, column 1', /empty/],
    ['RETURN 1; RETURN 2', 'line 1, column 11', /multiple statements/],
  ] as const) {
    const error = await problem('invalid-query', rows(source));
    assert.equal(error.details[0], where, `${source}: ${error.message}`);
    assert.match(error.message, text);
    assert.ok(!error.message.includes('GRAFEO'), error.message);
  }
  assert.match((await problem('invalid-query', rows('RETURN 1 / 0'))).message, /^division by zero|1 \/ 0/);
});

test('Y17 nodes, edges, paths and instants are plain JSON that reads well', async () => {
  const { take, rows } = world();
  take(configMap('settings'), podReading('web', 'settings'));
  const [[pod, edge, path, values]] = (await rows(
    'MATCH p = (n:Pod)-[r:READS]->(c:ConfigMap) RETURN n, r, p, {created: n.createdAt, list: [1, 2.5, null], big: 9223372036854775807, not: 0.0 / 0.0, of: [c]} AS values',
  )) as [[Record<string, unknown>, Record<string, unknown>, Record<string, unknown[]>, Record<string, unknown>]];
  assert.deepEqual(pod['labels'], ['Pod', 'Resource']);
  assert.equal((pod['properties'] as Record<string, unknown>)['label.app.kubernetes.io/name'], 'web');
  assert.deepEqual([edge['type'], edge['from'], edge['to']], ['READS', 'c/uid-web', 'c/uid-settings']);
  assert.equal(
    (edge['properties'] as Record<string, unknown>)['field'],
    'spec.containers[0].envFrom[0].configMapRef.name',
  );
  assert.deepEqual([path['nodes']?.length, path['edges']?.[0]], [2, edge]);
  assert.equal(values['created'], AT);
  assert.deepEqual(values['list'], [1, 2.5, null]);
  assert.equal(values['big'], '9223372036854775807');
  assert.deepEqual(((values['of'] as unknown[])[0] as Record<string, unknown>)['labels'], ['ConfigMap', 'Resource']);
});

test('Y18 what a query that may write has written is seen by it alone and taken back', async () => {
  const { take, rows } = world();
  take(configMap('settings'), podReading('web', 'settings'));
  const scratch = { readOnly: false };
  assert.deepEqual(
    await rows(
      'MATCH (c:ConfigMap) DETACH DELETE c WITH 1 AS one MATCH (p:Pod) WHERE NOT EXISTS { (p)-[:READS]->() } RETURN p.name',
      {},
      scratch,
    ),
    [['web']],
  );
  assert.deepEqual(await rows('MATCH (p:Pod) SET p.name = "other" RETURN p.name', {}, scratch), [['other']]);
  take(configMap('settings'), configMap('more'));
  assert.deepEqual(await rows('MATCH (p:Pod)-[:READS]->(c) RETURN p.name, c.name'), [['web', 'settings']]);
  assert.deepEqual(await rows('MATCH (c:ConfigMap) RETURN count(c)'), [[2]]);
});

test('Y7 names with quotes, backticks and keywords are found as parameters, labels and properties', async () => {
  const { take, rows } = world();
  const odd = `it's \`odd\` "name" \\ $x 😀`;
  take(
    apply('v1', 'ConfigMap', meta('plain', { labels: { 'app.kubernetes.io/part-of': odd, set: 'yes' } })),
    apply('acme.cert-manager.io/v1', 'Order', meta('o1')),
    apply('example.com/v1', 'Match', meta('m1')),
    apply('v1', 'ConfigMap', { ...meta('x'), name: odd, uid: 'odd' }),
  );
  assert.deepEqual(await rows('MATCH (n:ConfigMap {name: $name}) RETURN n.name', { name: odd }), [[odd]]);
  assert.deepEqual(
    await rows('MATCH (n:ConfigMap) WHERE n.`label.app.kubernetes.io/part-of` = $odd RETURN n.name', { odd }),
    [['plain']],
  );
  assert.deepEqual(await rows('MATCH (n:ConfigMap {`label.set`: "yes"}) RETURN n.name AS set'), [['plain']]);
  assert.deepEqual(await rows('MATCH (n:Order) RETURN n.name'), [['o1']]);
  assert.deepEqual(await rows('MATCH (n:Match) RETURN n.name, n.set'), [['m1', null]]);
});

test('Y9 broken references are edges to what is missing, and go when it comes', async () => {
  const { take, rows } = world();
  take(podReading('web', 'gone'), podReading('web-2', 'gone'), {
    type: 'observe',
    at: AT,
    cluster: 'c',
    scope: { group: '', kind: 'ConfigMap' },
    coverage: 'ready',
  });
  const broken = 'MATCH (p:Pod)-[l:LACKS]->(m:Missing) RETURN p.name, l.edge, l.reason, m.kind, m.name ORDER BY p.name';
  assert.deepEqual(await rows(broken), [
    ['web', 'READS', 'missing', 'ConfigMap', 'gone'],
    ['web-2', 'READS', 'missing', 'ConfigMap', 'gone'],
  ]);
  assert.deepEqual(await rows('MATCH (m:Missing) RETURN count(m)'), [[1]]);
  take(remove('v1', 'Pod', 'web-2'));
  assert.deepEqual(await rows(broken), [['web', 'READS', 'missing', 'ConfigMap', 'gone']]);
  take(configMap('gone'));
  assert.deepEqual(await rows(broken), []);
  assert.deepEqual(await rows('MATCH (m:Missing) RETURN count(m)'), [[0]]);
  assert.deepEqual(await rows('MATCH (p:Pod)-[:READS]->(c) RETURN p.name, c.name'), [['web', 'gone']]);
});

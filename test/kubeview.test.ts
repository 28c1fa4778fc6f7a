/** KubeView as a source, against a stand-in that keeps its interface to the letter, faults included (support/kubeview.ts). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Graph } from '../src/graph/graph.ts';
import { describer, kinds } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { Change, KubeObject } from '../src/model/change.ts';
import { Problem } from '../src/model/problem.ts';
import { load } from '../src/program/config.ts';
import { inputsOf } from '../src/program/inputs.ts';
import { interrupted, recalling } from '../src/program/recall.ts';
import { startServer } from '../src/program/server.ts';
import { systemClock } from '../src/sources/kubernetes/clock.ts';
import { diagnoseKubeview } from '../src/sources/kubeview/doctor.ts';
import {
  type KubeviewSource,
  type KubeviewSourceOptions,
  kubeviewSnapshot,
  kubeviewSource,
  namespaceFilter,
} from '../src/sources/kubeview/source.ts';
import { redactor } from '../src/sources/redact.ts';
import { canonical } from './support/canonical.ts';
import { Kubeview, type KubeviewOptions, until } from './support/kubeview.ts';
import { seededRandom } from './support/random.ts';

const fast = {
  backoff: { firstMs: 5, maxMs: 20 },
  namespacesMs: 20,
  silenceMs: 2_000,
  graceMs: 500,
  spaceMs: 2,
  closeMs: 1,
};

function object(kind: string, name: string, more: object = {}, namespace = 'shop'): KubeObject {
  const apiVersion = { DaemonSet: 'apps/v1', Deployment: 'apps/v1' }[kind] ?? 'v1';
  return { apiVersion, kind, metadata: { name, namespace, uid: `uid-${kind}-${name}`, resourceVersion: '7' }, ...more };
}

/** A stand-in, a source on it, and the graph of what the source says. */
class World implements AsyncDisposable {
  readonly server: Kubeview;
  readonly graph = new Graph({ describer });
  readonly changes: Change[] = [];
  readonly source: KubeviewSource;
  readonly #stop = new AbortController();
  #reading: Promise<void> = Promise.resolve();
  #gate = Promise.resolve();
  /** The reader goes on. */
  release: () => void = () => undefined;

  private constructor(server: Kubeview, options: Partial<KubeviewSourceOptions>) {
    this.server = server;
    this.source = kubeviewSource(optionsFor(server.url, options));
  }

  static async open(
    server: KubeviewOptions = {},
    options: Partial<KubeviewSourceOptions> = {},
    waits = true,
  ): Promise<World> {
    const world = new World(await new Kubeview({ pingMs: 10, ...server }).start(), options);
    world.#reading = world.#read();
    if (waits) await world.ready();
    return world;
  }

  async #read(): Promise<void> {
    for await (const batch of this.source.changes(this.#stop.signal)) {
      await this.#gate;
      this.changes.push(...batch);
      this.graph.apply(batch);
    }
  }

  /** Until every namespace that is listed has been fetched. */
  ready(): Promise<void> {
    return until(() => this.server.namespaces.every((name) => this.coverage('Pod', name) === 'ready'), 'ready');
  }

  /** The reader reads no more until it is released. */
  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  async stop(): Promise<void> {
    this.release();
    this.#stop.abort();
    await this.#reading;
  }

  coverage(kind: string, namespace = 'shop'): string | undefined {
    return this.scope(kind, namespace)?.coverage;
  }

  scope(kind: string, namespace = 'shop') {
    return this.graph.view.coverage().find((scope) => scope.kind === kind && scope.namespace === namespace);
  }

  /** Names of what there is of a kind. */
  names(kind: string): readonly string[] {
    return [...this.graph.view.resources({ kind })].map(({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.server[Symbol.asyncDispose]();
  }
}

function optionsFor(url: string, more: Partial<KubeviewSourceOptions> = {}): KubeviewSourceOptions {
  return {
    url,
    clientId: 'kg',
    cluster: 'c',
    refreshSeconds: 300,
    include: [],
    exclude: [],
    kinds,
    environment: {},
    redact: redactor('a key for this test'),
    clock: systemClock(),
    random: Math.random,
    log: silentLogger,
    ...more,
    times: { ...fast, ...more.times },
  };
}

const quiet = { KG_LOG_LEVEL: 'silent' };
const namespaces = ['shop', 'bank', 'farm'];

test('KV40 each namespace has a stream and an id of its own, opened one after the other, and is fetched under it once it has spoken', async () => {
  await using world = await World.open({ namespaces, pingMs: 60_000 }, { times: { spaceMs: 150 } }, false);
  const { server } = world;
  const asked = (path: string): number => server.asked.filter((each) => each.startsWith(path)).length;
  await until(() => asked('/updates') === 3);
  await delay(200);
  assert.equal(asked('/api/fetch'), 0, 'no word before the ping, no fetch before a word');
  server.ping();
  await world.ready();
  assert.equal(new Set(server.ids).size, 3);
  assert.deepEqual(
    namespaces.map((name) => server.group(name).length),
    [1, 1, 1],
  );
  const [first = 0, , third = 0] = server.opened;
  assert.ok(third - first >= 150, `opened at ${server.opened}`);
  const said = world.changes.flatMap((change) =>
    change.type === 'observe' ? `${change.scope.kind} ${change.coverage}` : [],
  );
  const loading = said.indexOf('Secret loading');
  assert.ok(loading >= 0 && loading < said.indexOf('* ready'), 'nobody takes it for complete in between');
  assert.equal(server.hazards, 0);
});

test('KV41 what is streamed is known at once, what is repeated is no news, what is never streamed comes with the next fetch', async () => {
  for (const wrapped of [false, true]) {
    await using world = await World.open({ objects: [object('Pod', 'a')], wrapped });
    const { server } = world;
    server.put(object('Pod', 'b'));
    server.put(object('Pod', 'a', { status: { phase: 'Failed' } }));
    await until(() => world.names('Pod').length === 2);
    server.remove(object('Pod', 'b'));
    await until(() => world.names('Pod').length === 1);
    await until(() => [...world.graph.view.resources({ kind: 'Pod' })][0]?.summary['status'] === 'Failed');
    const said = world.changes.length;
    server.resync();
    server.put(object('Pod', 'mark'));
    await until(() => world.names('Pod').includes('mark'));
    assert.equal(world.changes.length, said + 1);
    server.put(object('DaemonSet', 'agent'));
    await world.source.refresh();
    await until(() => world.names('DaemonSet').length === 1);
  }
});

test('KV42 a stream that breaks is opened under a new id, everything is fetched again, and the time between is a gap', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a'), object('Pod', 'b')] });
  const { server } = world;
  const [before] = server.ids;
  server.remove(object('Pod', 'a'), false);
  server.cut();
  await until(() => world.names('Pod').join() === 'b' && world.coverage('Pod') === 'ready');
  await until(() => server.ids.length === 1);
  assert.notEqual(server.ids[0], before);
  assert.deepEqual(server.group('shop'), server.ids);
  const gap = world.graph.view.gaps().find(({ kind }) => kind === 'Pod');
  assert.ok(gap?.to !== undefined && gap.from <= gap.to);
  assert.equal(server.hazards, 0);
});

test('KV43 a KubeView that dies of an unknown tombstone and comes back: broken meanwhile, then everything as it is', async () => {
  await using world = await World.open({ namespaces, objects: [object('Pod', 'a'), object('Pod', 'b')] });
  const { server } = world;
  await server.removeUnseen(object('Pod', 'a'));
  await until(() => world.coverage('Pod') === 'broken' && world.coverage('*', '') === 'broken');
  assert.match(world.scope('*', '')?.message ?? '', /ECONNREFUSED/);
  assert.deepEqual(world.names('Pod'), ['a', 'b'], 'what was known stays');
  await server.start();
  await world.ready();
  await until(() => world.coverage('*', '') === 'ready');
  assert.deepEqual(world.names('Pod'), ['b']);
  assert.equal(server.hazards, 0);
});

test('KV44 a stream without pings is given up, a slow answer is waited for', async () => {
  await using world = await World.open({ pingMs: 10, objects: [object('Pod', 'a')] }, { times: { silenceMs: 300 } });
  const { server } = world;
  const before = server.asked.filter((asked) => asked.startsWith('/updates')).length;
  await delay(500);
  assert.equal(server.asked.filter((asked) => asked.startsWith('/updates')).length, before, 'pings are signs of life');
  server.mute = true;
  await until(() => world.coverage('Pod') === 'broken');
  assert.match(world.scope('Pod')?.message ?? '', /no ping for 0.3 s/);
  server.mute = false;
  await world.ready();
  assert.equal(server.hazards, 0);
});

test('KV45 namespaces come and go, and only those wanted are followed', async () => {
  await using world = await World.open(
    { namespaces: ['shop', 'kube-system'], objects: [object('Pod', 'a')] },
    { exclude: ['kube-*'] },
    false,
  );
  const { server } = world;
  await until(() => world.coverage('Pod') === 'ready');
  server.namespaces.push('bank');
  server.put(object('Pod', 'teller', {}, 'bank'));
  await until(() => world.names('Pod').join() === 'a,teller');
  assert.deepEqual(world.names('Namespace'), ['bank', 'shop']);
  server.namespaces.splice(0, 1);
  await until(() => world.names('Namespace').join() === 'bank');
  assert.deepEqual([world.names('Pod'), world.coverage('Pod')], [['teller'], 'absent']);
  await until(() => server.ids.length === 1, 'its stream is closed');
  server.failing = true;
  server.namespaces.length = 0;
  await until(() => world.coverage('*', '') === 'broken');
  assert.deepEqual(world.names('Pod'), ['teller'], 'an answer that is none takes nothing away');
  server.failing = false;
  await until(() => world.scope('*', '')?.message?.includes('no namespaces match the filter') === true);
  assert.deepEqual(world.names('Pod'), ['teller'], 'nor does a filter that leaves none');
  assert.equal(server.asked.filter((asked) => asked.includes('kube-system')).length, 0);
  assert.equal(server.hazards, 0);
});

test('KV46 what KubeView refuses is said in its words, and the rest goes on', async () => {
  await using world = await World.open(
    { namespaces: ['shop', 'bank'], singleNamespace: 'shop', objects: [object('Pod', 'a')] },
    {},
    false,
  );
  await until(() => world.coverage('Pod', 'bank') === 'forbidden' && world.coverage('Pod') === 'ready');
  assert.equal(world.scope('Pod', 'bank')?.message, 'namespace not allowed');
  world.server.failing = true;
  await world.source.refresh();
  await until(() => world.coverage('Pod') === 'broken');
  assert.equal(world.scope('Pod')?.message, 'the server is currently unable to handle the request');
  world.server.failing = false;
  await until(() => world.coverage('Pod') === 'ready');
  assert.equal(world.server.hazards, 0);
});

test('KV46 a namespace that ended between the list and the fetch is looked for again', async () => {
  await using world = await World.open({ namespaces: ['shop', 'bank'] }, { times: { namespacesMs: 60_000 } });
  const { server } = world;
  server.namespaces.splice(1, 1);
  await world.source.refresh();
  assert.deepEqual(world.names('Namespace'), ['shop']);
  server.namespaces.push('farm');
  server.joined = () => void server.namespaces.splice(1);
  const refreshed = world.source.refresh();
  await until(() => world.coverage('Pod', 'farm') === 'absent', 'a 404 has the namespaces listed again');
  await refreshed;
});

test('KV47 who reads us slowly does not slow KubeView, and has everything in the end', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a')] });
  const { server } = world;
  world.hold();
  const padding = 'x'.repeat(2_000);
  for (let round = 0; round < 20; round++)
    for (let number = 0; number < 500; number++) server.put(object('Service', `s-${number}`, { padding, round }));
  await server.idle('Service');
  assert.ok(world.names('Service').length < 500, 'nobody has read');
  world.release();
  const isLast = (): boolean =>
    world.changes.some(
      (change) => change.type === 'apply' && change.object['round'] === 19 && change.object.metadata.name === 's-499',
    );
  await until(isLast);
  const last = world.changes.findLast((change) => change.type === 'apply' && change.object.metadata.name === 's-7');
  assert.ok(last?.type === 'apply' && last.object['round'] === 19);
  assert.equal(server.ids.length, 1);
});

test('KV47 a stream that says more than can be taken in is given up rather than held up', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a')] }, { limits: { updates: 50, queued: 1 } });
  const { server } = world;
  world.hold();
  for (let number = 0; number < 500; number++) server.put(object('Service', `s-${number}`));
  await server.idle('Service');
  await until(() => server.ids.length === 0, 'the stream is given up');
  world.release();
  await until(() => world.names('Service').length === 500 && world.coverage('Service') === 'ready');
  assert.equal(server.hazards, 0);
});

test('KV48 what others do to KubeView is made up for by the next fetch: an id without a stream stops a kind for everybody', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a')] });
  const { server } = world;
  await fetch(`${server.url}/api/fetch/shop?clientID=nobody`);
  assert.equal(server.hazards, 1);
  server.tell('Pod', 'update', object('Pod', 'a'));
  server.put(object('Pod', 'b'));
  server.put(object('Service', 'web'));
  server.put(object('Pod', 'c'));
  await delay(50);
  assert.deepEqual(world.names('Pod'), ['a'], 'the stand-in does stop');
  await world.source.refresh();
  await until(() => world.names('Pod').join() === 'a,b,c' && world.names('Service').join() === 'web');
});

test('KV48 two streams of one id: the second has the word, and when the first ends, nobody', async () => {
  await using server = await new Kubeview({ pingMs: 10 }).start();
  const open = async (): Promise<{ end(): void }> => {
    const request = http.get(`${server.url}/updates?clientID=same`);
    await once(request, 'response');
    return { end: () => request.on('error', () => undefined).destroy() };
  };
  const first = await open();
  const second = await open();
  first.end();
  await until(() => server.ids.length === 0);
  second.end();
});

const CANARY = 'CANARY-correct-horse-battery';

test('KV49 no value of a Secret or ConfigMap is in any change, however it was told, and telling it again is no change', async () => {
  const values = { data: { password: Buffer.from(CANARY).toString('base64') }, stringData: { password: CANARY } };
  const settings = { data: { 'app.conf': `plain ${CANARY}` } };
  const copy = JSON.stringify(values);
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': copy };
  const secret = object('Secret', 'card', values);
  const objects = [
    { ...secret, metadata: { ...secret.metadata, annotations } },
    object('ConfigMap', 'settings', settings),
  ];
  await using world = await World.open({ objects });
  const { server } = world;
  const forms = (name: string): Set<string> =>
    new Set(
      world.changes.flatMap((change) =>
        change.type === 'apply' && change.object.metadata.name === name
          ? JSON.stringify({ ...change.object, metadata: { ...change.object.metadata, resourceVersion: '' } })
          : [],
      ),
    );
  for (const each of objects) server.put(each);
  await until(() => world.changes.filter((change) => change.type === 'apply').length >= 5);
  await world.source.refresh();
  server.put(object('Secret', 'late', values));
  await until(() => world.names('Secret').length === 2);
  server.remove(object('Secret', 'late'));
  await until(() => world.names('Secret').length === 1);
  const text = JSON.stringify(world.changes);
  assert.ok(!text.includes(CANARY) && !text.includes(values.data.password));
  assert.deepEqual([forms('card').size, forms('settings').size], [1, 1]);
});

test('KV50 when it ends, a fetch on its way is waited for, so that no id is left without a stream', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a')] });
  const { server } = world;
  const late: string[] = [];
  server.listed = async () => {
    await delay(50);
    late.push(...server.ids);
  };
  const refreshed = world.source.refresh();
  const fetches = (): number => server.asked.filter((asked) => asked.startsWith('/api/fetch')).length;
  await until(() => fetches() === 2);
  await world.stop();
  await refreshed;
  assert.equal(late.length, 1, 'the stream outlived the fetch');
  await until(() => server.ids.length === 0 && server.group('shop').length === 0);
  assert.equal(server.hazards, 0);
});

test('KV50 a fetch that never ends is waited for only so long', async () => {
  const world = await World.open({ objects: [object('Pod', 'a')] }, { times: { graceMs: 50 } });
  const never = Promise.withResolvers<void>();
  world.server.joined = () => never.promise;
  void world.source.refresh();
  await until(() => world.server.asked.filter((asked) => asked.startsWith('/api/fetch')).length === 2);
  const began = performance.now();
  await world.stop();
  assert.ok(performance.now() - began < 1_000);
  never.resolve();
  await world.server[Symbol.asyncDispose]();
});

test('KV51 a KubeView that is not there yet is waited for; its cluster is called by the address of its API server', async () => {
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
  const server = new Kubeview({ pingMs: 10, objects: [object('Pod', 'a')] });
  await server.start();
  await server.die();
  const source = kubeviewSource(optionsFor(server.url, { cluster: undefined, log }));
  const stop = new AbortController();
  const read = Array.fromAsync(source.changes(stop.signal));
  await until(() => warnings.length > 0);
  assert.equal(source.cluster, 'kubeview');
  await server.start();
  await until(() => source.cluster === '10.0.0.1:6443');
  await until(() => server.group('shop').length === 1);
  await source.refresh();
  stop.abort();
  const changes = (await read).flat();
  assert.deepEqual([...new Set(changes.map(({ cluster }) => cluster))], ['10.0.0.1:6443']);
  assert.equal(warnings.length, 1, warnings.join());
  await server.die();
});

test('KV52 a page where KubeView should be is told as such', async () => {
  const page = http.createServer((_, response) => response.end('<!doctype html>'));
  await once(page.listen(0, '127.0.0.1'), 'listening');
  const { port } = page.address() as { port: number };
  const looked = Array.fromAsync(
    kubeviewSnapshot(optionsFor(`http://127.0.0.1:${port}`)).changes(new AbortController().signal),
  );
  await assert.rejects(looked, /does kubeview.url lead to KubeView/);
  page.close();
});

test('KV53 one look tells everything and ends, and what could not be fetched is said', async () => {
  await using server = await new Kubeview({
    pingMs: 20,
    namespaces: ['shop', 'gone'],
    singleNamespace: 'shop',
    objects: [object('Pod', 'a'), object('DaemonSet', 'agent')],
  }).start();
  const graph = new Graph({ describer });
  for await (const batch of kubeviewSnapshot(optionsFor(server.url)).changes(new AbortController().signal))
    graph.apply(batch);
  assert.deepEqual(
    [...graph.view.resources({ kind: 'Pod' })].map(({ name }) => name),
    ['a'],
  );
  const coverage = graph.view.coverage().filter(({ kind, namespace }) => kind === 'Pod' && namespace !== '');
  assert.deepEqual(Object.fromEntries(coverage.map((scope) => [scope.namespace, scope.coverage])), {
    shop: 'ready',
    gone: 'forbidden',
  });
  assert.equal(server.hazards, 0);
});

test('KV54 nothing is called missing that KubeView would not tell of, and what it would tell of is', async () => {
  const owner = { apiVersion: 'odd.example.com/v1', kind: 'Oddity', name: 'o', uid: 'uid-o', controller: true };
  const pod = object('Pod', 'a', {
    spec: {
      serviceAccountName: 'robot',
      nodeName: 'n1',
      containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'none' } }] }],
    },
  });
  await using world = await World.open({
    objects: [{ ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } }],
  });
  assert.deepEqual(
    [...world.graph.view.dangling()].map(({ target }) => `${target.kind}/${target.name}`),
    ['ConfigMap/none'],
  );
});

test('KV55 what cannot be read in the stream is made up for by a fetch', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a')] });
  const { server } = world;
  server.put(object('Pod', 'b'), false);
  server.write('event: add\ndata: {"kind":"Pod","metad\n\n');
  await until(() => world.names('Pod').join() === 'a,b');
  server.put(object('Pod', 'c'), false);
  server.write('event: error\ndata: Error marshalling object\n\n');
  await until(() => world.names('Pod').join() === 'a,b,c');
  assert.equal(world.coverage('Pod'), 'ready');
});

test('KV56 the timer fetches again: DaemonSets, deletions that nobody told of', async () => {
  await using world = await World.open({ objects: [object('Pod', 'a')] }, { refreshSeconds: 0.05 });
  const { server } = world;
  server.remove(object('Pod', 'a'), false);
  server.put(object('DaemonSet', 'agent'));
  await until(() => world.names('Pod').length === 0 && world.names('DaemonSet').length === 1);
  assert.equal(world.graph.view.gaps().length, 0);
});

test('KV60 serve follows KubeView: /health names it, /refresh fetches everything again, and what it was called before still configures it', async () => {
  const server = await new Kubeview({ pingMs: 10, objects: [object('Pod', 'a')] }).start();
  const environment = { KUBEVIEW_URL: server.url, CLIENT_ID: 'an-instance', KG_SERVER_PORT: '0', ...quiet };
  const config = load({ environment, overrides: { 'history.enabled': false } });
  const stop = new AbortController();
  const reading = { stdin: Readable.from([]), environment };
  const inputs = inputsOf(config, {}, reading, 'follow');
  assert.deepEqual(
    inputs.sources.map(({ name }) => name),
    [`kubeview/${server.url}`],
  );
  const served = await startServer(config, inputs, { now: Date.now, stop: stop.signal });
  const ask = async (path: string, method = 'GET'): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${served.url}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
  const asks = async (path: string, expected: RegExp): Promise<void> => {
    let seen = '';
    for (const patience = Date.now() + 5_000; !expected.test(seen); await delay(10)) {
      assert.ok(Date.now() < patience, `${path}: ${seen}`);
      const { status, text } = await ask(path);
      seen = `${status} ${text}`;
    }
  };
  try {
    await asks('/health', /^200 .*"dependencies":\{"kubeview":"OK"\}/);
    await asks('/healthz/ready', /^200/);
    assert.match(server.ids.join(), /^an-instance-shop-/);
    server.put(object('DaemonSet', 'agent'));
    assert.equal((await ask('/refresh', 'POST')).status, 202);
    await asks('/api/v1/resources?kinds=DaemonSet', /agent/);
    await server.die();
    await asks('/health', /^503 .*"kubeview":"UNAVAILABLE"/);
    await asks('/healthz/ready', /^200/);
  } finally {
    stop.abort();
    await served.ended;
    await served.close();
    await server[Symbol.asyncDispose]();
  }
});

test('KV60 before KubeView has told what its cluster is called, nothing counts as ready', async () => {
  const environment = { KUBEVIEW_URL: 'http://127.0.0.1:1', KG_SERVER_PORT: '0', ...quiet };
  const config = load({ environment, overrides: { 'history.enabled': false } });
  const stop = new AbortController();
  const inputs = inputsOf(config, {}, { stdin: Readable.from([]), environment }, 'follow');
  const served = await startServer(config, inputs, { now: Date.now, stop: stop.signal });
  const [health, ready] = await Promise.all(
    ['/health', '/healthz/ready'].map(async (path) => (await fetch(served.url + path)).json()),
  );
  assert.deepEqual(health, { status: 'UNAVAILABLE', dependencies: { kubeview: 'UNAVAILABLE' } });
  assert.deepEqual(ready, { status: 'NOT_READY', missing: ['cluster kubeview: nothing listed yet'] });
  stop.abort();
  await served.ended;
  await served.close();
});

test('KV61 KubeView stands instead of the kubeconfig, beside contexts that are named, and its settings are checked', () => {
  const names = (more: Readonly<Record<string, string>>): readonly string[] => {
    const kubeconfig = join(mkdtempSync(join(tmpdir(), 'kube-kg-kubeview-')), 'config');
    const cluster = { name: 'c', cluster: { server: 'http://127.0.0.1:1' } };
    const context = { name: 'prod', context: { cluster: 'c', user: 'u' } };
    writeFileSync(kubeconfig, JSON.stringify({ clusters: [cluster], users: [{ name: 'u' }], contexts: [context] }));
    const config = load({
      environment: { KUBECONFIG: kubeconfig, KUBEVIEW_URL: 'http://kubeview:8000', ...more, ...quiet },
    });
    const reading = { stdin: Readable.from([]), environment: { KUBECONFIG: kubeconfig } };
    return inputsOf(config, {}, reading, 'follow').sources.map(({ name }) => name);
  };
  assert.deepEqual(names({}), ['kubeview/http://kubeview:8000']);
  assert.deepEqual(names({ KG_KUBERNETES_CONTEXTS: 'prod' }), ['kubeview/http://kubeview:8000', 'kubernetes/prod']);
  assert.deepEqual(names({ KG_KUBEVIEW_URL: 'https://other' }), ['kubeview/https://other']);
  for (const url of ['kubeview:8000', 'ftp://kubeview', 'http://user:secret@kubeview'])
    assert.throws(
      () => names({ KUBEVIEW_URL: url }),
      (error) => error instanceof Problem && !JSON.stringify(error.details).includes('secret@'),
      url,
    );
});

test('KV65 where telemetry was sent to is told to be ignored, beside the address of KubeView', () => {
  const notes = (environment: Readonly<Record<string, string>>): readonly string[] => {
    const told: string[] = [];
    load({ environment: { ...environment, ...quiet }, note: (text) => told.push(text) });
    return told;
  };
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' };
  assert.deepEqual(notes(telemetry), [], 'it may be there for others');
  assert.deepEqual(notes({ KUBEVIEW_URL: 'http://kubeview:8000' }), []);
  assert.match(
    notes({ KUBEVIEW_URL: 'http://kubeview:8000', ...telemetry }).join(),
    /^OTEL_EXPORTER_OTLP_ENDPOINT: telemetry is not sent yet; ignored$/,
  );
});

test('KV62 names of namespaces are whole, with * for any letters; what is excluded is out', () => {
  const wanted = namespaceFilter(['shop*', 'a.b'], ['*-test']);
  const names = ['shop', 'shopping', 'shop-test', 'my-shop', 'a.b', 'axb'];
  assert.deepEqual(names.filter(wanted), ['shop', 'shopping', 'a.b']);
  assert.deepEqual(names.filter(namespaceFilter([], [])), names);
});

test('KV63 doctor looks at KubeView and says what to do', async () => {
  await using server = await new Kubeview({ namespaces, pingMs: 10 }).start();
  const diagnose = (url: string, exclude: readonly string[] = []) =>
    diagnoseKubeview({ url, exclude, include: [], environment: {} }, new AbortController().signal);
  const [ok] = await diagnose(server.url);
  assert.deepEqual([ok?.status, ok?.message], ['ok', 'cluster 10.0.0.1:6443, 3 of 3 namespaces are followed']);
  const [none] = await diagnose(server.url, ['*']);
  assert.deepEqual([none?.status, none?.remedy?.includes('kubeview.exclude')], ['fault', true]);
  const [page] = await diagnose(`${server.url}/public`);
  assert.match(page?.remedy ?? '', /without a path/);
  const [nobody] = await diagnose('http://127.0.0.1:1');
  assert.match(nobody?.message ?? '', /ECONNREFUSED/);
});

for (const seed of [1, 2, 3])
  test(`KV57 whatever happens on the way, the graph becomes that of the cluster (seed ${seed})`, async () => {
    const random = seededRandom(`kubeview ${seed}`);
    const kindsThere = ['Pod', 'Service', 'Secret', 'ConfigMap', 'DaemonSet', 'Event'];
    const places = ['shop', 'bank', 'farm'];
    await using world = await World.open({ namespaces: places, resyncMs: 30 }, { refreshSeconds: 0.1 });
    const { server } = world;
    const anything = (): KubeObject => {
      const place = random.pick(places);
      const name = `${place}-${random.int(6)}`;
      const labels = { app: `v${random.int(3)}` };
      const one = object(random.pick(kindsThere), name, { data: { a: `${random.next()}` } }, place);
      // Made again under the same name it is another object.
      const uid = `${one.metadata.uid}-${random.int(3)}`;
      return { ...one, metadata: { ...one.metadata, uid, labels } };
    };
    const put = (): void => {
      const one = anything();
      const { kind, metadata } = one;
      const namesake = server.objects.find((each) => each.kind === kind && each.metadata.name === metadata.name);
      if (namesake !== undefined && namesake.metadata.uid !== metadata.uid) server.remove(namesake, random.chance(0.8));
      server.put(one, random.chance(0.9));
    };
    const remove = (): void => {
      if (server.objects.length > 0) server.remove(random.pick(server.objects), random.chance(0.8));
    };
    const steps: readonly (() => unknown)[] = [
      ...Array<() => void>(12).fill(put),
      ...Array<() => void>(6).fill(remove),
      () => server.cut(),
      () => void world.source.refresh(),
      () => server.unlistable.add(random.pick(kindsThere)),
      () => server.unlistable.clear(),
      () => {
        server.failing = random.chance(0.5);
      },
      () => server.write('event: update\ndata: {"half\n\n'),
      () => fetch(`${server.url}/api/fetch/shop?clientID=nobody`).catch(() => undefined),
      () => server.die().then(() => server.start()),
    ];
    for (let round = 0; round < 300; round++) {
      await random.pick(steps)();
      if (random.chance(0.3)) await delay(random.int(8));
    }
    server.unlistable.clear();
    server.failing = false;
    const told = new Graph({ describer });
    const at = '2026-01-01T00:00:00Z';
    const spaces = places.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
    const redact = redactor('a key for this test');
    for (const each of [...spaces, ...server.objects])
      told.apply([{ type: 'apply', at, cluster: 'c', object: redact(each) }]);
    // What KubeView tells of a ConfigMap has no values.
    const lines = (graph: Graph): string =>
      canonical(graph.view)
        .join('\n')
        .replaceAll(/,"digest":"\w+"/g, '');
    await until(() => lines(world.graph) === lines(told), 'the graph is that of the cluster');
    await world.ready();
  });

test('KV64 after a restart what KubeView still tells of goes on, and what it no longer tells of is gone', async () => {
  const objects = [object('Pod', 'a'), object('Pod', 'b'), object('Pod', 'teller', {}, 'bank')];
  await using server = await new Kubeview({ pingMs: 20, objects }).start();
  const graph = new Graph({ describer });
  const follow = async (until: () => boolean): Promise<readonly Change[]> => {
    const stop = new AbortController();
    const changes: Change[] = [];
    for await (const batch of recalling(kubeviewSource(optionsFor(server.url)).changes(stop.signal), graph.view)) {
      changes.push(...batch);
      graph.apply(batch);
      if (until()) stop.abort();
    }
    return changes;
  };
  const isReady = (namespace: string): boolean =>
    graph.view.coverage().some((scope) => scope.namespace === namespace && scope.coverage === 'ready');
  await follow(() => isReady('shop') && isReady('bank'));
  server.remove(object('Pod', 'b'));
  server.namespaces.splice(1, 1);
  graph.apply(interrupted(graph.view, '2026-01-01T00:00:00Z'));
  const changes = await follow(() => isReady('shop'));
  const gone = changes.flatMap((change) => (change.type === 'delete' ? change.object.metadata.name : []));
  assert.deepEqual(gone.sort(), ['b', 'teller']);
});

/** A server that keeps a history, ends, and starts again: what it knew is there, what happened meanwhile is told with its gap. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withAges } from '../../test/support/canonical.ts';
import type { Change, KubeObject } from '../model/change.ts';
import { openSqlite } from '../sinks/history/sqlite.ts';
import { load } from './config.ts';
import type { Input } from './inputs.ts';
import { rulesOf } from './live-relations.ts';
import { type Served, startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-history-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const cluster = 'c';
let clock = Date.parse('2026-11-21T10:00:00Z');
function now(): string {
  clock += 1_000;
  return new Date(clock).toISOString();
}

function configMap(name: string, level: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name, uid: `uid-${name}` },
    data: { level },
  };
}

const apply = (object: KubeObject): Change => ({ type: 'apply', at: now(), cluster, object });
const observe = (kind: string, coverage: 'loading' | 'ready'): Change => ({
  type: 'observe',
  at: now(),
  cluster,
  scope: kind === '*' ? { group: '*', kind } : { group: '', kind },
  coverage,
});

/** Says what the script says, then stays. */
function scripted(...script: readonly Change[]): Input {
  return {
    name: 'scripted',
    cluster,
    async *changes(stop) {
      yield script;
      await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    },
  };
}

async function served(
  url: string,
  input: Input,
): Promise<Served & AsyncDisposable & { ask<T>(path: string): Promise<T> }> {
  const config = load({ environment: {}, overrides: { 'server.port': 0, 'history.url': url, 'log.level': 'silent' } });
  const stop = new AbortController();
  const server = await startServer(
    config,
    { sources: [input], rules: rulesOf(config) },
    { now: () => clock, stop: stop.signal },
  );
  return {
    ...server,
    ask: async <T>(path: string) => (await fetch(`${server.url}/api/v1${path}`)).json() as Promise<T>,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
    },
  };
}

const listing = [observe('*', 'ready'), observe('ConfigMap', 'loading')];

test('HI57 after a restart what was known is there at once, what vanished meanwhile is told with its gap, and what stayed has no second version', async () => {
  const url = join(folder, 'restart.db');
  {
    await using server = await served(
      url,
      scripted(
        ...listing,
        apply(configMap('stays', 'info')),
        apply(configMap('goes', 'info')),
        apply(configMap('changes', 'info')),
        observe('ConfigMap', 'ready'),
      ),
    );
    await server.ask('/resources?kinds=cm');
  }
  const down = now();
  clock += 600_000;
  {
    await using server = await served(url, scripted());
    const { items } = await server.ask<{ items: { name: string }[] }>('/resources?kinds=cm');
    assert.deepEqual(
      items.map(({ name }) => name),
      ['changes', 'goes', 'stays'],
      'known before anything is observed',
    );
  }
  await using server = await served(
    url,
    scripted(
      ...listing,
      apply(configMap('stays', 'info')),
      apply(configMap('changes', 'debug')),
      apply(configMap('comes', 'x')),
      observe('ConfigMap', 'ready'),
    ),
  );
  const current = await server.ask<{ items: { name: string }[] }>('/resources?kinds=cm');
  assert.deepEqual(
    current.items.map(({ name }) => name),
    ['changes', 'comes', 'stays'],
  );
  const goes = await server.ask<Timeline>('/timeline/cm/shop/goes');
  assert.equal(goes.items[0]?.type, 'deleted');
  assert.ok((goes.items[0]?.notBefore ?? '~') <= down, 'it went at some time since the end of the first run');
  const changes = await server.ask<Timeline>('/timeline/cm/shop/changes');
  assert.match(changes.items[0]?.text ?? '', /data.level info → debug/);
  const stays = await server.ask<Timeline>('/timeline/cm/shop/stays?edges=false');
  assert.deepEqual(
    stays.items.filter(({ type }) => type !== 'unobserved').map(({ type }) => type),
    ['created'],
  );
  const then = await server.ask<{ incomplete: unknown[]; items: unknown[] }>(
    `/resources?kinds=cm&at=${new Date(Date.parse(down) + 60_000).toISOString()}`,
  );
  assert.equal(then.items.length, 3);
  assert.ok(then.incomplete.length > 0, 'nobody looked then, and the answer says so');
});

interface Timeline {
  readonly items: readonly { readonly type: string; readonly text: string; readonly notBefore?: string }[];
}

const mounting: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'web', uid: 'uid-web', labels: { app: 'web' } },
  spec: { nodeName: 'n1', volumes: [{ name: 'v', configMap: { name: 'stays' } }] },
};
const selecting: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name: 'web', uid: 'uid-service' },
  spec: { selector: { app: 'web' } },
};

test('HI130 a restart begins from the kept frame, with the same graph as without it', async () => {
  const url = join(folder, 'framed.db');
  {
    await using server = await served(
      url,
      scripted(...listing, apply(mounting), apply(configMap('stays', 'info')), apply(selecting), observe('*', 'ready')),
    );
    await server.ask('/resources');
  }
  const begun = async (name: string, sql: string): Promise<readonly string[]> => {
    const copy = join(folder, name);
    copyFileSync(url, copy);
    const database = openSqlite(copy);
    await database.script(sql);
    await database.close();
    await using server = await served(copy, scripted());
    return withAges(server.pipeline.view);
  };
  const framed = await begun('as-it-is.db', '');
  for (const type of ['S MOUNTS', 'S SELECTS', 'D RUNS_ON', 'C '])
    assert.ok(
      framed.some((line) => line.startsWith(type)),
      type,
    );
  assert.deepEqual(await begun('without-frames.db', 'DELETE FROM frame'), framed);
  assert.deepEqual(await begun('without-objects.db', 'DELETE FROM version'), framed, 'it is the frame that is read');
});

test("HI58 a history is its owner's to read alone, and one writer's", async () => {
  const url = join(folder, 'owned.db');
  await using first = await served(url, scripted());
  assert.equal(statSync(url).mode & 0o077, 0);
  await assert.rejects(served(url, scripted()), { code: 'store-in-use', message: /in use by another kube-kg/ });
  assert.ok(first.url);
});

test('HI59 without a history a question about the past says how to keep one', async () => {
  const config = load({ environment: {}, overrides: { 'server.port': 0, 'log.level': 'silent' } });
  const server = await startServer(
    config,
    { sources: [scripted()], rules: rulesOf(config) },
    { now: () => clock, stop: new AbortController().signal },
  );
  const answer = await fetch(`${server.url}/api/v1/counts?at=15m`);
  assert.equal(answer.status, 501);
  assert.match(((await answer.json()) as { detail: string }).detail, /--history/);
  await server.close();
});

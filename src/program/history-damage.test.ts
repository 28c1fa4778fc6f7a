/** A server whose history is damaged: before it starts, and while it runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { Change } from '../model/change.ts';
import { HistoryReader } from '../sinks/history/reader.ts';
import { openSqlite } from '../sinks/history/sqlite.ts';
import { load } from './config.ts';
import type { Input } from './inputs.ts';
import { rulesOf } from './live-relations.ts';
import { type Served, startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-damage-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const START = Date.parse('2026-11-21T10:00:00Z');

function configMap(name: string, second: number): Change {
  const metadata = { namespace: 'shop', name, uid: `uid-${name}` };
  const at = new Date(START + second * 1_000).toISOString();
  return { type: 'apply', at, cluster: 'c', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata } };
}

async function served(url: string, changes: Input['changes']): Promise<Served & AsyncDisposable> {
  const config = load({ environment: {}, overrides: { 'server.port': 0, 'history.url': url, 'log.level': 'silent' } });
  const stop = new AbortController();
  const sources: readonly Input[] = [{ name: 'scripted', cluster: 'c', changes }];
  const server = await startServer(
    config,
    { sources, rules: rulesOf(config) },
    { now: () => START, stop: stop.signal },
  );
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
    },
  };
}

function until(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}

test('HI108 a history that cannot be read is no start, says what to do, and is let go', async () => {
  const url = join(folder, 'before.db');
  {
    await using server = await served(url, async function* (stop) {
      yield [configMap('a', 0), configMap('b', 1)];
      await until(stop);
    });
    assert.ok(server.url);
  }
  {
    await using database = openSqlite(url);
    await database.script("DELETE FROM frame; UPDATE version SET body = x'28b52ffd' WHERE resource = 1");
  }
  await assert.rejects(
    served(url, async function* () {}),
    { code: 'store-damaged', message: /before\.db is damaged.*kube-kg doctor.*kube-kg restore/ },
  );
  await using database = openSqlite(url);
  assert.ok(await new HistoryReader(database).last(), 'nobody holds it');
});

test('HI109 a history that is damaged while it is written is told in /health, and the live graph goes on', async () => {
  const url = join(folder, 'while.db');
  const damaged = Promise.withResolvers<void>();
  await using server = await served(url, async function* (stop) {
    yield [configMap('a', 0)];
    await damaged.promise;
    yield [configMap('b', 60)];
    await until(stop);
  });
  const ask = async <T>(path: string): Promise<T> => (await fetch(`${server.url}${path}`)).json() as Promise<T>;
  const health = (): Promise<{ status: string; dependencies: Record<string, string>; warnings?: string[] }> =>
    ask('/health');
  await eventually(async () => (await ask<{ items: unknown[] }>('/api/v1/timeline/cm/shop/a')).items.length > 0);
  assert.equal((await health()).dependencies['history'], 'OK');
  const other = new DatabaseSync(url, { defensive: false });
  other.exec(`PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'version';
    PRAGMA schema_version = 999`);
  other.close();
  damaged.resolve();
  await eventually(async () => (await health()).dependencies['history'] === 'UNAVAILABLE');
  assert.match(
    (await health()).warnings?.join('\n') ?? '',
    /history: \S*while\.db is damaged.*restore a backup.*no history is kept/,
  );
  const { items } = await ask<{ items: { name: string }[] }>('/api/v1/resources?kinds=cm');
  assert.deepEqual(
    items.map(({ name }) => name),
    ['a', 'b'],
  );
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; )
    if (await holds().catch(() => false)) return;
    else await new Promise((resolve) => setTimeout(resolve, 20));
  assert.fail('it did not come about');
}

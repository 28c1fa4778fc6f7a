/** A history that is written is kept within its limits, and tells how that goes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { silentLogger } from '../lib/logger.ts';
import { Problem } from '../model/problem.ts';
import type { Entry } from '../sinks/history/entries.ts';
import { openHistory } from '../sinks/history/history.ts';
import { openDatabase } from '../sinks/history/open.ts';
import { Queries } from '../sinks/history/queries.ts';
import type { Pruned } from '../sinks/history/retention.ts';
import { load } from './config.ts';
import { rulesOf } from './live-relations.ts';
import { keepWithin, retentionOf, retentionWarnings } from './retention.ts';
import { startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-retention-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const DAY = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** A version every hour for so many days. */
function hours(days: number): readonly Entry[] {
  const of = {
    id: 'c/u' as never,
    cluster: 'c',
    group: '',
    kind: 'ConfigMap',
    pseudo: false,
    namespace: 'n',
    name: 'x',
    uid: 'u',
  };
  return Array.from({ length: days * 24 }, (_, hour): readonly Entry[] => [
    { type: 'moment', at: (start + hour * 3_600_000) * 1_000 },
    { type: 'version', of, text: JSON.stringify({ hour }) },
  ]).flat();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

test('HI45 what is too old goes while the history is written to, and it is told what has gone', {
  timeout: 30_000,
}, async (t) => {
  const url = join(folder, 'kept.db');
  const history = await openHistory(url);
  t.after(() => history.close());
  history.write(hours(20));
  await history.written();
  const stop = new AbortController();
  const retention = { days: 14, kindDays: {}, maxBytes: 0 };
  const now = (): number => start + 20 * DAY;
  const kept = keepWithin(history, { retention, everyMs: 1, now, log: silentLogger, stop: stop.signal });
  await until(() => kept.status.last !== undefined);
  stop.abort();
  const { info, last } = kept.status;
  assert.equal(last?.oldest, '2026-01-07T00:00:00.000Z');
  assert.equal(last?.rows['version'], 6 * 24);
  assert.ok(info.rows === 2 * 6 * 24 - 1 && info.bytes > 0 && info.lastAt === '2026-01-21T00:00:00.000Z');
  history.write([{ type: 'moment', at: (start + 20 * DAY) * 1_000 }]);
  await history.close();
  await assert.rejects(history.prune(retention, { now: now() }), { code: 'not-ready' });
  await using database = await openDatabase(url, { readOnly: true });
  assert.equal(await new Queries(database).countVersions({}), 14 * 24);
});

test('HI46 shortening that fails is told and tried again, and so is a limit that cannot be kept', async () => {
  const answers: (Error | Partial<Pruned>)[] = [
    new Problem('store-full', 'no space'),
    { rows: {}, bytes: 0, usedBytes: 3e9, totalBytes: 3e9, isOver: true },
    { rows: { version: 2 }, bytes: 10, usedBytes: 1e9, totalBytes: 3e9, isOver: false },
  ];
  const seen: (readonly string[])[] = [];
  const stop = new AbortController();
  const prune = async (): Promise<Pruned> => {
    if (kept.status.info.fault !== undefined || kept.status.last) seen.push(retentionWarnings(kept.status));
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return (answer as Pruned | undefined) ?? new Promise<never>(() => undefined);
  };
  const retention = { days: 14, kindDays: {}, maxBytes: 2e9 };
  const kept = keepWithin({ prune }, { retention, everyMs: 1, now: Date.now, log: silentLogger, stop: stop.signal });
  while (kept.status.info.rows === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  stop.abort();
  assert.match(seen[0]?.[0] ?? '', /could not be shortened: no space/);
  assert.match(seen[1]?.[0] ?? '', /takes 3\.0 GB, more than history\.maxSize \(2\.0 GB\)/);
  assert.deepEqual(retentionWarnings(kept.status), []);
  assert.deepEqual([kept.status.info.rows, kept.status.info.bytes], [2, 10]);
});

test('HI47 a server tells how full its history is, and what is kept', { timeout: 30_000 }, async () => {
  const overrides = {
    'server.port': 0,
    'history.url': join(folder, 'served.db'),
    'history.pruneMinutes': 0.0001,
    'log.level': 'silent',
  };
  const config = load({ environment: { KG_HISTORY_KIND_DAYS: 'Event=3,apps/ReplicaSet=0.5' }, overrides });
  const stop = new AbortController();
  const source = {
    name: 'quiet',
    cluster: 'c',
    async *changes(end: AbortSignal) {
      yield [
        {
          type: 'observe',
          at: new Date().toISOString(),
          cluster: 'c',
          scope: { group: '', kind: 'Pod' },
          coverage: 'ready',
        },
      ] as const;
      await new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }));
    },
  };
  const { url, close } = await startServer(
    config,
    { sources: [source], rules: rulesOf(config) },
    { now: Date.now, stop: stop.signal },
  );
  try {
    const ask = async (path: string): Promise<Record<string, never>> => (await fetch(`${url}${path}`)).json() as never;
    let health = await ask('/health');
    while (health['history']?.['usedBytes'] === undefined) health = await ask('/health');
    const history = await ask('/api/v1/history');
    assert.ok(Number(history['bytes']) > 0 && history['counts']?.['versions'] === 0, JSON.stringify(history));
    assert.deepEqual(history['retention']?.['kindDays'], { Event: 3, 'apps/ReplicaSet': 0.5 });
    assert.equal(history['retention']?.['days'], 14);
    assert.ok(history['retention']?.['lastAt']);
  } finally {
    stop.abort();
    await close();
  }
});

test('HI48 what is kept is configured in days, by kind, and as a size', () => {
  const config = (history: Record<string, unknown>) =>
    load({
      environment: {},
      overrides: Object.fromEntries(Object.entries(history).map(([key, value]) => [`history.${key}`, value])),
    });
  assert.deepEqual(retentionOf(config({})), { days: 14, kindDays: {}, maxBytes: 10e9 });
  assert.deepEqual(retentionOf(config({ days: 0.5, maxSize: '2GiB', kindDays: { Event: 1 } })), {
    days: 0.5,
    kindDays: { Event: 1 },
    maxBytes: 2 * 2 ** 30,
  });
  assert.equal(retentionOf(config({ maxSize: '0' })).maxBytes, 0);
  for (const [wrong, told] of [
    [{ maxSize: 'much' }, /history\.maxSize: write a size as 500MB/],
    [{ days: -1 }, /history\.days: must be at least 0/],
    [{ kindDays: { Event: 'x' } }, /history\.kindDays\.Event: must be a number/],
  ] as const)
    assert.throws(
      () => config(wrong),
      ({ details }: Problem) => told.test(details.join()) || assert.fail(details.join()),
    );
});

/** Asking about the past from beside a history that is in trouble, or not there yet. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSqlite } from '../sinks/history/sqlite.ts';
import { HistoryWriter } from '../sinks/history/writer.ts';
import { load } from './config.ts';
import { PastClient } from './past-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-past-client-'));
after(() => rmSync(folder, { recursive: true }));

const config = load({ environment: {} });
const quiet = { status: { waiting: 0, given: 0, written: 0 }, written: async () => undefined };

test('HI131 a history that could not be opened is opened by the next question', async () => {
  const url = join(folder, 'late.db');
  const past = new PastClient({ config, url, ended: false }, quiet);
  for (const _ of [1, 2]) await assert.rejects(past.history.kinds(), { code: 'store-unreachable' });
  const database = openSqlite(url);
  await HistoryWriter.open(database);
  assert.deepEqual(await past.history.kinds(), []);
  await past.end();
  await database.close();
});

test('HI132 nobody waits for what cannot be written: a store in trouble answers with what it has', async () => {
  let waits = 0;
  const written = async (): Promise<void> => {
    waits++;
  };
  const fault = { code: 'store-full', message: 'no space left' } as const;
  const kept = { status: { ...quiet.status, fault }, written };
  const past = new PastClient({ config, url: join(folder, 'late.db'), ended: false }, kept);
  assert.deepEqual(await past.history.kinds(), []);
  assert.equal(waits, 0);
  const well = new PastClient({ config, url: join(folder, 'late.db'), ended: false }, { ...quiet, written });
  assert.deepEqual(await well.history.kinds(), []);
  assert.equal(waits, 1);
  await Promise.all([past.end(), well.end()]);
});

test('HI133 questions at a time are bounded, those that wait for the store included, and none is begun after the end', async () => {
  const store = Promise.withResolvers<void>();
  const kept = { ...quiet, written: () => store.promise };
  const past = new PastClient({ config, url: join(folder, 'late.db'), ended: false }, kept);
  const asked = Array.from({ length: 200 }, () => past.history.kinds());
  await assert.rejects(past.history.kinds(), { code: 'limit-reached' });
  await past.end();
  store.resolve();
  for (const each of asked) await assert.rejects(each, { code: 'not-ready' });
});

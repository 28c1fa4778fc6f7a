import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { openSqlite } from '../sinks/history/sqlite.ts';
import { passingHistory } from './passing-history.ts';

const parent = mkdtempSync(join(tmpdir(), 'kube-kg-sweep-'));
after(() => rmSync(parent, { recursive: true }));

test('HI134 a passing history goes with its process, and what killed processes left goes at the next start; what is held or new stays', async () => {
  const left = await passingHistory(parent);
  await openSqlite(left.url).close();
  const held = await passingHistory(parent);
  const holder = openSqlite(held.url);
  const others = join(parent, 'kube-kg-other');
  mkdirSync(others);
  writeFileSync(join(others, 'history.db'), '');
  const anHourAgo = Date.now() / 1_000 - 3_600;
  const folders = [dirname(left.url), dirname(held.url), others];
  for (const folder of folders) utimesSync(folder, anHourAgo, anHourAgo);
  const young = await passingHistory(parent);
  await openSqlite(young.url).close();
  {
    using own = await passingHistory(parent);
    assert.deepEqual([...folders, dirname(young.url), dirname(own.url)].map(existsSync), [
      false,
      true,
      true,
      true,
      true,
    ]);
  }
  await holder.close();
  assert.equal(existsSync(held.url), true);
});

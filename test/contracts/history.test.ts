/** SQLite keeps the contract of history; PostgreSQL does so beside a real server (`test/stack/history.test.ts`). */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { historyContract } from './history.ts';
import { Life } from './history-life.ts';

historyContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-history-'));
  return {
    open: (access) => openDatabase(join(folder, 'history.db'), access),
    end: async () => rmSync(folder, { recursive: true }),
  };
});

test('HI24 a file that is damaged or no history at all is told with what to do', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-history-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'history.db');
  const whole = await openDatabase(path);
  const life = new Life('damage');
  await (await HistoryWriter.open(whole)).write(life.live(200));
  await whole.close();
  const size = statSync(path).size;
  const damaged = { code: 'store-damaged', message: /history\.db.*damaged.*(move it away|restore)/s };
  const another = { code: 'invalid-input', message: /history\.db.*no SQLite.*(move it away|restore)/s };
  const content = readFileSync(path);
  const opened = async (): Promise<void> => {
    const database = await openDatabase(path);
    try {
      await HistoryWriter.open(database);
      const reader = new HistoryReader(database);
      for (let moment = 1; moment <= 200; moment++) await Array.fromAsync(reader.standingAt(moment));
    } finally {
      await database.close();
    }
  };
  await opened();
  const damages: Readonly<Record<string, () => void>> = {
    'another file': () => writeFileSync(path, 'no database at all, but long enough to be looked at\n'.repeat(100)),
    'its end is missing': () => truncateSync(path, Math.floor(size / 2)),
    'pages are overwritten': () =>
      writeFileSync(path, Buffer.concat([content.subarray(0, 8_192), Buffer.alloc(size - 8_192, 0xa5)])),
  };
  for (const [what, damage] of Object.entries(damages)) {
    writeFileSync(path, content);
    damage();
    await assert.rejects(opened(), what === 'another file' ? another : damaged, what);
  }
});

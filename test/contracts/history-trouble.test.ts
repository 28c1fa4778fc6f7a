/** SQLite keeps the contract of trouble; PostgreSQL does so beside a real server (`test/stack/history.test.ts`). And what only files can suffer. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { backUp } from '../../src/sinks/history/copy.ts';
import { openHistory } from '../../src/sinks/history/history.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import type { Fault } from '../../src/sinks/history/protocol.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { momentAt, named } from './history-life.ts';
import { countOf, troubleContract, version, wordOf } from './history-trouble.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-history-'));
after(() => rmSync(folder, { recursive: true }));
let made = 0;

function fresh(): string {
  return join(folder, `${++made}.db`);
}

troubleContract('SQLite', async () => ({ url: fresh(), end: async () => undefined }));

test('HI99 what is damaged while it is written is given up, told once, and nobody waits for it', async (t) => {
  const url = fresh();
  const told: (Fault | undefined)[] = [];
  const history = await openHistory(url, (fault) => told.push(fault));
  t.after(() => history.close());
  history.write([momentAt(0), version(named('x'), 0, 100)]);
  await history.written();
  const other = new DatabaseSync(url, { defensive: false });
  other.exec(`PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'version';
    PRAGMA schema_version = 999`);
  other.close();
  history.write([momentAt(1), version(named('x'), 1, 100)]);
  await assert.rejects(history.written(), {
    code: 'store-damaged',
    message: /is damaged.*restore a backup.*no history/,
  });
  for (let second = 2; second < 5; second++) history.write([momentAt(second), version(named('x'), second, 30e6)]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(history.room(), undefined, 'sources need not wait');
  assert.equal(history.status.fault?.code, 'store-damaged');
  assert.deepEqual(
    told.map((fault) => fault?.code),
    ['store-damaged'],
  );
});

test('HI100 what is wrong with a file is a problem also where a long answer comes upon it, and names the file that it is of', async () => {
  const url = fresh();
  {
    await using db = await openDatabase(url);
    const many = Array.from({ length: 3_000 }, (_, at) => version(named(`n${at}`), at, 500));
    await (await HistoryWriter.open(db)).write([momentAt(0), ...many]);
  }
  const content = readFileSync(url);
  for (let page = 100; page < content.length / 4_096; page += 5) content.fill(0xa5, page * 4_096, (page + 1) * 4_096);
  writeFileSync(url, content);
  const told = { code: 'store-damaged', message: new RegExp(`^${url} is damaged`) };
  await using db = await openDatabase(url, { readOnly: true });
  const sql = 'SELECT * FROM resource r LEFT JOIN version v ON v.resource = r.no';
  await assert.rejects(Array.fromAsync(db.batches(sql)), told);
  await assert.rejects(db.rows(sql), told);
  await assert.rejects(backUp(url, join(folder, 'no', 'such', 'folder.db'), {}), {
    code: 'store-unreachable',
    message: /folder\.db cannot be used: nothing can be made there/,
  });
});

test('HI100 a long answer that is not read to its end holds nothing up', async () => {
  const url = fresh();
  await using db = await openDatabase(url);
  const writer = await HistoryWriter.open(db);
  const many = Array.from({ length: 3_000 }, (_, at) => version(named(`n${at}`), at, 10));
  await writer.write([momentAt(0), ...many]);
  await using reader = await openDatabase(url, { readOnly: true });
  const lengths: number[] = [];
  for await (const { length } of reader.batches('SELECT * FROM version')) {
    lengths.push(length);
    if (lengths.length === 2) break;
  }
  assert.deepEqual(lengths, [1_000, 1_000]);
  await writer.write([momentAt(1), version(named('n1'), 'another', 10)]);
  assert.equal(await countOf(reader, 'version'), 3_001, 'what came since is seen');
});

test('HI101 a database of another program is none of ours, and stays as it was', async () => {
  const url = fresh();
  const other = new DatabaseSync(url);
  other.exec('CREATE TABLE places (name TEXT)');
  other.close();
  await using db = await openDatabase(url);
  await assert.rejects(HistoryWriter.open(db), { code: 'invalid-input', message: /another program/ });
  assert.deepEqual(await db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"), [['places']]);
});

test('HI102 what is remembered to compress with is bounded by its bytes, not by its number', async () => {
  await using db = await openDatabase(fresh());
  const writer = await HistoryWriter.open(db);
  // Each text is the dictionary of those that are called alike: 40 MB, of which 32 MB are remembered.
  const texts = Array.from({ length: 40 }, (_, at) => version(named(wordOf(at)), 'text', 1_000_000));
  for (const [second, entry] of texts.entries()) await writer.write([momentAt(second), entry]);
  const dictionaries = async (which: number): Promise<number> => {
    const entry = texts[which];
    assert.ok(entry);
    await writer.write([momentAt(100), { ...entry, of: named(`${entry.of.name}-0`) }]);
    return countOf(db, 'dictionary');
  };
  assert.equal(await dictionaries(39), 40, 'the last is remembered');
  assert.equal(await dictionaries(0), 41, 'the first is not');
});

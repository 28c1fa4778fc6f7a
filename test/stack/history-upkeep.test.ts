/** A history in PostgreSQL is shortened, copied and restored as one in SQLite; each is restored to the other. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkHistory } from '../../src/sinks/history/check.ts';
import { backUp, restore } from '../../src/sinks/history/copy.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { Life, linesAt } from '../contracts/history-life.ts';
import { upkeepContract } from '../contracts/history-upkeep.ts';
import { type PostgresServer, startPostgres } from './components/postgres.ts';

let server: PostgresServer;
let schemas = 0;

before(async () => {
  server = await startPostgres();
});
after(() => server[Symbol.asyncDispose]());

const freshUrl = (): string => `${server.url()}?schema=upkeep_${++schemas}`;

upkeepContract('PostgreSQL', async () => ({ url: freshUrl(), end: async () => undefined }));

test('HI38 a history of one database is the same in the other and back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-upkeep-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const life = new Life('there and back');
  const first = join(folder, 'first.db');
  {
    await using database = await openDatabase(first);
    await (await HistoryWriter.open(database)).write(life.live(200).filter(({ type }) => type !== 'observe'));
  }
  const [there, back] = [freshUrl(), join(folder, 'back.db')];
  await restore(first, there, {});
  await backUp(there, back, {});
  for (const url of [there, back]) {
    await using database = await openDatabase(url, { readOnly: true });
    assert.deepEqual(await checkHistory(database, { every: true }), []);
    for (const moment of [1, 77, 200])
      assert.deepEqual(
        await linesAt(database, moment),
        life.truth[moment - 1]?.filter((line) => !line.startsWith('["observed"')),
      );
  }
});

/** The past equals what was, in SQLite; with `FUZZ_HISTORY_URL` in a PostgreSQL database, each life in a schema of its own. */
import { test } from 'node:test';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { assertPast } from './past.ts';
import { worlds } from './worlds.ts';

const SEEDS = Number(process.env['FUZZ_SEEDS'] ?? 8);
const url = process.env['FUZZ_HISTORY_URL'];

let lives = 0;

for (const world of Object.keys(worlds)) {
  for (let seed = 1; seed <= SEEDS; seed++)
    test(`HI1 the past equals what was: ${world} (seed ${seed})`, async () => {
      const where = url === undefined ? ':memory:' : `${url}?schema=past_${Date.now()}_${++lives}`;
      await assertPast(world, seed, await openDatabase(where));
    });
}

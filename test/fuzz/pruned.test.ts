/**
 * What is kept equals what was: after history is shortened to random instants, while it goes on being written, every later instant is rebuilt as it was,
 * whatever of it is broken off in between.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../src/graph/graph.ts';
import type { Change } from '../../src/model/change.ts';
import { microseconds } from '../../src/model/time.ts';
import { advance, Comparison, rebuild } from '../../src/program/past.ts';
import { checkHistory } from '../../src/sinks/history/check.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { entriesOf } from '../../src/sinks/history/remember.ts';
import type { Retention } from '../../src/sinks/history/retention.ts';
import { openSqlite } from '../../src/sinks/history/sqlite.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { withAges } from '../support/canonical.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { Estate } from './estate.ts';
import { randomChanges } from './history.ts';
import { type World, worlds } from './worlds.ts';

const SEEDS = Number(process.env['FUZZ_SEEDS'] ?? 6);
const STEPS = Number(process.env['FUZZ_STEPS'] ?? 80);
const WINDOW = 6;
const START = Date.UTC(2026, 1, 1);

for (const world of Object.keys(worlds)) {
  for (let seed = 1; seed <= SEEDS; seed++)
    test(`HI30 what is kept equals what was: ${world} (seed ${seed})`, () => run(world, seed));
}

async function run(world: string, seed: number): Promise<void> {
  const random = seededRandom(`pruned ${world} ${seed}`);
  const { describer, supply } = worlds[world] as World;
  const draw = supply(random);
  const graph = new Graph({ describer, windowMax: WINDOW });
  const estate = new Estate(describer, WINDOW);
  await using database = openSqlite(':memory:');
  let writer = await HistoryWriter.open(database);
  const truth: (readonly string[])[] = [];
  let kept = 0;
  for (let step = 0; step < STEPS; step++) {
    let written = 0;
    const write = async (): Promise<void> => {
      const at = timeOf(step + written++ / 1_000);
      const changes = randomChanges(random, draw, estate.known).map((change): Change => ({ ...change, at }));
      const commit = graph.apply(changes);
      await writer.write(entriesOf(commit, graph.view, describer));
      estate.take(changes);
    };
    await write();
    if (step > 5 && random.chance(0.15)) {
      const oldest = kept + random.int(step - kept);
      const isWhole = await pruneTo(writer, oldest, random, write);
      if (!isWhole && random.chance(0.5)) writer = await HistoryWriter.open(database);
      kept = oldest;
    }
    truth.push(withAges(graph.view));
  }
  await pruneTo(writer, kept, random);
  assert.deepEqual(await checkHistory(database, { every: true }), [], 'the tables are sound');
  const reader = new HistoryReader(database);
  const momentOf = async (step: number): Promise<number | undefined> =>
    reader.momentAt(microseconds(timeOf(step)) + 500_000);
  if (kept > 0) assert.equal(await momentOf(kept - 1), undefined, 'what is not kept is not known');
  for (let look = 0; look < 12; look++) {
    const step = look === 0 ? kept : kept + random.int(STEPS - kept);
    const comparison = new Comparison();
    const past = await rebuild(reader, (await momentOf(step)) ?? 0, { describer, windowMax: WINDOW }, comparison);
    assert.deepEqual(withAges(past.view), truth[step], `step ${step}, kept from ${kept}`);
    assert.deepEqual([...comparison.amends(past.view)], [], 'history and the graph made of it agree');
  }
  const moved = await rebuild(reader, (await momentOf(kept)) ?? 0, { describer, windowMax: WINDOW });
  await advance(moved, reader, (await momentOf(kept)) ?? 0, (await momentOf(STEPS - 1)) ?? 0);
  assert.deepEqual(withAges(moved.view), truth[STEPS - 1], 'moved on to the end');
}

/** Shortens history to a step. Somebody may write in between, or it is broken off: then false. */
async function pruneTo(
  writer: HistoryWriter,
  oldest: number,
  random: Random,
  write?: () => Promise<void>,
): Promise<boolean> {
  // Days that end half a step later, so that the cut is that step.
  const now = START + STEPS * 1_000_000;
  const days = (now - (START + oldest * 1_000 + 500)) / 86_400_000;
  const retention: Retention = { days, kindDays: {}, maxBytes: 0 };
  for await (const _ of writer.prune(retention, { now })) {
    if (write && random.chance(0.02)) return false;
    if (write && random.chance(0.1)) await write();
  }
  return true;
}

function timeOf(step: number): string {
  return new Date(START + step * 1_000).toISOString();
}

test('HI31 a kind of which less is kept is told to be left out before', async () => {
  const database = openSqlite(':memory:');
  await using _ = database;
  await shortKind(database);
});

async function shortKind(database: Database): Promise<void> {
  const random = seededRandom('short kinds');
  const [, { describer, supply }] = Object.entries(worlds)[0] as [string, World];
  const draw = supply(random);
  const graph = new Graph({ describer, windowMax: WINDOW });
  const writer = await HistoryWriter.open(database);
  const truth: (readonly string[])[] = [];
  for (let step = 0; step < STEPS; step++) {
    const at = timeOf(step);
    const seen = [...graph.view.resources({ cluster: 'c' })].filter(({ pseudo }) => !pseudo);
    const changes = randomChanges(random, draw, []).map((change): Change => ({ ...change, at }));
    if (step === 40)
      for (const { group, kind } of seen)
        changes.push({ type: 'observe', at, cluster: 'c', scope: { group, kind }, coverage: 'ready' });
    await writer.write(entriesOf(graph.apply(changes), graph.view, describer));
    truth.push(withAges(graph.view));
  }
  const some = [...graph.view.resources({ cluster: 'c' })].find(({ pseudo }) => !pseudo);
  const { group = '', kind = '' } = some ?? {};
  const now = START + STEPS * 1_000;
  for await (const _ of writer.prune(
    { days: 0, kindDays: { [`${group}/${kind}`]: 10.5 / 86_400 }, maxBytes: 0 },
    { now },
  ));
  const reader = new HistoryReader(database);
  assert.deepEqual(await checkHistory(database, { every: true }), []);
  for (const step of [STEPS - 11, STEPS - 5, STEPS - 1]) {
    const moment = (await reader.momentAt(microseconds(timeOf(step)))) ?? 0;
    const past = await rebuild(reader, moment, { describer, windowMax: WINDOW });
    assert.deepEqual(withAges(past.view), truth[step], `step ${step}`);
  }
  const before = (await reader.momentAt(microseconds(timeOf(50)))) ?? 0;
  const past = await rebuild(reader, before, { describer, windowMax: WINDOW });
  const scope = past.view.coverage().find((each) => each.cluster === 'c' && each.kind === kind && each.group === group);
  assert.equal(scope?.coverage, 'excluded');
  assert.equal(
    await reader.countBetween(before, (await reader.last())?.moment ?? 0),
    Number.POSITIVE_INFINITY,
    'nothing is moved on over it',
  );
}

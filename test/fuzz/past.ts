/** The past equals what was: the graph rebuilt from history at any instant is the graph as it was then, ages of edges included. */
import assert from 'node:assert/strict';
import { frameOf } from '../../src/graph/frame.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { Change } from '../../src/model/change.ts';
import { freezing } from '../../src/model/freeze.ts';
import { microseconds } from '../../src/model/time.ts';
import { resume } from '../../src/program/frames.ts';
import { advance, Comparison, rebuild } from '../../src/program/past.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { entriesOf } from '../../src/sinks/history/remember.ts';
import { HistoryWriter } from '../../src/sinks/history/writer.ts';
import { withAges } from '../support/canonical.ts';
import { seededRandom } from '../support/random.ts';
import { Estate } from './estate.ts';
import { randomChanges } from './history.ts';
import { type World, worlds } from './worlds.ts';

freezing.enabled = true;

const STEPS = Number(process.env['FUZZ_STEPS'] ?? 60);
const WINDOW = 6;
/** Instants of a history that are rebuilt. */
const LOOKS = 6;

/** Lives a random life of a world, and looks at its past in a database that is empty, which it closes. */
export async function assertPast(world: string, seed: number, database: Database): Promise<void> {
  const random = seededRandom(`past ${world} ${seed}`);
  const { describer, anew, supply } = worlds[world] as World;
  const draw = supply(random);
  const graph = new Graph({ describer, windowMax: WINDOW });
  const estate = new Estate(describer, WINDOW);
  const writer = await HistoryWriter.open(database);
  const origin = { describer, edition: world };
  const framed = random.int(STEPS);
  const truth: { readonly at: string; readonly lines: readonly string[] }[] = [];
  for (let step = 0; step < STEPS; step++) {
    const at = timeOf(step);
    const changes = randomChanges(random, draw, estate.known).map((change): Change => ({ ...change, at }));
    const commit = graph.apply(changes);
    await writer.write(entriesOf(commit, graph.view, describer));
    estate.take(changes);
    if (step === framed) await writer.keep({ edition: world, pieces: frameOf(graph, origin) });
    truth.push({ at, lines: withAges(graph.view) });
  }
  const reader = new HistoryReader(database);
  assert.equal(await reader.momentAt(microseconds('2026-01-31T23:59:59Z')), undefined, 'nothing was known before');
  for (let look = 0; look < LOOKS; look++) {
    const { at, lines } = random.pick(truth);
    const moment = await reader.momentAt(microseconds(at.replace('.000Z', '.5Z')));
    const comparison = new Comparison();
    const past = await rebuild(reader, moment ?? 0, { describer, windowMax: WINDOW }, comparison);
    assertSame(at, withAges(past.view), lines);
    assert.deepEqual([...comparison.amends(past.view)], [], 'history and the graph made of it agree');
  }
  const [from, to] = [random.int(STEPS / 2), STEPS / 2 + random.int(STEPS / 2)];
  const [earlier, later] = await Promise.all([from, to].map((step) => reader.momentAt(microseconds(timeOf(step)))));
  const moved = await rebuild(reader, earlier ?? 0, { describer, windowMax: WINDOW });
  const hasMoved = await advance(moved, reader, earlier ?? 0, later ?? 0);
  if (hasMoved) assertSame(`from ${from} to ${to}`, withAges(moved.view), truth[to]?.lines ?? []);
  const resumed = await resume(reader, later ?? 0, { describer: anew(), edition: world, windowMax: WINDOW });
  assert.ok(resumed || framed > to || !hasMoved, 'a frame serves unless an occurrence stands in the way');
  if (resumed) assertSame(`from the frame of ${framed} to ${to}`, withAges(resumed.view), truth[to]?.lines ?? []);
  await database.close();
}

function timeOf(step: number): string {
  return new Date(Date.UTC(2026, 1, 1, 0, 0, step)).toISOString();
}

function assertSame(where: string, actual: readonly string[], expected: readonly string[]): void {
  if (actual.join('\n') === expected.join('\n')) return;
  const only = (list: readonly string[], other: readonly string[]): string =>
    list
      .filter((line) => !other.includes(line))
      .slice(0, 20)
      .join('\n');
  assert.fail(`${where}\nmissing:\n${only(expected, actual)}\nextra:\n${only(actual, expected)}`);
}

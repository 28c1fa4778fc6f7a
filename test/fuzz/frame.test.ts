/** A graph from a frame is the graph that the frame was made of, and goes on as that one does; what is no frame of this edition is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, frameOf, graphFrom } from '../../src/graph/frame.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { Commit } from '../../src/model/commit.ts';
import { freezing } from '../../src/model/freeze.ts';
import type { View } from '../../src/model/view.ts';
import { stableJson, withAges } from '../support/canonical.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { assertConsistent } from './consistency.ts';
import { Estate } from './estate.ts';
import { randomChanges } from './history.ts';
import { type World, worlds } from './worlds.ts';

freezing.enabled = true;

const SEEDS = Number(process.env['FUZZ_SEEDS'] ?? 12);
const STEPS = Number(process.env['FUZZ_STEPS'] ?? 60);
const WINDOW = 6;
const EDITION = 'of the tests';

for (const world of Object.keys(worlds)) {
  for (let seed = 1; seed <= SEEDS; seed++)
    test(`G30 a graph from a frame is the same, and goes on the same: ${world} (seed ${seed})`, () => run(world, seed));
}

function run(name: string, seed: number): void {
  const random = seededRandom(`frame ${name} ${seed}`);
  const world = worlds[name] as World;
  const draw = world.supply(random);
  const graph = new Graph({ describer: world.describer, windowMax: WINDOW });
  const estate = new Estate(world.describer, WINDOW);
  let copy: Graph | undefined;
  for (let step = 0; step < STEPS; step++) {
    const at = new Date(Date.UTC(2026, 1, 1, 0, 0, step, random.int(1000))).toISOString();
    const changes = randomChanges(random, draw, estate.known).map((change) => ({ ...change, at }));
    estate.take(changes);
    const commit = graph.apply(changes);
    if (copy !== undefined) {
      assert.deepEqual(toldBy(copy.apply(changes)), toldBy(commit), `step ${step}`);
      if (random.chance(0.3)) assertSame(copy.view, graph.view, `step ${step}`);
    }
    if (random.chance(0.8)) continue;
    // Now and then a copy of a copy.
    const source = copy !== undefined && random.chance(0.5) ? copy : graph;
    const frame = frameOf(source, { describer: world.describer, edition: EDITION });
    const describer = world.anew();
    copy = graphFrom(carried(frame, random), { describer, windowMax: WINDOW, edition: EDITION });
    assert.ok(copy, 'a frame is taken by another process');
    assert.deepEqual(answersOf(copy.view, JSON.stringify), answersOf(source.view, JSON.stringify), `copy at ${step}`);
    assertSame(copy.view, graph.view, `copy at ${step}`);
    assertConsistent(copy.view);
    assert.deepEqual(frameOf(copy, { describer, edition: EDITION }), frame, 'the frame of a copy is the frame');
  }
}

/** As storage gives it back: bytes somewhere within others. */
function carried(frame: Frame, random: Random): Frame {
  return frame.map((piece) => {
    const before = random.int(4);
    const bytes = new Uint8Array(before + piece.length);
    bytes.set(piece, before);
    return bytes.subarray(before);
  });
}

/** What a commit did. Keys of labels stand in the order in which a describer met them first, and each graph goes on with its own. */
function toldBy({ number, at, rejected, diff: { resources, edges } }: Commit): unknown {
  const lists = [resources, edges].flatMap(({ added, updated, removed }) => [added, updated, removed]);
  return { number, at, rejected, lists: lists.map((list) => list.map(stableJson).sort()) };
}

function assertSame(copy: View, view: View, where: string): void {
  assert.deepEqual(answersOf(copy, stableJson), answersOf(view, stableJson), where);
  assert.deepEqual(withAges(copy), withAges(view), where);
}

/** Every answer of a view. */
function answersOf(view: View, text: (value: unknown) => string): unknown {
  const { revision, at, clusters, resourceCount, edgeCount } = view;
  const resources = [...view.resources()];
  const sorted = (values: Iterable<unknown>): string[] => Array.from(values, text).sort();
  return {
    counts: { revision, at, clusters, resourceCount, edgeCount },
    resources: resources.map(text),
    kinds: Array.from(view.kinds(), ({ group, kind }) => [group, kind]),
    out: resources.map(({ id }) => sorted(view.out(id))),
    in: resources.map(({ id }) => sorted(view.in(id))),
    degrees: resources.map(({ id }) => view.degree(id)),
    named: resources.map((resource) => view.byName(resource)?.id),
    dangling: sorted(view.dangling()),
    coverage: view.coverage(),
    gaps: view.gaps(),
  };
}

const describer = (worlds['real kinds'] as World).describer;

function aFrame(): Frame {
  const random = seededRandom('a frame');
  const graph = new Graph({ describer });
  for (let step = 0; step < 20; step++)
    graph.apply(randomChanges(random, (worlds['real kinds'] as World).supply(random), []));
  return frameOf(graph, { describer, edition: EDITION });
}

test('G31 a frame of another edition or of other rules is refused', () => {
  const frame = aFrame();
  const { anew } = worlds['real kinds'] as World;
  assert.ok(graphFrom(frame, { describer: anew(), edition: EDITION }));
  assert.equal(graphFrom(frame, { describer: anew(), edition: 'another' }), undefined);
  const other = anew();
  const resolve = () => undefined;
  other.relate(new Map([['/Pod', [{ edge: 'REFERS_TO', path: 'spec.x', to: 'X', confidence: 'exact', resolve }]]]));
  assert.equal(graphFrom(frame, { describer: other, edition: EDITION }), undefined);
  other.relate(new Map());
  assert.ok(graphFrom(frame, { describer: other, edition: EDITION }));
});

test('G32 a frame that is not whole is refused, whatever is wrong with it', () => {
  const frame = aFrame();
  const options = { describer, edition: EDITION };
  const refused = (broken: Frame, what: string): void => assert.equal(graphFrom(broken, options), undefined, what);
  refused([], 'nothing');
  refused([new Uint8Array(0)], 'an empty piece');
  const random = seededRandom('broken');
  for (const [index, piece] of frame.entries()) {
    const replaced = (...others: Uint8Array[]): Frame => frame.toSpliced(index, 1, ...others);
    refused(replaced(), `without piece ${index}`);
    refused(replaced(piece, piece), `piece ${index} twice`);
    refused(replaced(piece.subarray(0, -1)), `piece ${index} without its last byte`);
    refused(replaced(new Uint8Array([...piece, 0])), `piece ${index} and a zero`);
    refused(frame.slice(0, index), `up to piece ${index}`);
    for (let time = 0; time < 3 && piece.length > 0; time++) {
      const garbled = Uint8Array.from(piece);
      const at = random.int(piece.length);
      garbled[at] = (piece[at] as number) ^ (1 << random.int(8));
      refused(replaced(garbled), `piece ${index} with a bit turned at ${at}`);
    }
    const swap = random.int(frame.length);
    const swapped = frame.with(index, frame[swap] as Uint8Array).with(swap, piece);
    if (Buffer.compare(piece, frame[swap] as Uint8Array) !== 0) refused(swapped, `pieces ${index} and ${swap} swapped`);
  }
});

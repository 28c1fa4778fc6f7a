/** Incremental ≡ from scratch in any order ≡ replayed diffs, over seeded random histories. Seeds that once failed are pinned by name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../src/graph/graph.ts';
import type { Change, KubeObject, SaidRelation } from '../../src/model/change.ts';
import { edgeKey, type GraphDiff, invert, isEmpty, squash } from '../../src/model/diff.ts';
import type { Edge } from '../../src/model/edge.ts';
import { edgeInfo } from '../../src/model/edges.ts';
import { freezing } from '../../src/model/freeze.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { View } from '../../src/model/view.ts';
import { canonical, stableJson } from '../support/canonical.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { fuzzDescriber } from './fuzz-kinds.ts';
import { keyOf, make, NAMES, SPACES, some } from './fuzz-objects.ts';

freezing.enabled = true;

const SEEDS = Number(process.env['FUZZ_SEEDS'] ?? 20);
const STEPS = Number(process.env['FUZZ_STEPS'] ?? 60);
const AT = '2026-01-01T00:00:00Z';

const PINNED: Readonly<Record<string, number>> = {
  'a uid comes for which somebody of unknown uid stood': 3,
  'the newest is found to be older': 6,
};

for (const [name, seed] of Object.entries(PINNED)) test(`G1 pinned: ${name} (seed ${seed})`, () => run(seed));
for (let seed = 1; seed <= SEEDS; seed++)
  test(`G1 incremental equals from scratch equals replayed diffs (seed ${seed})`, () => run(seed));

function run(seed: number): void {
  const random = seededRandom(seed);
  const estate = new Map<string, KubeObject>();
  const graph = new Graph({ describer: fuzzDescriber });
  const mirror = new Mirror();
  const said = new Conclusions();
  const diffs: GraphDiff[] = [];
  for (let step = 0; step < STEPS; step++) {
    const changes = [...batch(random, estate), ...conclusions(random, graph.view)];
    said.take(changes);
    const before = canonical(graph.view);
    const { diff } = graph.apply(changes);
    assertWellFormed(diff);
    diffs.push(diff);
    mirror.apply(diff);
    if (before.join() === canonical(graph.view).join()) continue;
    compare(`step ${step}`, canonical(graph.view), fromScratch(random, estate, said), changes);
    assert.deepEqual(mirror.lines(), stored(graph.view), `replayed diffs differ at step ${step}`);
  }
  const replay = new Mirror();
  replay.apply(squash(diffs));
  assert.deepEqual(replay.lines(), mirror.lines(), 'one squashed diff equals its parts');
  assert.ok(isEmpty(squash([squash(diffs), invert(squash(diffs))])), 'a diff and its inverse are nothing');
}

function compare(where: string, actual: string[], expected: string[], changes: readonly Change[]): void {
  if (actual.join('\n') === expected.join('\n')) return;
  const missing = expected.filter((line) => !actual.includes(line));
  const extra = actual.filter((line) => !expected.includes(line));
  assert.fail(
    `${where}\nmissing:\n${missing.join('\n')}\nextra:\n${extra.join('\n')}\nchanges:\n${changes.map((change) => JSON.stringify(change)).join('\n')}`,
  );
}

/** What the same objects give when they arrive at once, in another order. */
function fromScratch(random: Random, estate: ReadonlyMap<string, KubeObject>, said: Conclusions): string[] {
  const fresh = new Graph({ describer: fuzzDescriber });
  const objects = [...estate.values()];
  for (let index = objects.length - 1; index > 0; index--) {
    const other = Math.floor(random.next() * (index + 1));
    const swap = objects[index] as KubeObject;
    objects[index] = objects[other] as KubeObject;
    objects[other] = swap;
  }
  fresh.apply(objects.map((object) => ({ type: 'apply', at: AT, cluster: 'c', object })));
  fresh.apply(said.changes());
  return canonical(fresh.view);
}

/** What is concluded of those who are there; a graph that takes one change at a time tells who goes. */
class Conclusions {
  readonly #each = new Graph({ describer: fuzzDescriber });
  readonly #of = new Map<string, readonly SaidRelation[]>();

  take(changes: readonly Change[]): void {
    for (const change of changes) {
      const { resources } = this.#each.apply([change]).diff;
      if (change.type === 'relate' && this.#each.view.get(change.of)?.pseudo === false)
        this.#of.set(change.of, change.relations);
      for (const { id } of resources.removed) this.#of.delete(id);
      for (const { from, to } of resources.updated)
        if (from.name !== to.name || from.namespace !== to.namespace || from.kind !== to.kind) this.#of.delete(to.id);
    }
  }

  changes(): Change[] {
    return Array.from(this.#of, ([of, relations]) => ({ type: 'relate', at: AT, cluster: 'c', of, relations }));
  }
}

/** Now and then something is concluded of somebody, about those who are there, were there, or never come. */
function conclusions(random: Random, view: View): readonly Change[] {
  if (random.next() > 0.25) return [];
  const ids = Array.from(view.resources(), ({ id }) => id).sort();
  if (ids.length === 0) return [];
  const relations = some(random, [...ids, 'c/nobody', 'c/~Occurrence/a/nothing'], 3).map((target, index) => ({
    edge: random.pick(['TRIGGERED', 'PRECEDED_BY']),
    target,
    confidence: index / 4,
    ...(random.next() < 0.5 && { reverse: true }),
  }));
  return [{ type: 'relate', at: AT, cluster: 'c', of: random.pick(ids), relations }];
}

/** A follower that knows the graph by its diffs only. */
class Mirror {
  readonly resources = new Map<string, Resource>();
  readonly edges = new Map<string, Edge>();

  apply({ resources, edges }: GraphDiff): void {
    for (const { id } of resources.removed) assert.ok(this.resources.delete(id), `removed what was not there: ${id}`);
    for (const edge of edges.removed)
      assert.ok(this.edges.delete(edgeKey(edge)), `removed what was not there: ${edgeKey(edge)}`);
    for (const resource of resources.added) {
      assert.ok(!this.resources.has(resource.id), `added twice: ${resource.id}`);
      this.resources.set(resource.id, resource);
    }
    for (const { to } of resources.updated) this.resources.set(to.id, to);
    for (const edge of edges.added) {
      assert.ok(!this.edges.has(edgeKey(edge)), `added twice: ${edgeKey(edge)}`);
      this.edges.set(edgeKey(edge), edge);
    }
    for (const { to } of edges.updated) this.edges.set(edgeKey(to), to);
    for (const { from, to } of this.edges.values())
      assert.ok(this.resources.has(from) && this.resources.has(to), 'an edge without its ends');
  }

  lines(): string[] {
    return lines(this.resources.values(), this.edges.values());
  }
}

function stored(view: View): string[] {
  return lines(
    view.resources(),
    [...view.edges()].filter(({ type }) => !edgeInfo(type).computed),
  );
}

function lines(resources: Iterable<Resource>, edges: Iterable<Edge>): string[] {
  const all = [...resources].map(stableJson);
  for (const edge of edges) all.push(stableJson({ ...edge, detail: { ...edge.detail, since: undefined } }));
  return all.sort();
}

function assertWellFormed({ edges }: GraphDiff): void {
  const keys = [...edges.added, ...edges.removed, ...edges.updated.map(({ to }) => to)].map(edgeKey);
  assert.equal(new Set(keys).size, keys.length, 'an edge stands in a diff twice');
  for (const { from, to } of edges.added) assert.notEqual(from, to, 'an edge to itself');
}

function batch(random: Random, estate: Map<string, KubeObject>): Change[] {
  const changes: Change[] = [];
  for (let count = 1 + Math.floor(random.next() * 4); count > 0; count--) changes.push(one(random, estate));
  return changes;
}

function one(random: Random, estate: Map<string, KubeObject>): Change {
  const roll = random.next();
  const keys = [...estate.keys()];
  if (roll < 0.2 && keys.length > 0) {
    const key = random.pick(keys);
    const { apiVersion, kind, metadata } = estate.get(key) as KubeObject;
    estate.delete(key);
    return { type: 'delete', at: AT, cluster: 'c', object: { apiVersion, kind, metadata } };
  }
  if (roll < 0.25) {
    const namespace = random.pick(SPACES);
    const objects = some(random, NAMES, 3).map((name) => make(random, 'A', namespace, name));
    const unique = [...new Map(objects.map((object) => [keyOf(object), object])).values()];
    const known = new Map(unique.map((object) => [keyOf(object), withKnownUid(object, estate)]));
    for (const key of keys) if (key.startsWith(`A/${namespace}/`)) estate.delete(key);
    for (const [key, object] of known) estate.set(key, object);
    return { type: 'reset', at: AT, cluster: 'c', scope: { group: 't', kind: 'A', namespace }, objects: unique };
  }
  const kind = random.pick(['A', 'A', 'A', 'A', 'S', 'S', 'G', 'L', 'Wide', 'Namespace']);
  const object = make(random, kind, random.pick(SPACES), random.pick(NAMES));
  estate.set(keyOf(object), withKnownUid(object, estate));
  return { type: 'apply', at: AT, cluster: 'c', object };
}

/** What comes without a uid is the known object of its name. */
function withKnownUid(object: KubeObject, estate: ReadonlyMap<string, KubeObject>): KubeObject {
  const uid = object.metadata.uid ?? estate.get(keyOf(object))?.metadata.uid;
  return uid === undefined ? object : { ...object, metadata: { ...object.metadata, uid } };
}

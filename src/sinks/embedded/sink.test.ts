/** The sink against the real store: what is in it after any writes equals what the view would be written as. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Random, seededRandom } from '../../../test/support/random.ts';
import { viewFromArrays } from '../../../test/support/view-from-arrays.ts';
import { type Diff, edgeKey, type GraphDiff } from '../../model/diff.ts';
import type { Dangling, Edge } from '../../model/edge.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { edgeRow, lackRow, nodeRow, type Properties } from '../cypher/rows.ts';
import type { QueryReply } from './protocol.ts';
import { embeddedSink } from './sink.ts';
import { openStore, type Store } from './store.ts';

let store: Store;
before(() => {
  store = openStore();
});
after(() => store.end(new Problem('store-unreachable', 'closed')));

async function all(text: string): Promise<unknown[][]> {
  const request = { type: 'query', text, params: {}, limitRows: 1_000_000, writes: false } as const;
  return JSON.parse(((await store.request(request)) as QueryReply).rows);
}

/** Everything in the store, as text in order. */
async function stored(): Promise<string[]> {
  const nodes = await all('MATCH (n) RETURN n');
  const edges = await all('MATCH ()-[r]->() RETURN r');
  return [...nodes, ...edges].map(([value]) => stable(value)).sort();
}

/** What the store must hold for a view, as the same text. */
function wanted(view: View): string[] {
  const texts = new Set<string>();
  const say = (value: object): unknown => texts.add(stable(value));
  for (const resource of view.resources()) {
    const { labels, properties } = nodeRow(resource);
    say({ labels: [...labels].sort(kindFirst(resource.kind)), properties: plain(properties) });
  }
  for (const edge of view.edges()) {
    const { type, from, to, properties } = edgeRow(edge);
    say({ type, from, to, properties: plain(properties) });
  }
  for (const dangling of view.dangling()) {
    const { from, missing, properties } = lackRow(dangling, 'c');
    say({ labels: missing.labels, properties: plain(missing.properties) });
    say({ type: 'LACKS', from, to: missing.properties.id, properties: plain(properties) });
  }
  return [...texts].sort();
}

const kindFirst = (kind: string) => (a: string, b: string) =>
  Number(b === kind) - Number(a === kind) || (a < b ? -1 : 1);

/** Instants as the store shows them: without zeros at the end of the fraction. */
function plain(properties: Properties): object {
  const shown = Object.entries(properties).map(([key, value]) => [
    key,
    typeof value === 'object' ? value.$zoned_datetime : value,
  ]);
  return Object.fromEntries(shown);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const KINDS = ['Pod', 'Service', 'Secret', 'Resource', 'Odd`Kind', 'Größe kind'];
const TYPES = ['OWNS', 'MOUNTS', 'LACKS', 'odd `type`'];
const ODD = ["it's", '`tick`', '"quote"', 'back\\slash', 'new\nline', '😀', '', '{x}', '$name', 'null'];

function randomResource(random: Random, number: number): Resource {
  const kind = random.pick(KINDS);
  const summary: Record<string, string | number | boolean> = {};
  for (const column of ['status', 'count', 'ready', 'at', 'od`d']) {
    if (random.chance(0.5))
      summary[column] = random.pick(['x', 1, 2.5, true, '2026-11-20T10:00:01Z', random.pick(ODD)]);
  }
  return {
    id: `c/u${number}`,
    cluster: 'c',
    group: '',
    kind,
    namespace: random.pick(['', 'shop', random.pick(ODD)]),
    name: random.pick([`n${number}`, random.pick(ODD)]),
    uid: `u${number}`,
    pseudo: random.chance(0.1),
    labels: random.chance(0.5) ? { app: 'a', [random.pick(ODD) || 'k']: random.pick(ODD) } : {},
    createdAt: `2026-11-20T10:00:${String(random.int(60)).padStart(2, '0')}Z`,
    summary,
    health: { status: random.pick(['healthy', 'critical']) },
  };
}

function randomEdge(random: Random, ids: readonly string[]): Edge {
  const detail = { rule: `r${random.int(3)}`, field: `f${random.int(3)}`, class: 'exact', confidence: 1 } as const;
  const attributes = random.chance(0.3) ? { port: random.int(3), rule: random.pick(ODD) } : undefined;
  return {
    type: random.pick(TYPES),
    from: random.pick(ids),
    to: random.pick(ids),
    detail: { ...detail, ...(attributes && { attributes }) },
  };
}

function randomDangling(random: Random, ids: readonly string[]): Dangling {
  const target = { group: '', kind: 'Secret', namespace: 'shop', name: random.pick(['a', 'b', random.pick(ODD)]) };
  const detail = { rule: 'r', field: `f${random.int(3)}`, class: 'exact', confidence: 1, optional: false } as const;
  return {
    type: 'MOUNTS',
    from: random.pick(ids),
    target,
    detail: { ...detail, reason: random.pick(['missing', 'stale']) },
  };
}

/** A next state that shares much with the one before; kinds of an id never change, as in the graph. */
function nextView(random: Random, before: View, revision: number): View {
  const resources = new Map(
    [...before.resources()].filter(() => random.chance(0.85)).map((resource) => [resource.id, resource]),
  );
  for (let count = random.int(6); count > 0; count--) {
    const made = randomResource(random, random.int(25));
    const known = before.get(made.id);
    resources.set(made.id, known ? { ...made, kind: known.kind, pseudo: known.pseudo } : made);
  }
  const ids = [...resources.keys()];
  const edges = new Map([...before.edges()].filter(() => random.chance(0.8)).map((edge) => [edgeKey(edge), edge]));
  const dangling = [...before.dangling()].filter(({ from }) => resources.has(from) && random.chance(0.7));
  for (let count = ids.length > 1 ? random.int(12) : 0; count > 0; count--) {
    const edge = randomEdge(random, ids);
    if (edge.from !== edge.to) edges.set(edgeKey(edge), edge);
    if (random.chance(0.3)) dangling.push(randomDangling(random, ids));
  }
  return viewFromArrays({ resources: [...resources.values()], edges: [...edges.values()], dangling, revision });
}

function diffOf<T>(from: Iterable<T>, to: Iterable<T>, keyOf: (value: T) => string): Diff<T> {
  const old = new Map([...from].map((value) => [keyOf(value), value]));
  const now = new Map([...to].map((value) => [keyOf(value), value]));
  return {
    added: [...now].filter(([key]) => !old.has(key)).map(([, value]) => value),
    updated: [...now].flatMap(([key, value]) => {
      const known = old.get(key);
      return known === undefined || known === value ? [] : [{ from: known, to: value }];
    }),
    removed: [...old].filter(([key]) => !now.has(key)).map(([, value]) => value),
  };
}

function diffBetween(from: View, to: View): GraphDiff {
  return {
    resources: diffOf(from.resources(), to.resources(), ({ id }) => id),
    edges: diffOf(from.edges(), to.edges(), edgeKey),
  };
}

const empty = viewFromArrays({ resources: [], revision: 0 });

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`Y10 incremental writes, writes said twice and replacements all leave the view, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const sink = embeddedSink(store);
    await sink.replace(empty, seed * 1000 - 1);
    let view = nextView(random, empty, 1);
    await sink.replace(view, seed * 1000);
    await sink.reconcile(view);
    assert.deepEqual(await stored(), wanted(view), 'after the first replacement');
    for (let round = 2; round < 25; round++) {
      const next = nextView(random, view, round);
      const way = random.pick(['write', 'write', 'write', 'twice', 'replace']);
      if (way === 'replace') await sink.replace(next, seed * 1000 + round);
      else await sink.write(diffBetween(view, next));
      if (way === 'twice') await sink.write(diffBetween(view, next));
      await sink.reconcile(next);
      assert.deepEqual(await stored(), wanted(next), `after round ${round}, ${way}`);
      view = next;
    }
  });
}

test('Y10 a diff of many messages is taken whole: no query sees the middle of it', async () => {
  const sink = embeddedSink(store);
  const random = seededRandom('large');
  const resources = Array.from({ length: 1200 }, (_, number) => ({
    ...randomResource(random, number),
    kind: 'Pod',
    name: `n${number}`,
  }));
  const edges = resources
    .slice(1)
    .flatMap(({ id }) =>
      ['OWNS', 'MOUNTS'].map((type): Edge => ({ ...randomEdge(random, ['c/u0']), type, from: 'c/u0', to: id })),
    );
  await sink.replace(empty, 90_000);
  const full = viewFromArrays({ resources, edges });
  const seen: unknown[] = [];
  const written = sink.write(diffBetween(empty, full));
  let done = false;
  const watch = (async () => {
    while (!done) seen.push((await all('MATCH (n) RETURN count(n)'))[0]?.[0]);
  })();
  await written;
  done = true;
  await watch;
  for (const count of seen) assert.ok(count === 0 || count === 1200, `saw ${count} nodes`);
  assert.deepEqual(await stored(), wanted(full));
  await sink.write(diffBetween(full, empty));
  assert.deepEqual(await stored(), []);
});

test('Y10 an edge to a resource that the store does not hold is left out', async () => {
  const sink = embeddedSink(store);
  const random = seededRandom('ends');
  const [a, b] = [randomResource(random, 1), randomResource(random, 2)];
  const edge = { ...randomEdge(random, ['c/u1']), from: 'c/u1', to: 'c/u2' };
  await sink.replace(viewFromArrays({ resources: [a] }), 91_000);
  await sink.write({
    resources: diffOf([], [], String),
    edges: { added: [edge], updated: [], removed: [] },
  } as GraphDiff);
  assert.deepEqual(await stored(), wanted(viewFromArrays({ resources: [a] })));
  await sink.write({
    resources: { added: [b], updated: [], removed: [] },
    edges: { added: [edge], updated: [], removed: [] },
  });
  assert.deepEqual(await stored(), wanted(viewFromArrays({ resources: [a, b], edges: [edge] })));
});

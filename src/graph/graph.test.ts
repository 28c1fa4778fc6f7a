import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics, queryObjects } from 'node:v8';
import { fuzzDescriber } from '../../test/fuzz/fuzz-kinds.ts';
import type { Change, Coverage, KubeObject } from '../model/change.ts';
import type { Description } from '../model/describe.ts';
import { isEmpty } from '../model/diff.ts';
import type { Rule } from '../model/reference.ts';
import { Graph } from './graph.ts';
import { Population } from './population.ts';

const AT = '2026-01-01T00:00:00Z';
const object = (name: string, extra: object = {}, meta: object = {}): KubeObject => ({
  apiVersion: 't/v1',
  kind: 'A',
  metadata: { namespace: 'n', name, uid: `uid-${name}`, ...meta },
  ...extra,
});
const apply = (value: unknown, at = AT): Change => ({ type: 'apply', at, cluster: 'c', object: value as KubeObject });
const remove = (value: KubeObject): Change => ({ type: 'delete', at: AT, cluster: 'c', object: value });
const graphOf = (...changes: Change[]): Graph => {
  const graph = new Graph({ describer: fuzzDescriber });
  graph.apply(changes);
  return graph;
};
const edgesOf = (graph: Graph): string[] =>
  [...graph.view.edges()].map(({ type, from, to }) => `${from} ${type} ${to}`).sort();

test('G2 the same object twice is no change', () => {
  const graph = graphOf(apply(object('a', { spec: { names: ['b'] } })), apply(object('b')));
  const { diff } = graph.apply([apply(object('a', { spec: { names: ['b'] } }))]);
  assert.ok(isEmpty(diff));
});

test('G3 recreated under the same name is another resource: nobody inherits its edges by uid', () => {
  const child = object(
    'child',
    {},
    { ownerReferences: [{ apiVersion: 't/v1', kind: 'A', name: 'owner', uid: 'uid-owner' }] },
  );
  const graph = graphOf(apply(object('owner')), apply(child));
  const { diff } = graph.apply([apply(object('owner', {}, { uid: 'uid-other' }))]);
  assert.equal(diff.resources.removed[0]?.id, 'c/uid-owner');
  assert.equal(diff.resources.added[0]?.id, 'c/uid-other');
  assert.deepEqual(edgesOf(graph), []);
  assert.equal([...graph.view.dangling()][0]?.detail.reason, 'stale');
});

test('G4 a late delete of the predecessor does not touch its successor', () => {
  const graph = graphOf(apply(object('a', {}, { uid: 'new' })));
  graph.apply([remove(object('a', {}, { uid: 'old' }))]);
  assert.equal(graph.view.resourceCount, 1);
  graph.apply([remove(object('a', {}, { uid: 'new' }))]);
  assert.equal(graph.view.resourceCount, 0);
});

test('G5 two statements for one edge are one edge; it lives as long as one of them', () => {
  const graph = graphOf(apply(object('a', { spec: { names: ['b', 'b'] } })), apply(object('b')));
  assert.deepEqual(edgesOf(graph), ['c/uid-a MOUNTS c/uid-b']);
  assert.equal([...graph.view.edges()][0]?.detail.more, 1);
  const { diff } = graph.apply([apply(object('a', { spec: { names: ['b'] } }))]);
  assert.equal(diff.edges.updated.length, 1);
  assert.deepEqual([...graph.view.edges()][0]?.detail.more, undefined);
  assert.equal(graph.apply([apply(object('a'))]).diff.edges.removed.length, 1);
});

test('G6 an edge keeps its age when it goes and comes back within one commit', () => {
  const graph = graphOf(apply(object('a', { spec: { names: ['b'] } })), apply(object('b')));
  const { diff } = graph.apply([
    { ...apply(object('a')), at: '2026-01-01T00:00:01Z' },
    { ...apply(object('a', { spec: { names: ['b'] } })), at: '2026-01-01T00:00:02Z' },
  ]);
  assert.ok(isEmpty(diff));
  assert.equal([...graph.view.edges()][0]?.detail.since, '2026-01-01T00:00:00.000Z');
});

test('G7 a reset is everything in its scope', () => {
  const graph = graphOf(apply(object('a')), apply(object('b')), apply(object('c', {}, { namespace: 'other' })));
  graph.apply([
    {
      type: 'reset',
      at: AT,
      cluster: 'c',
      scope: { group: 't', kind: 'A', namespace: 'n' },
      objects: [object('b'), object('d')],
    },
  ]);
  assert.deepEqual([...graph.view.resources()].map(({ name }) => name).sort(), ['b', 'c', 'd']);
});

const broken: readonly [string, unknown][] = [
  ['null', null],
  ['text', 'Pod'],
  ['a list', []],
  ['no metadata', { apiVersion: 'v1', kind: 'Pod' }],
  ['no name', { apiVersion: 'v1', kind: 'Pod', metadata: {} }],
  ['a name that is no text', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 5 } }],
  ['no kind', { apiVersion: 'v1', metadata: { name: 'x' } }],
];
for (const [what, value] of broken) {
  test(`G8 ${what} is rejected with a reason, and the rest is taken`, () => {
    const graph = new Graph({ describer: fuzzDescriber });
    const { rejected } = graph.apply([apply(value), apply(object('a'))]);
    assert.equal(rejected.length, 1);
    assert.ok(rejected[0]?.reason);
    assert.equal(graph.view.resourceCount, 1);
  });
}

test('G9 odd names, cyclic owners and huge objects are objects like others', () => {
  const odd = object(
    'a b/"\u0000é',
    {},
    { uid: 'x', ownerReferences: [{ apiVersion: 't/v1', kind: 'A', name: 'loop', uid: 'y' }] },
  );
  const loop = object(
    'loop',
    { data: 'x'.repeat(10_000_000) },
    { uid: 'y', ownerReferences: [{ apiVersion: 't/v1', kind: 'A', name: odd.metadata.name, uid: 'x' }] },
  );
  const self = object(
    'self',
    {},
    { uid: 'z', ownerReferences: [{ apiVersion: 't/v1', kind: 'A', name: 'self', uid: 'z' }] },
  );
  assert.deepEqual(edgesOf(graphOf(apply(odd), apply(loop), apply(self))), ['c/x OWNS c/y', 'c/y OWNS c/x']);
});

test('G10 a kind that is not completely observed proves nothing missing', () => {
  const observe = (coverage: Coverage): Change => ({
    type: 'observe',
    at: AT,
    cluster: 'c',
    scope: { group: 't', kind: 'A' },
    coverage,
  });
  const graph = graphOf(observe('loading'), apply(object('a', { spec: { names: ['gone'] } })));
  assert.equal([...graph.view.dangling()].length, 0);
  graph.apply([observe('ready')]);
  assert.equal([...graph.view.dangling()].length, 1);
  graph.apply([observe('forbidden')]);
  assert.equal([...graph.view.dangling()].length, 0);
});

test('G10 nor do the kinds of a group that was never seen up', () => {
  const observe = (kind: string, coverage: Coverage): Change => ({
    type: 'observe',
    at: AT,
    cluster: 'c',
    scope: { group: 't', kind },
    coverage,
  });
  const graph = graphOf(observe('*', 'broken'), apply(object('a', { spec: { names: ['gone'] } })));
  assert.equal([...graph.view.dangling()].length, 0);
  graph.apply([observe('A', 'ready')]);
  assert.equal([...graph.view.dangling()].length, 1, 'a kind that is known speaks for itself');
  const later = graphOf(
    observe('*', 'broken'),
    observe('*', 'ready'),
    apply(object('a', { spec: { names: ['gone'] } })),
  );
  assert.equal([...later.view.dangling()].length, 1, 'the group is up');
});

test('G11 an interval that was not observed is a gap', () => {
  const observe = (coverage: Coverage, at: string): Change => ({
    type: 'observe',
    at,
    cluster: 'c',
    scope: { group: 't', kind: 'A' },
    coverage,
  });
  const graph = graphOf(observe('ready', AT), observe('broken', '2026-01-01T00:01:00Z'));
  assert.equal(graph.view.gaps()[0]?.to, undefined);
  graph.apply([observe('loading', '2026-01-01T00:02:00Z'), observe('ready', '2026-01-01T00:03:00Z')]);
  assert.deepEqual(graph.view.gaps(), [
    { cluster: 'c', group: 't', kind: 'A', namespace: '', from: '2026-01-01T00:01:00Z', to: '2026-01-01T00:03:00Z' },
  ]);
  graph.apply([observe('broken', '2026-01-01T00:04:00Z'), observe('absent', '2026-01-01T00:05:00Z')]);
  assert.equal(graph.view.gaps()[1]?.to, '2026-01-01T00:05:00Z');
});

const identities: readonly [string, readonly object[], string][] = [
  ['without a uid it is the known one', [{ uid: 'u' }, {}], 'c/u'],
  ['with a uid it is the one that was known without', [{}, { uid: 'u' }], 'c/u'],
  ['with another uid it is another', [{ uid: 'u' }, {}, { uid: 'v' }], 'c/v'],
];
for (const [what, metas, id] of identities) {
  test(`G15 ${what}`, () => {
    const child = object('child', { spec: { refs: [{ name: 'a', namespace: 'n', uid: 'v' }] } });
    const version = (meta: object, n: number) => object('a', { spec: { n } }, { uid: undefined, ...meta });
    const graph = graphOf(apply(child), ...metas.map((meta, index) => apply(version(meta, index))));
    const all = [...graph.view.resources({ kind: 'A' })].filter(({ name }) => name === 'a');
    assert.deepEqual(
      all.map((resource) => [resource.id, `c/${resource.uid}`, resource.summary['n']]),
      [[id, id, metas.length - 1]],
    );
    graph.apply([
      { type: 'reset', at: AT, cluster: 'c', scope: { group: 't', kind: 'A' }, objects: [child, version({}, 7)] },
    ]);
    assert.equal(graph.view.get(id)?.summary['n'], 7);
    assert.equal(graph.view.resourceCount, 2);
  });
}

test('G16 a listed object that cannot be read is there all the same, unless nobody can tell which it is', () => {
  const reset = (...metadata: unknown[]): Change => ({
    type: 'reset',
    at: AT,
    cluster: 'c',
    scope: { group: 't', kind: 'A', namespace: 'n' },
    objects: metadata.map((each) => ({ kind: 'A', metadata: each }) as KubeObject),
  });
  const names = (graph: Graph): string[] => [...graph.view.resources()].map(({ name }) => name).sort();
  const graph = graphOf(...['a', 'b', 'c', 'd'].map((name) => apply(object(name))));
  const listed = [{ name: 'a' }, { uid: 'uid-b' }, { name: 'c', namespace: 'n', uid: 'of-another' }, {}, null];
  assert.equal(graph.apply([reset(...listed)]).rejected.length, 5);
  assert.deepEqual(names(graph), ['a', 'b']);
});

test('G17 what is gone leaves nothing behind', () => {
  const rule: Rule = { id: 'r', edge: 'REFERS_TO', confidence: 'exact' };
  const selecting: Rule = { id: 's', edge: 'SELECTS', confidence: 'selector' };
  const names = { group: 't', kind: 'A' };
  const describe = (key: string, own = (n: number) => ({ group: key, kind: `${key}${n}` })): Description => ({
    resource: {
      ...{ id: `c/${key}`, cluster: 'c', ...names, namespace: key, name: key, uid: key, pseudo: false },
      ...{ labels: { [key]: key }, summary: {}, health: { status: 'unknown' } },
    },
    references: [
      { rule, field: `data.${key}.name`, target: { by: 'name', ...own(1), namespace: key, name: 'gone' } },
      { rule, field: 'uid', target: { by: 'id', uid: `${key}-x`, ...own(2), namespace: key, name: 'gone' } },
      { rule, field: 'image', target: { by: 'pseudo', kind: key, namespace: '', name: key } },
      ...(['In', 'Exists'] as const).map((operator) => ({
        rule: selecting,
        field: operator,
        target: {
          by: 'labels' as const,
          ...own(3),
          selector: [{ key, operator, values: operator === 'In' ? [key] : [] }],
          namespaces: { type: 'names' as const, names: [key] },
        },
      })),
    ],
    seenAt: AT,
    grants: [],
  });
  const graph = new Graph({
    describer: {
      ...fuzzDescriber,
      object: (_, { metadata }) => describe(metadata.name),
      groupKind: () => names,
    },
  });
  let round = 0;
  const churn = (rounds: number): void => {
    for (const end = round + rounds; round < end; round++) {
      const name = `churned-${round}`;
      const metadata = { namespace: name, name };
      const scope = { ...names, namespace: name };
      graph.apply([apply({ metadata })]);
      graph.apply([remove({ apiVersion: 't/v1', kind: 'A', metadata: { ...metadata, uid: name } })]);
      graph.apply([{ type: 'observe', at: AT, cluster: 'c', scope, coverage: 'absent' }]);
    }
  };
  /** Bytes after everything unreachable was collected: counting objects collects. */
  const used = (): number => {
    queryObjects(Graph);
    return getHeapStatistics().used_heap_size;
  };
  churn(2_000);
  const before = used();
  churn(2_000);
  const bytes = (used() - before) / 2_000;
  assert.ok(bytes < 20, `${bytes} bytes remain of each`);
  assert.equal(graph.view.resourceCount, 0);
});

test('G18 reading makes nothing', () => {
  const graph = graphOf(apply(object('a', { spec: { names: ['b'], refs: [{ name: 'a', uid: 'x' }] } })));
  const { view } = graph;
  const before = queryObjects(Population);
  assert.equal(view.byName({ cluster: 'c', group: 'x', kind: 'Never', namespace: 'n', name: 'a' }), undefined);
  assert.equal(view.byName({ cluster: 'nowhere', group: 't', kind: 'A', namespace: 'n', name: 'a' }), undefined);
  assert.equal([...view.dangling(), ...view.edges(), ...view.resources({ kind: 'Never' })].length, 2);
  graph.apply([
    { ...remove(object('a')), cluster: 'nowhere' } as Change,
    remove({ ...object('a', {}, { uid: 'never' }), kind: 'Never' }),
    { type: 'reset', at: AT, cluster: 'c', scope: { group: 'x', kind: 'Never' }, objects: [] },
  ]);
  assert.equal(queryObjects(Population), before);
  assert.deepEqual(view.clusters, ['c']);
});

test('G19 a computed edge is answered once, at both ends, whoever states it and how', () => {
  const everyone = { matchLabels: {} };
  const stating = (name: string, spec: object): Change => apply({ ...object(name, { spec }), kind: 'S' });
  const graph = graphOf(
    apply(object('a')),
    stating('s', { near: [everyone], nearNamed: ['a'], nearReversed: everyone }),
    stating('t', { preferredBy: [{ name: 'a', namespace: 'n' }] }),
  );
  const { view } = graph;
  const expected = ['c/uid-a NEAR c/uid-s', 'c/uid-a PREFERS c/uid-t', 'c/uid-s NEAR c/uid-a'];
  assert.deepEqual(edgesOf(graph), expected);
  assert.equal(view.edgeCount, 0);
  assert.deepEqual(
    [...view.out('c/uid-a'), ...view.in('c/uid-a')].map(({ type, from, to }) => `${from} ${type} ${to}`).sort(),
    expected,
  );
  const [edge] = view.in('c/uid-a', 'NEAR');
  assert.deepEqual([edge?.detail.field, edge?.detail.more], ['spec.nearNamed[0]', 1]);
  graph.apply([remove(object('a'))]);
  assert.deepEqual([...view.dangling()].map(({ type, target }) => `${type} ${target.name}`).sort(), [
    'NEAR a',
    'PREFERS a',
  ]);
});

test('G13 clusters do not see each other', () => {
  const other = { ...apply(object('b')), cluster: 'd' } as Change;
  const graph = graphOf(apply(object('a', { spec: { names: ['b'] } })), other);
  assert.deepEqual(edgesOf(graph), []);
  assert.deepEqual(graph.view.clusters, ['c', 'd']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzDescriber } from '../../test/fuzz/fuzz-kinds.ts';
import type { Change, Coverage, KubeObject } from '../model/change.ts';
import { isEmpty } from '../model/diff.ts';
import { Graph } from './graph.ts';

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
});

test('G12 occurrences live in a bounded window: the longest unseen go first', () => {
  const graph = new Graph({ describer: fuzzDescriber, windowMax: 3 });
  const occur = (id: string, at: string): Change => ({
    type: 'occur',
    at,
    cluster: 'c',
    occurrence: {
      id,
      source: 'log',
      severity: 'error',
      subject: { kind: 'A', apiVersion: 't/v1', namespace: 'n', name: 'a' },
    },
  });
  graph.apply([
    apply(object('a')),
    ...[3, 1, 2, 4].map((second) => occur(`o${second}`, `2026-01-01T00:00:0${second}Z`)),
  ]);
  assert.deepEqual([...graph.view.resources({ kind: 'Occurrence' })].map(({ name }) => name).sort(), [
    'log:o2',
    'log:o3',
    'log:o4',
  ]);
  assert.deepEqual(edgesOf(graph).length, 3);
});

test('G13 clusters do not see each other', () => {
  const other = { ...apply(object('b')), cluster: 'd' } as Change;
  const graph = graphOf(apply(object('a', { spec: { names: ['b'] } })), other);
  assert.deepEqual(edgesOf(graph), []);
  assert.deepEqual(graph.view.clusters, ['c', 'd']);
});

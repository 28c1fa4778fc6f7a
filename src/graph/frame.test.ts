import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fuzzDescriber } from '../../test/fuzz/fuzz-kinds.ts';
import type { Change, KubeObject } from '../model/change.ts';
import { frameOf, graphFrom } from './frame.ts';
import { Graph } from './graph.ts';

const edition = 'of the tests';
const object = (kind: string, name: string, spec: object, uid?: string): Change => ({
  type: 'apply',
  at: '2026-01-01T00:00:00Z',
  cluster: 'c',
  object: {
    apiVersion: 't/v1',
    kind,
    metadata: { namespace: 'n', name, labels: { a: '1' }, ...(uid && { uid }) },
    spec,
  },
});

/** A graph with something of everything. */
function aGraph(): Graph {
  const graph = new Graph({ describer: fuzzDescriber });
  const at = '2026-01-01T00:00:01Z';
  const gone: KubeObject = { apiVersion: 't/v1', kind: 'S', metadata: { namespace: 'n', name: 'gone' } };
  graph.apply([
    object('A', 'a', { names: ['b', 'missing'], other: ['b'], images: ['i'], refs: [{ name: 'b', uid: 'u' }] }),
    object('A', 'b', { facts: { f: '1' }, n: 3 }, 'u'),
    object('S', 's', { own: [{ a: '1' }], near: [{ a: '1' }], routes: [{ name: 'x', namespace: 'other' }] }),
    object('S', 'gone', { own: [{ a: '2' }] }),
    object('G', 'g', { from: ['n'], to: ['x'] }),
    { type: 'delete', at, cluster: 'c', object: gone },
    { type: 'observe', at, cluster: 'c', scope: { group: 't', kind: 'A' }, coverage: 'broken' },
    {
      type: 'occur',
      at,
      cluster: 'c',
      occurrence: { id: 'o', source: 'log', severity: 'error', subject: { kind: 'A', namespace: 'n', name: 'a' } },
    },
  ]);
  return graph;
}

test('G33 whoever changes what is in a frame, or its form, raises the number of the format', () => {
  const [head, ...pieces] = frameOf(aGraph(), { describer: fuzzDescriber, edition });
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  assert.deepEqual(
    [new DataView((head as Uint8Array).buffer).getInt32(0, true), hash.digest('hex').slice(0, 16)],
    [2, '301ddc27c4fd2e5b'],
    'frames are not what they were: raise FORMAT in pieces.ts, and put both numbers here',
  );
});

test('G30 odd values come back as they were', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key-${index}`, `${index}`]));
  const metadata = [
    { name: 'many', labels: many },
    { name: 'nested', labels: { a: { b: [null] }, c: null, d: 1, e: true } },
    { name: 'half \ud800 of a pair, and \0', labels: { '': '', '\ud800': '\udfff', constructor: 'x' } },
    { name: '__proto__', labels: JSON.parse('{"__proto__":"x","toString":"y"}') },
    { name: '[]', labels: [] },
  ];
  const graph = new Graph({ describer: fuzzDescriber });
  graph.apply(
    metadata.map((each) => ({
      type: 'apply',
      at: '2026-01-01T00:00:00Z',
      cluster: '',
      object: {
        apiVersion: 't/v1',
        kind: 'A',
        metadata: each,
        spec: { facts: each.labels, images: [each.name] },
      } as never,
    })),
  );
  const copy = graphFrom(frameOf(graph, { describer: fuzzDescriber, edition }), { describer: fuzzDescriber, edition });
  assert.equal(copy?.view.resourceCount, 10);
  assert.deepEqual(JSON.stringify([...copy.view.resources()]), JSON.stringify([...graph.view.resources()]));
  assert.deepEqual([...copy.view.resources()], [...graph.view.resources()]);
  assert.deepEqual([...copy.view.edges()], [...graph.view.edges()]);
});

test('G33 a graph of nothing has a frame as well', () => {
  const empty = new Graph({ describer: fuzzDescriber });
  const copy = graphFrom(frameOf(empty, { describer: fuzzDescriber, edition }), { describer: fuzzDescriber, edition });
  assert.equal(copy?.view.resourceCount, 0);
  assert.equal(copy?.view.at, undefined);
  assert.equal(copy?.apply([object('A', 'a', {})]).number, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { shortestPath } from './shortest-path.ts';
import { simplePaths } from './simple-paths.ts';

const sentences = [
  'Ingress/a/i ROUTES_TO Service/a/s',
  'Service/a/s SELECTS Pod/a/p',
  'Pod/a/p MOUNTS Secret/a/x',
  'Ingress/a/i SERVES_CERTIFICATE Secret/a/tls',
  'Certificate/a/c PRODUCES Secret/a/tls',
  'Certificate/a/c PRODUCES Secret/a/x',
  'Pod/a/p IN_NAMESPACE Namespace/a',
  'Pod/a/lonely IN_NAMESPACE Namespace/a',
];
const view = smallGraph(sentences);

test('P1 the shortest path goes along edges either way and names them', () => {
  const { path } = shortestPath(view, 'Ingress/a/i', 'Pod/a/p');
  assert.deepEqual(path?.resources, ['Ingress/a/i', 'Service/a/s', 'Pod/a/p']);
  assert.deepEqual(
    path?.edges.map(({ type }) => type),
    ['ROUTES_TO', 'SELECTS'],
  );
  assert.deepEqual(shortestPath(view, 'Pod/a/p', 'Ingress/a/i').path?.resources, path?.resources.toReversed());
  assert.equal(shortestPath(view, 'Pod/a/p', 'Ingress/a/i', { direction: 'out' }).path, undefined);
  assert.deepEqual(shortestPath(view, 'Pod/a/p', 'Pod/a/p').path, { resources: ['Pod/a/p'], edges: [] });
});

test('P2 no path leads through a hub unless asked for', () => {
  assert.equal(shortestPath(view, 'Pod/a/p', 'Pod/a/lonely').path, undefined);
  assert.equal(shortestPath(view, 'Pod/a/p', 'Pod/a/lonely', { expandHubs: true }).path?.edges.length, 2);
  assert.equal(shortestPath(view, 'Namespace/a', 'Service/a/s').path?.edges.length, 2, 'a hub may be an end');
  assert.equal(shortestPath(view, 'Service/a/s', 'Namespace/a').path?.edges.length, 2, 'a hub may be an end');
});

test('P3 the answer does not depend on the order of edges', () => {
  const diamond = [
    'Pod/x MOUNTS ConfigMap/b',
    'Pod/x MOUNTS ConfigMap/a',
    'Pod/y MOUNTS ConfigMap/a',
    'Pod/y MOUNTS ConfigMap/b',
  ];
  const one = shortestPath(smallGraph(diamond), 'Pod/x', 'Pod/y').path?.resources;
  const other = shortestPath(smallGraph(diamond.toReversed()), 'Pod/x', 'Pod/y').path?.resources;
  assert.deepEqual(one, other);
});

test('P4 simple paths: all of them, shortest first, no resource twice', () => {
  const { paths, truncated } = simplePaths(view, 'Ingress/a/i', 'Secret/a/x');
  assert.equal(truncated, false);
  assert.deepEqual(
    paths.map(({ resources }) => resources),
    [
      ['Ingress/a/i', 'Secret/a/tls', 'Certificate/a/c', 'Secret/a/x'],
      ['Ingress/a/i', 'Service/a/s', 'Pod/a/p', 'Secret/a/x'],
    ],
  );
  for (const { resources, edges } of paths) {
    assert.equal(new Set(resources).size, resources.length);
    for (const [index, edge] of edges.entries()) {
      assert.deepEqual([edge.from, edge.to].sort(), [resources[index], resources[index + 1]].sort());
    }
  }
});

test('P5 simple paths say when there are more than asked for, or may be', () => {
  const many = Array.from({ length: 6 }, (_, index) => [
    `Pod/x MOUNTS ConfigMap/${index}`,
    `Pod/y MOUNTS ConfigMap/${index}`,
  ]).flat();
  const fan = smallGraph(many);
  assert.equal(simplePaths(fan, 'Pod/x', 'Pod/y', { maxPaths: 6 }).truncated, false);
  const cut = simplePaths(fan, 'Pod/x', 'Pod/y', { maxPaths: 5 });
  assert.equal(cut.paths.length, 5);
  assert.equal(cut.truncated, true);
  assert.equal(simplePaths(fan, 'Pod/x', 'Pod/y', { maxEdges: 3 }).truncated, true);
  assert.equal(shortestPath(fan, 'Pod/x', 'Pod/y', { maxEdges: 3 }).truncated, true);
  assert.deepEqual(simplePaths(fan, 'Pod/x', 'Pod/y', { maxLength: 1 }), { paths: [], truncated: false });
});

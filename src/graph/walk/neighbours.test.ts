import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { edgesAmong } from './edges-among.ts';
import { neighbours } from './neighbours.ts';

const shop = smallGraph([
  'Deployment/shop/web OWNS ReplicaSet/shop/web-1',
  'ReplicaSet/shop/web-1 OWNS Pod/shop/web-1-a',
  'Pod/shop/web-1-a RUNS_ON Node/n1',
  'Pod/shop/other RUNS_ON Node/n1',
  'Service/shop/web SELECTS Pod/shop/web-1-a',
  'Pod/shop/web-1-a MOUNTS ConfigMap/shop/cfg',
  'Pod/shop/other MOUNTS ConfigMap/shop/cfg',
]);

const ids = (distances: ReadonlyMap<string, number>): string[] => [...distances.keys()].sort();

test('N1 neighbours go both ways to the depth asked for, each edge once', () => {
  const near = neighbours(shop, ['Pod/shop/web-1-a']);
  assert.deepEqual(ids(near.distances), [
    'ConfigMap/shop/cfg',
    'Node/n1',
    'Pod/shop/web-1-a',
    'ReplicaSet/shop/web-1',
    'Service/shop/web',
  ]);
  assert.equal(near.edges.length, 4);
  const far = neighbours(shop, ['Pod/shop/web-1-a'], { depth: 2 });
  assert.equal(far.distances.get('Deployment/shop/web'), 2);
  assert.equal(far.distances.get('Pod/shop/other'), 2, 'through the ConfigMap');
  assert.equal(far.edges.length, 6);
  assert.equal(new Set(far.edges).size, far.edges.length);
});

test('N2 a direction, and a filter of edges or resources, narrows the walk', () => {
  const out = neighbours(shop, ['Pod/shop/web-1-a'], { direction: 'out', depth: 3 });
  assert.deepEqual(ids(out.distances), ['ConfigMap/shop/cfg', 'Node/n1', 'Pod/shop/web-1-a']);
  const owners = neighbours(shop, ['Pod/shop/web-1-a'], {
    direction: 'in',
    depth: 5,
    accepts: (type) => type === 'OWNS',
  });
  assert.deepEqual(ids(owners.distances), ['Deployment/shop/web', 'Pod/shop/web-1-a', 'ReplicaSet/shop/web-1']);
});

test('N3 hubs are leaves unless the walk starts there or is told to go through', () => {
  const view = smallGraph(['Pod/a/p RUNS_ON Node/n1', 'Pod/b/q RUNS_ON Node/n1', 'Pod/b/q USES_IMAGE Image/nginx']);
  const walk = neighbours(view, ['Pod/a/p'], { depth: 4 });
  assert.deepEqual(ids(walk.distances), ['Node/n1', 'Pod/a/p']);
  assert.deepEqual(walk.leaves, ['Node/n1']);
  assert.equal(neighbours(view, ['Node/n1'], { depth: 4 }).distances.size, 4);
  assert.equal(neighbours(view, ['Pod/a/p'], { depth: 4, expandHubs: true }).distances.size, 4);
});

test('N9 a kind of another group that bears the name of a hub is none', () => {
  const sentences = ['Volume/a/v RUNS_ON Node/n1', 'Volume/a/w RUNS_ON Node/n1'];
  const view = smallGraph(sentences, { resources: { 'Node/n1': { group: 'longhorn.io' } } });
  assert.deepEqual(neighbours(view, ['Volume/a/v'], { depth: 2 }).leaves, []);
});

test('N3 a resource with too many edges is a hub whatever its kind', () => {
  const pods = Array.from({ length: 10 }, (_, index) => `Pod/a/p${index} MOUNTS ConfigMap/a/ca`);
  const view = smallGraph(pods);
  assert.deepEqual(neighbours(view, ['Pod/a/p0'], { depth: 3, maxDegree: 9 }).leaves, ['ConfigMap/a/ca']);
  assert.equal(neighbours(view, ['Pod/a/p0'], { depth: 3, maxDegree: 10 }).distances.size, 11);
});

test('N4 a walk that meets its limit says so, keeps the unhealthy, and returns no loose edge', () => {
  const pods = Array.from({ length: 50 }, (_, index) => `Pod/a/p${index} RUNS_ON Node/n1`);
  const view = smallGraph(pods, { resources: { 'Pod/a/p49': { health: { status: 'critical' } } } });
  const walk = neighbours(view, ['Node/n1'], { limits: { resources: 3, edges: 1_000 } });
  assert.equal(walk.truncated, true);
  assert.equal(walk.distances.size, 3);
  assert.ok(walk.distances.has('Pod/a/p49'));
  for (const { from, to } of walk.edges) assert.ok(walk.distances.has(from) && walk.distances.has(to));
  assert.equal(walk.edges.length, 2);
  const cut = neighbours(view, ['Node/n1'], { limits: { resources: 100, edges: 10 } });
  assert.equal(cut.truncated, true);
  assert.equal(cut.edges.length, 10);
});

test('N5 a start that does not exist is ignored', () => {
  assert.equal(neighbours(shop, ['Pod/shop/none']).distances.size, 0);
});

test('N6 edges among a set are those with both ends in it', () => {
  const set = new Set(['Pod/shop/web-1-a', 'Pod/shop/other', 'ConfigMap/shop/cfg']);
  assert.deepEqual(
    edgesAmong(shop, set, 100).edges.map(({ from }) => from),
    ['Pod/shop/web-1-a', 'Pod/shop/other'],
  );
  assert.equal(edgesAmong(shop, set, 1).truncated, true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Extras, smallGraph } from '../../../test/support/small-graph.ts';
import { describer } from '../../kinds/index.ts';
import type { KubeObject } from '../../model/change.ts';
import type { Resource } from '../../model/resource.ts';
import { Graph } from '../graph.ts';
import { type ImpactOptions, impact, pathOf } from './impact.ts';

/** `id effect@distance` of everything impacted, `id effect@distance later` where only the next start is. */
function effects(sentences: string[], causes: string[], extras: Extras = {}, options: ImpactOptions = {}): string[] {
  const forward = impact(smallGraph(sentences, extras), causes, options).impacted;
  const backward = impact(smallGraph(sentences.toReversed(), extras), causes, options).impacted;
  assert.deepEqual(backward, forward, 'the order of edges does not matter');
  return forward.map(
    ({ id, effect, when, trace }) => `${id} ${effect}@${trace.distance}${when === 'now' ? '' : ' later'}`,
  );
}

const scaledToZero: Partial<Resource> = { summary: { desired: 0 } };
const critical: Partial<Resource> = { health: { status: 'critical' } };

test('I1 failure travels against and along edges as the edge table says', () => {
  const sentences = [
    'Pod/a/p RUNS_ON Node/n',
    'Pod/a/p CALLS Service/a/s',
    'NetworkPolicy/a/n APPLIES_TO Pod/a/p',
    'HorizontalPodAutoscaler/a/h SCALES Deployment/a/d',
  ];
  assert.deepEqual(effects(sentences, ['Node/n']), ['Pod/a/p breaks@1']);
  assert.deepEqual(effects(sentences, ['Service/a/s']), ['Pod/a/p degrades@1']);
  assert.deepEqual(effects(sentences, ['Pod/a/p']), [], 'a policy does not suffer from its pods');
  assert.deepEqual(effects(sentences, ['HorizontalPodAutoscaler/a/h']), ['Deployment/a/d degrades@1']);
});

test('I2 a redundant edge degrades while another target serves, and breaks with the last', () => {
  const sentences = ['Service/a/s SELECTS Pod/a/p', 'Service/a/s SELECTS Pod/a/q', 'Ingress/a/i ROUTES_TO Service/a/s'];
  assert.deepEqual(effects(sentences, ['Pod/a/p']), ['Service/a/s degrades@1', 'Ingress/a/i degrades@2']);
  assert.deepEqual(effects(sentences, ['Pod/a/p', 'Pod/a/q']), ['Service/a/s breaks@1', 'Ingress/a/i breaks@2']);
});

test('I2 what is critical or scaled to nothing serves nobody', () => {
  const sentences = ['Service/a/s SELECTS Pod/a/p', 'Service/a/s SELECTS Pod/a/q'];
  assert.deepEqual(effects(sentences, ['Pod/a/p'], { resources: { 'Pod/a/q': critical } }), ['Service/a/s breaks@1']);
  const owned = ['Deployment/a/d OWNS ReplicaSet/a/old', 'Deployment/a/d OWNS ReplicaSet/a/new'];
  assert.deepEqual(effects(owned, ['ReplicaSet/a/new'], { resources: { 'ReplicaSet/a/old': scaledToZero } }), [
    'Deployment/a/d breaks@1',
  ]);
});

test('I2 targets lost one after another break their dependant in the end', () => {
  const sentences = ['Service/a/s SELECTS Pod/a/p', 'Service/a/s SELECTS Pod/a/q', 'Pod/a/q RUNS_ON Node/x'];
  assert.deepEqual(effects(sentences, ['Pod/a/p', 'Node/x']), ['Pod/a/q breaks@1', 'Service/a/s breaks@2']);
});

test('I3 what only degrades takes nothing along', () => {
  const sentences = ['Deployment/a/d CALLS Service/a/x', 'Deployment/a/d OWNS ReplicaSet/a/r'];
  assert.deepEqual(effects(sentences, ['Service/a/x']), ['Deployment/a/d degrades@1']);
  assert.deepEqual(effects(sentences, ['Deployment/a/d']), ['ReplicaSet/a/r breaks@1']);
});

test('I4 failure that came up from what an owner owns does not turn round', () => {
  const sentences = [
    'Deployment/a/d OWNS ReplicaSet/a/old',
    'Deployment/a/d OWNS ReplicaSet/a/new',
    'ReplicaSet/a/new OWNS Pod/a/p',
  ];
  assert.deepEqual(effects(sentences, ['Pod/a/p'], { resources: { 'ReplicaSet/a/old': scaledToZero } }), [
    'ReplicaSet/a/new breaks@1',
    'Deployment/a/d breaks@2',
  ]);
});

test('I15 what is needed only to start fails its dependants at their next start, and theirs only then', () => {
  const sentences = [
    'Pod/a/p READS_SECRET Secret/a/db',
    'Pod/a/p MOUNTS ConfigMap/a/c',
    'ReplicaSet/a/r OWNS Pod/a/p',
    'ReplicaSet/a/r READS_SECRET Secret/a/db',
    'Service/a/s SELECTS Pod/a/p',
    'Pod/a/p RUNS_ON Node/n',
  ];
  const later = ['Pod/a/p breaks@1 later', 'ReplicaSet/a/r breaks@1 later', 'Service/a/s breaks@2 later'];
  assert.deepEqual(effects(sentences, ['Secret/a/db']), later);
  assert.deepEqual(effects(sentences, ['ConfigMap/a/c']), [
    'Pod/a/p breaks@1 later',
    'ReplicaSet/a/r breaks@2 later',
    'Service/a/s breaks@2 later',
  ]);
  assert.deepEqual(effects(sentences, ['Node/n']), [
    'Pod/a/p breaks@1',
    'ReplicaSet/a/r breaks@2',
    'Service/a/s breaks@2',
  ]);
  assert.deepEqual(effects(sentences, ['ReplicaSet/a/r']), ['Pod/a/p breaks@1', 'Service/a/s breaks@2']);
});

test('I15 what fails now counts before what fails later', () => {
  const sentences = ['Pod/a/p CALLS Service/a/s', 'Pod/a/p MOUNTS Secret/a/x', 'Pod/a/q MOUNTS Secret/a/x'];
  assert.deepEqual(effects(sentences, ['Service/a/s', 'Secret/a/x']), ['Pod/a/p degrades@1', 'Pod/a/q breaks@1 later']);
  const types: ImpactOptions = { accepts: (type) => type !== 'MOUNTS' };
  assert.deepEqual(effects(sentences, ['Service/a/s', 'Secret/a/x'], {}, types), ['Pod/a/p degrades@1']);
});

test('I5 losing an optional target breaks nothing', () => {
  const sentence = 'Pod/a/p MOUNTS ConfigMap/a/c';
  assert.deepEqual(effects([sentence], ['ConfigMap/a/c'], { evidence: { [sentence]: { optional: true } } }), []);
});

test('I5 an edge is optional when every statement of it is', () => {
  const at = '2026-01-01T00:00:00Z';
  const graph = new Graph({ describer });
  const apply = (object: KubeObject): unknown => graph.apply([{ type: 'apply', at, cluster: 'c', object }]);
  const volume = (name: string, optional: boolean): object => ({ name, configMap: { name: 'cfg', optional } });
  const podWith = (...volumes: object[]): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'a', name: 'p', uid: 'p' },
    spec: { containers: [], volumes },
  });
  apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: 'cfg', uid: 'cfg' } });
  const impactOfLoss = (): string[] =>
    impact(graph.view, ['c/cfg']).impacted.map(({ id, effect }) => `${id} ${effect}`);
  apply(podWith(volume('x', true), volume('y', true)));
  assert.deepEqual(impactOfLoss(), []);
  assert.equal(graph.view.edge('MOUNTS', 'c/p', 'c/cfg')?.detail.optional, true);
  apply(podWith(volume('x', true), volume('y', false)));
  assert.deepEqual(impactOfLoss(), ['c/p breaks']);
});

test('I6 every effect has the path of edges from its cause', () => {
  const sentences = ['Pod/a/p MOUNTS Secret/a/x', 'Service/a/s SELECTS Pod/a/p', 'Ingress/a/i ROUTES_TO Service/a/s'];
  const { impacted } = impact(smallGraph(sentences), ['Secret/a/x']);
  const ingress = impacted.find(({ id }) => id === 'Ingress/a/i');
  assert.ok(ingress);
  assert.deepEqual(
    pathOf(ingress.trace).map(({ type }) => type),
    ['MOUNTS', 'SELECTS', 'ROUTES_TO'],
  );
  for (const { trace } of impacted) assert.equal(pathOf(trace).length, trace.distance);
});

test('I7 cycles end, distances and limits bound the walk', () => {
  const ring = ['A/1 DEPENDS_ON A/2', 'A/2 DEPENDS_ON A/3', 'A/3 DEPENDS_ON A/1'];
  assert.deepEqual(effects(ring, ['A/1']), ['A/3 degrades@1', 'A/2 degrades@2']);
  assert.deepEqual(effects(ring, ['A/1'], {}, { maxDistance: 1 }), ['A/3 degrades@1']);
  const many = smallGraph(Array.from({ length: 20 }, (_, index) => `Pod/a/p${index} MOUNTS ConfigMap/a/c`));
  const cut = impact(many, ['ConfigMap/a/c'], { limits: { resources: 5, edges: 100 } });
  assert.equal(cut.impacted.length, 5);
  assert.equal(cut.truncated, true);
  assert.equal(impact(many, ['ConfigMap/a/c'], { limits: { resources: 100, edges: 7 } }).truncated, true);
});

test('I8 a worse effect that arrives later wins', () => {
  const sentences = ['Pod/a/p CALLS Service/a/x', 'Pod/a/q ALIAS_OF Service/a/x', 'Pod/a/p ALIAS_OF Pod/a/q'];
  assert.deepEqual(effects(sentences, ['Service/a/x']), ['Pod/a/q breaks@1', 'Pod/a/p breaks@2']);
});

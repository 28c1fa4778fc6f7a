import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { type WhatIf, whatIf } from './what-if.ts';

const gone = ({ gone }: WhatIf): string[] => gone.map(({ id, reason }) => `${id} ${reason}`).sort();
const effects = ({ impact }: WhatIf): string[] => impact.impacted.map(({ id, effect }) => `${id} ${effect}`).sort();

const node = [
  'Pod/a/web-1 RUNS_ON Node/n1',
  'Pod/a/web-2 RUNS_ON Node/n2',
  'ReplicaSet/a/web OWNS Pod/a/web-1',
  'ReplicaSet/a/web OWNS Pod/a/web-2',
  'Service/a/web SELECTS Pod/a/web-1',
  'Service/a/web SELECTS Pod/a/web-2',
  'Pod/a/agent RUNS_ON Node/n1',
  'DaemonSet/a/agent OWNS Pod/a/agent',
  'Pod/kube-system/etcd-n1 RUNS_ON Node/n1',
  'Node/n1 OWNS Pod/kube-system/etcd-n1',
  'Pod/a/bare RUNS_ON Node/n1',
  'PodDisruptionBudget/a/web PROTECTS Pod/a/web-1',
  'PodDisruptionBudget/a/web PROTECTS Pod/a/web-2',
];

test('I9 a drain evicts pods, but not those of DaemonSets nor mirror pods', () => {
  const result = whatIf(smallGraph(node), { drain: ['Node/n1'] });
  assert.deepEqual(gone(result), ['Pod/a/bare evicted', 'Pod/a/web-1 evicted']);
  assert.deepEqual(result.stays, [
    { id: 'Pod/a/agent', reason: 'daemon-set' },
    { id: 'Pod/kube-system/etcd-n1', reason: 'mirror-pod' },
  ]);
  assert.equal(result.gone.find(({ id }) => id === 'Pod/a/web-1')?.recreatedBy, 'ReplicaSet/a/web');
  assert.equal(result.gone.find(({ id }) => id === 'Pod/a/bare')?.recreatedBy, undefined, 'lost for good');
  assert.deepEqual(effects(result), ['ReplicaSet/a/web degrades', 'Service/a/web degrades']);
});

test('N9 neither a DaemonSet nor a Namespace of another group counts as that of Kubernetes', () => {
  const resources = { 'DaemonSet/a/agent': { group: 'apps.kruise.io' }, 'Namespace/x': { group: 'example.com' } };
  const view = smallGraph([...node, 'Pod/a/bare IN_NAMESPACE Namespace/x'], { resources });
  assert.deepEqual(
    whatIf(view, { drain: ['Node/n1'] }).stays.map(({ reason }) => reason),
    ['mirror-pod'],
  );
  assert.deepEqual(gone(whatIf(view, { delete: ['Namespace/x'] })), ['Namespace/x deleted']);
});

test('I10 a drain says which disruption budgets hold it up', () => {
  const allowed = (allowedDisruptions: number) =>
    smallGraph([...node, 'PodDisruptionBudget/a/all PROTECTS Pod/a/bare'], {
      resources: { 'PodDisruptionBudget/a/web': { summary: { allowedDisruptions } } },
    });
  assert.deepEqual(whatIf(allowed(0), { drain: ['Node/n1'] }).budgets, [
    { id: 'PodDisruptionBudget/a/all', pods: ['Pod/a/bare'], allowed: undefined, blocks: false, contested: [] },
    { id: 'PodDisruptionBudget/a/web', pods: ['Pod/a/web-1'], allowed: 0, blocks: true, contested: [] },
  ]);
  assert.equal(whatIf(allowed(1), { drain: ['Node/n1'] }).budgets[1]?.blocks, false);
  const twice = smallGraph([...node, 'PodDisruptionBudget/a/more PROTECTS Pod/a/web-1']);
  assert.deepEqual(whatIf(twice, { drain: ['Node/n1'] }).budgets[0]?.contested, ['Pod/a/web-1']);
});

test('I11 deleting takes along what no other owner holds', () => {
  const view = smallGraph([
    'Deployment/a/d OWNS ReplicaSet/a/r',
    'ReplicaSet/a/r OWNS Pod/a/p',
    'Deployment/a/d OWNS ConfigMap/a/shared',
    'Other/a/o OWNS ConfigMap/a/shared',
    'Service/a/s SELECTS Pod/a/p',
  ]);
  const result = whatIf(view, { delete: ['Deployment/a/d'] });
  assert.deepEqual(gone(result), ['Deployment/a/d deleted', 'Pod/a/p owner', 'ReplicaSet/a/r owner']);
  assert.ok(effects(result).includes('Service/a/s breaks'));
  assert.deepEqual(gone(whatIf(view, { delete: ['Deployment/a/d', 'Other/a/o'] })), [
    'ConfigMap/a/shared owner',
    'Deployment/a/d deleted',
    'Other/a/o deleted',
    'Pod/a/p owner',
    'ReplicaSet/a/r owner',
  ]);
});

test('I12 with a namespace goes what is in it, with a definition its instances', () => {
  const view = smallGraph([
    'Pod/a/p IN_NAMESPACE Namespace/a',
    'Widget/b/w INSTANCE_OF CustomResourceDefinition/widgets',
    'Widget/b/w OWNS Secret/b/s',
  ]);
  assert.deepEqual(gone(whatIf(view, { delete: ['Namespace/a'] })), ['Namespace/a deleted', 'Pod/a/p namespace']);
  assert.deepEqual(gone(whatIf(view, { delete: ['CustomResourceDefinition/widgets'] })), [
    'CustomResourceDefinition/widgets deleted',
    'Secret/b/s owner',
    'Widget/b/w definition',
  ]);
});

test('I13 a deleted pod whose controller stays is made anew; owners in a ring go together', () => {
  const result = whatIf(smallGraph(node), { delete: ['Pod/a/web-1'] });
  assert.deepEqual(result.gone, [{ id: 'Pod/a/web-1', reason: 'deleted', recreatedBy: 'ReplicaSet/a/web' }]);
  assert.deepEqual(gone(whatIf(smallGraph(['A/1 OWNS A/2', 'A/2 OWNS A/1']), { delete: ['A/1'] })), [
    'A/1 deleted',
    'A/2 owner',
  ]);
});

test('I14 a plan beyond the limits is cut and says so', () => {
  const view = smallGraph(Array.from({ length: 20 }, (_, index) => `Pod/a/p${index} IN_NAMESPACE Namespace/a`));
  const result = whatIf(view, { delete: ['Namespace/a'] }, { resources: 5, edges: 1_000 });
  assert.equal(result.truncated, true);
  assert.equal(result.gone.length, 5);
});

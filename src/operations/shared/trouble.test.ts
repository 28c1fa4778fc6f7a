/** What counts as a cause: what the sufferer's own words allow, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Extras, smallGraph } from '../../../test/support/small-graph.ts';
import type { Dangling } from '../../model/edge.ts';
import { type Resource, resourceTitle } from '../../model/resource.ts';
import { mentions } from './explains.ts';
import { type Branch, troubleOf } from './trouble.ts';

const is = (status: 'critical' | 'warning', reason: string, message?: string): Partial<Resource> => ({
  health: { status, reason, ...(message !== undefined && { message }) },
});

function lacks(from: string, type: string, kind: string, name: string): Dangling {
  return {
    type,
    from,
    target: { group: '', kind, namespace: 'shop', name },
    detail: { rule: 'r', field: 'spec', class: 'exact', confidence: 1, reason: 'missing', optional: false },
  };
}

/** `cause < sufferer < …` for every branch, `cause ~ who would not start again`; the same in any order of statements. */
function chains(sentences: readonly string[], extras: Extras): readonly string[] {
  const lines = (view: Parameters<typeof troubleOf>[0]): string[] => {
    const line = ({ subject, children, atRisk }: Branch): string[] => {
      const title = resourceTitle(subject);
      const below = children.flatMap(line).map((text) => `${title} < ${text}`);
      return [...(below.length > 0 ? below : [title]), ...atRisk.map((one) => `${title} ~ ${resourceTitle(one)}`)];
    };
    return troubleOf(view).roots.flatMap(line).sort();
  };
  const found = lines(smallGraph(sentences, extras));
  const { dangling = [] } = extras;
  const turned = { ...extras, dangling: [...dangling].reverse() };
  assert.deepEqual(lines(smallGraph(sentences.toReversed(), turned)), found, 'the order of statements does not matter');
  return found;
}

const web = ['Deployment/shop/web OWNS ReplicaSet/shop/web-1', 'ReplicaSet/shop/web-1 OWNS Pod/shop/web-1-x'];
const down = is('critical', 'Unavailable', '0 of 1 available');

test('TR1 pods of a node that is down are down because of it, whatever else is missing', () => {
  const found = chains([...web, 'Pod/shop/web-1-x RUNS_ON Node/n1'], {
    resources: {
      'Deployment/shop/web': down,
      'Pod/shop/web-1-x': is('warning', 'NotReady'),
      'Node/n1': is('critical', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'),
    },
    dangling: [
      lacks('Pod/shop/web-1-x', 'MOUNTS', 'ConfigMap', 'settings'),
      lacks('Deployment/shop/web', 'READS_SECRET', 'Secret', 'db'),
    ],
  });
  assert.deepEqual(found, [
    'ConfigMap/shop/settings',
    'ConfigMap/shop/settings ~ Deployment/shop/web',
    'Node/n1 < Deployment/shop/web',
    'Secret/shop/db',
    'Secret/shop/db ~ Deployment/shop/web',
  ]);
});

test('TR2 what a message names is the cause among several that are missing', () => {
  const reason =
    'pods "web-" is forbidden: error looking up service account shop/nobody: serviceaccount "nobody" not found';
  const found = chains(web.slice(0, 1), {
    resources: {
      'Deployment/shop/web': is('critical', 'FailedCreate', reason),
      'ReplicaSet/shop/web-1': is('critical', 'FailedCreate', reason),
    },
    dangling: [
      lacks('Deployment/shop/web', 'READS', 'ConfigMap', 'settings'),
      lacks('ReplicaSet/shop/web-1', 'READS', 'ConfigMap', 'settings'),
      lacks('Deployment/shop/web', 'RUNS_AS', 'ServiceAccount', 'nobody'),
    ],
  });
  assert.deepEqual(found, [
    'ConfigMap/shop/settings',
    'ConfigMap/shop/settings ~ Deployment/shop/web',
    'ServiceAccount/shop/nobody < Deployment/shop/web',
  ]);
});

test('TR3 who runs well is not down for want of what is missing, nor is who was rolled out meanwhile', () => {
  const dangling = [lacks('Pod/shop/web-1-x', 'MOUNTS', 'ConfigMap', 'settings')];
  const risk = ['ConfigMap/shop/settings', 'ConfigMap/shop/settings ~ Deployment/shop/web'];
  assert.deepEqual(chains(web, { dangling }), risk);
  const rolling = { 'Deployment/shop/web': is('warning', 'RolloutInProgress', '0 of 1 updated') };
  assert.deepEqual(chains(web, { dangling, resources: rolling }), [...risk, 'Deployment/shop/web']);
});

test('TR4 a pod that crashes, is not placed or finds no image has another cause than what it needs to start', () => {
  const dangling = [lacks('Pod/shop/web-1-x', 'MOUNTS', 'ConfigMap', 'settings')];
  for (const [reason, message] of [
    ['CrashLoopBackOff', 'exit code 1'],
    ['ImagePullBackOff', 'Back-off pulling image "web:2"'],
    ['Unschedulable', '0/2 nodes are available: 2 Insufficient cpu.'],
    ['CreateContainerConfigError', 'secret "db" not found'],
  ] as const) {
    const resources = { 'Deployment/shop/web': down, 'Pod/shop/web-1-x': is('critical', reason, message) };
    assert.deepEqual(
      chains(web, { dangling, resources }),
      ['ConfigMap/shop/settings', 'ConfigMap/shop/settings ~ Deployment/shop/web', 'Deployment/shop/web'],
      reason,
    );
  }
  for (const [status, reason, message] of [
    ['critical', 'CreateContainerConfigError', 'configmap "settings" not found'],
    ['warning', 'ContainerCreating', undefined],
  ] as const) {
    const resources = { 'Deployment/shop/web': down, 'Pod/shop/web-1-x': is(status, reason, message) };
    assert.deepEqual(chains(web, { dangling, resources }), ['ConfigMap/shop/settings < Deployment/shop/web'], reason);
  }
});

test('TR4 of several things that may be missed each names who misses it, and who suffers stands below one', () => {
  const dangling = [
    lacks('Pod/shop/web-1-x', 'MOUNTS', 'ConfigMap', 'a'),
    lacks('Pod/shop/web-1-x', 'MOUNTS', 'ConfigMap', 'b'),
    lacks('Pod/shop/web-1-x', 'READS_SECRET', 'Secret', 'db'),
  ];
  assert.deepEqual(chains(web, { dangling, resources: { 'Pod/shop/web-1-x': is('warning', 'ContainerCreating') } }), [
    'ConfigMap/shop/a < Deployment/shop/web',
    'ConfigMap/shop/b',
    'ConfigMap/shop/b ~ Deployment/shop/web',
    'Secret/shop/db',
    'Secret/shop/db ~ Deployment/shop/web',
  ]);
});

test('TR5 who calls a Service is not down because of it when its own words say why', () => {
  const sentences = [
    ...web,
    'Pod/shop/web-1-x CALLS Service/shop/api',
    'Pod/shop/web-1-x RUNS_ON Node/n1',
    'Service/shop/api OWNS EndpointSlice/shop/api-9',
  ];
  const pod = (reason: string): Extras => ({
    resources: {
      'Pod/shop/web-1-x': is('critical', reason),
      'EndpointSlice/shop/api-9': is('critical', 'NoReadyEndpoints'),
      'Node/n1': is('warning', 'SchedulingDisabled'),
    },
  });
  assert.deepEqual(chains(sentences, pod('ImagePullBackOff')), ['Deployment/shop/web', 'Node/n1', 'Service/shop/api']);
  assert.deepEqual(chains(sentences, pod('CrashLoopBackOff')), ['Node/n1', 'Service/shop/api < Deployment/shop/web']);
});

test('TR6 a warning about a pod that waits names the cause', () => {
  const warned = 'Event/shop/e ABOUT Pod/shop/web-1-x';
  const message = 'MountVolume.SetUp failed for volume "c" : configmap "settings" not found';
  const found = chains([...web, warned], {
    resources: {
      'Pod/shop/web-1-x': is('warning', 'ContainerCreating'),
      'Event/shop/e': { summary: { type: 'Warning', message } },
    },
    dangling: [
      lacks('Pod/shop/web-1-x', 'READS_SECRET', 'Secret', 'db'),
      lacks('Pod/shop/web-1-x', 'MOUNTS', 'ConfigMap', 'settings'),
    ],
  });
  assert.deepEqual(found, [
    'ConfigMap/shop/settings < Deployment/shop/web',
    'Secret/shop/db',
    'Secret/shop/db ~ Deployment/shop/web',
  ]);
});

test('TR7 what cannot do without something missing suffers now, unless another does as well', () => {
  const dangling = [lacks('Ingress/shop/front', 'ROUTES_TO', 'Service', 'gone')];
  const unknown: Partial<Resource> = { health: { status: 'unknown' } };
  const resources = { 'Ingress/shop/front': unknown };
  assert.deepEqual(chains([], { dangling, resources }), ['Service/shop/gone < Ingress/shop/front']);
  assert.deepEqual(chains(['Ingress/shop/front ROUTES_TO Service/shop/web'], { dangling, resources }), [
    'Service/shop/gone',
    'Service/shop/gone ~ Ingress/shop/front',
  ]);
});

test('TR2 a message names a thing by kind and name, or the kind alone', () => {
  const secret = { kind: 'Secret', name: 'db' };
  assert.ok(mentions('secret "db" not found', secret));
  assert.ok(mentions("couldn't find key url in Secret shop/db", secret));
  assert.ok(!mentions('secret "db-2" not found', secret));
  assert.ok(!mentions('configmap "db" not found', secret));
  assert.ok(mentions('pod has unbound immediate PersistentVolumeClaims', { kind: 'PersistentVolumeClaim', name: 'x' }));
  assert.ok(!mentions('persistentvolumeclaim "y" not found', { kind: 'PersistentVolumeClaim', name: 'x' }));
  assert.ok(mentions('no PriorityClass with name high was found', { kind: 'PriorityClass', name: 'high' }));
  assert.ok(!mentions('Thing( "a" not found', { kind: 'Thing(', name: '*' }), 'what somebody wrote is no pattern');
});

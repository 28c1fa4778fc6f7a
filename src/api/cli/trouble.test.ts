/** Trouble as data and as text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Extras, smallGraph } from '../../../test/support/small-graph.ts';
import type { Dangling } from '../../model/edge.ts';
import type { Resource } from '../../model/resource.ts';
import { troubleIn } from '../../operations/find-trouble.ts';
import { troubleOf } from '../../operations/shared/trouble.ts';
import { cut, painter, wrap } from './text/layout.ts';
import { troubleLines } from './text/trouble.ts';

const critical = (reason: string, message?: string): Partial<Resource> => ({
  health: { status: 'critical', reason, ...(message !== undefined && { message }) },
});
const warning: Partial<Resource> = { health: { status: 'warning', reason: 'InsufficientPods' } };

function tree(sentences: readonly string[], extras: Extras = {}, width = 80): string {
  const answer = troubleIn({ view: smallGraph(sentences, extras) }, { limit: 8, breadth: 8 });
  return [...troubleLines(answer, { paint: painter(false), width })].join('').trim();
}

function lacks(from: string, type: string, kind: string, name: string): Dangling {
  const target = { group: '', kind, namespace: 'shop', name };
  const detail = {
    rule: 'r',
    field: 'spec',
    class: 'exact',
    confidence: 1,
    reason: 'missing',
    optional: false,
  } as const;
  return { type, from, target, detail };
}

const shop = [
  'Deployment/shop/api OWNS ReplicaSet/shop/api-1',
  'ReplicaSet/shop/api-1 OWNS Pod/shop/api-1-x',
  'Service/shop/api SELECTS Pod/shop/api-1-x',
  'Service/shop/api OWNS EndpointSlice/shop/api-9',
  'EndpointSlice/shop/api-9 BACKS Service/shop/api',
  'Ingress/shop/front ROUTES_TO Service/shop/api',
  'Deployment/shop/web CALLS Service/shop/api',
  'PodDisruptionBudget/shop/api PROTECTS Pod/shop/api-1-x',
];
const broken = {
  'Deployment/shop/api': critical('Unavailable'),
  'Pod/shop/api-1-x': critical('CrashLoopBackOff', 'exit code 1'),
  'EndpointSlice/shop/api-9': critical('NoReadyEndpoints'),
  'PodDisruptionBudget/shop/api': warning,
};
const expected = `What is broken, and who suffers from it

✗ Deployment shop/api
│ CrashLoopBackOff: exit code 1
├─ ✗ Service shop/api selects its pods
│  │ NoReadyEndpoints
│  └─ ! Ingress shop/front routes to it (shop.example/)
└─ ! PodDisruptionBudget shop/api protects its pods
     InsufficientPods`;
const evidence = {
  'Ingress/shop/front ROUTES_TO Service/shop/api': { attributes: { host: 'shop.example', path: '/' } },
};

test('CL1 trouble is a chain from the cause to those who suffer, in whole things, whatever the order', () => {
  assert.equal(tree(shop, { resources: broken, evidence }), expected);
  assert.equal(tree([...shop].reverse(), { resources: broken, evidence }), expected);
});

test('CL2 what is missing stands above those who lack it; who runs all the same is named as at risk', () => {
  const dangling = [
    lacks('Pod/shop/api-1-x', 'MOUNTS', 'ConfigMap', 'settings'),
    lacks('Deployment/shop/api', 'MOUNTS', 'ConfigMap', 'settings'),
    lacks('Deployment/shop/web', 'MOUNTS', 'ConfigMap', 'settings'),
    lacks('RoleBinding/shop/old', 'GRANTS_TO', 'ServiceAccount', 'gone'),
  ];
  const resources = { 'Pod/shop/api-1-x': critical('CreateContainerConfigError'), 'RoleBinding/shop/old': {} };
  assert.equal(
    tree(shop.slice(0, 3).concat(shop[6] ?? ''), { resources, dangling }),
    `What is broken, and who suffers from it

✗ ConfigMap shop/settings is missing
├─ ✗ Deployment shop/api mounts it
│    CreateContainerConfigError
└─ ○ still up, would not start again:
     Deployment shop/web
1 more broken reference that nobody suffers from: kube-kg dangling`,
  );
});

test('CL3 those who suffer in a circle appear once', () => {
  const circle = ['Deployment/shop/a CALLS Deployment/shop/b', 'Deployment/shop/b CALLS Deployment/shop/a'];
  const resources = { 'Deployment/shop/a': critical('Unavailable'), 'Deployment/shop/b': critical('Unavailable') };
  const { roots } = troubleOf(smallGraph(circle, { resources }));
  assert.equal(roots.length, 1);
  assert.equal(roots[0]?.children.length, 1);
  assert.deepEqual(roots[0]?.children[0]?.children, []);
});

test('CL4 no line is wider than the terminal', () => {
  const lines = tree(shop, { resources: broken, evidence }, 30).split('\n').slice(2);
  assert.ok(lines.every((line) => line.length <= 30));
  assert.equal(cut('abcdef', 4), 'abc…');
  assert.deepEqual(wrap(['aa', 'bb', 'cc', 'dddddddd'], ' ', 5), ['aa bb', 'cc', 'dddddddd']);
});

test('a healthy estate says so', () => {
  assert.equal(tree(['Deployment/shop/web CALLS Service/shop/api']), 'Everything that reports its health is healthy.');
});

test('CL13 a kind of another group that bears the name of a part is a whole', () => {
  const sentences = ['Queue/shop/q OWNS Job/shop/train'];
  const resources = { 'Job/shop/train': { ...critical('Failed'), group: 'batch.volcano.sh' } };
  assert.match(tree(sentences, { resources }), /✗ Job shop\/train/);
  assert.match(tree(sentences, { resources: { 'Job/shop/train': critical('Failed') } }), /✗ Queue shop\/q/);
});

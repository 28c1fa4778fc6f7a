import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { viewFromArrays } from '../../../test/support/view-from-arrays.ts';
import { kinds } from '../../kinds/index.ts';
import { pluralOf } from '../../lib/plural.ts';
import { kindTitle } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import type { Context } from '../operation.ts';
import { kindsNamed, noSuchKind } from './kind-names.ts';
import { resourceFrom } from './resolve.ts';

function resource(id: string, group: string, kind: string, namespace: string, name: string): Resource {
  const [cluster = '', uid = ''] = id.split('/');
  return {
    id,
    cluster,
    group,
    kind,
    namespace,
    name,
    uid,
    pseudo: false,
    labels: {},
    summary: {},
    health: { status: 'healthy' },
  };
}

const view = viewFromArrays({
  resources: [
    resource('a/u1', 'apps', 'Deployment', 'shop', 'web'),
    resource('a/u2', '', 'Service', 'shop', 'web'),
    resource('a/u3', 'serving.knative.dev', 'Service', 'shop', 'web'),
    resource('a/u4', '', 'Node', '', 'n1'),
    resource('a/u5', 'rbac.authorization.k8s.io', 'ClusterRole', '', 'system:node'),
    resource('a/u6', '', 'Pod', 'shop', 'web-1'),
    resource('b/u7', '', 'Pod', 'shop', 'web-1'),
    resource('b/u8', 'networking.k8s.io', 'NetworkPolicy', 'shop', 'deny'),
    { ...resource('a/~Image', '', 'Image', '', 'docker.io/library/nginx:1'), pseudo: true },
  ],
});
const context: Context = { view };

function problem(text: string): Problem {
  try {
    resourceFrom(context, text);
  } catch (error) {
    assert.ok(error instanceof Problem);
    return error;
  }
  assert.fail(`${text} was found`);
}

test('R1 a resource is known by id, uid, and every way people write its name', () => {
  const expected: Record<string, string> = {
    'a/u1': 'a/u1',
    u1: 'a/u1',
    'Deployment/shop/web': 'a/u1',
    'deployments/shop/web': 'a/u1',
    'deployment/shop/web': 'a/u1',
    'apps/Deployment/shop/web': 'a/u1',
    'deployments.apps/shop/web': 'a/u1',
    'a/Deployment/shop/web': 'a/u1',
    'Deployment:shop:web': 'a/u1',
    'deployment:u1': 'a/u1',
    'Node/n1': 'a/u4',
    'nodes/-/n1': 'a/u4',
    'node:n1': 'a/u4',
    'ClusterRole/system:node': 'a/u5',
    'serving.knative.dev/Service/shop/web': 'a/u3',
    'networkpolicies/shop/deny': 'b/u8',
    'Image/docker.io/library/nginx:1': 'a/~Image',
    'b/Pod/shop/web-1': 'b/u7',
  };
  for (const [text, id] of Object.entries(expected)) assert.equal(resourceFrom(context, text).id, id, text);
});

test('R8 a name is looked up without walking the estate', () => {
  const unwalked: View = {
    ...view,
    resources: (filter) => (filter?.kind === undefined ? assert.fail('walked') : view.resources(filter)),
  };
  assert.equal(resourceFrom({ view: unwalked }, 'apps/Deployment/shop/web').id, 'a/u1');
  assert.equal(resourceFrom({ view: unwalked }, 'NetworkPolicy/shop/deny').id, 'b/u8');
});

test('R2 a name with several meanings is refused with the candidates', () => {
  const refused = problem('Service/shop/web');
  assert.equal(refused.code, 'ambiguous');
  assert.deepEqual(refused.details.map((text) => text.split(', id ')[1]).sort(), ['a/u2', 'a/u3']);
  assert.equal(problem('Pod/shop/web-1').details.length, 2, 'two clusters');
});

test('R3 a kind of the table wins over another group’s kind of the same name', () => {
  const known: Context = { view, kinds: [{ group: '', kind: 'Service', plural: 'services', namespaced: true }] };
  assert.equal(resourceFrom(known, 'Service/shop/web').id, 'a/u2');
});

test('R4 a name that nothing bears is refused with near ones', () => {
  const near = problem('Deployment/shop/wbe');
  assert.equal(near.code, 'not-found');
  assert.deepEqual(near.details, ['Deployment/shop/web']);
  assert.match(problem('Deplyment/shop/web').message, /no kind is called "Deplyment"/);
  assert.match(problem('web').message, /write Kind\/name/);
});

test('R5 plurals follow the API conventions', () => {
  assert.deepEqual(
    ['Pod', 'Ingress', 'NetworkPolicy', 'Endpoints', 'Gateway', 'StorageClass', 'Proxy', 'NodeMetrics'].map(pluralOf),
    ['pods', 'ingresses', 'networkpolicies', 'endpoints', 'gateways', 'storageclasses', 'proxies', 'nodemetrics'],
  );
  assert.deepEqual(
    kindsNamed({ view: smallGraph(['Pod/a/b']) }, 'PODS').map(({ kind }) => kind),
    ['Pod'],
  );
});

test('R9 short names mean what kubectl means by them, also those that only a CustomResourceDefinition in the graph tells', () => {
  const definition: Resource = {
    ...resource('a/u9', 'apiextensions.k8s.io', 'CustomResourceDefinition', '', 'snowflakes.shop.example.com'),
    summary: { kind: 'Snowflake', shortNames: 'sf,flake' },
  };
  const known: Context = { view: viewFromArrays({ resources: [definition] }), kinds };
  const meant = (word: string): string => kindsNamed(known, word).map(kindTitle).join();
  assert.deepEqual(
    ['po', 'SVC', 'cm', 'deploy', 'hpa', 'pvc', 'sa', 'netpol', 'ing', 'crd', 'deployments.apps', 'deploy.apps'].map(
      meant,
    ),
    'Pod Service ConfigMap Deployment HorizontalPodAutoscaler PersistentVolumeClaim ServiceAccount NetworkPolicy Ingress CustomResourceDefinition Deployment Deployment'.split(
      ' ',
    ),
  );
  assert.deepEqual(['sf', 'flake', 'snowflakes'].map(meant), Array(3).fill('Snowflake.shop.example.com'));
  assert.equal(meant('*'), '');
  assert.match(noSuchKind(known, 'deploi'), /did you mean Deployment\b/);
  assert.match(noSuchKind(known, 'snowflak'), /did you mean Snowflake\?/);
  assert.match(noSuchKind(known, '*'), /`kinds` lists/);
  assert.doesNotMatch(noSuchKind(known, 'xq'), /\*|did you/);
});

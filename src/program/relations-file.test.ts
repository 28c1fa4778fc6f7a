import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../graph/graph.ts';
import { describerFor } from '../kinds/describe.ts';
import type { KubeObject } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import { relationsFrom } from './relations-file.ts';

const VALID = `
relations:
  - {from: {group: example.com, kind: Shop}, to: {kind: Secret}, edge: PAYS_WITH, path: spec.payment}
  - from: {group: example.com, kind: Shop}
    to: {kind: Pod}
    edge: EMPLOYS
    selector: spec.staff
    scope: all
  - {from: {group: example.com, kind: Shop}, to: {kind: Secret}, edge: COPIES, path: 'spec.copies[*]', scope: {field: in}}
`;

test('K7 user-defined relations link by path and selector, across namespaces where they say so', () => {
  const graph = new Graph({ describer: describerFor([], {}, relationsFrom(VALID, 'r.yaml')) });
  const put = (apiVersion: string, kind: string, namespace: string, name: string, rest: object = {}) =>
    ({
      type: 'apply',
      at: '2026-01-01T00:00:00Z',
      cluster: 'c',
      object: { apiVersion, kind, metadata: { namespace, name, labels: { job: 'clerk' } }, ...rest },
    }) as const;
  const { rejected } = graph.apply([
    put('example.com/v1', 'Shop', 'a', 's', {
      spec: {
        payment: { name: 'card' },
        staff: { matchLabels: { job: 'clerk' } },
        copies: [{ name: 'card', in: 'b' }],
      },
    }),
    put('v1', 'Pod', 'b', 'p'),
    put('v1', 'Secret', 'b', 'card'),
  ]);
  assert.deepEqual(rejected, []);
  assert.deepEqual([...graph.view.edges()].map(({ type, to }) => `${type} ${to}`).sort(), [
    'COPIES c/=/Secret/b/card',
    'EMPLOYS c/=/Pod/b/p',
  ]);
  assert.deepEqual(
    [...graph.view.dangling()].map(({ type, target }) => `${type} ${target.namespace}/${target.name}`),
    ['PAYS_WITH a/card'],
  );
});

test('K7 a second name of a kind means the kind, at both ends', () => {
  const text =
    'relations: [{from: {group: extensions, kind: Ingress}, to: {group: project.openshift.io, kind: Project}, edge: WANTS, path: spec.project, scope: cluster}]';
  const graph = new Graph({ describer: describerFor([], {}, relationsFrom(text, 'r.yaml')) });
  const put = (apiVersion: string, kind: string, metadata: KubeObject['metadata'], rest: object = {}) =>
    ({
      type: 'apply',
      at: '2026-01-01T00:00:00Z',
      cluster: 'c',
      object: { apiVersion, kind, metadata, ...rest },
    }) as const;
  graph.apply([
    put('networking.k8s.io/v1', 'Ingress', { namespace: 'a', name: 'i' }, { spec: { project: 'p' } }),
    put('v1', 'Namespace', { name: 'p' }),
  ]);
  assert.deepEqual(
    [...graph.view.edges()].map(({ type, to }) => `${type} ${to}`),
    ['WANTS c/=/Namespace//p'],
  );
});

test('K8 every fault of a relations file is listed with its line', () => {
  const text = VALID.replace('PAYS_WITH', 'pays')
    .replace('spec.staff', 'spec.[0]')
    .replace("'spec.copies[*]'", 'x, selector: y')
    .replace('COPIES', 'TOLERATES')
    .replace('scope: all', 'scope: al');
  try {
    relationsFrom(text, 'r.yaml');
    assert.fail('should have thrown');
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.deepEqual(error.details.map((line) => line.split(':')[1]).sort(), ['3', '7', '8', '9', '9', '9'].sort());
  }
  assert.throws(() => relationsFrom('relations: [', 'r.yaml'), Problem);
});

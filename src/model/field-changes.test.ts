import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactManagedFields } from '../sources/managed-fields.ts';
import type { KubeObject, ManagedFields } from './change.ts';
import { makerOf } from './field-authors.ts';
import { fieldChanges } from './field-changes.ts';
import { ownedFrom, owns } from './field-owners.ts';

interface Parts {
  readonly metadata?: object;
  readonly managedFields?: readonly ManagedFields[];
  readonly [field: string]: unknown;
}

function object({ metadata, managedFields, ...rest }: Parts): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'thing', ...metadata, ...(managedFields && { managedFields }) },
    ...rest,
  };
}

const paths = (before: Parts, after: Parts): unknown =>
  fieldChanges(object(before), object(after)).map(({ path, before: old, after: now }) => [path, old, now]);

test('FC1 fields that came, went or changed, with both values', () => {
  assert.deepEqual(
    paths(
      { spec: { replicas: 2, paused: true, same: { a: [1, { b: 2 }] } }, data: { x: null } },
      { spec: { replicas: 3, strategy: { type: 'Recreate' }, same: { a: [1, { b: 2 }] } }, data: { x: 'y' } },
    ),
    [
      ['spec.replicas', 2, 3],
      ['spec.strategy', undefined, { type: 'Recreate' }],
      ['spec.paused', true, undefined],
      ['data.x', null, 'y'],
    ],
  );
  assert.deepEqual(
    paths({ metadata: { annotations: { 'a.b/c': '1' } } }, { metadata: { annotations: { 'a.b/c': '2' } } }),
    [['metadata.annotations["a.b/c"]', '1', '2']],
  );
  assert.deepEqual(paths({ spec: { x: [1] } }, { spec: { x: { y: 1 } } }), [['spec.x', [1], { y: 1 }]]);
});

test('FC1 what came or went as a whole has no changes of fields', () => {
  assert.deepEqual(fieldChanges(undefined, object({ spec: {} })), []);
  assert.deepEqual(fieldChanges(object({ spec: {} }), undefined), []);
});

test('FC2 entries of lists are compared with those of the same key, as Kubernetes merges them', () => {
  const web = {
    name: 'web',
    image: 'web:1',
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  };
  const log = { name: 'log', image: 'log:1' };
  assert.deepEqual(
    paths(
      { spec: { containers: [log, web] } },
      { spec: { containers: [{ ...web, image: 'web:2', env: [{ name: 'B', value: '3' }] }] } },
    ),
    [
      ['spec.containers[name=web].image', 'web:1', 'web:2'],
      ['spec.containers[name=web].env[name=B].value', '2', '3'],
      ['spec.containers[name=web].env[name=A]', { name: 'A', value: '1' }, undefined],
      ['spec.containers[name=log]', log, undefined],
    ],
  );
  const port = (containerPort: number, protocol: string, name: string): object => ({ containerPort, protocol, name });
  assert.deepEqual(
    paths(
      { ports: [port(53, 'UDP', 'a'), port(53, 'TCP', 'b')] },
      { ports: [port(53, 'TCP', 'b'), port(53, 'UDP', 'c')] },
    ),
    [['ports[containerPort=53,protocol=UDP].name', 'a', 'c']],
  );
  const taint = (key: string, effect: string, value: string): object => ({ key, effect, value });
  assert.deepEqual(
    paths(
      { spec: { taints: [taint('a', 'NoSchedule', '1'), taint('a', 'NoExecute', '1')] } },
      { spec: { taints: [taint('a', 'NoSchedule', '1'), taint('a', 'NoExecute', '2')] } },
    ),
    [['spec.taints[key=a,effect=NoExecute].value', '1', '2']],
  );
});

test('FC2 in lists without a key what is equal belongs together, so that one entry less is one change', () => {
  assert.deepEqual(paths({ args: ['a', 'b', 'c'] }, { args: ['b', 'c'] }), [['args[0]', 'a', undefined]]);
  assert.deepEqual(paths({ args: ['a', 'b'] }, { args: ['a', 'x', 'b'] }), [['args[1]', undefined, 'x']]);
  assert.deepEqual(paths({ args: ['a', 'a', 'b'] }, { args: ['a', 'c', 'b'] }), [['args[1]', 'a', 'c']]);
  assert.deepEqual(paths({ rules: [{ verbs: ['get'] }] }, { rules: [{ verbs: ['get', 'list'] }] }), [
    ['rules[0].verbs[1]', undefined, 'list'],
  ]);
});

test('FC2 another order is a change, but not in a status', () => {
  assert.deepEqual(paths({ args: ['a', 'b'] }, { args: ['b', 'a'] }), [['args', ['a', 'b'], ['b', 'a']]]);
  const [first, second] = [{ name: 'a' }, { name: 'b' }];
  assert.equal((paths({ init: [first, second] }, { init: [second, first] }) as unknown[]).length, 1);
  assert.deepEqual(paths({ status: { list: ['a', 'b'] } }, { status: { list: ['b', 'a'] } }), []);
});

test('FC3 signs of life and counters of versions are no changes, unless they are asked for', () => {
  const version = (n: number): Parts => ({
    metadata: {
      resourceVersion: String(n),
      generation: n,
      annotations: { 'control-plane.alpha.kubernetes.io/leader': String(n) },
    },
    managedFields: [{ manager: 'm', operation: 'Update', time: String(n) }],
    spec: { renewTime: String(n), leaseDurationSeconds: 15, observedGeneration: 1 },
    status: {
      observedGeneration: n,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastHeartbeatTime: String(n),
          lastProbeTime: String(n),
          observedGeneration: n,
        },
      ],
    },
  });
  assert.deepEqual(paths(version(1), version(2)), []);
  assert.equal(fieldChanges(object(version(1)), object(version(2)), { noise: true }).length, 9);
  assert.deepEqual(paths({ spec: { renewTime: '1' } }, { spec: { renewTime: '2' } }), [['spec.renewTime', '1', '2']]);
});

test('FC3 when a condition turned is told only where nothing else tells that it did', () => {
  const ready = (status: string, lastTransitionTime: string): Parts => ({
    status: { conditions: [{ type: 'Ready', status, lastTransitionTime }] },
  });
  assert.deepEqual(paths(ready('True', '1'), ready('False', '2')), [
    ['status.conditions[type=Ready].status', 'True', 'False'],
  ]);
  assert.deepEqual(paths(ready('True', '1'), ready('True', '2')), [
    ['status.conditions[type=Ready].lastTransitionTime', '1', '2'],
  ]);
});

test('FC4 long values are cut', () => {
  const long = 'x'.repeat(1_000);
  const [change] = fieldChanges(object({ data: { a: long } }), object({ data: { a: { b: long } } }), { valueMax: 10 });
  assert.deepEqual(change, { path: 'data.a', before: 'xxxxxxxxxx…', after: '{"b":"xxxx…' });
});

const fields = (manager: string, time: string, fieldsV1: object, subresource?: string): ManagedFields =>
  compactManagedFields(
    [{ manager, operation: 'Update', time, fieldsV1, ...(subresource !== undefined && { subresource }) }],
    (line) => line,
  )[0]!;

const authors = (before: Parts, after: Parts): unknown =>
  fieldChanges(object(before), object(after)).map(({ path, by }) => [path, by?.manager]);

test('FC5 a change is by the manager that owns the field now', () => {
  const image = { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } } } };
  const status = { 'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { 'f:status': {} } } } };
  const version = (tag: string, ready: string): Parts => ({
    spec: { containers: [{ name: 'web', image: tag }], replicas: 1 },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });
  const before = [fields('helm', '1', { 'f:spec': { 'f:replicas': {} } }), fields('helm', '1', image)];
  const after = [
    fields('helm', '1', { 'f:spec': { 'f:replicas': {} } }),
    fields('kubectl-edit', '2', image),
    fields('kubelet', '3', status, 'status'),
  ];
  assert.deepEqual(
    fieldChanges(
      object({ ...version('a', 'True'), managedFields: before }),
      object({ ...version('b', 'False'), managedFields: after }),
    ).map(({ path, by }) => [path, by]),
    [
      ['spec.containers[name=web].image', { manager: 'kubectl-edit', operation: 'Update', time: '2' }],
      [
        'status.conditions[type=Ready].status',
        { manager: 'kubelet', operation: 'Update', subresource: 'status', time: '3' },
      ],
    ],
  );
});

test('FC5 of several owners the one that wrote since', () => {
  const replicas = { 'f:spec': { 'f:replicas': {} } };
  assert.deepEqual(
    authors(
      { spec: { replicas: 1 }, managedFields: [fields('helm', '5', replicas), fields('me', '1', replicas)] },
      { spec: { replicas: 2 }, managedFields: [fields('helm', '5', replicas), fields('me', '4', replicas)] },
    ),
    [['spec.replicas', 'me']],
  );
});

test('FC5 what is owned as a whole is owned in every part, and a part of what came is enough', () => {
  const whole = [fields('me', '2', { 'f:spec': { 'f:selector': {} }, 'f:data': { 'f:new': { 'f:inner': {} } } })];
  assert.deepEqual(
    authors(
      { spec: { selector: { a: { b: 1 } } }, data: {} },
      { spec: { selector: { a: { b: 2 } } }, data: { new: { inner: 1 } }, managedFields: whole },
    ),
    [
      ['spec.selector.a.b', 'me'],
      ['data.new', 'me'],
    ],
  );
});

test('FC5 what is gone is by the only one that wrote since, and by nobody where several did', () => {
  const data = { 'f:data': { 'f:a': {}, 'f:b': {} } };
  const less = { 'f:data': { 'f:b': {} } };
  const before = { data: { a: '1', b: '1' }, managedFields: [fields('me', '1', data), fields('you', '1', {})] };
  const after = (...managedFields: ManagedFields[]): Parts => ({ data: { b: '1' }, managedFields });
  assert.deepEqual(authors(before, after(fields('me', '2', less), fields('you', '1', {}))), [['data.a', 'me']]);
  assert.deepEqual(authors(before, after(fields('me', '1', less), fields('you', '2', {}))), [['data.a', 'you']]);
  assert.deepEqual(authors(before, after(fields('me', '2', less), fields('you', '2', {}))), [['data.a', 'me']]);
  assert.deepEqual(authors(before, after(fields('x', '2', {}), fields('you', '2', {}))), [['data.a', undefined]]);
  assert.deepEqual(authors(before, after()), [['data.a', undefined]]);
});

test('FC5 the maker of an object is the manager that is as old as the object', () => {
  const managedFields = [fields('later', '2', {}), fields('controller', '1', {}, 'status'), fields('kubectl', '1', {})];
  assert.equal(makerOf(object({ metadata: { creationTimestamp: '1' }, managedFields }))?.manager, 'kubectl');
  assert.equal(makerOf(object({})), undefined);
});

test('FC6 every form of the compact line is read back', () => {
  const tree = {
    'f:metadata': {
      'f:labels': { '.': {}, 'f:a.b/c': {}, 'f:odd{,}"': {} },
      'f:finalizers': { 'v:"x,{y"': {}, 'i:3': {} },
    },
    'f:spec': { 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { 'f:name': {} }, 'k:{"name":"a]b"}': {} } },
  };
  const line = compactManagedFields([{ fieldsV1: tree }], (text) => text)[0]?.fieldsV1;
  assert.ok(typeof line === 'string');
  const owned = ownedFrom(line);
  const entry = (index: number, value: unknown): { index: number; value: unknown } => ({ index, value });
  for (const way of [
    ['metadata'],
    ['metadata', 'labels', 'a.b/c'],
    ['metadata', 'labels', 'odd{,}"'],
    ['metadata', 'finalizers', entry(0, 'x,{y')],
    ['metadata', 'finalizers', entry(3, 'z')],
    ['spec', 'ports', entry(7, { containerPort: 80, protocol: 'TCP', name: 'x' }), 'name'],
    ['spec', 'ports', entry(7, { name: 'a]b' }), 'name', 'whole'],
  ])
    assert.ok(owns(owned, way), JSON.stringify(way));
  for (const way of [
    ['status'],
    ['metadata', 'labels', 'c'],
    ['metadata', 'finalizers', entry(0, 'z')],
    ['spec', 'ports', entry(7, { containerPort: 81, protocol: 'TCP' })],
    ['spec', 'ports', entry(7, { containerPort: 80, protocol: 'TCP' }), 'hostPort'],
  ])
    assert.ok(!owns(owned, way), JSON.stringify(way));
});

test('FC6 a line that is none is no harm', () => {
  for (const line of [
    '',
    '{',
    '}',
    '}}',
    'a{',
    'a{b',
    '[',
    '[x',
    '"',
    '"\\',
    ',,,',
    'a}b',
    '=',
    '{{{{',
    `${'a{'.repeat(100_000)}`,
  ])
    assert.ok(ownedFrom(line));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qualifiedName } from './qualified-name.ts';
import { resourceTypeName } from './resource-type.ts';

test('K95 a resource type has one name, whoever names it', () => {
  const names = [
    ['', 'pods'],
    ['', 'pods/log'],
    ['apps', 'deployments'],
    ['apps', 'deployments/scale'],
    ['', '*'],
    ['apps', '*'],
    ['*', 'pods'],
    ['*', '*'],
    ['*', '*/scale'],
  ].map(([group = '', resource = '']) => resourceTypeName(group, resource));
  assert.deepEqual(names, [
    'pods',
    'pods/log',
    'deployments.apps',
    'deployments.apps/scale',
    '*.core',
    '*.apps',
    'pods.*',
    '*',
    '*/scale',
  ]);
});

test('K96 a name written as text belongs to its own namespace unless it names one', () => {
  assert.deepEqual(qualifiedName('web', 'shop'), { namespace: 'shop', name: 'web' });
  assert.deepEqual(qualifiedName(' pay/web ', 'shop'), { namespace: 'pay', name: 'web' });
  for (const text of ['', 'a/b/c', '/web', 'pay/', 7, undefined]) assert.equal(qualifiedName(text, 'shop'), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyDiff, type GraphDiff, invert, isEmpty, size, squash } from './diff.ts';
import type { Resource } from './resource.ts';

const resource = (id: string, n = 0): Resource => ({
  id,
  cluster: 'c',
  group: '',
  kind: 'Pod',
  namespace: 'n',
  name: id,
  uid: id,
  pseudo: false,
  labels: {},
  summary: { n },
  health: { status: 'unknown' },
});
const a0 = resource('a', 0);
const a1 = resource('a', 1);
const a2 = resource('a', 2);
const diff = (part: Partial<GraphDiff['resources']>): GraphDiff => ({
  resources: { ...emptyDiff, ...part },
  edges: emptyDiff,
});
const add = diff({ added: [a0] });
const up = diff({ updated: [{ from: a0, to: a1 }] });
const up2 = diff({ updated: [{ from: a1, to: a2 }] });
const remove = diff({ removed: [a2] });

test('D1 squash is associative', () => {
  const parts = [add, up, up2, remove, add];
  const left = parts.reduce((sum, part) => squash([sum, part]));
  const right = parts.reduceRight((sum, part) => squash([part, sum]));
  assert.deepEqual(left, right);
  assert.deepEqual(left, squash(parts));
});

test('D2 what comes and goes is nothing; what goes and comes back changed is an update', () => {
  assert.ok(isEmpty(squash([add, up, up2, remove])));
  assert.deepEqual(squash([diff({ removed: [a0] }), diff({ added: [a1] })]).resources.updated, [{ from: a0, to: a1 }]);
  assert.deepEqual(squash([up, up2]).resources.updated, [{ from: a0, to: a2 }]);
});

test('D3 a diff squashed with its inverse is empty, and inverting twice changes nothing', () => {
  for (const each of [add, up, remove, squash([add, up])]) {
    assert.ok(isEmpty(squash([each, invert(each)])));
    assert.deepEqual(invert(invert(each)), each);
  }
});

test('D4 size counts entries', () => {
  assert.equal(size(squash([add, diff({ added: [resource('b')] })])), 2);
  assert.ok(isEmpty(squash([])));
});

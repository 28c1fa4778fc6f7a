import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everything, matches, requirementsFrom, selectorFrom, selectorFromMap } from './selector.ts';

const labels = { app: 'web', tier: 'front', cpus: '16' };

const cases: readonly [string, unknown, boolean][] = [
  ['equality', { matchLabels: { app: 'web' } }, true],
  ['every equality', { matchLabels: { app: 'web', tier: 'back' } }, false],
  ['In', { matchExpressions: [{ key: 'tier', operator: 'In', values: ['back', 'front'] }] }, true],
  ['In without the key', { matchExpressions: [{ key: 'x', operator: 'In', values: ['back'] }] }, false],
  ['In of nothing', { matchExpressions: [{ key: 'app', operator: 'In', values: [] }] }, false],
  ['NotIn', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] }, false],
  ['NotIn without the key', { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['front'] }] }, true],
  ['Exists', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
  ['DoesNotExist', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ['Gt', { matchExpressions: [{ key: 'cpus', operator: 'Gt', values: ['9'] }] }, true],
  ['Lt compares numbers, not text', { matchExpressions: [{ key: 'cpus', operator: 'Lt', values: ['9'] }] }, false],
  ['Gt of text', { matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] }, false],
  ['inherited names are no labels', { matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
  ['empty', {}, true],
];

for (const [name, value, expected] of cases) {
  test(`M1 a selector with ${name} ${expected ? 'matches' : 'does not match'}`, () => {
    const selector = selectorFrom(value);
    assert.ok(selector);
    assert.equal(matches(selector, labels), expected);
  });
}

test('M2 what is malformed selects nothing rather than everything', () => {
  for (const value of [
    null,
    undefined,
    'app=web',
    [],
    { matchLabels: 'x' },
    { matchExpressions: [{ key: 'a', operator: 'Like' }] },
    { matchExpressions: {} },
  ]) {
    assert.equal(selectorFrom(value), undefined);
  }
  assert.equal(selectorFromMap(['a']), undefined);
  assert.equal(requirementsFrom([{ operator: 'In' }]), undefined);
});

test('M3 a flat map selects by equality, and everything is everything', () => {
  assert.ok(matches(selectorFromMap({ app: 'web' }) ?? [], labels));
  assert.ok(matches(everything, {}));
});

test('M6 patterns compare the whole value, and their opposites hold for absent labels', () => {
  const like = (operator: 'Like' | 'NotLike', pattern: string, value?: string): boolean =>
    matches([{ key: 'k', operator, values: [pattern] }], value === undefined ? {} : { k: value });
  for (const pattern of ['web', 'web*', '*web', '*e*', 'w*b', '*', '**', 'w*e*b'])
    assert.ok(like('Like', pattern, 'web'), pattern);
  for (const pattern of ['we', 'eb*', '*we', '*x*', 'web*b', 'w*x*b', 'webb*', ''])
    assert.ok(!like('Like', pattern, 'web'), pattern);
  assert.ok(!like('Like', '*'));
  assert.ok(like('NotLike', '*'));
  assert.ok(!like('NotLike', 'w*', 'web'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantity } from '../model/quantity.ts';
import { accessModes, digestOf, duration, entryCount } from './columns.ts';

test('K55 quantities compare as numbers, in every notation', () => {
  const cases: readonly (readonly [unknown, number | undefined])[] = [
    ['0', 0],
    ['100m', 0.1],
    ['1.5', 1.5],
    ['2k', 2000],
    ['2Ki', 2048],
    ['1Gi', 2 ** 30],
    ['1G', 1e9],
    ['3E', 3e18],
    ['1e3', 1000],
    ['1E3', 1000],
    ['5n', 5e-9],
    [7, 7],
    ['', undefined],
    ['1K', undefined],
    ['ten', undefined],
    [null, undefined],
  ];
  for (const [text, number] of cases) assert.equal(quantity(text), number, String(text));
});

test('K56 durations show their two largest units', () => {
  const from = '2026-01-01T00:00:00Z';
  assert.equal(duration(from, '2026-01-01T00:00:42Z'), '42s');
  assert.equal(duration(from, '2026-01-01T00:15:00Z'), '15m');
  assert.equal(duration(from, '2026-01-01T01:00:09Z'), '1h');
  assert.equal(duration(from, '2026-01-03T03:04:05Z'), '2d3h');
  assert.equal(duration(from, from), '0s');
  assert.equal(duration(from, '2025-12-31T00:00:00Z'), undefined);
  assert.equal(duration(from, undefined), undefined);
  assert.equal(duration('yesterday', from), undefined);
});

test('K57 cells of claims and data read as kubectl prints them', () => {
  assert.equal(accessModes(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteOnce']), 'RWO,ROX');
  assert.equal(accessModes([]), undefined);
  assert.equal(entryCount({ a: '', b: '' }, undefined, { c: '' }), 3);
});

test('HA8 a digest differs with keys and values, whatever their order, and says nothing of them', () => {
  const of = digestOf({ a: 'x', b: 'y' });
  assert.equal(digestOf({ b: 'y', a: 'x' }), of);
  for (const other of [
    { a: 'x', b: 'z' },
    { a: 'y', b: 'x' },
    { ab: 'xy' },
    { a: 'x', b: 'y', c: '' },
    { a: 'xb', y: '' },
  ])
    assert.notEqual(digestOf(other), of);
  assert.match(of ?? '', /^[0-9a-z]{8,14}$/);
  assert.equal(digestOf(undefined, {}), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearest } from './nearest.ts';

test('the distance is the number of letters to insert, delete or replace', () => {
  const pairs = [
    ['', ''],
    ['', 'ab'],
    ['ab', ''],
    ['kitten', 'sitting'],
    ['flaw', 'lawn'],
    ['same', 'same'],
  ] as const;
  assert.deepEqual(
    pairs.map(([a, b]) => editDistance(a, b)),
    [0, 2, 2, 3, 2, 0],
  );
});

test('near words come first, and none that differs in more than half of its letters', () => {
  assert.deepEqual(nearest('deployent', ['Deployment', 'DaemonSet', 'Pod'], 3), ['Deployment']);
  assert.deepEqual(nearest('web', ['wbe', 'web-1', 'api'], 3), ['wbe', 'web-1']);
  assert.deepEqual(nearest('po', ['Pod']), ['Pod']);
  assert.deepEqual(nearest('', ['ab', 'abc']), ['ab']);
  const tooLong = Array<string>(10_000).fill('y'.repeat(1_000));
  assert.deepEqual(nearest('a-name', [...tooLong, 'a-nmae']), ['a-nmae'], 'what cannot be near costs nothing');
});

test('neither a long word nor many long known ones hold anything up', () => {
  const began = performance.now();
  assert.deepEqual(nearest('x'.repeat(16_000), Array(20_000).fill('a-name-as-objects-have-them')), []);
  assert.deepEqual(nearest('x'.repeat(250), Array(20_000).fill('y'.repeat(250))), []);
  assert.ok(performance.now() - began < 1_500);
});

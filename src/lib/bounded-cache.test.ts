import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache } from './bounded-cache.ts';

test('what was longest not used goes when it is told to shrink, and only then', () => {
  const cache = new BoundedCache<string, string>(5, ({ length }) => length);
  for (const [key, value] of [
    ['a', 'xx'],
    ['b', 'xx'],
    ['c', 'xx'],
  ] as const)
    cache.set(key, value);
  assert.equal(cache.weight, 6);
  assert.equal(cache.get('a'), 'xx');
  cache.shrink();
  assert.deepEqual(
    [...cache.entries()],
    [
      ['c', 'xx'],
      ['a', 'xx'],
    ],
  );
  cache.set('c', 'xxxx');
  assert.equal(cache.weight, 6);
  cache.shrink();
  assert.deepEqual([...cache.entries()], [['c', 'xxxx']]);
  cache.delete('c');
  cache.delete('c');
  assert.deepEqual([cache.weight, cache.has('c'), cache.get('c')], [0, false, undefined]);
  cache.set('large', 'x'.repeat(9));
  cache.shrink();
  assert.equal(cache.weight, 0, 'also what is alone too much');
});

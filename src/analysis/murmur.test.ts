import assert from 'node:assert/strict';
import { test } from 'node:test';
import { riseOf } from './murmur.ts';

const MINUTE = 60_000;
const every = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

test('CA143 errors that began and go on are a rise from their first; a murmur, a burst that is over and a single one are none', () => {
  const now = 10 * MINUTE;
  assert.deepEqual(riseOf(every(7 * MINUTE, now, 15_000), 0, now), { since: 7 * MINUTE, isRise: true, count: 13 });
  assert.equal(riseOf(every(30_000, now, MINUTE), 0, now)?.isRise, false);
  assert.equal(riseOf(every(MINUTE, 2 * MINUTE, 5_000), 0, now), undefined);
  assert.equal(riseOf([MINUTE], 0, now), undefined);
  assert.equal(riseOf([now - 1_000], 0, now)?.isRise, false);
});

test('CA143 a murmur that swells rises when it swelled; a stack trace is one error', () => {
  const now = 20 * MINUTE;
  const swelling = [...every(0, 15 * MINUTE, 2 * MINUTE), ...every(16 * MINUTE, now, 10_000)];
  const rise = riseOf(swelling, 0, now);
  assert.equal(rise?.isRise, true);
  assert.ok(Math.abs((rise?.since ?? 0) - 16 * MINUTE) <= 2 * MINUTE);
  assert.equal(riseOf(every(now - 5_000, now, 10), 0, now)?.count, 1);
});

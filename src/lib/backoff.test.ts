import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs, jittered } from './backoff.ts';

const times = { firstMs: 100, maxMs: 5_000 };

test('the wait doubles with every failure, up to the limit, and never grows beyond it', () => {
  const waits = [0, 1, 2, 3, 4, 7, 50, 5_000].map((failures) => backoffMs(times, failures, () => 0.5));
  assert.deepEqual(waits, [100, 100, 200, 400, 800, 5_000, 5_000, 5_000]);
});

test('chance spreads a wait evenly between half and one and a half of it', () => {
  assert.equal(
    backoffMs(times, 1, () => 0),
    50,
  );
  assert.equal(
    backoffMs(times, 1, () => 1 - 2 ** -32),
    150,
  );
  assert.equal(
    jittered(1_000, () => 0.25),
    750,
  );
});

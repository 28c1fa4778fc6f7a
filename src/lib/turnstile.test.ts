import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurnstile } from './turnstile.ts';

test('KV40 turns are given in order, never two within the time between, and one that is given up passes unused', async () => {
  const turn = createTurnstile(20, () => performance.now());
  const on = new AbortController().signal;
  const off = new AbortController();
  const given: [string, number][] = [];
  const take = (name: string, stop: AbortSignal): Promise<void> =>
    turn(stop).then(() => void given.push([name, performance.now()]));
  const turns = [take('a', on), take('b', off.signal), take('c', on)];
  off.abort(new Error('enough'));
  const [, second] = await Promise.allSettled(turns);
  assert.equal(second?.status, 'rejected');
  assert.deepEqual(
    given.map(([name]) => name),
    ['a', 'c'],
  );
  const [[, a] = ['', 0], [, c] = ['', 0]] = given;
  assert.ok(c - a >= 38, `${c - a} ms`);
  await assert.rejects(turn(off.signal), /enough/);
});

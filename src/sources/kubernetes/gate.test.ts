import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from './gate.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than the places are inside; who waits comes in first come first served', async () => {
  const gate = createGate(2);
  const inside: number[] = [];
  const leaves: (() => void)[] = [];
  for (const guest of [1, 2, 3, 4]) {
    void gate.enter(never).then((leave) => {
      inside.push(guest);
      leaves.push(leave);
    });
  }
  await turn();
  assert.deepEqual(inside, [1, 2]);
  leaves[1]?.();
  leaves[1]?.();
  await turn();
  assert.deepEqual(inside, [1, 2, 3], 'leaving twice makes one place');
  leaves[0]?.();
  await turn();
  assert.deepEqual(inside, [1, 2, 3, 4]);
});

test('who gives up while waiting takes no place', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(never);
  const impatient = new AbortController();
  const waiting = gate.enter(impatient.signal);
  impatient.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(gate.enter(impatient.signal), /enough/);
  leave();
  (await gate.enter(never))();
});

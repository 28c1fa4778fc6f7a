import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSemaphore } from './semaphore.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than the places are inside; who waits comes in first come first served', async () => {
  const semaphore = createSemaphore(2);
  const inside: number[] = [];
  const releases: (() => void)[] = [];
  for (const guest of [1, 2, 3, 4]) {
    void semaphore.acquire(never).then((release) => {
      inside.push(guest);
      releases.push(release);
    });
  }
  await turn();
  assert.deepEqual(inside, [1, 2]);
  releases[1]?.();
  releases[1]?.();
  await turn();
  assert.deepEqual(inside, [1, 2, 3], 'releasing twice makes one place');
  releases[0]?.();
  await turn();
  assert.deepEqual(inside, [1, 2, 3, 4]);
});

test('who gives up while waiting takes no place', async () => {
  const semaphore = createSemaphore(1);
  const release = await semaphore.acquire(never);
  const impatient = new AbortController();
  const waiting = semaphore.acquire(impatient.signal);
  impatient.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(semaphore.acquire(impatient.signal), /enough/);
  release();
  (await semaphore.acquire(never))();
});

test('it is full when every place is taken and as many wait as may', async () => {
  const semaphore = createSemaphore(1, 1);
  assert.deepEqual([semaphore.isIdle, semaphore.isFull], [true, false]);
  const release = await semaphore.acquire();
  assert.deepEqual([semaphore.isIdle, semaphore.isFull], [false, false]);
  const waiting = semaphore.acquire();
  assert.ok(semaphore.isFull);
  release();
  const last = await waiting;
  assert.ok(!semaphore.isFull);
  last();
  assert.ok(semaphore.isIdle);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChannel } from './channel.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('U4 a writer into a full channel waits until it is read', async () => {
  const channel = createChannel<number>({ capacity: 4, batchMax: 10 });
  const written: number[] = [];
  const write = async (batch: number[]): Promise<void> => {
    await channel.push(batch);
    written.push(batch.length);
  };
  void write([1, 2, 3]);
  void write([4, 5]);
  void write([6]);
  await turn();
  assert.deepEqual(written, [3]);
  const reader = channel.batches();
  assert.deepEqual((await reader.next()).value, [1, 2, 3, 4, 5, 6], 'what waits together is read together');
  await turn();
  assert.deepEqual(written, [3, 2, 1]);
});

test('a batch is as large as is allowed, and no batch is cut', async () => {
  const channel = createChannel<number>({ capacity: 100, batchMax: 4 });
  for (const batch of [[1, 2], [3, 4], [5], [6, 7, 8, 9, 10, 11], [12]]) void channel.push(batch);
  channel.close();
  const batches: (readonly number[])[] = [];
  for await (const batch of channel.batches()) batches.push(batch);
  assert.deepEqual(batches, [[1, 2, 3, 4], [5], [6, 7, 8, 9, 10, 11], [12]]);
});

test('closing lets writers go, gives out what is there, then ends or throws', async () => {
  const channel = createChannel<number>({ capacity: 1, batchMax: 1 });
  const waiting = channel.push([1]);
  channel.close(new Error('broken'));
  await waiting;
  await channel.push([2]);
  const reader = channel.batches();
  assert.deepEqual((await reader.next()).value, [1]);
  await assert.rejects(reader.next(), /broken/);
});

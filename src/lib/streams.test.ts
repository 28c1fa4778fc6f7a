import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { drained } from './streams.ts';

const slow = (): { stream: Writable; taken: (() => void)[] } => {
  const taken: (() => void)[] = [];
  return { taken, stream: new Writable({ highWaterMark: 1, write: (_, __, done) => void taken.push(done) }) };
};
const listeners = (stream: Writable): number =>
  ['drain', 'close', 'error'].reduce((count, event) => count + stream.listenerCount(event), 0);

test('waiting for a stream leaves no listener behind, however often and however it ends', async () => {
  const { stream, taken } = slow();
  const before = listeners(stream);
  for (let round = 0; round < 30; round++) {
    assert.equal(stream.write('x'), false);
    const waiting = drained(stream);
    taken.pop()?.();
    await waiting;
  }
  assert.equal(listeners(stream), before);
  stream.write('x');
  const waiting = drained(stream);
  stream.destroy();
  await waiting;
  assert.equal(listeners(stream), before);
  await drained(stream);
});

test('a stream that has room, or fails while it is waited for, does not hold anybody back', async () => {
  await drained(slow().stream);
  const { stream } = slow();
  stream.write('x');
  const waiting = drained(stream);
  stream.destroy(new Error('no space left'));
  await waiting;
});

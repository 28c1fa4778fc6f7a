import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServerEvent, serverEvents } from './event-stream.ts';

async function read(chunks: readonly string[], bytesMax = 1_000): Promise<readonly ServerEvent[]> {
  async function* bytes(): AsyncIterable<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  return (await Array.fromAsync(serverEvents(bytes(), bytesMax))).flat();
}

const text =
  'event: add\ndata: {"a":1}\n\n: hello\n\nid: 7\ndata:x\ndata\ndata: z\n\nevent: ping\r\ndata: null\r\n\r\n';
const expected: readonly ServerEvent[] = [
  { type: 'add', data: '{"a":1}' },
  { type: 'message', data: 'x\n\nz' },
  { type: 'ping', data: 'null' },
];

test('KV1 events are read whole, wherever the bytes are cut', async () => {
  assert.deepEqual(await read([text]), expected);
  for (let at = 1; at < text.length; at++) assert.deepEqual(await read([text.slice(0, at), text.slice(at)]), expected);
});

test('KV1 what was cut off is no event, and a line beyond the limit costs its own event only', async () => {
  assert.deepEqual(await read(['event: add\ndata: {}\n']), []);
  assert.deepEqual(await read(['event: add\ndata: {}\n', '\nevent: ad']), [{ type: 'add', data: '{}' }]);
  assert.deepEqual(await read([`event: add\ndata: ${'x'.repeat(50)}\n\nevent: ping\ndata: null\n\n`], 40), [
    { type: 'add', data: undefined },
    { type: 'ping', data: 'null' },
  ]);
});

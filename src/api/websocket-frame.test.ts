import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { textFrame } from './websocket-frame.ts';

test('T17 a message written to the socket in one piece arrives whole, whatever its length', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const texts = ['', 'a'.repeat(125), 'a'.repeat(126), 'a'.repeat(65_535), 'a'.repeat(65_536), 'ü'.repeat(40_000)];
  new WebSocketServer({ server }).on('connection', (_, { socket }) => {
    for (const text of texts) socket.write(textFrame(text));
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const heard: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.onmessage = ({ data }) => {
      if (heard.push(String(data)) === texts.length) resolve();
    };
    client.onclose = () => reject(new Error(`closed after ${heard.length} messages`));
  });
  assert.deepEqual(heard, texts);
  client.onclose = null;
  client.close();
  server.close();
  server.closeAllConnections();
});

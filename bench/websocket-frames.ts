/**
 * The least of RFC 6455 that a follower needs: the opening handshake and taking server frames apart. A full client would cost more than
 * the server that is measured when there are a thousand of them in one process.
 */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

/** Opens a WebSocket and hands over its socket with what had already arrived. Rejects with the status when the server refuses. */
export function openWebSocket(url: string): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  };
  return new Promise((resolve, reject) => {
    const call = request(url, { headers });
    call.on('upgrade', (_, socket, head) => resolve({ socket: socket as Socket, head }));
    call.on('response', ({ statusCode }) => reject(new Error(`${url}: ${statusCode}`)));
    call.on('error', reject);
    call.end();
  });
}

const textFrame = 1;
const closeFrame = 8;
const pingFrame = 9;

/** An empty, masked pong. */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

export interface FrameReader {
  readonly onText: (payload: Buffer) => void;
  readonly onClose: () => void;
}

/** Reads frames from a socket; pings are answered. Servers do not mask, and ours sends no fragments. */
export function readFrames(socket: Socket, head: Buffer, { onText, onClose }: FrameReader): void {
  let parts: Buffer[] = [];
  let length = 0;
  let wanted = 2;
  const take = (chunk: Buffer): void => {
    parts.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    let bytes = parts.length === 1 ? chunk : Buffer.concat(parts, length);
    for (;;) {
      const frame = frameAt(bytes);
      if (typeof frame === 'number') {
        wanted = frame;
        break;
      }
      if (frame.opcode === textFrame) onText(frame.payload);
      else if (frame.opcode === pingFrame) socket.write(pong);
      else if (frame.opcode === closeFrame) socket.end();
      bytes = frame.rest;
    }
    parts = [bytes];
    length = bytes.length;
  };
  if (head.length > 0) take(head);
  socket.on('data', take);
  socket.on('close', onClose);
  socket.on('error', () => socket.destroy());
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly rest: Buffer;
}

/** The first frame, or how many bytes are needed before it can be read. */
function frameAt(bytes: Buffer): Frame | number {
  if (bytes.length < 2) return 2;
  const short = bytes.readUInt8(1) & 0x7f;
  const headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headerLength) return headerLength;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = headerLength + size;
  if (bytes.length < end) return end;
  return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(headerLength, end), rest: bytes.subarray(end) };
}

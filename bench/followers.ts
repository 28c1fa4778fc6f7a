/**
 * A crowd that follows the feed over WebSockets, in a process of its own.
 *
 *   npx node bench/followers.ts URL COUNT STALLED        STALLED of them read nothing between `start` and `settle`
 *
 * Standard input: `start` begins to measure, `settle` lets the stalled read on, `end` prints the result and leaves.
 * Standard output: `{"connected":COUNT}`, then the result as one line of JSON.
 */

import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { percentileOf } from './histogram.ts';
import { sentLabel } from './stamp.ts';
import { openWebSocket, readFrames } from './websocket-frames.ts';

const [url = '', count = '1', stalledCount = '0'] = process.argv.slice(2);

interface Follower {
  readonly socket: Socket;
  readonly stalled: boolean;
  lastRevision: string;
  closed: boolean;
}

/** Milliseconds from the change to the follower, in steps of 1 ms up to a minute. */
const histogram = new Uint32Array(60_000);
const marker = Buffer.from(`"${sentLabel}":"`);
const revisionMarker = Buffer.from('"revision":"');
let measuring = false;
let messages = 0;
let bytes = 0;
let stamps = 0;

function textUntilQuote(payload: Buffer, from: number): string {
  return payload.toString('latin1', from, payload.indexOf(0x22, from));
}

function note(follower: Follower, payload: Buffer): void {
  const at = payload.indexOf(revisionMarker);
  if (at >= 0) follower.lastRevision = textUntilQuote(payload, at + revisionMarker.length);
  if (!measuring || follower.stalled) return;
  messages++;
  bytes += payload.length;
  const now = Date.now();
  for (let found = payload.indexOf(marker); found >= 0; found = payload.indexOf(marker, found + 1)) {
    const ms = Math.min(
      histogram.length - 1,
      Math.max(0, now - Number(textUntilQuote(payload, found + marker.length))),
    );
    histogram[ms] = (histogram[ms] ?? 0) + 1;
    stamps++;
  }
}

async function join(stalled: boolean): Promise<Follower> {
  const { socket, head } = await openWebSocket(url);
  const follower: Follower = { socket, stalled, lastRevision: '', closed: false };
  readFrames(socket, head, {
    onText: (payload) => note(follower, payload),
    onClose: () => {
      follower.closed = true;
    },
  });
  return follower;
}

const crowd: Follower[] = [];
for (let joined = 0; joined < Number(count); joined++) crowd.push(await join(joined < Number(stalledCount)));
process.stdout.write(`${JSON.stringify({ connected: crowd.length })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const stalled = crowd.filter((follower) => follower.stalled);
  if (line === 'start') {
    measuring = true;
    for (const { socket } of stalled) socket.pause();
  } else if (line === 'settle') {
    measuring = false;
    for (const { socket } of stalled) socket.resume();
  } else if (line === 'end') {
    const revisions = new Set(crowd.filter(({ closed }) => !closed).map(({ lastRevision }) => lastRevision));
    const result = {
      messages,
      bytes,
      stamps,
      p50: percentileOf(histogram, 50),
      p99: percentileOf(histogram, 99),
      max: percentileOf(histogram, 100),
      dropped: crowd.filter(({ closed }) => closed).length,
      revisions: [...revisions],
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    for (const { socket } of crowd) socket.destroy();
    break;
  }
}

/** The feed over real sockets: server-sent events and WebSockets on loopback. */
import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { type Estate, object, openEstate, pod } from '../../test/support/api-estate.ts';
import { Mirror, viewLines } from '../../test/support/mirror.ts';

async function withServer(
  options: Parameters<typeof openEstate>[0],
  run: (estate: Estate, url: URL) => Promise<void>,
): Promise<void> {
  const estate = await openEstate(options);
  const url = new URL(await estate.api.listen());
  try {
    await run(estate, url);
  } finally {
    await estate.api.close();
  }
}

interface Received {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

/** The events of a stream, comments left out. */
async function* eventsOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Received> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    const events = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const fields = new Map(event.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
      yield { id: fields.get('id'), event: fields.get('event'), data: fields.get('data') };
    }
  }
}

/** Follows by server-sent events until `stop` returns true for what came; returns the ids that came. */
async function follow(
  url: URL,
  path: string,
  mirror: Mirror,
  stop: () => boolean,
  headers: Record<string, string> = {},
): Promise<string[]> {
  const ended = new AbortController();
  const response = await fetch(new URL(path, url), { headers, signal: ended.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const ids: string[] = [];
  for await (const { id, event, data } of eventsOf(response.body as ReadableStream<Uint8Array>)) {
    if (data !== undefined) mirror.take(data);
    if (data !== undefined) assert.equal(event, mirror.types.at(-1));
    if (id !== undefined) ids.push(id);
    if (stop()) break;
  }
  ended.abort();
  return ids;
}

test('T10 server-sent events: a snapshot, then diffs, and resumption from the last event id', () =>
  withServer({}, async (estate, url) => {
    const mirror = new Mirror();
    const first = follow(url, '/api/v1/feed', mirror, () => mirror.types.includes('diff'));
    while (!mirror.complete) await new Promise(setImmediate);
    estate.apply(pod('web-2'));
    const ids = await first;
    assert.deepEqual(mirror.lines(), viewLines(estate.graph.view));
    estate.apply(pod('web-3'));
    await follow(url, '/api/v1/feed', mirror, () => mirror.revision === 'e1:3', { 'last-event-id': ids.at(-1) ?? '' });
    assert.deepEqual(mirror.lines(), viewLines(estate.graph.view));
    assert.deepEqual(mirror.types, ['snapshot', 'diff', 'at', 'diff']);
    await follow(url, '/api/v1/feed?from=e0:7', mirror, () => mirror.complete && mirror.types.at(-1) === 'snapshot');
    assert.deepEqual(mirror.types.slice(4), ['gone', 'snapshot']);
  }));

test('T11 a WebSocket speaks the same protocol', () =>
  withServer({}, async (estate, url) => {
    const mirror = new Mirror();
    const socket = new WebSocket(`ws://${url.host}/api/v1/feed/ws?kinds=Pod,Service`);
    await new Promise<void>((resolve, reject) => {
      socket.onerror = reject;
      socket.onmessage = ({ data }) => {
        mirror.take(String(data));
        if (mirror.types.length === 1) estate.apply(pod('web-2'), object('ConfigMap', 'unseen'));
        else resolve();
      };
    });
    assert.deepEqual([...mirror.resources.keys()].sort(), ['c/Pod-web-1', 'c/Pod-web-2', 'c/Service-web']);
    assert.equal(estate.api.followers(), 1);
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    await estate.api.close();
    await closed;
  }));

test('T12 a follower is refused before the protocol switches: unknown kinds, wrong token, too many', () =>
  withServer({ token: 'a-secret-token-of-length', limits: { followers: 1 } }, async ({ api }, url) => {
    const ask = (query: string): Promise<Response> => fetch(new URL(`/api/v1/feed${query}`, url));
    assert.equal((await ask('')).status, 401);
    const token = 'access_token=a-secret-token-of-length';
    assert.match(((await (await ask(`?${token}&kinds=Pdo`)).json()) as { detail: string }).detail, /Pod/);
    assert.match(((await (await ask(`?${token}&form=1`)).json()) as { detail: string }).detail, /did you mean from/);
    assert.equal((await ask(`/ws?${token}`)).status, 400, 'plain HTTP where a WebSocket is meant');
    const opened = (query: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${url.host}/api/v1/feed/ws?${query}`);
        socket.onmessage = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
    assert.equal(await opened('access_token=wrong'), false);
    assert.equal(await opened(token), true);
    assert.equal(api.followers(), 1);
    assert.equal(await opened(token), false);
    assert.equal((await ask(`?${token}`)).status, 503);
  }));

test(
  'T13 a client that does not read costs no more than a buffer, and is right when it reads again',
  { timeout: 60_000 },
  () =>
    withServer({}, async (estate, url) => {
      const client = new PausedClient(url);
      await client.opened;
      await until(() => estate.api.followers() === 1);
      const [server] = estate.api.app.websocketServer.clients;
      assert.ok(server);
      client.socket.pause();
      const filler = 'x'.repeat(60);
      const labels = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`label-${index}`, filler]));
      let largest = 0;
      const commits = 2_000;
      for (let i = 0; i < commits; i++) {
        estate.apply(pod(`p-${i % 400}`, `web-${i}`, { labels: { ...labels, app: `web-${i}` } }));
        await new Promise(setImmediate);
        largest = Math.max(largest, server.bufferedAmount);
      }
      assert.ok(server.bufferedAmount > 0, 'the client was slow indeed');
      assert.ok(largest < 2_000_000, `${largest} bytes buffered for one client`);
      client.socket.resume();
      await until(() => client.mirror.revision === `e1:${estate.graph.view.revision}` && client.mirror.complete);
      assert.deepEqual(client.mirror.lines(), viewLines(estate.graph.view));
      const diffs = client.mirror.types.filter((type) => type === 'diff').length;
      assert.ok(diffs < commits / 2, `${diffs} diffs for ${commits} commits`);
      client.socket.destroy();
      await until(() => estate.api.followers() === 0);
    }),
);

test(
  'T14 server-sent events wait for a client that does not read, and are right when it reads again',
  { timeout: 60_000 },
  () =>
    withServer({}, async (estate, url) => {
      const response = await new Promise<IncomingMessage>((resolve) => get(new URL('/api/v1/feed', url), resolve));
      const labels = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`label-${index}`, 'x'.repeat(60)]));
      for (let i = 0; i < 1_500; i++) {
        estate.apply(pod(`p-${i % 400}`, `web-${i}`, { labels: { ...labels, app: `web-${i}` } }));
        await new Promise(setImmediate);
      }
      const mirror = new Mirror();
      for await (const event of eventsOf(response)) {
        if (event.data !== undefined) mirror.take(event.data);
        if (mirror.revision === `e1:${estate.graph.view.revision}` && mirror.complete) break;
      }
      assert.deepEqual(mirror.lines(), viewLines(estate.graph.view));
      const diffs = mirror.types.filter((type) => type === 'diff').length;
      assert.ok(diffs > 0 && diffs < 750, `${diffs} diffs for 1500 commits`);
      response.destroy();
      await until(() => estate.api.followers() === 0);
    }),
);

test('T15 closing does not wait for clients that do not read', { timeout: 20_000 }, async () => {
  const estate = await openEstate();
  const url = new URL(await estate.api.listen());
  const client = new PausedClient(url);
  await client.opened;
  await until(() => estate.api.followers() === 1);
  client.socket.pause();
  const response = await new Promise<IncomingMessage>((resolve) => get(new URL('/api/v1/feed', url), resolve));
  const began = performance.now();
  await estate.api.close();
  assert.ok(performance.now() - began < 5_000);
  assert.equal(estate.api.followers(), 0);
  await estate.api.close();
  client.socket.destroy();
  response.destroy();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A WebSocket client on a bare socket, so that reading can be stopped. Reads what a server sends: unmasked, unfragmented frames. */
class PausedClient {
  readonly mirror = new Mirror();
  readonly socket: Socket;
  readonly opened: Promise<void>;
  #bytes = Buffer.alloc(0);

  constructor(url: URL) {
    this.socket = connect(Number(url.port), url.hostname);
    this.socket.write(
      `GET /api/v1/feed/ws HTTP/1.1\r\nhost: ${url.host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    this.opened = new Promise((resolve) => {
      let head = '';
      this.socket.on('data', (chunk: Buffer) => {
        if (head.includes('\r\n\r\n')) this.#read(chunk);
        else {
          head += chunk.toString('latin1');
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return;
          assert.match(head, /^HTTP\/1\.1 101/);
          resolve();
          this.#read(Buffer.from(head.slice(end + 4), 'latin1'));
        }
      });
    });
  }

  #read(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      if (this.#bytes.length < 2) return;
      const short = (this.#bytes[1] ?? 0) & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.#bytes.length < start) return;
      const length =
        short < 126 ? short : short === 126 ? this.#bytes.readUInt16BE(2) : Number(this.#bytes.readBigUInt64BE(2));
      if (this.#bytes.length < start + length) return;
      if (((this.#bytes[0] ?? 0) & 0x0f) === 1)
        this.mirror.take(this.#bytes.subarray(start, start + length).toString('utf8'));
      this.#bytes = this.#bytes.subarray(start + length);
    }
  }
}

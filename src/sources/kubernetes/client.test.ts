import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { events, json, type Script, scriptedServer, status } from '../../../test/support/scripted-api-server.ts';
import { type ClientOptions, createClient, type KubeClient } from './client.ts';
import type { Credentials } from './credentials.ts';
import { failureFromStatus } from './failure.ts';

const never = new AbortController().signal;
const tls = {};
const anonymous: Credentials = { current: async () => ({ headers: {}, tls }), reload: async () => undefined };

async function served(
  script: Script,
  test: (client: KubeClient, server: Awaited<ReturnType<typeof scriptedServer>>) => Promise<void>,
  options: Partial<ClientOptions> = {},
): Promise<void> {
  await using server = await scriptedServer(script);
  const client = createClient({ cluster: { server: server.url }, credentials: anonymous, ...options });
  await test(client, server);
  client.close();
}

test('U30 answers are classified once', async () => {
  const codes = {
    400: 'refused',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not-found',
    405: 'refused',
    408: 'unreachable',
    410: 'gone',
    422: 'refused',
    429: 'busy',
    500: 'unreachable',
    503: 'unreachable',
  };
  await served(
    ({ path }, response) => status(response, Number(path.slice(1)), 'because', { 'retry-after': '3' }),
    async (client) => {
      for (const [code, type] of Object.entries(codes)) {
        assert.deepEqual(
          await client.get(`/${code}`, { stop: never }),
          { type, message: 'because', retryAfterMs: 3_000 },
          code,
        );
      }
    },
  );
});

test('U38 a server that asks to wait is believed for five minutes', () => {
  const waits = ['7', '1e9', 'soon', '-1'].map((text) => failureFromStatus(503, undefined, text).retryAfterMs);
  assert.deepEqual(waits, [7_000, 300_000, undefined, undefined]);
  const status = { details: { retryAfterSeconds: 86_400 } };
  assert.equal(failureFromStatus(429, status).retryAfterMs, 300_000);
});

test('U31 after a 401 the credentials are read again, once', async () => {
  let token = 'old';
  let reloads = 0;
  const credentials: Credentials = {
    current: async () => ({ headers: { authorization: token }, tls }),
    reload: async () => {
      reloads++;
      token = 'new';
    },
  };
  await served(
    ({ request, path }, response) => {
      if (path === '/never' || request.headers.authorization !== 'new') status(response, 401);
      else json(response, { fine: true });
    },
    async (client) => {
      assert.deepEqual(await client.get('/x', { stop: never }), { type: 'ok', body: { fine: true }, etag: undefined });
      assert.equal(reloads, 1);
      assert.equal((await client.get('/never', { stop: never })).type, 'unauthorized');
      assert.equal(reloads, 2);
    },
    { credentials },
  );
});

test('U32 a body beyond the limit, one that is no JSON, one that breaks off, and a server that says nothing', async () => {
  await served(
    ({ path }, response) => {
      if (path === '/large') json(response, 'x'.repeat(5_000));
      else if (path === '/html') response.end('<html>');
      else if (path === '/half') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"a":');
        setTimeout(() => response.destroy(), 5);
      } else if (path === '/slow') {
        response.writeHead(200);
        response.write('{');
      }
    },
    async (client) => {
      const type = async (path: string): Promise<string> => (await client.get(path, { stop: never })).type;
      assert.equal(await type('/large'), 'too-large');
      assert.equal(await type('/html'), 'malformed');
      assert.equal(await type('/half'), 'unreachable');
      assert.equal(await type('/slow'), 'unreachable');
      assert.deepEqual(await client.get('/silent', { stop: never }), {
        type: 'unreachable',
        message: 'nothing came for 0.1 s',
      });
    },
    { bodyBytesMax: 1_000, answerTimeoutMs: 100 },
  );
});

test('U33 nobody there is unreachable, with a hint', async () => {
  const client = createClient({ cluster: { server: 'http://127.0.0.1:1' }, credentials: anonymous });
  const answer = await client.get('/', { stop: never });
  assert.ok(answer.type === 'unreachable' && /is the cluster running/.test(answer.message));
});

test('U34 stopping ends whatever waits', async () => {
  await served(
    ({ path }, response) => {
      if (path === '/watch') events(response, {});
    },
    async (client, server) => {
      const stop = new AbortController();
      const answer = client.get('/silent', { stop: stop.signal });
      const watch = await client.watch('/watch', stop.signal);
      assert.ok(watch.type === 'open');
      await watch.lines.read();
      const reading = watch.lines.read();
      while (server.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      stop.abort();
      await assert.rejects(answer, { name: 'AbortError' });
      await assert.rejects(reading, { name: 'AbortError' });
    },
  );
});

test('U35 a kept connection that the server has closed is replaced without a word', async () => {
  await served(
    (_, response) => json(response, {}),
    async (client, server) => {
      for (let round = 0; round < 5; round++) {
        assert.equal((await client.get('/', { stop: never })).type, 'ok');
        server.cut();
      }
    },
  );
});

test('U36 who does not read a watch stops the sender', async () => {
  let sent = 0;
  await served(
    async (_, response) => {
      events(response);
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const line = `${JSON.stringify({ type: 'ADDED', object: { filler: 'x'.repeat(10_000) } })}\n`;
      while (sent < 5_000 && !response.destroyed) {
        sent++;
        if (!response.write(line)) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
      }
    },
    async (client) => {
      const watch = await client.watch('/', never);
      assert.ok(watch.type === 'open');
      const first = await watch.lines.read();
      assert.equal(first.type, 'lines');
      let before = -1;
      while (before !== sent) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok(sent < 4_000, `${sent} lines were sent into nothing`);
      watch.lines.close();
    },
  );
});

test('U37 new certificates take a new connection, and what is under way on the old one goes on', async () => {
  let material = {};
  const credentials: Credentials = {
    current: async () => ({ headers: {}, tls: material }),
    reload: async () => undefined,
  };
  await served(
    ({ path }, response) => {
      if (path === '/watch') setTimeout(() => events(response, { late: true }), 30);
      else json(response, {});
    },
    async (client) => {
      const watching = client.watch('/watch', never);
      material = {};
      assert.equal((await client.get('/', { stop: never })).type, 'ok');
      const watch = await watching;
      assert.ok(watch.type === 'open');
      assert.deepEqual(await watch.lines.read(), { type: 'lines', lines: [{ late: true }] });
      watch.lines.close();
    },
    { credentials },
  );
});

test('compressed answers, tags, and a server behind a path', async () => {
  await using server = await scriptedServer(({ path, request }, response) => {
    if (path === '/k8s/clusters/c/tagged' && request.headers['if-none-match'] === '"1"')
      response.writeHead(304, { etag: '"1"' }).end();
    else response.writeHead(200, { etag: '"1"', 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify({ path })));
  });
  const client = createClient({ cluster: { server: `${server.url}/k8s/clusters/c/` }, credentials: anonymous });
  const body = { path: '/k8s/clusters/c/tagged' };
  assert.deepEqual(await client.get('/tagged', { stop: never }), { type: 'ok', body, etag: '"1"' });
  assert.deepEqual(await client.get('/tagged', { stop: never, etag: '"1"' }), {
    type: 'ok',
    body: undefined,
    etag: '"1"',
  });
  client.close();
});

/** The protocol over HTTP: the SDK's client against a listening API, the raw requests, and the access rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type Estate, openEstate } from '../../../test/support/api-estate.ts';

const TOKEN = 'let-me-in';

async function withServer(
  options: Parameters<typeof openEstate>[0],
  run: (url: string, estate: Estate) => Promise<void>,
): Promise<void> {
  const estate = await openEstate(options);
  try {
    await run(await estate.api.listen(), estate);
  } finally {
    await estate.api.close();
  }
}

async function connected(url: string, headers: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  return client;
}

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const post = (url: string, body: unknown, more: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL('/mcp', url), { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

test('MCP20 a client asks over HTTP, several at once, and sees what has changed', () =>
  withServer({}, async (url, estate) => {
    const clients = await Promise.all([connected(url), connected(url)]);
    const counts = async (client: Client): Promise<unknown> =>
      (await client.callTool({ name: 'kubekg_counts', arguments: {} })).structuredContent;
    const [one, two] = await Promise.all(clients.map(counts));
    assert.deepEqual(one, two);
    estate.remove({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'web-1', uid: 'Pod-web-1' } });
    assert.notDeepEqual(await counts(clients[0]!), one);
    assert.equal((await clients[0]!.listPrompts()).prompts.length, 4);
    for (const client of clients) await client.close();
  }));

test('MCP20 without sessions each request stands for itself, as JSON; streams are not offered', () =>
  withServer({}, async (url) => {
    const answer = await post(url, list);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('mcp-session-id'), null);
    assert.ok(((await answer.json()) as { result: { tools: unknown[] } }).result.tools.length > 6);
    assert.equal((await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202);
    assert.equal((await post(url, { no: 'request' })).status, 400);
    assert.equal((await post(url, list, { accept: 'text/html' })).status, 406);
    for (const method of ['GET', 'DELETE'])
      assert.deepEqual([(await fetch(new URL('/mcp', url), { method })).status], [405], method);
    const { error } = (await (await post(url, { ...list, method: 'tools/rename' })).json()) as {
      error: { code: number };
    };
    assert.equal(error.code, -32601);
    const index = (await (await fetch(new URL('/api/v1', url))).json()) as { modelContextProtocol: string };
    assert.equal(index.modelContextProtocol, '/mcp');
  }));

test('MCP21 the token, the Host and the Origin are looked at as everywhere', () =>
  withServer({ token: TOKEN }, async (url) => {
    assert.equal((await post(url, list)).status, 401);
    assert.equal((await post(url, list, { authorization: 'Bearer wrong' })).status, 401);
    assert.equal((await post(url, list, { authorization: `Bearer ${TOKEN}` })).status, 200);
    assert.equal(
      (await post(url, list, { authorization: `Bearer ${TOKEN}`, origin: 'https://evil.example' })).status,
      403,
    );
    await assert.rejects(connected(url));
    const client = await connected(url, { authorization: `Bearer ${TOKEN}` });
    assert.ok((await client.listTools()).tools.length > 6);
    await client.close();
  }));

test('MCP21 a page of another name does not reach it, and a named origin does', () =>
  withServer({ origins: ['https://ui.example'] }, async (url, { api }) => {
    const asked = async (headers: Record<string, string>, method: 'POST' | 'OPTIONS' = 'POST') =>
      api.app.inject({
        method,
        url: '/mcp',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        payload: list,
      });
    assert.equal((await asked({ host: 'rebound.example' })).statusCode, 403);
    const preflight = await asked({ origin: 'https://ui.example' }, 'OPTIONS');
    assert.equal(preflight.statusCode, 204);
    assert.match(String(preflight.headers['access-control-allow-headers']), /mcp-protocol-version/);
    assert.equal((await post(url, list, { origin: 'https://ui.example' })).status, 200);
  }));

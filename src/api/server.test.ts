/** The API through its own door: routes, problems, access, health, refresh. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { AT, type Estate, object, openEstate } from '../../test/support/api-estate.ts';
import { Problem } from '../model/problem.ts';
import type { ApiOptions } from './options.ts';

async function withEstate(
  options: Parameters<typeof openEstate>[0],
  run: (estate: Estate) => Promise<void>,
): Promise<void> {
  const estate = await openEstate(options);
  try {
    await run(estate);
  } finally {
    await estate.api.close();
  }
}

interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, never> & { readonly [key: string]: unknown };
}

async function ask(
  { api }: Estate,
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'POST' | 'PUT' | 'OPTIONS' = 'GET',
  payload?: object,
): Promise<Asked> {
  const {
    statusCode,
    headers: answered,
    body,
  } = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
  const json = String(answered['content-type']).includes('json') ? JSON.parse(body) : {};
  return { status: statusCode, headers: answered, body: json };
}

test('H1 operations answer under /api/v1, resources by path however they are written', () =>
  withEstate({}, async (estate) => {
    const list = await ask(estate, '/api/v1/resources?kinds=pods,ConfigMap&limit=1');
    assert.equal(list.status, 200);
    assert.equal(list.body['total'], 2);
    assert.match(String(list.headers['cache-control']), /no-store/);
    for (const url of [
      '/api/v1/resources/Pod/shop/web-1',
      '/api/v1/resources/Pod%2Fshop%2Fweb-1',
      '/api/v1/impact/ConfigMap/shop/settings',
      '/api/v1/impact?resource=ConfigMap/shop/settings',
    ])
      assert.equal((await ask(estate, url)).status, 200, url);
    const impact = await ask(estate, '/api/v1/impact/ConfigMap/shop/settings');
    assert.deepEqual(
      (impact.body as unknown as { impacted: { resource: { name: string } }[] }).impacted.map(
        ({ resource }) => resource.name,
      ),
      ['web-1', 'web'],
    );
    assert.equal((await ask(estate, '/api/v1/clusters/c/topology?namespace=shop')).body['schemaVersion'], '1.0');
    assert.equal((await ask(estate, '/api/v1/clusters/c/topology/resource/pods/shop/web-1')).status, 200);
    assert.equal((await ask(estate, '/api/v1/clusters/c/topology/resource/nodes/-/n1')).status, 200);
    assert.equal((await ask(estate, '/api/v1/export')).body['revision'], 'e1:1');
  }));

test('H2 a POST takes its input as JSON', () => {
  const cypher: NonNullable<ReturnType<ApiOptions['context']>['cypher']> = async (text) => ({
    columns: ['q'],
    rows: [[text]],
    truncated: false,
    elapsedMs: 1,
  });
  return withEstate({ more: { cypher } }, async (estate) => {
    const answer = await ask(estate, '/api/v1/query', {}, 'POST', { query: 'RETURN 1' });
    assert.deepEqual(answer.body['rows'], [['RETURN 1']]);
    const curl = {
      method: 'POST',
      url: '/api/v1/query',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    } as const;
    assert.equal((await estate.api.app.inject({ ...curl, payload: '{"query":"RETURN 2"}' })).statusCode, 200);
    assert.equal((await estate.api.app.inject({ ...curl, payload: 'query=RETURN' })).json().code, 'invalid-input');
    assert.equal((await ask(estate, '/api/v1/query', {}, 'POST', { qeury: 'RETURN 1' })).status, 400);
    assert.equal((await ask(estate, '/api/v1/query', {}, 'POST')).body['code'], 'invalid-input');
  });
});

test('H3 errors are problems: code, status, hint, and no query string', () =>
  withEstate({}, async (estate) => {
    const unknown = await ask(estate, '/api/v1/resources?kidns=Pod&access_token=secret');
    assert.equal(unknown.status, 400);
    assert.match(String(unknown.headers['content-type']), /application\/problem\+json/);
    assert.equal(unknown.body['code'], 'invalid-input');
    assert.equal(unknown.body['instance'], '/api/v1/resources');
    assert.match(String(unknown.body['detail']), /did you mean kinds\?/);
    const missing = await ask(estate, '/api/v1/resources/Pod/shop/web-2');
    assert.equal(missing.status, 404);
    assert.deepEqual(missing.body['details'], ['Pod/shop/web-1']);
    assert.equal((await ask(estate, String(missing.body['type']))).body['status'], 404, 'the type can be looked up');
    const path = await ask(estate, '/api/v1/resorces');
    assert.equal(path.status, 404);
    assert.match(String(path.body['detail']), /\/api\/v1\/resources/);
    const big = await ask(estate, '/api/v1/query', {}, 'POST', { query: 'x'.repeat(2_000_000) });
    assert.equal(big.status, 413);
    assert.equal(big.body['code'], 'too-large');
    const broken = await estate.api.app.inject({
      method: 'POST',
      url: '/api/v1/query',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    });
    assert.equal(broken.json().code, 'invalid-input');
  }));

test('H4 every path answers every method, 405 with what is offered', () =>
  withEstate({ refresh: async () => {} }, async (estate) => {
    for (const [method, url, allow] of [
      ['GET', '/refresh', 'POST'],
      ['PUT', '/refresh', 'POST'],
      ['POST', '/api/v1/resources', 'GET'],
      ['PUT', '/api/v1/impact/Pod/shop/web-1', 'GET'],
    ] as const) {
      const answer = await ask(estate, url, {}, method);
      assert.equal(answer.status, 405, url);
      assert.equal(answer.headers['allow'], allow);
      assert.equal(answer.body['code'], 'method-not-allowed');
    }
    assert.equal((await estate.api.app.inject({ method: 'HEAD', url: '/api/v1/resources' })).statusCode, 200);
    assert.equal((await estate.api.app.inject({ method: 'HEAD', url: '/api/v1/feed' })).statusCode, 405);
  }));

test('H5 nothing but loopback without a token or --insecure', async () => {
  await assert.rejects(
    openEstate({ host: '0.0.0.0' }),
    (error) => error instanceof Problem && error.code === 'invalid-config' && /token/.test(error.message),
  );
  for (const options of [
    { host: '0.0.0.0', token: 'a-secret-token-of-length' },
    { host: '::', insecure: true },
    { host: '::1' },
    { host: 'localhost' },
  ])
    await withEstate(options, async () => {});
});

test('H6 with a token every request shows it, but those for what tells nothing of the estate', () =>
  withEstate({ token: 'a-secret-token-of-length' }, async (estate) => {
    const none = await ask(estate, '/api/v1/counts');
    assert.equal(none.status, 401);
    assert.equal(none.body['code'], 'unauthorized');
    assert.equal(none.headers['www-authenticate'], 'Bearer');
    for (const url of [
      '/health',
      '/api/v1',
      '/nowhere',
      '/api/v1/feed?access_token=wrong',
      '/api/v1/counts?access_token=a-secret-token-of-length',
    ])
      assert.equal((await ask(estate, url)).status, 401, url);
    assert.equal((await ask(estate, '/api/v1/counts', { authorization: 'Bearer wrong' })).status, 401);
    assert.equal(
      (await ask(estate, '/api/v1/counts', { authorization: 'Bearer a-secret-token-of-length' })).status,
      200,
    );
    for (const url of ['/healthz/live', '/healthz/ready', '/api/docs', '/api/docs/start.js', '/api/v1/openapi.json'])
      assert.equal((await ask(estate, url)).status, 200, url);
    assert.equal((await ask(estate, '/')).headers['location'], '/api/docs');
  }));

test('H7 a server answers to addresses and its own names only, so that no page reaches it by DNS rebinding', async () => {
  await withEstate({ host: '0.0.0.0', token: 'a-secret-token-of-length' }, async (estate) =>
    assert.equal((await ask(estate, '/healthz/live', { host: 'kg.internal' })).status, 200, 'a token needs no names'),
  );
  for (const options of [
    {},
    { host: '0.0.0.0', insecure: true },
    { host: '0.0.0.0', token: 'a-secret-token-of-length' },
  ])
    await withEstate({ ...options, allowedHosts: ['kg.internal'] }, answersToItsNames);
});

async function answersToItsNames(estate: Estate): Promise<void> {
  const authorization = 'Bearer a-secret-token-of-length';
  for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:80', '10.0.0.1:8080', 'kg.internal:8080', 'KG.localhost'])
    assert.equal((await ask(estate, '/api/v1/counts', { host, authorization })).status, 200, host);
  for (const host of [
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1.evil.example:8080',
  ]) {
    const answer = await ask(estate, '/api/v1/counts', { host, authorization });
    assert.equal(answer.status, 403, host);
  }
}

test('H8 pages of other origins may read nothing and start nothing, unless they are named', () =>
  withEstate({ origins: ['https://ui.example'], refresh: async () => {} }, async (estate) => {
    const other = { origin: 'https://evil.example', host: 'localhost' };
    const read = await ask(estate, '/api/v1/counts', other);
    assert.equal(read.headers['access-control-allow-origin'], undefined, 'the browser keeps the answer from the page');
    assert.equal((await ask(estate, '/refresh', other, 'POST')).status, 403);
    assert.equal(
      (await ask(estate, '/api/v1/feed/ws', { ...other, connection: 'upgrade', upgrade: 'websocket' })).status,
      403,
    );
    assert.equal(
      (await ask(estate, '/refresh', { origin: 'http://localhost', host: 'localhost' }, 'POST')).status,
      202,
    );
    const named = { origin: 'https://ui.example', host: 'localhost' };
    assert.equal(
      (await ask(estate, '/api/v1/counts', named)).headers['access-control-allow-origin'],
      'https://ui.example',
    );
    const preflight = await ask(estate, '/api/v1/query', named, 'OPTIONS');
    assert.equal(preflight.status, 204);
    assert.match(String(preflight.headers['access-control-allow-headers']), /authorization/);
    assert.equal((await ask(estate, '/refresh', named, 'POST')).status, 202);
  }));

test('H9 /health lists dependencies, 503 when one is down', async () => {
  const health = (estate: Estate): Promise<unknown> =>
    ask(estate, '/health').then(({ status, body }) => [status, body]);
  await withEstate({ dependencies: async () => ({ prod: true }) }, async (estate) =>
    assert.deepEqual(await health(estate), [200, { status: 'OK', dependencies: { prod: 'OK' } }]),
  );
  await withEstate({ dependencies: async () => ({ neo4j: true, kubeview: false }) }, async (estate) =>
    assert.deepEqual(await health(estate), [
      503,
      { status: 'UNAVAILABLE', dependencies: { neo4j: 'OK', kubeview: 'UNAVAILABLE' } },
    ]),
  );
  const failing = { dependencies: () => Promise.reject(new Error('no route')) };
  await withEstate(failing, async (estate) =>
    assert.deepEqual(await health(estate), [
      503,
      { status: 'UNAVAILABLE', dependencies: { dependencies: 'UNAVAILABLE' } },
    ]),
  );
});

test('H10 ready when the first lists are complete, also while a cluster is lost; what is missing is named, to those who may know', async () => {
  const token = 'a-secret-token-of-length';
  await withEstate({ more: { clusters: ['late'] }, token }, async (estate) => {
    assert.deepEqual((await ask(estate, '/healthz/ready')).body, { status: 'NOT_READY' });
    const shown = await ask(estate, '/healthz/ready', { authorization: `Bearer ${token}` });
    assert.deepEqual(shown.body['missing'], ['cluster late: nothing listed yet']);
  });
  await withEstate({ more: { clusters: ['c', 'late'] } }, async (estate) => {
    estate.take([
      { type: 'observe', at: AT, cluster: 'c', scope: { group: '', kind: 'Pod' }, coverage: 'loading' },
      { type: 'observe', at: AT, cluster: 'c', scope: { group: '', kind: 'Secret' }, coverage: 'forbidden' },
    ]);
    const early = await ask(estate, '/healthz/ready');
    assert.equal(early.status, 503);
    assert.deepEqual(early.body['missing'], ['cluster late: nothing listed yet', 'cluster c: Pod is loading']);
    assert.equal((await ask(estate, '/healthz/live')).status, 200);
    estate.take([
      { type: 'reset', at: AT, cluster: 'c', scope: { group: '', kind: 'Pod' }, objects: [] },
      { type: 'observe', at: AT, cluster: 'late', scope: { group: '', kind: 'Pod' }, coverage: 'ready' },
    ]);
    assert.equal((await ask(estate, '/healthz/ready')).status, 200);
    estate.take([{ type: 'observe', at: AT, cluster: 'c', scope: { group: '*', kind: '*' }, coverage: 'broken' }]);
    assert.equal((await ask(estate, '/healthz/ready')).status, 200, 'a cluster that is lost takes nothing back');
    assert.match(JSON.stringify((await ask(estate, '/api/v1/resources')).body['hints']), /cluster c cannot be reached/);
  });
});

test('H11 a refresh runs once at a time', async () => {
  const runs: (() => void)[] = [];
  const refresh = (): Promise<void> => new Promise((resolve) => runs.push(resolve));
  await withEstate({ refresh }, async (estate) => {
    const first = await ask(estate, '/refresh', {}, 'POST');
    assert.deepEqual([first.status, first.body], [202, { status: 'Refresh triggered' }]);
    assert.deepEqual((await ask(estate, '/refresh', {}, 'POST')).body, { status: 'Refresh already running' });
    assert.equal(runs.length, 1);
    runs[0]?.();
    await new Promise(setImmediate);
    await ask(estate, '/refresh', {}, 'POST');
    assert.equal(runs.length, 2);
    runs[1]?.();
  });
  await withEstate({}, async (estate) => assert.equal((await ask(estate, '/refresh', {}, 'POST')).status, 501));
});

test('H12 the page of the documentation comes from this process alone', () =>
  withEstate({}, async (estate) => {
    const page = await estate.api.app.inject('/api/docs');
    assert.equal(page.statusCode, 200);
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
    assert.equal(sources.length, 4);
    for (const url of sources) {
      assert.ok(url.startsWith('/api/docs/') || url === '/favicon.ico');
      assert.equal((await estate.api.app.inject(url)).statusCode, 200, url);
    }
    assert.match(String(page.headers['content-security-policy']), /default-src 'self'/);
    assert.equal((await estate.api.app.inject('/')).headers.location, '/api/docs');
    const index = (await ask(estate, '/api/v1')).body as unknown as { operations: { route: string }[] };
    assert.ok(index.operations.some(({ route }) => route === 'GET /api/v1/resources'));
  }));

test('H13 rejected changes are listed with their reasons', () =>
  withEstate(
    {
      more: {
        rejections: {
          count: 3,
          byReason: new Map([['no kind', 3]]),
          latest: [{ at: AT, reason: 'no kind', subject: 'x' }],
        },
      },
    },
    async (estate) => {
      assert.deepEqual((await ask(estate, '/api/v1/rejections')).body, {
        count: 3,
        reasons: { 'no kind': 3 },
        latest: [{ at: AT, reason: 'no kind', subject: 'x' }],
      });
      estate.apply(object('Pod', 'fine'));
    },
  ));

test('H19 what is not even a request that can be routed is answered with a problem as well', () =>
  withEstate({}, async (estate) => {
    const url = new URL(await estate.api.listen());
    const raw = async (text: string): Promise<{ head: string; code: string }> => {
      const socket = connect(Number(url.port), url.hostname);
      socket.write(text);
      let answer = '';
      for await (const part of socket) answer += part;
      const [head = '', body = '{}'] = answer.split('\r\n\r\n');
      return { head, code: JSON.parse(body).code };
    };
    const lines = (first: string): string => `${first}\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    for (const [text, status, code] of [
      [lines('GET /api/v1/resources/%zz HTTP/1.1'), 400, 'invalid-input'],
      [lines('PROPFIND /api/v1/resources HTTP/1.1'), 405, 'method-not-allowed'],
      [lines(`GET /api/v1/resources?text=${'a'.repeat(40_000)} HTTP/1.1`), 413, 'too-large'],
      ['hello\r\n\r\n', 400, 'invalid-input'],
    ] as const) {
      const answer = await raw(text);
      assert.deepEqual([answer.head.split(' ')[1], answer.code], [String(status), code], text.slice(0, 60));
      assert.match(answer.head, /content-type: application\/problem\+json/i);
    }
  }));

test('H20 no more exports at once than allowed, until their clients have read them', () =>
  withEstate({ limits: { exports: 1 } }, async (estate) => {
    estate.apply(...Array.from({ length: 30_000 }, (_, index) => object('ConfigMap', `one-of-many-${index}`)));
    const url = `${await estate.api.listen()}/api/v1/export`;
    const slow = await fetch(url);
    assert.equal(slow.status, 200);
    const second = await fetch(url);
    assert.deepEqual([second.status, ((await second.json()) as { code: string }).code], [503, 'limit-reached']);
    await slow.body?.cancel();
    for (let tries = 0; (await fetch(url, { method: 'HEAD' })).status !== 200; tries++) assert.ok(tries < 1_000);
  }));

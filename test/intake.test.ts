/** What others send, from the request to the graph: every example of the documentation as it is typed, and what may go wrong on the way. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { runIn } from './support/command.ts';
import { CLUSTER, NOW, type Sending, sending } from './support/intake.ts';

const reference = readFileSync(new URL('../docs/reference/intake.md', import.meta.url), 'utf8');
const commands = [...reference.matchAll(/^```sh\n(.*?)^```/gms)].map(([, code = '']) => code.trim());

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-intake-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const probe = { source: 'probe', subject: 'Pod/shop/web-1', severity: 'error', message: 'refused', id: 'p1' };

interface Letters {
  readonly total: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly items: readonly {
    readonly id: string;
    readonly reason: string;
    readonly payload: string;
    readonly times: number;
    readonly cut?: boolean;
  }[];
  readonly next?: string;
}

const letters = (server: Sending, query = ''): Promise<Letters> => server.ask(`/api/v1/dead-letters${query}`);

/** Rows of the occurrences that are in the graph. */
const occurrences = (
  server: Sending,
  columns = 'o.source, o.severity, o.message',
): Promise<readonly (readonly unknown[])[]> =>
  server.cypher(`MATCH (o:Occurrence) RETURN ${columns} ORDER BY o.source, o.message`);

test('IN1 every curl of the documentation does what it says, as it is typed', async () => {
  await using server = await sending();
  assert.ok(commands.length > 20);
  for (const command of commands) {
    const typed = command.replaceAll('http://127.0.0.1:8080', server.url);
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      typed.replace(/^curl/, 'curl -s --fail-with-body'),
    ]).catch((error: { stdout: string; message: string }) => assert.fail(`${error.message}\n${error.stdout}`));
    const { taken = 0, rejected = 0, ignored = 0 } = JSON.parse(stdout) as Readonly<Record<string, number>>;
    if (!/dead-letters|v1\/logs/.test(command))
      assert.deepEqual({ some: taken > 0, rejected, ignored }, { some: true, rejected: 0, ignored: 0 }, command);
  }
  const about = await server.cypher(
    "MATCH (o:Occurrence)-[:ABOUT]->(p:Pod {name: 'web-1'}) RETURN DISTINCT o.source ORDER BY o.source",
  );
  assert.deepEqual(about.flat(), ['alert', 'event', 'kubelet', 'kubelet_collector', 'log', 'probe']);
  const { formats } = await server.ask<{ formats: readonly { name: string }[] }>('/api/v1/intake');
  for (const { name } of formats)
    assert.match(reference, new RegExp(`^### .*\\b${name.replaceAll('.', '\\.')}\\b`, 'm'), name);
});

test('IN11 an alert that is told again is one, and one that is resolved takes the place of what fired', async () => {
  await using server = await sending();
  const alert = {
    status: 'firing',
    labels: { alertname: 'KubePodNotReady', namespace: 'shop', pod: 'web-1', severity: 'critical' },
    annotations: {},
    startsAt: '2026-11-22T10:00:00Z',
    fingerprint: 'f',
  };
  for (const path of ['/api/v1/alerts', '/webhook', '/api/v1/alerts'])
    await server.send(path, { version: '4', alerts: [alert] });
  assert.deepEqual(await occurrences(server, 'o.severity, o.createdAt'), [['critical', '2026-11-22T10:00:00Z']]);
  await server.send('/api/v1/alerts', {
    version: '4',
    alerts: [{ ...alert, status: 'resolved', endsAt: '2026-11-22T10:05:00Z' }],
  });
  assert.deepEqual(await occurrences(server, 'o.severity, o.message'), [['info', 'Resolved: KubePodNotReady']]);
});

test('IN12 the same CloudEvent in every mode is one occurrence', async () => {
  await using server = await sending();
  const event = { specversion: '1.0', id: '7', source: '/ci', type: 't', subject: 'Pod/shop/web-1' };
  const data = { message: 'grüße', severity: 'info' };
  const path = '/api/v1/occurrences';
  const sent = [
    await server.send(path, { ...event, data }, { 'content-type': 'application/cloudevents+json; charset=utf-8' }),
    await server.send(path, [{ ...event, data }], { 'content-type': 'application/cloudevents-batch+json' }),
    await server.send(path, data, {
      'ce-specversion': '1.0',
      'ce-id': '7',
      'ce-source': '%2Fci',
      'ce-type': '"t"',
      'ce-subject': 'Pod%2Fshop%2Fweb-1',
    }),
    await server.send('/api/v1/intake/cloudevents', { ...event, data }),
  ];
  assert.deepEqual(
    sent.map(({ status, body }) => [status, body.taken]),
    sent.map(() => [200, 1]),
  );
  assert.deepEqual(await occurrences(server), [['/ci', 'info', 'grüße']]);
  const avro = await server.send(path, 'x', { 'content-type': 'application/cloudevents+avro' });
  assert.deepEqual([avro.status, avro.body.code], [415, 'unsupported-type']);
});

test('IN13 an Event seen by watching and sent by an exporter is one', async () => {
  const event = (count: number) => ({
    metadata: { name: 'e1', namespace: 'shop', uid: 'uid-e1' },
    reason: 'BackOff',
    message: 'again',
    type: 'Warning',
    count,
    lastTimestamp: '2026-11-22T10:00:00Z',
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'uid-web-1', apiVersion: 'v1' },
  });
  await using server = await sending();
  const exported = {
    ...event(3),
    clusterName: 'whatever',
    involvedObject: { ...event(3).involvedObject, labels: { app: 'web' } },
  };
  for (const body of [exported, { apiVersion: 'v1', kind: 'Event', ...event(2) }, exported])
    assert.equal((await server.send('/api/v1/intake/kubernetes-event', body)).body.taken, 1);
  assert.deepEqual(await server.cypher('MATCH (e:Event)-[:ABOUT]->(p:Pod) RETURN e.name, e.count, p.name'), [
    ['e1', 3, 'web-1'],
  ]);
});

test('IN14 what a cluster says of itself is not overwritten, and what it does not follow is taken', async () => {
  await using server = await sending();
  const path = '/api/v1/intake/state.k8s.resource';
  const pod = { kind: 'Pod', uid: 'uid-web-1', namespace: 'shop', name: 'web-1', status: { phase: 'Failed' } };
  const known = await server.send(path, pod);
  assert.deepEqual([known.status, known.body.ignored, known.body.taken], [200, 1, 0]);
  assert.equal((await server.send(`${path}?key=pod:uid-web-1`, 'null')).body.ignored, 1);
  assert.deepEqual(await server.cypher('MATCH (p:Pod) RETURN p.name'), [['web-1']]);
  const set = { kind: 'StatefulSet', uid: 'u', namespace: 'shop', name: 'db' };
  assert.equal((await server.send(path, set)).body.taken, 1);
  assert.deepEqual(await server.cypher('MATCH (s:StatefulSet) RETURN s.name'), [['db']]);
  assert.equal((await server.send(path, { key: 'statefulset:u', value: null })).body.taken, 1);
  assert.deepEqual(await server.cypher('MATCH (s:StatefulSet) RETURN s.name'), []);
});

test('IN15 state of another watcher is a graph like any other, links and targets included, in any order', async () => {
  await using server = await sending();
  const send = (format: string, body: unknown) => server.send(`/api/v1/intake/${format}?cluster=other`, body);
  const at = { cluster: 'other', op: 'UPSERT' };
  await send('state.k8s.topology', {
    ...at,
    id: 'edge:1',
    from: 'service:shop:cart',
    to: 'pod:shop:cart-1',
    type: 'SELECTS',
  });
  await send('state.prom.targets', {
    ...at,
    labels: { job: 'cart', namespace: 'shop', instance: 'i', pod: 'cart-1' },
    health: 'down',
    lastError: 'refused',
  });
  await send('state.prom.rules', {
    ...at,
    group: 'g',
    rule: 'CartErrors',
    labels: { namespace: 'shop', service: 'cart' },
  });
  await send('state.k8s.resource', [
    {
      ...at,
      kind: 'Pod',
      uid: 'p',
      namespace: 'shop',
      name: 'cart-1',
      labels: { app: 'cart' },
      node: 'n1',
      ownerRefs: [{ kind: 'ReplicaSet', name: 'cart-a' }],
      status: { phase: 'Running', containerReady: false, restartCount: 2 },
    },
    {
      ...at,
      kind: 'ReplicaSet',
      uid: 'r',
      namespace: 'shop',
      name: 'cart-a',
      ownerRefs: [{ kind: 'Deployment', name: 'cart' }],
    },
    { ...at, kind: 'Deployment', uid: 'd', namespace: 'shop', name: 'cart', replicas: 1 },
    { ...at, kind: 'Service', uid: 's', namespace: 'shop', name: 'cart', serviceSelector: { app: 'cart' } },
    { ...at, kind: 'Node', uid: 'n', name: 'n1', status: { ready: true } },
  ]);
  const edges = await server.cypher(
    "MATCH (a {cluster: 'other'})-[r]->(b) WHERE NOT type(r) IN ['IN_NAMESPACE', 'CONTAINS'] RETURN a.kind + '/' + a.name + ' ' + type(r) + ' ' + b.kind + '/' + b.name",
  );
  assert.deepEqual(
    new Set(edges.flat()),
    new Set([
      'Deployment/cart OWNS ReplicaSet/cart-a',
      'ReplicaSet/cart-a OWNS Pod/cart-1',
      'Service/cart SELECTS Pod/cart-1',
      'Pod/cart-1 RUNS_ON Node/n1',
      'TopologyLink/edge:1 RELATES_TO Service/cart',
      'TopologyLink/edge:1 RELATES_TO Pod/cart-1',
      'PromTarget/other|cart|shop||i SCRAPES Service/cart',
      'PromTarget/other|cart|shop||i SCRAPES Pod/cart-1',
      'PromRule/g|CartErrors REPORTS_ON Service/cart',
    ]),
  );
  await send('state.k8s.topology', { key: 'edge:1', value: null });
  assert.deepEqual(await server.cypher('MATCH (l:TopologyLink) RETURN l.name'), []);
});

test('IN16 records stand or fall by themselves, each with its reason', async () => {
  await using server = await sending();
  const path = '/api/v1/occurrences';
  const mixed = await server.send(
    path,
    `${JSON.stringify(probe)}\n{"broken\n\n${JSON.stringify({ ...probe, severity: 'dreadful' })}\n${JSON.stringify({ ...probe, id: 'p2' })}\n`,
  );
  assert.equal(mixed.status, 200);
  const { rejections, reasons, ...counts } = mixed.body;
  assert.deepEqual(counts, { taken: 2, ignored: 0, rejected: 2 });
  assert.deepEqual(
    rejections.map(({ record, reason }: Record<string, unknown>) => [record, String(reason).slice(0, 8)]),
    [
      [1, 'not JSON'],
      [2, 'severity'],
    ],
  );
  assert.equal(Object.values(reasons).length, 2);
  const none = await server.send(path, [{ ...probe, source: '' }, 7]);
  assert.deepEqual([none.status, none.body.code, none.body.details.length], [400, 'invalid-input', 2]);
  for (const [body, status] of [
    ['', 400],
    ['[]', 200],
    ['null', 400],
    ['{"a', 400],
    ['[[]]', 400],
  ] as const)
    assert.equal((await server.send(path, body)).status, status, body);
  assert.equal((await server.send('/api/v1/intake/nothing', {})).status, 404);
  const { count } = await server.ask<{ count: number }>('/api/v1/rejections');
  assert.ok(count >= 6);
});

test('IN17 bodies are unpacked within a limit, however little they are packed', async () => {
  await using server = await sending({ overrides: { 'intake.maxBody': '1MB' } });
  const path = '/api/v1/occurrences';
  const bytes = Buffer.from(JSON.stringify(probe));
  for (const [encoding, body] of [
    ['gzip', gzipSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    ['br', brotliCompressSync(bytes)],
  ] as const)
    assert.equal((await server.send(path, body, { 'content-encoding': encoding })).body.taken, 1, encoding);
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  assert.ok(bomb.length < 100_000);
  assert.equal((await server.send(path, bomb, { 'content-encoding': 'gzip' })).status, 413);
  assert.equal((await server.send(path, Buffer.alloc(1_000_001, ' '))).status, 413);
  assert.equal((await server.send(path, bytes, { 'content-encoding': 'gzip' })).status, 400);
  assert.equal((await server.send(path, bytes, { 'content-encoding': 'rot13' })).status, 415);
});

test('IN18 logs are answered as OTLP wants it, in the encoding of the request', async () => {
  await using server = await sending();
  const request = (attributes: readonly object[]) => ({
    resourceLogs: [
      {
        resource: { attributes },
        scopeLogs: [{ logRecords: [{ severityNumber: 17, body: { stringValue: 'lost' } }] }],
      },
    ],
  });
  const pod = [
    { key: 'k8s.pod.name', value: { stringValue: 'web-1' } },
    { key: 'k8s.namespace.name', value: { stringValue: 'shop' } },
  ];
  const taken = await server.send('/v1/logs', request(pod));
  assert.deepEqual([taken.status, taken.body], [200, {}]);
  const rejected = await server.send('/v1/logs', request([]));
  assert.deepEqual([rejected.status, rejected.body.partialSuccess.rejectedLogRecords], [200, '1']);
  assert.match(rejected.body.partialSuccess.errorMessage, /who logs/);
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const empty = await server.send('/v1/logs', new Uint8Array(0), protobuf);
  assert.deepEqual([empty.status, empty.headers.get('content-type'), empty.body], [200, 'application/x-protobuf', '']);
  assert.equal((await server.send('/v1/logs', 'no protobuf', protobuf)).status, 400);
  assert.equal((await server.send('/v1/logs', 'x', { 'content-type': 'application/grpc' })).status, 415);
});

test('IN19 log records that tell of no trouble are ignored and counted, unless all are wanted', async () => {
  const logs = ['INFO all is well', 'dial tcp: connection refused'].map((message, id) => ({
    source: 'log',
    id: `${id}`,
    subject: 'Pod/shop/web-1',
    severity: 'info',
    message,
  }));
  {
    await using server = await sending();
    const { body } = await server.send('/api/v1/occurrences', logs);
    assert.deepEqual([body.taken, body.ignored], [1, 1]);
    assert.deepEqual(await occurrences(server, 'o.message'), [['dial tcp: connection refused']]);
  }
  await using server = await sending({ overrides: { 'intake.logs': 'all' } });
  assert.equal((await server.send('/api/v1/occurrences', logs)).body.taken, 2);
});

test('IN20 no secret that was sent is found anywhere: graph, history, dead letters, answers', async () => {
  const canary = 'S3cr3tCanary-9f8e7d6c';
  const url = join(folder, 'canary.db');
  {
    await using server = await sending({ overrides: { 'history.enabled': true, 'history.url': url } });
    const text = `login failed: password=${canary} at postgres://app:${canary}@db/shop`;
    const raw = {
      type: 'PodReady',
      metadata: { node: 'n1', token: canary },
      data: {
        pod: 'web-1',
        namespace: 'shop',
        env: [{ name: 'DB_PASSWORD', value: canary }],
        apiKey: canary,
        message: text,
      },
    };
    const otlp = (attributes: readonly object[]) => ({
      resourceLogs: [
        {
          resource: { attributes },
          scopeLogs: [
            {
              logRecords: [
                {
                  severityNumber: 17,
                  body: { stringValue: text },
                  attributes: [{ key: 'db.password', value: { stringValue: canary } }],
                },
              ],
            },
          ],
        },
      ],
    });
    const labels = { alertname: 'A', pod: 'web-1', namespace: 'shop', api_key: canary };
    const secret = { kind: 'Secret', name: 'db', namespace: 'shop', apiVersion: 'v1', data: { password: canary } };
    const event = {
      metadata: { name: 'e', namespace: 'shop' },
      message: text,
      involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'shop', annotations: { token: canary } },
    };
    for (const [path, body] of [
      ['/api/v1/occurrences', { ...probe, message: text, attributes: { password: canary, nested: { token: canary } } }],
      [
        '/api/v1/occurrences',
        { ...probe, severity: 'dreadful', message: text, attributes: { password: canary, nested: { secret: canary } } },
      ],
      ['/api/v1/occurrences', `{"source":"x","password":"${canary}", broken`],
      ['/api/v1/alerts', { alerts: [{ labels, annotations: { description: text } }] }],
      ['/api/v1/alerts', { alerts: [{ labels: { ...labels, alertname: '' }, annotations: { description: text } }] }],
      ['/api/v1/intake/raw-event', raw],
      ['/api/v1/intake/raw-event', { ...raw, type: '' }],
      [
        '/api/v1/intake/raw-event',
        { ...raw, type: '', data: Buffer.from(JSON.stringify(raw.data)).toString('base64') },
      ],
      ['/api/v1/intake/raw-event', { ...raw, data: Buffer.from(`no json, but password ${canary}`).toString('base64') }],
      ['/api/v1/intake/kubernetes-event', event],
      ['/api/v1/intake/kubernetes-event', { ...event, metadata: {} }],
      ['/api/v1/intake/state.k8s.resource', secret],
      ['/api/v1/intake/state.k8s.resource', { ...secret, name: '' }],
      ['/v1/logs', otlp([{ key: 'k8s.pod.name', value: { stringValue: 'web-1' } }])],
      ['/v1/logs', otlp([])],
    ] as const) {
      const answer = await server.send(path, body);
      assert.ok(!JSON.stringify(answer.body).includes(canary), `${path} answers with it`);
    }
    assert.ok((await letters(server)).total >= 7);
    for (const path of [
      '/api/v1/dead-letters',
      '/api/v1/rejections',
      '/api/v1/export',
      '/api/v1/resources?kinds=Occurrence,Secret,Event',
    ])
      assert.ok(!JSON.stringify(await server.ask(path)).includes(canary), path);
    const said = JSON.stringify(await server.cypher('MATCH (o:Occurrence) RETURN o'));
    assert.ok(said.includes('redacted:') && !said.includes(canary));
  }
  for (const name of readdirSync(folder))
    assert.ok(!readFileSync(join(folder, name)).includes(canary), `${name} holds it`);
});

test('IN21 a dead letter is listed, corrected and replayed, by id or by reason, or discarded', async () => {
  await using server = await sending();
  const path = '/api/v1/occurrences';
  const bad = (id: string, more: object): object => ({ ...probe, id, ...more });
  await server.send(path, [
    bad('a', { severity: 'dreadful' }),
    bad('b', { severity: 'dreadful' }),
    bad('c', { source: '' }),
    'text',
  ]);
  await server.send(path, bad('a', { severity: 'dreadful' }));
  const all = await letters(server);
  assert.equal(all.total, 4);
  assert.deepEqual(all.reasons, {
    'severity "dreadful" is not known': 2,
    'the occurrence names no source': 1,
    'not a JSON object': 1,
  });
  const [first] = (await letters(server, '?reason=severity%20"dreadful"%20is%20not%20known&limit=1')).items;
  assert.ok(first);
  const again = await server.send('/api/v1/dead-letters/replay', { ids: [first.id] });
  assert.deepEqual([again.body.letters, again.body.rejected], [1, 1]);
  assert.equal((await letters(server)).total, 4, 'what is rejected again is a letter still');
  const record = { ...JSON.parse(first.payload), severity: 'error' };
  const corrected = await server.send('/api/v1/dead-letters/replay', { ids: [first.id], record });
  assert.deepEqual([corrected.body.letters, corrected.body.taken], [1, 1]);
  assert.equal((await occurrences(server)).length, 1);
  assert.equal((await server.send('/api/v1/dead-letters/replay', { ids: [first.id] })).status, 404);
  assert.equal((await server.send('/api/v1/dead-letters/replay', { format: 'occurrences', record })).status, 400);
  assert.equal((await server.send('/api/v1/dead-letters/replay', {})).status, 400);
  const replayed = await server.send('/api/v1/dead-letters/replay', { reason: 'not a JSON object' });
  assert.deepEqual([replayed.body.letters, replayed.body.rejected], [1, 1]);
  assert.deepEqual(
    (await server.send('/api/v1/dead-letters/discard', { reason: 'the occurrence names no source' })).body,
    { discarded: 1 },
  );
  assert.deepEqual((await server.send('/api/v1/dead-letters/discard', { format: 'occurrences' })).body, {
    discarded: 2,
  });
  assert.equal((await letters(server)).total, 0);
});

test('IN29 the command line lists, corrects and discards the dead letters of a running server', async () => {
  await using server = await sending();
  await server.send('/api/v1/occurrences', [{ ...probe, severity: 'dreadful' }, 'text']);
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, out, err } = await runIn({ terminal: { stdout: true } }, [...words, '--server', server.url]);
    assert.equal(code, 0, err);
    return out;
  };
  const listed = await run('dead-letters');
  assert.match(listed, /2 dead letters/);
  assert.match(listed, /severity "dreadful" is not known/);
  const [, id = ''] =
    /^([0-9a-f]{16}) · occurrences/m.exec(await run('dead-letters', '--reason', 'not a JSON object')) ?? [];
  assert.match(await run('replay', '--ids', id, '--record', JSON.stringify(probe)), /1 letter sent again: 1 taken/);
  assert.match(await run('discard', '--format', 'occurrences'), /1 letter discarded/);
  assert.match(await run('dead-letters'), /No dead letters/);
});

test('IN22 dead letters outlive the process where a history is kept, and are pages of a list', async () => {
  const overrides = { 'history.enabled': true, 'history.url': join(folder, 'letters.db') };
  let clock = NOW;
  const now = (): number => clock++;
  {
    await using server = await sending({ overrides, now });
    for (const severity of ['x', 'y', 'z', 'x']) await server.send('/api/v1/occurrences', { ...probe, severity });
    await server.send('/api/v1/dead-letters/discard', { reason: 'severity "y" is not known' });
  }
  await using server = await sending({ overrides, now });
  const page = await letters(server, '?limit=1');
  assert.deepEqual([page.total, page.items[0]?.reason, page.items[0]?.times], [2, 'severity "x" is not known', 2]);
  assert.equal((await letters(server, `?limit=1&cursor=${page.next}`)).items[0]?.reason, 'severity "z" is not known');
});

test('IN24 with a token of their own senders show it, and it opens nothing else', async () => {
  await using server = await sending({ overrides: { 'intake.token': 'a token of senders' } });
  const token = (text: string) => ({ authorization: `Bearer ${text}` });
  assert.equal((await server.send('/api/v1/occurrences', probe)).status, 401);
  assert.equal((await server.send('/api/v1/occurrences', probe, token('a token of readers'))).status, 401);
  assert.equal((await server.send('/api/v1/occurrences', probe, token('a token of senders'))).status, 200);
  await using both = await sending({
    overrides: { 'intake.token': 'a token of senders', 'server.token': 'a token of readers' },
  });
  assert.equal((await both.send('/webhook', { alerts: [] }, token('a token of readers'))).status, 200);
  assert.equal((await both.send('/webhook', { alerts: [] }, token('a token of senders'))).status, 200);
  assert.equal(
    (await both.send('/api/v1/dead-letters/discard', { format: 'x' }, token('a token of senders'))).status,
    401,
  );
});

test('IN25 where one cluster is followed, everything is about it; a page of another origin may not send; beside a recording nothing is taken in', async () => {
  await using server = await sending();
  await server.send('/api/v1/occurrences', { ...probe, cluster: 'as its sender calls it' });
  const subject = { kind: 'Pod', namespace: 'shop', name: 'web-1', cluster: 'as its sender calls it' };
  await server.send('/api/v1/occurrences', { ...probe, subject });
  assert.deepEqual(await occurrences(server, 'o.cluster'), [[CLUSTER]]);
  assert.equal((await server.send('/api/v1/occurrences', probe, { origin: 'http://evil.example' })).status, 403);
  await using recording = await sending({ input: { repeatable: true } });
  for (const path of ['/api/v1/occurrences', '/webhook', '/v1/logs'])
    assert.equal((await recording.send(path, probe)).status, 501);
  await using off = await sending({ overrides: { 'intake.enabled': false } });
  assert.equal((await off.send('/api/v1/occurrences', probe)).status, 501);
});

/** What is made of logs, alerts and traces where nothing else is known: no object, no edge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, estateOf, type Seen } from '../../test/support/estate.ts';
import { alert, log, often, type Story, together, trace } from '../../test/support/told.ts';

type Severity = Parameters<typeof log>[2];

const pod = (name: string, namespace = 'shop'): { kind: string; name: string; namespace: string } => ({
  kind: 'Pod',
  name,
  namespace,
});
const front = pod('front-7d9c4b5f6f-bcdfg');
const api = pod('api-6b8d5c7f9-xk2lp');

/** Ten quiet minutes, in which each says that it works; then what is said goes on for ten. */
function heard(
  ...said: readonly (readonly [who: ReturnType<typeof pod>, message: string, severity?: Severity])[]
): Story {
  const who = new Map(said.map(([one]) => [one.name, one]));
  return together(
    often(0, 1_200, 30, () => [...who.values()].map((one) => log(one, 'GET / 200', 'info'))),
    often(600, 1_200, 20, () => said.map(([one, message, severity]): Seen => log(one, message, severity))),
  );
}

function first(story: Story): string | undefined {
  return causesOf(estateOf(story))[0]?.[0];
}

test('CA193 whom a program cannot reach is named in the words of its language', () => {
  const said: readonly (readonly [message: string, cause: string])[] = [
    ['java.net.ConnectException: Connection refused: orders/10.96.4.7:8080', 'Service/shop/orders'],
    ['TSocket::open() connect() <Host: orders Port: 9090>: Connection refused', 'Service/shop/orders'],
    ['Error: unable to contact http://orders:9080/list got status of 500', 'Service/shop/orders'],
    [
      'Get "https://orders.sales.svc:8443/": tls: failed to verify certificate: x509: certificate has expired',
      'Service/sales/orders',
    ],
    ['dial tcp: lookup orders on 10.96.0.10:53: no such host', 'Service/shop/orders'],
    ['could not connect to server at "orders.sales", port 5432: Connection refused', 'Service/sales/orders'],
  ];
  for (const [message, cause] of said) assert.equal(first(heard([api, message]))?.replace(/ .*/, ''), cause, message);
  assert.match(
    first(heard([api, 'GET https://api.example.com:443/ failed: connection refused'])) ?? '',
    /^ExternalHost/,
  );
});

test('CA194 what is said of measuring is no complaint, nor what was always said while something else began', () => {
  assert.equal(
    first(heard([api, 'ERROR failed to export spans to otel-collector.monitoring:4317: connection refused'])),
    undefined,
  );
  const murmur = often(0, 1_200, 60, () => [log(front, 'ERROR partner.example.com:443 connection refused')]);
  const story = together(murmur, heard([api, 'ERROR orders:8080 connection refused']));
  assert.deepEqual(
    causesOf(estateOf(story)).map(([one]) => one),
    ['Service/shop/orders DependencyFails'],
  );
});

test('CA195 programs that tell no level are understood by what they write, and by what they plainly say', () => {
  for (const line of [
    '2026-11-21T10:00:00Z ERR services/api/server.go:31 > cannot go on: orders:8080 connection refused',
    '[2026-Nov-21 10:00:00.123] <error>: (Client.h:92:Connect) Failed to connect to orders-service',
    'dial tcp 10.96.3.4:8080: connect: connection refused',
  ])
    assert.notEqual(first(heard([api, line, 'info'])), undefined, line);
  assert.equal(first(heard([api, 'listening on 0.0.0.0:8080, read timeout 30s', 'info'])), undefined);
});

test('CA196 a store is known by the words of its clients, by its port, and by whom it tells of turning away', () => {
  const mysql = pod('mysql-0');
  const pg = pod('postgresql-0');
  const quiet = often(0, 1_200, 30, () => [log(mysql, 'checkpoint', 'info'), log(pg, 'checkpoint', 'info')]);
  const words = '[2026] app.CRITICAL: PDOException: "SQLSTATE[HY000] [1040] Too many connections"';
  assert.equal(first(together(quiet, heard([api, words]))), 'StatefulSet/shop/mysql ConnectionsExhausted');
  const refused = 'auth error: password authentication failed';
  const tells = often(600, 1_200, 20, () => [log(pg, 'FATAL: password authentication failed for user "api"', 'info')]);
  assert.equal(first(together(quiet, tells, heard([api, refused]))), 'StatefulSet/shop/postgresql AccessRefused');
});

test('CA197 who is named by a name of several words in what is complained of is meant', () => {
  const orders = pod('order-service-5f6d7c8b9-zx4vb');
  const story = heard(
    [front, 'ERROR Failed to place the order: order-service said no'],
    [orders, 'panic: runtime error: index out of range'],
  );
  assert.equal(first(story), 'Deployment/shop/order-service ApplicationError');
});

test('CA198 what an alert says of somebody itself comes before what it says of how others fare', () => {
  const service = (name: string): { kind: string; name: string; namespace: string } => ({
    kind: 'Service',
    name,
    namespace: 'shop',
  });
  const rate = alert(service('front'), 'HighErrorRate', { since: 60 });
  const down = alert(pod('cache-0'), 'MemcachedDown', { since: 120 });
  assert.deepEqual(
    causesOf(estateOf({ 300: [rate, down] })).map(([one]) => one),
    ['StatefulSet/shop/cache Down'],
  );
  const node = { kind: 'Node', name: 'n1', namespace: 'monitoring' };
  assert.equal(
    first({ 300: [alert(node, 'NodeFilesystemAlmostOutOfSpace', { labels: { namespace: 'monitoring' } })] })?.split(
      ' ',
    )[0],
    'Node/n1',
  );
  const run = { kind: 'Job', name: 'cleanup-29380000', namespace: 'shop' };
  assert.equal(first({ 300: [alert(run, 'KubeJobFailed')] })?.split(' ')[0], 'CronJob/shop/cleanup');
  const many = alert(service('rabbit'), 'TooManyReadyMessages');
  assert.doesNotMatch(first({ 300: [many] }) ?? '', /OOM/);
});

test('CA199 who names nobody suffers from who fails by itself beside it, at the same time', () => {
  const gitaly = pod('gitaly-0');
  const story = heard(
    [front, 'ERROR rpc error: code = Unavailable desc = dial tcp 10.244.2.63:8075: connect: connection refused'],
    [gitaly, 'FATAL cannot create runtime dir: read-only file system'],
  );
  assert.match(first(story) ?? '', /^StatefulSet\/shop\/gitaly/);
  const alone = heard([front, 'ERROR dial tcp 10.244.2.63:3551: connect: connection refused']);
  assert.match(first(alone) ?? '', /^Deployment\/shop\/front/);
});

test('CA199 calls to a name lead to the versions of it that suffer', () => {
  const reviews = pod('reviews-v2-5b64f47978-xk2lp');
  const calls = (second: number): Seen[] => [
    trace(front, 'reviews', second < 600 ? 'ok' : 'timeout', second < 600 ? 'info' : 'error'),
    trace(reviews, 'ratings', second < 600 ? 'ok' : 'timeout', second < 600 ? 'info' : 'error'),
  ];
  const [causes = [], ...others] = causesOf(estateOf(often(0, 1_200, 20, calls)));
  assert.equal(causes[0], 'Service/shop/ratings DependencyFails');
  assert.deepEqual(others, []);
});

test('CA200 a client that begins anew again and again and is refused alone has the wrong credentials', () => {
  const db = pod('mysql-0');
  const quiet = often(0, 1_200, 30, () => [log(db, 'checkpoint', 'info')]);
  const refused = "java.sql.SQLException: Access denied for user 'api'@'10.0.0.4' (using password: YES)";
  assert.equal(first(together(quiet, heard([api, refused]))), 'StatefulSet/shop/mysql AccessRefused');
  const starts = often(600, 1_200, 60, () => [log(api, 'Starting Application v2 on api', 'info')]);
  assert.equal(first(together(quiet, starts, heard([api, refused]))), 'Deployment/shop/api WrongCredentials');
});

test('CA209 a store that errs, and speaks of nobody, is why those beside it err since about then; and so is whose words others hand on', () => {
  const db = pod('oradb-0');
  const errs = heard(
    [db, 'ERROR archiver cannot go on'],
    [front, 'ERROR order was not saved'],
    [api, 'ERROR no answer'],
  );
  assert.deepEqual(
    causesOf(estateOf(errs)).map(([one]) => one?.split(' ')[0]),
    ['StatefulSet/shop/oradb'],
  );
  const billing = pod('billing-5f6d7c8b9-zx4vb');
  const quoted = heard(
    [billing, 'panic: the ledger is not in balance any more'],
    [api, 'panic: cannot parse the answer'],
    [front, 'ERROR upstream said: the ledger is not in balance any more'],
  );
  const causes = causesOf(estateOf(quoted));
  assert.equal(causes.length, 2);
  assert.ok(causes.some(([one]) => one?.startsWith('Deployment/shop/billing ')));
});

test('CA210 an alert about a Namespace is about who fails in it, never the Namespace itself', () => {
  const place = { kind: 'Namespace', name: 'shop' };
  const lag = alert(place, 'QueueLatencyHigh', { labels: { namespace: 'shop' } });
  assert.doesNotMatch(JSON.stringify(causesOf(estateOf({ 300: [lag] }))), /Namespace/);
  const killed = alert(pod('worker-6b8d5c7f9-xk2lp'), 'ContainerOomKilled');
  const [causes = [], ...others] = causesOf(estateOf({ 300: [lag, killed] }));
  assert.equal(causes[0], 'Deployment/shop/worker OOMKilled');
  assert.deepEqual(others, []);
});

test('CA211 wrong passwords of strangers, and hosts outside that never answered, are no incidents', () => {
  const login = '{"level":"error","message":"Login failed: admin (Remote IP: 203.0.113.7)"}';
  assert.equal(first(heard([front, login])), undefined);
  const never = often(0, 1_200, 20, () => [
    log(api, 'ERROR telling https://register.example.com:443 failed: i/o timeout'),
  ]);
  const works = often(0, 1_200, 10, () => [log(api, 'GET / 200', 'info')]);
  assert.equal(first(together(never, works)), undefined);
});

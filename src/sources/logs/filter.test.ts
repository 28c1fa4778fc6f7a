import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluesIn } from '../../analysis/clues.ts';
import { categoryOf, patterns, reasonOf } from './filter.ts';
import { phrases } from './patterns.ts';

test('LG33 the filter knows the 74 patterns of old, and each finds its own words', () => {
  assert.equal(patterns.length, 74);
  for (const [category, text] of Object.entries(phrases))
    for (const phrase of text.split(' · ')) {
      const said = phrase.split(' + ').reverse().join(' of the ').toUpperCase();
      assert.ok(categoryOf(`2026-11-22 INFO ${said}`) !== undefined, `${category}: ${said}`);
    }
});

test('LG33 numbers of the filter are whole words that count nothing', () => {
  for (const text of ['status 503', 'HTTP/1.1" 500 17', 'answered with 502', 'code=504'])
    assert.equal(categoryOf(text), 'http', text);
  for (const text of [
    'took 1500ms',
    'took 500ms',
    'took 500 ms',
    'on 10.0.0.500',
    'port :500',
    'item-503',
    '500 rows',
    '0.500',
    'v1.500.2',
    'a radio error',
  ])
    assert.equal(categoryOf(text), undefined, text);
});

test('LG33 patterns of several words need them all', () => {
  assert.equal(categoryOf('database is up'), undefined);
  assert.equal(categoryOf('deadlock in the database'), 'database');
  assert.equal(categoryOf('certificate is fine'), undefined);
  assert.equal(categoryOf('certificate expired'), 'security');
});

test('LG34 what analysis understands passes the filter', () => {
  const said = [
    'dial tcp: lookup orders-db on 10.96.0.10:53: no such host',
    'connect ECONNREFUSED 10.0.0.1:5432',
    'getaddrinfo EAI_AGAIN orders',
    'java.net.UnknownHostException: orders',
    'could not translate host name "orders" to address: Name or service not known',
    'pods is forbidden: User "system:serviceaccount:shop:web" cannot list resource "pods" in API group ""',
    'FATAL:  password authentication failed for user "app"',
    "READONLY You can't write against a read only replica.",
    'FATAL: sorry, too many clients already',
    "OOM command not allowed when used memory > 'maxmemory'.",
    'RBAC: access denied',
    'upstream connect error or disconnect/reset before headers',
    'environment variable DATABASE_URL is not set',
    "KeyError: 'API_URL'",
    'open /etc/app/config.yaml: no such file or directory',
    'open /data/x: permission denied',
    'write /data/x: no space left on device',
    'listen tcp :8080: bind: address already in use',
    'exec: "serve": executable file not found in $PATH',
    'x509: certificate signed by unknown authority',
    'exec format error',
    'invalid configuration: unknown key "retires"',
    'Traceback (most recent call last):',
    'lock wait timeout exceeded; try restarting transaction',
    'HikariPool-1 - Connection is not available, request timed out after 30000ms',
    "HTTPConnectionPool(host='orders', port=80): Max retries exceeded with url: /v1/orders",
  ];
  for (const text of said) {
    assert.ok(cluesIn(text).length > 0, `analysis: ${text}`);
    assert.ok(categoryOf(text) !== undefined, `filter: ${text}`);
  }
});

test('LG33 daily work does not pass', () => {
  for (const text of [
    'listening on :8080',
    'GET /healthz 200 1ms',
    'connected to orders-db:5432',
    'user 500x logged in',
    'reloaded configuration',
    'processed 17 items in 3 s',
  ])
    assert.equal(categoryOf(text), undefined, text);
});

test('LG35 episodes have the reasons by which other systems know them', () => {
  assert.equal(reasonOf('Readiness probe failed: x', 'warning'), 'LOG_READINESS_FAIL');
  assert.equal(reasonOf('panic: x', 'critical'), 'LOG_PANIC');
  assert.equal(reasonOf('java.lang.OutOfMemoryError: heap', 'error'), 'LOG_OOM_KILLED');
  assert.equal(reasonOf('lost', 'critical'), 'LOG_FATAL');
  assert.equal(reasonOf('lost', 'warning'), 'LOG_WARNING');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redaction } from '../redact.ts';
import { ContainerLog, type Told } from './container-log.ts';

const redact = redaction('a key of these tests').text;
const of = { uid: 'u1', namespace: 'shop', pod: 'web-1', container: 'main' };

const at = (second: number): string => new Date(Date.parse('2026-11-22T00:00:00Z') + second * 1_000).toISOString();

function logOf(lines: readonly string[], templatesMax = 50): ContainerLog {
  const log = new ContainerLog(of, { redact, templatesMax });
  for (const [second, text] of lines.entries()) log.add({ at: at(second), text });
  log.settle(Number.POSITIVE_INFINITY);
  return log;
}

const tellAll = (log: ContainerLog): readonly Told[] => log.due(0, 0, 1_000, true);
const attributes = ({ occurrence }: Told): Readonly<Record<string, unknown>> => occurrence.attributes ?? {};

test('LG22 lines become one occurrence for each template, with count, first and last time and the last example', () => {
  const lines = Array.from(
    { length: 20 },
    (_, index) => `ERROR request ${index} failed: dial tcp 10.0.0.${index}:5432: connection refused`,
  );
  const told = tellAll(logOf(['INFO ready', ...lines, 'INFO still here']));
  assert.equal(told.length, 1);
  const [{ occurrence, at: last } = { occurrence: undefined, at: '' }] = told;
  assert.equal(last, at(20));
  assert.deepEqual(occurrence?.subject, { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'u1' });
  assert.equal(occurrence?.severity, 'error');
  assert.equal(occurrence?.message, lines.at(-1));
  assert.deepEqual(occurrence?.attributes, {
    container: 'main',
    template: 'ERROR request <num> failed: dial tcp <ip>:5432: connection refused',
    count: 20,
    firstAt: at(1),
    lastAt: at(20),
    category: 'network',
  });
});

test('LG22 the id stays while counts rise, and is the same when the same is read anew', () => {
  const log = logOf(['ERROR lost 1']);
  const [before] = tellAll(log);
  assert.deepEqual(tellAll(log), [], 'no news, nothing told');
  log.add({ at: at(60), text: 'ERROR lost 2' });
  log.settle(Number.POSITIVE_INFINITY);
  const [after] = tellAll(log);
  assert.equal(after?.occurrence.id, before?.occurrence.id);
  assert.equal(after?.occurrence.attributes?.['count'], 2);
  assert.equal(tellAll(logOf(['ERROR lost 17']))[0]?.occurrence.id, before?.occurrence.id);
});

test('LG23 a template is told at once, and then not more often than is wished', () => {
  const log = logOf(['ERROR lost 1']);
  assert.equal(log.due(0, 10_000, 10, true).length, 1);
  log.add({ at: at(60), text: 'ERROR lost 2' });
  log.settle(Number.POSITIVE_INFINITY);
  assert.equal(log.due(9_999, 10_000, 10, true).length, 0);
  assert.equal(log.due(10_000, 10_000, 10, true).length, 1);
  const many = logOf(Array.from({ length: 9 }, (_, index) => `ERROR ${'word '.repeat(index)}lost`));
  assert.equal(many.due(0, 0, 4, true).length, 4);
  assert.equal(many.due(0, 0, 100, true).length, 5, 'the rest another time');
});

test('LG23 what goes on and on is told less and less often; when it is read no more, what is left is told before long', () => {
  const log = logOf(['ERROR lost 1']);
  const told: number[] = [];
  for (let second = 0; second < 600; second++) {
    log.add({ at: at(second), text: `ERROR lost ${second}` });
    if (log.due(second * 1_000, 10_000, 10, true).length > 0) told.push(second);
  }
  assert.deepEqual(told.slice(0, 6), [0, 10, 30, 70, 150, 230]);
  assert.equal(log.due(601_000, 10_000, 10, true).length, 0);
  assert.equal(log.due(601_000, 10_000, 10, false).length, 1);
  assert.equal(log.hasNews, false);
});

test('LG21 templates of a container are bounded, whatever it writes', () => {
  const words = Array.from(
    { length: 3_000 },
    (_, index) =>
      `ERROR ${index % 40} ${'a b c d e f g h i j '.slice(0, 2 * (index % 10))} ${Math.sin(index)} ${'x'.repeat(index % 30)}`,
  );
  const log = logOf(words, 8);
  assert.ok(log.size <= 8, `${log.size}`);
  assert.ok(tellAll(log).length <= 8);
});

test('LG24 the last words of a container that ended badly are kept, those of one that ended well are not', () => {
  const log = logOf(['INFO starting', 'reading settings', 'settings: line 3: mapping values are not allowed here']);
  log.end(true);
  const told = tellAll(log);
  assert.deepEqual(
    told.map(({ occurrence: { message, severity } }) => [message, severity]),
    [
      ['reading settings', 'warning'],
      ['settings: line 3: mapping values are not allowed here', 'warning'],
    ],
  );
  assert.ok(told.every((one) => attributes(one)['lastWords'] === true));
  const well = logOf(['INFO starting', 'bye']);
  well.end(false);
  assert.deepEqual(tellAll(well), []);
  const clear = logOf(['INFO starting', 'panic: lost']);
  clear.end(true);
  assert.deepEqual(
    tellAll(clear).map(({ occurrence: { message } }) => message),
    ['panic: lost'],
    'what is an error needs no more words',
  );
});

test('LG25 credentials stand neither in messages nor in templates', () => {
  const secrets = [
    'hunter2-and-more',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLW9mLXRoaXM',
    'AKIAIOSFODNN7EXAMPLE',
    'MIIEpAIBAAKCAQEA',
    'dXNlcjpwYXNzd29yZA',
  ];
  const told = tellAll(
    logOf([
      `ERROR cannot connect to postgres://app:${secrets[0]}@db:5432/shop: connection refused`,
      `{"level":"error","msg":"login failed","password":"${secrets[0]}","user":"app"}`,
      `ERROR token rejected: Authorization: Bearer ${secrets[1]}`,
      `ERROR aws said no to ${secrets[2]}`,
      `ERROR request failed: Authorization: Basic ${secrets[4]}`,
      `ERROR bad key -----BEGIN RSA PRIVATE KEY-----`,
      `${secrets[3]}500 error`,
      '-----END RSA PRIVATE KEY-----',
      `level=error msg="bad" api_key=${secrets[0]}`,
    ]),
  );
  assert.ok(told.length >= 6, `${told.length}`);
  const text = JSON.stringify(told);
  for (const secret of secrets) assert.ok(!text.includes(secret), secret);
  assert.match(text, /redacted:[0-9a-f]{16}/);
});

test('LG26 a structured record says its message, its error and its fields; unkept fields are left out', () => {
  const line = JSON.stringify({
    time: 'x',
    level: 'error',
    msg: 'query failed',
    err: { type: 'TimeoutError', message: 'after 3s' },
    host: 'orders-db',
    port: 5432,
    trace_id: 'abc',
    caller: 'a.go:1',
  });
  const [told] = tellAll(logOf([line]));
  assert.equal(told?.occurrence.message, 'query failed: TimeoutError: after 3s host=orders-db port=5432');
  assert.equal(told && attributes(told)['template'], 'query failed: TimeoutError: after <num>s');
});

test('LG22 a stack trace is one occurrence, told by the error that it ends with', () => {
  const log = new ContainerLog(of, { redact, templatesMax: 10 });
  const lines = [
    'Traceback (most recent call last):',
    '  File "/app/main.py", line 3, in <module>',
    '    main()',
    "KeyError: 'DATABASE_URL'",
  ];
  for (const text of [...lines, ...lines]) log.add({ at: at(0), text });
  log.end(true);
  const [told, ...more] = tellAll(log);
  assert.deepEqual(more, []);
  assert.equal(told?.occurrence.attributes?.['count'], 2);
  assert.equal(told?.occurrence.message, lines.join('\n'));
  assert.equal(told && attributes(told)['template'], "KeyError: 'DATABASE_URL'");
});

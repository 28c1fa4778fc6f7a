import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryOf } from './entry.ts';

const severityOf = (text: string): string =>
  entryOf({ at: '2026-11-22T00:00:00Z', lines: text.split('\n'), left: 0 }, (same) => same).severity;

const formats: readonly (readonly [line: string, severity: string])[] = [
  ['{"level":"error","ts":1700000000.1,"msg":"cannot reach store"}', 'error'],
  ['{"level":50,"time":1700000000000,"pid":1,"msg":"boom"}', 'error'],
  ['{"level":30,"msg":"all is well"}', 'info'],
  ['{"severity":"CRITICAL","message":"lost"}', 'critical'],
  ['{"@t":"2026-11-22T00:00:00Z","@l":"Warning","@mt":"slow {Ms}"}', 'warning'],
  ['{"version":"1.1","short_message":"bad","level":3}', 'error'],
  ['{"body":"x","severityNumber":17}', 'error'],
  ['{"@timestamp":"2026-11-22T00:00:00Z","log.level":"ERROR","message":"x"}', 'error'],
  ['{"log":{"level":"warn"},"message":"x"}', 'warning'],
  ['{"asctime":"x","levelname":"INFO","message":"failed over, and is well"}', 'info'],
  ['time="2026-11-22T00:00:00Z" level=warning msg="x"', 'warning'],
  ['ts=2026-11-22T00:00:00Z caller=main.go:1 level=error err="x"', 'error'],
  ['E1122 10:00:00.123456       1 reflector.go:140] Failed to watch', 'error'],
  ['W1122 10:00:00.123456       1 warnings.go:70] deprecated', 'warning'],
  ['I1122 10:00:00.123456       1 x.go:1] failed attempts: 0', 'info'],
  ['F1122 10:00:00.123456       1 x.go:1] cannot go on', 'critical'],
  ['2026-11-22 10:00:00,123 ERROR [main] com.example.App - lost', 'error'],
  ['2026-11-22T10:00:00.000Z ERROR 1 --- [           main] c.e.service.Application : lost', 'error'],
  ['2026-11-22 10:00:00.000  WARN 1 --- [nio-8080-exec-1] o.s.w.s.PageNotFound : x', 'warning'],
  ['10:00:00.000 [main] INFO  com.example.App - 0 failures', 'info'],
  ['SEVERE: Servlet.service() threw', 'error'],
  ['ERROR:app.main:lost', 'error'],
  ['2026-11-22 10:00:00,123 - app.main - CRITICAL - lost', 'critical'],
  ['[2026-11-22 10:00:00 +0000] [7] [ERROR] Worker failed to boot.', 'error'],
  ['2026/11/22 10:00:00 ERROR lost', 'error'],
  ['2026/11/22 10:00:00 INFO connected', 'info'],
  [
    '2026/11/22 10:00:00 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream',
    'error',
  ],
  ['[Sun Nov 22 10:00:00.1 2026] [core:error] [pid 1] lost', 'error'],
  ['[2026-11-22 10:00:00.123][1][warning][config] gRPC config stream closed', 'warning'],
  ['fail: Service.Worker[0]\n      cannot reach store', 'error'],
  ['info: Service.Worker[0]\n      the last try failed, this one not', 'info'],
  ['crit: Service.Worker[0]\n      lost', 'critical'],
  ['E, [2026-11-22T10:00:00.000000 #1] ERROR -- : lost', 'error'],
  ['2026-11-22T10:00:00.000000Z ERROR service: lost', 'error'],
  ['[2026-11-22T10:00:00Z WARN  service] slow', 'warning'],
  ['[10:00:00 ERR] lost', 'error'],
  ['[10:00:00 INF] found', 'info'],
  ['2026-11-22T10:00:00.000Z\terror\tapp/main.go:10\tlost', 'error'],
  ['2026-11-22T10:00:00.000Z\tinfo\tapp/main.go:10\tfound', 'info'],
  ['1:M 22 Nov 2026 10:00:00.000 # Server initialized', 'warning'],
  ['1:M 22 Nov 2026 10:00:00.000 * Ready to accept connections', 'info'],
  ['2026-11-22 10:00:00.000 UTC [1] FATAL:  password authentication failed for user "app"', 'critical'],
  ['2026-11-22 10:00:00.000 UTC [1] LOG:  database system is ready', 'info'],
  ['2026-11-22T10:00:00.000000Z 0 [Warning] [MY-010068] [Server] CA certificate is self signed.', 'warning'],
  ['2026-11-22T10:00:00.000000Z 0 [ERROR] [MY-010119] [Server] Aborting', 'error'],
  ['error: cannot find module', 'error'],
  ['panic: runtime error: index out of range [3] with length 3', 'critical'],
  ['npm ERR! missing script: start', 'info'],
  ['java.lang.NullPointerException: x', 'error'],
  ['ValueError: invalid literal', 'error'],
  ['installed the ExceptionHandler', 'info'],
  ['the last attempt failed', 'warning'],
  ['Segmentation fault (core dumped)', 'critical'],
  ['listening on :8080', 'info'],
  ['', 'info'],
];

test('LG30 the level is read in whatever format it is written, and else from the words', () => {
  const wrong = formats.filter(([line, severity]) => severityOf(line) !== severity);
  assert.deepEqual(
    wrong.map(([line]) => [line, severityOf(line)]),
    [],
  );
});

test('LG30 the level that a record says wins over its words', () => {
  assert.equal(severityOf('level=debug msg="java.lang.Exception: expected"'), 'debug');
  assert.equal(severityOf('INFO caught an Exception: expected'), 'info');
});

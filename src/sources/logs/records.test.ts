import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gistOf, type LogRecord, messageOf, RecordAssembler } from './records.ts';

/** Records of lines that were written together. */
function recordsOf(text: string): readonly LogRecord[] {
  const assembler = new RecordAssembler();
  const records = text.split('\n').map((line) => assembler.add({ at: '2026-11-22T00:00:00.5Z', text: line }));
  return [...records, assembler.flush()].filter((record) => record !== undefined);
}

const traces: Readonly<Record<string, readonly [text: string, gist: string]>> = {
  java: [
    `2026-11-22 10:00:00,123 ERROR [main] App - cannot start
java.lang.IllegalStateException: no store
\tat com.example.App.main(App.java:10)
\tat com.example.App.run(App.java:20)
Caused by: java.net.ConnectException: Connection refused
\t... 2 more`,
    '2026-11-22 10:00:00,123 ERROR [main] App - cannot start Caused by: java.net.ConnectException: Connection refused',
  ],
  python: [
    `Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    main()
KeyError: 'DATABASE_URL'`,
    "KeyError: 'DATABASE_URL'",
  ],
  'python within python': [
    `ERROR:root:request failed
Traceback (most recent call last):
  File "/app/main.py", line 3, in f
    g()
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 5, in f
    h()
app.errors.StoreError: lost`,
    'ERROR:root:request failed app.errors.StoreError: lost',
  ],
  go: [
    `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]

goroutine 1 [running]:
main.main()
\t/app/main.go:5 +0x1d
exit status 2`,
    'panic: runtime error: invalid memory address or nil pointer dereference',
  ],
  node: [
    `/app/index.js:10
    throw new Error('x');
    ^

Error: connect ECONNREFUSED 10.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1495:16) {
  errno: -111,
  code: 'ECONNREFUSED'
}

Node.js v24.0.0`,
    'Error: connect ECONNREFUSED 10.0.0.1:5432',
  ],
  rust: [
    `thread 'main' panicked at src/main.rs:2:5:
no store
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
    'no store',
  ],
  dotnet: [
    `Unhandled exception. System.InvalidOperationException: no store
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at App.Main()
   --- End of inner exception stack trace ---
   at App.Run()`,
    'Unhandled exception. System.InvalidOperationException: no store',
  ],
  'dotnet logger': ['fail: Service.Worker[0]\n      cannot reach store', 'fail: Service.Worker[0] cannot reach store'],
  ruby: [
    `/app/main.rb:3:in \`connect': Connection refused (Errno::ECONNREFUSED)
\tfrom /app/main.rb:10:in \`<main>'`,
    "/app/main.rb:3:in `connect': Connection refused (Errno::ECONNREFUSED)",
  ],
  php: [
    `PHP Fatal error:  Uncaught Exception: lost in /app/main.php:3
Stack trace:
#0 {main}
  thrown in /app/main.php on line 3`,
    'PHP Fatal error:  Uncaught Exception: lost in /app/main.php:3',
  ],
  'pretty JSON': ['{\n  "level": "error",\n  "msg": "lost"\n}', '{'],
};

test('LG31 a stack trace of any language is one record, also between other lines, and its gist names the error', () => {
  for (const [name, [text, gist]] of Object.entries(traces)) {
    const records = recordsOf(`2026-11-22 09:00:00 INFO before\n${text}\n2026-11-22 11:00:00 INFO after`);
    assert.deepEqual(
      records.map(({ lines }) => lines.length),
      [1, text.trimEnd().split('\n').length, 1],
      name,
    );
    assert.equal(gistOf(records[1] as LogRecord), gist, name);
  }
});

test('LG31 two traces in a row are two records', () => {
  const [python = ['']] = [traces['python']];
  assert.equal(recordsOf(`${python[0]}\n${python[0]}`).length, 2);
  assert.deepEqual(
    recordsOf('one\ntwo\nthree').map(({ lines }) => lines),
    [['one'], ['two'], ['three']],
  );
});

test('LG31 what comes later than a moment is another record, and what is open settles', () => {
  const assembler = new RecordAssembler();
  assert.equal(assembler.add({ at: '2026-11-22T00:00:00Z', text: 'head' }), undefined);
  assert.deepEqual(assembler.add({ at: '2026-11-22T00:00:05Z', text: '  indented' })?.lines, ['head']);
  assert.equal(assembler.settled(Date.parse('2026-11-22T00:00:06Z')), undefined);
  assert.deepEqual(assembler.settled(Date.parse('2026-11-22T00:00:07Z'))?.lines, ['  indented']);
  assert.equal(assembler.flush(), undefined);
});

test('LG31 a record is bounded: of an endless trace the beginning is kept and the rest counted', () => {
  const frames = Array.from({ length: 5_000 }, (_, index) => `\tat a.b.C.d${index}(C.java:${index})`);
  const [record] = recordsOf(['java.lang.StackOverflowError', ...frames].join('\n'));
  assert.ok(record);
  assert.equal(record.lines.length + record.left, 5_001);
  assert.ok(record.lines.length < 200);
  assert.match(messageOf(record), /^java\.lang\.StackOverflowError\n[\s\S]*\n… 4\d\d\d more lines$/);
  assert.ok((recordsOf('x'.repeat(1_000_000))[0]?.lines[0]?.length ?? 0) < 20_000);
});

test('LG32 a private key is one record, whatever its lines look like', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE500x\nerror: no\n-----END RSA PRIVATE KEY-----';
  assert.deepEqual(
    recordsOf(`INFO a\n${key}\nINFO b`).map(({ lines }) => lines.length),
    [1, 4, 1],
  );
});

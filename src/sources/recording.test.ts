import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Change } from '../model/change.ts';
import { emptyReport, type RecordingOptions, type RecordingReport, recordingSource } from './recording.ts';
import { recordingFiles } from './recording-files.ts';
import { redaction } from './redact.ts';

const folder = mkdtempSync(join(tmpdir(), 'recording-'));
mkdirSync(join(folder, 'parts'));
after(() => rmSync(folder, { recursive: true }));

const at = (second: number): string => `2026-11-20T10:00:${String(second).padStart(2, '0')}Z`;
const pod = (second: number, name: string, rest: object = {}): object => ({
  type: 'apply',
  at: at(second),
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name, uid: name }, ...rest },
});
const linesOf = (...lines: readonly unknown[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
const subject = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
const { change: redact } = redaction('a key for tests');

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(
  options: Partial<RecordingOptions>,
  stop = new AbortController().signal,
): Promise<{ changes: Change[]; report: RecordingReport }> {
  const report = emptyReport();
  const changes: Change[] = [];
  const source = recordingSource({ paths: ['-'], redact, ...options }, report);
  for await (const batch of source.changes(stop)) changes.push(...batch);
  return { changes, report };
}

const readText = (text: string | Buffer, options: Partial<RecordingOptions> = {}): ReturnType<typeof read> =>
  read({ stdin: Readable.from([Buffer.from(text)]), ...options });

const namesOf = (changes: readonly Change[]): string[] =>
  changes.map((change) => (change.type === 'apply' || change.type === 'delete' ? change.object.metadata.name : ''));

test('RC1 whatever a line says is redacted when it is read, and what was redacted stays', async () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'Q0FOQVJZ' } };
  const text = linesOf(
    { type: 'apply', at: at(0), object: secret },
    { type: 'delete', at: at(1), object: secret },
    { type: 'reset', at: at(2), scope: { group: '', kind: 'Secret' }, objects: [secret] },
    {
      type: 'occur',
      at: at(3),
      occurrence: {
        source: 'log',
        subject,
        severity: 'error',
        reason: 'postgres://u:CANARY@db',
        message: 'login failed with password=CANARY, token: CANARY and {"apiKey" : "CANARY"}',
        attributes: { DB_PASSWORD: 'CANARY', command: 'psql --password=CANARY', headers: { authorization: 'CANARY' } },
      },
    },
    {
      type: 'observe',
      at: at(4),
      scope: { group: '', kind: 'Pod' },
      coverage: 'broken',
      message: 'https://u:CANARY@h/',
    },
  );
  const { changes, report } = await readText(text);
  assert.equal(report.badLines, 0);
  const once = changes.map((change) => JSON.stringify(change));
  assert.equal(once.length, 5);
  for (const line of once) assert.match(line, /redacted:[0-9a-f]{16}/);
  assert.doesNotMatch(once.join(''), /CANARY|Q0FOQVJZ/);
  const again = await readText(linesOf(...once), { redact: redaction('another key').change });
  assert.deepEqual(
    again.changes.map((change) => JSON.stringify(change)),
    once,
  );
});

test('RC2 messages about Secrets stay readable', async () => {
  const messages = [
    'MountVolume.SetUp failed for volume "default-token" : secret "default-token" not found',
    'failed to get secret: secrets "db" is forbidden',
    "Error: couldn't find key password in Secret shop/db",
    'dial tcp 10.0.0.1:5432: connection refused',
  ];
  const { changes } = await readText(
    linesOf(
      ...messages.map((message) => ({ type: 'occur', at: at(0), occurrence: { source: 'log', subject, message } })),
    ),
  );
  assert.deepEqual(
    changes.map((change) => change.type === 'occur' && change.occurrence.message),
    messages,
  );
});

test('RC3 packed input is known by its first bytes, from standard input and from files of any name', async () => {
  const text = linesOf(pod(0, 'a'), pod(1, 'b'));
  for (const pack of [gzipSync, zstdCompressSync, (plain: string) => Buffer.from(plain)]) {
    const packed = pack(text);
    const drops = Readable.from([...packed].map((byte) => Buffer.of(byte)));
    assert.deepEqual(namesOf((await read({ stdin: drops })).changes), ['a', 'b'], `${pack.name} byte by byte`);
    for (const name of ['odd.jsonl', 'odd.gz', 'odd.zst', 'odd'])
      assert.deepEqual(namesOf((await read({ paths: [file(name, packed)] })).changes), ['a', 'b'], name);
  }
  for (const pack of [gzipSync, zstdCompressSync]) {
    const parts = Buffer.concat([pack(linesOf(pod(0, 'a'))), pack(linesOf(pod(1, 'b')))]);
    assert.deepEqual(namesOf((await readText(parts)).changes), ['a', 'b'], `${pack.name}: parts one after the other`);
    const drops = Readable.from([...parts].map((byte) => Buffer.of(byte)));
    assert.deepEqual(namesOf((await read({ stdin: drops })).changes), ['a', 'b'], `${pack.name}: parts byte by byte`);
  }
  assert.deepEqual((await readText('')).changes, []);
});

test('RC4 of a packed file that was cut off everything readable is used, with one warning', async () => {
  const pods = Array.from({ length: 5_000 }, (_, index) =>
    pod(index % 60, `pod-${index}`, { spec: { hash: String(index ** 3) } }),
  );
  for (const pack of [gzipSync, zstdCompressSync]) {
    const packed = pack(linesOf(...pods));
    const whole = await readText(packed);
    assert.equal(whole.report.badLines, 0);
    const { changes, report } = await readText(packed.subarray(0, packed.length - 9));
    const { length } = changes;
    assert.ok(
      pack === gzipSync ? length >= pods.length - 1 : length > 1_000,
      `${pack.name}: ${length} of ${pods.length}`,
    );
    assert.equal(report.badLines, 1);
    assert.match(report.bad[0]?.reason ?? '', /cut off/);
    const half = await readText(packed.subarray(0, packed.length / 2));
    assert.ok(half.changes.length > 100 && half.changes.length < pods.length);
    assert.equal(half.report.badLines, 1);
  }
});

test('RC5 a line over the limit is counted with its reason, and the rest is used', async () => {
  const large = pod(1, 'large', { data: 'x'.repeat(10_000_000) });
  const { changes } = await readText(linesOf(pod(0, 'a'), large, pod(2, 'b')));
  assert.deepEqual(namesOf(changes), ['a', 'large', 'b'], 'ten megabytes are no problem');
  async function* endless(): AsyncIterable<Buffer> {
    yield Buffer.from(linesOf(pod(0, 'a')));
    for (let megabyte = 0; megabyte < 600; megabyte++) yield Buffer.alloc(1_000_000, 'x');
    yield Buffer.from(`\n${linesOf(pod(2, 'b'))}`);
  }
  const before = process.memoryUsage().rss;
  const { changes: rest, report } = await read({ stdin: Readable.from(endless()), lineBytesMax: 16 * 1024 ** 2 });
  assert.deepEqual(namesOf(rest), ['a', 'b']);
  assert.deepEqual(report.bad, [{ line: 2, reason: 'longer than 16 MiB' }]);
  assert.ok(process.memoryUsage().rss - before < 300_000_000, 'what is thrown away is not kept');
});

test('RC6 fields of a wrong type are turned down with the reason, and nothing is taken for something else', async () => {
  const occur = (occurrence: object): object => ({
    type: 'occur',
    at: at(0),
    occurrence: { source: 'log', subject, ...occurrence },
  });
  const cases: readonly [unknown, RegExp][] = [
    [{ ...pod(0, 'a'), cluster: 7 }, /"cluster" is not text/],
    [{ type: 'recording', version: 1, cluster: ['a'] }, /"cluster" is not text/],
    [{ type: 'recording', version: 'new' }, /"version" is not a whole number/],
    [{ type: 'recording', version: 1, producer: {} }, /"producer" is not text/],
    [occur({ message: 7 }), /"occurrence.message" is not text/],
    [occur({ reason: [] }), /"occurrence.reason" is not text/],
    [occur({ id: 7 }), /"occurrence.id" is not text/],
    [occur({ severity: 3 }), /"occurrence.severity" is not text/],
    [occur({ severity: 'purple' }), /severity "purple" is not known/],
    [occur({ attributes: [1] }), /"occurrence.attributes" is not an object/],
    [occur({ subject: { ...subject, namespace: 7 } }), /"occurrence.subject.namespace" is not text/],
    [occur({ subject: { ...subject, cluster: {} } }), /"occurrence.subject.cluster" is not text/],
    [{ type: 'observe', at: at(0), scope: { group: '', kind: 'Pod' }, coverage: 'ready', since: 'then' }, /"since"/],
    [{ ...pod(0, 'a'), at: '2026-13-45T10:00:00Z' }, /"at" is not an RFC 3339 time/],
  ];
  for (const [line, reason] of cases) {
    const { changes, report } = await readText(linesOf(line, pod(9, 'rest')));
    assert.deepEqual(namesOf(changes), ['rest'], JSON.stringify(line));
    assert.equal(report.badLines, 1, JSON.stringify(line));
    assert.match(report.bad[0]?.reason ?? '', reason);
  }
  const nulls = await readText(linesOf(occur({ message: null, attributes: null, subject: { ...subject, uid: null } })));
  assert.equal(nulls.report.badLines, 0, 'null says nothing');
});

test('RC7 a newer version of the format is read with one warning, and what is not known of it is counted', async () => {
  const header = { type: 'recording', version: 2, cluster: 'prod', colour: 'blue' };
  const { changes, report } = await readText(
    linesOf(header, header, pod(0, 'a'), { type: 'ponder', at: at(1) }, { ...pod(2, 'b'), mood: 1 }),
  );
  assert.deepEqual(
    changes.map(({ cluster }) => cluster),
    ['prod', 'prod'],
  );
  assert.equal(report.notes.length, 1);
  assert.match(report.notes[0] ?? '', /version 2 of the format/);
  assert.deepEqual([...report.ignoredTypes], [['ponder', 1]]);
  assert.deepEqual(
    [...report.unknownFields],
    [
      ['recording.colour', 2],
      ['apply.mood', 1],
    ],
  );
  assert.deepEqual((await readText(linesOf({ type: 'recording', version: 1 }, pod(0, 'a')))).report.notes, []);
});

test('RC7 of types and fields that are not known only so many are told apart', async () => {
  const odd = Array.from({ length: 300 }, (_, index) => [{ type: `t${index}` }, { ...pod(1, 'a'), [`f${index}`]: 1 }]);
  const { ignoredTypes, unknownFields } = (await readText(linesOf(...odd.flat()))).report;
  for (const counts of [ignoredTypes, unknownFields]) {
    assert.equal(counts.size, 101);
    assert.equal(counts.get('others'), 200);
  }
});

test('RC8 an instant outside of the recording is answered with the span of it', async () => {
  const text = linesOf(pod(10, 'a'), pod(20, 'b'));
  const early = await readText(text, { until: at(5) });
  assert.deepEqual(early.changes, []);
  assert.match(early.report.notes[0] ?? '', new RegExp(`is before .* spans ${at(10)} to ${at(20)}`));
  const late = await readText(text, { until: at(30) });
  assert.equal(late.changes.length, 2);
  assert.match(late.report.notes[0] ?? '', new RegExp(`is after .* spans ${at(10)} to ${at(20)}`));
  const within = await readText(text, { until: at(15) });
  assert.deepEqual([namesOf(within.changes), within.report.notes], [['a'], []]);
});

test('RC9 parts are read in the order they were written, by names, folder or pattern', async () => {
  const parts = Array.from({ length: 12 }, (_, part) => {
    const name = part === 0 ? 'estate.jsonl.gz' : `estate.${part}.jsonl.gz`;
    const header = { type: 'recording', version: 1, cluster: 'prod', part };
    return file(join('parts', name), gzipSync(linesOf(header, pod(part, `pod-${part}`))));
  });
  const expected = Array.from(parts, (_, part) => `pod-${part}`);
  const folderOfParts = join(folder, 'parts');
  for (const names of [folderOfParts, join(folderOfParts, 'estate*.jsonl.gz'), parts.toSorted(), parts.toReversed()]) {
    const { changes, report } = await read({ paths: recordingFiles(names) });
    assert.deepEqual(namesOf(changes), expected);
    assert.deepEqual([report.notes, report.lines, report.stepsBack], [[], 24, 0]);
  }
  const lacking = await read({ paths: recordingFiles(parts.slice(3, 5)) });
  assert.match(
    lacking.report.notes.join('\n'),
    /^\S+ is part 3 of a recording, and the part before it was not given.*$/,
  );
  const bad = file('parts/estate.12.jsonl', 'nonsense\n');
  assert.match(
    (await read({ paths: [...parts, bad] })).report.bad[0]?.reason ?? '',
    /estate\.12\.jsonl: not valid JSON/,
  );
  assert.throws(() => recordingFiles(join(folder, 'none*')), { code: 'bad-recording' });
  await assert.rejects(read({ paths: [join(folder, 'none.jsonl')] }), { code: 'bad-recording' });
});

test('RC16 read a second time, a recording is reported as the first time', async () => {
  const path = file('twice.jsonl', linesOf(pod(1, 'a'), pod(2, 'b'), 'not json'));
  const report = emptyReport();
  const source = recordingSource({ paths: [path], redact }, report);
  const reports: RecordingReport[] = [];
  for (let time = 0; time < 2; time++) {
    assert.equal((await Array.fromAsync(source.changes(new AbortController().signal))).flat().length, 2);
    reports.push({ ...report });
  }
  assert.deepEqual(reports[1], reports[0]);
  assert.deepEqual([report.lines, report.changes, report.badLines, report.stepsBack], [3, 2, 1, 0]);
});

test('RC10 asked to stop, reading from standard input ends with what was read', { timeout: 5_000 }, async () => {
  const stop = new AbortController();
  const stdin = new PassThrough();
  stdin.write(linesOf(pod(0, 'a')));
  const report = emptyReport();
  const changes: Change[] = [];
  for await (const batch of recordingSource({ paths: ['-'], stdin, redact }, report).changes(stop.signal)) {
    changes.push(...batch);
    setImmediate(() => stop.abort());
  }
  assert.deepEqual(namesOf(changes), ['a']);
  assert.equal(report.badLines, 0);
  assert.ok(stdin.destroyed);
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Change } from '../model/change.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import { emptyReport, recordingSource } from './recording.ts';
import { recordingFiles } from './recording-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
after(() => rmSync(folder, { recursive: true }));

const recorderOf = (name: string, options: Partial<RecorderOptions> = {}): Recorder =>
  new Recorder({
    path: join(folder, name),
    cluster: 'c',
    startedAt: '2026-01-01T00:00:00Z',
    producer: 'test',
    ...options,
  });

const changesOf = (count: number, text = ''): Change[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'apply',
    at: '2026-01-01T00:00:00Z',
    cluster: 'c',
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${index}` }, text },
  }));

async function record(recorder: Recorder, changes: readonly Change[]): Promise<void> {
  await recorder.open();
  await recorder.write(changes);
  await recorder.close();
}

async function readBack(names: string | readonly string[]): Promise<readonly Change[]> {
  const report = emptyReport();
  const changes: Change[] = [];
  const source = recordingSource({ paths: recordingFiles(names), redact: (change) => change }, report);
  for await (const batch of source.changes(new AbortController().signal)) changes.push(...batch);
  assert.deepEqual([report.bad, report.notes], [[], []]);
  return changes;
}

for (const extension of ['jsonl', 'jsonl.gz', 'jsonl.zst']) {
  test(`RC11 what is recorded in parts is read back whole: ${extension}`, async () => {
    const changes = changesOf(100);
    const recorder = recorderOf(`${extension}-parts/my.estate.${extension}`, { rotateBytes: 1_000 });
    mkdirSync(join(folder, `${extension}-parts`));
    await record(recorder, changes);
    assert.ok(recorder.paths.length > 10);
    assert.match(recorder.paths[11] ?? '', new RegExp(`/my\\.estate\\.11\\.${extension}$`));
    assert.deepEqual(await readBack(join(folder, `${extension}-parts`)), changes);
    assert.deepEqual(await readBack(recorder.paths), changes);
  });
}

test('RC12 a recording is not overwritten unasked, nor are parts of one, and asked for it goes as a whole', async () => {
  await record(recorderOf('kept.jsonl', { rotateBytes: 200 }), changesOf(5));
  const parts = (): string[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith('kept.'))
      .sort();
  const before = parts();
  assert.ok(before.length >= 4);
  const refused = { code: 'invalid-input', message: /kept\.jsonl.* would be overwritten; .*--force/ };
  await assert.rejects(recorderOf('kept.jsonl').open(), refused);
  rmSync(join(folder, 'kept.jsonl'));
  await assert.rejects(
    recorderOf('kept.jsonl').open(),
    { code: 'invalid-input' },
    'a left-over part would be read with it',
  );
  assert.deepEqual(
    parts(),
    before.filter((name) => name !== 'kept.jsonl'),
  );
  writeFileSync(join(folder, 'kept.other.jsonl'), '');
  await record(recorderOf('kept.jsonl', { overwrite: true }), changesOf(1));
  assert.deepEqual(parts(), ['kept.jsonl', 'kept.other.jsonl']);
  await assert.rejects(recorderOf('no/such/folder.jsonl').open(), {
    code: 'invalid-input',
    message: /cannot be written/,
  });
});

test('RC15 a number in the name of a recording is no part: others beside it stay', async () => {
  const days = join(folder, 'days');
  mkdirSync(days);
  const others = ['prod-2026.11.19.jsonl', 'prod-2026.11.20.jsonl', 'prod-2026.11.21.x.jsonl'];
  for (const name of others) writeFileSync(join(days, name), '');
  await record(recorderOf('days/prod-2026.11.21.jsonl', { rotateBytes: 200 }), changesOf(3));
  await record(recorderOf('days/prod-2026.11.21.jsonl', { overwrite: true }), changesOf(1));
  assert.deepEqual(readdirSync(days).sort(), [...others, 'prod-2026.11.21.jsonl'].sort());
});

test('RC13 waiting for the disk leaves nothing behind', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): number => warnings.push(warning);
  process.on('warning', listen);
  await record(recorderOf('large.jsonl'), changesOf(300, 'x'.repeat(100_000)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.deepEqual(
    warnings.map(({ name }) => name),
    [],
  );
});

test('RC14 a disk that does not take what is written is told', {
  skip: !existsSync('/dev/full') && 'no such device',
}, async () => {
  for (const name of ['full.jsonl', 'full.jsonl.gz']) {
    symlinkSync('/dev/full', join(folder, name));
    const recorder = recorderOf(name);
    await recorder.open();
    const noise = changesOf(2_000).map((change, index) => ({ ...change, noise: String(Math.sin(index)).repeat(50) }));
    await assert.rejects(async () => {
      for (let round = 0; round < 20; round++) await recorder.write(noise);
      await recorder.close();
    }, /ENOSPC/);
  }
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { changesFromManifest, changesFromText } from './manifests.ts';
import { emptyReport, type RecordingReport, recordingSource } from './recording.ts';

const at = '2026-11-20T10:00:00Z';
const pod = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name } });
const said = (changes: ReturnType<typeof changesFromText>): string[] | undefined =>
  changes?.map((change) =>
    'object' in change
      ? `${change.type} ${change.object.apiVersion} ${change.object.kind} ${change.object.metadata.name}`
      : '',
  );

test('RC20 an object, a list and a watch event, as kubectl writes them, say what is there', () => {
  assert.deepEqual(said(changesFromManifest(pod('a'), at, 'c')), ['apply v1 Pod a']);
  const list = { apiVersion: 'v1', kind: 'List', items: [pod('a'), pod('b'), 7] };
  assert.deepEqual(said(changesFromManifest(list, at, 'c')), ['apply v1 Pod a', 'apply v1 Pod b']);
  const typed = { apiVersion: 'apps/v1', kind: 'DeploymentList', items: [{ metadata: { name: 'web' } }] };
  assert.deepEqual(said(changesFromManifest(typed, at, 'c')), ['apply apps/v1 Deployment web']);
  assert.deepEqual(said(changesFromManifest({ type: 'DELETED', object: pod('a') }, at, 'c')), ['delete v1 Pod a']);
  assert.deepEqual(said(changesFromManifest({ type: 'BOOKMARK', object: pod('a') }, at, 'c')), []);
  const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name: 's' } };
  assert.deepEqual(
    said(changesFromManifest(secret, at, 'c')),
    ['apply v1 Secret s'],
    'a type of its own is no watch event',
  );
  assert.equal(changesFromManifest({ type: 'apply', object: pod('a') }, at, 'c'), undefined);
});

test('RC21 JSON over many lines and YAML documents are read whole, and a mistake is told with its place', () => {
  assert.deepEqual(said(changesFromText(JSON.stringify(pod('a'), null, 2), at, 'c')), ['apply v1 Pod a']);
  const yaml = `# a comment\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n`;
  assert.deepEqual(said(changesFromText(yaml, at, 'c')), ['apply v1 Pod a', 'apply v1 Pod b']);
  assert.throws(() => changesFromText('apiVersion: v1\nkind: Pod\nmetadata: {name: a\n', at, 'c'), /line 4, column/);
  assert.equal(changesFromText('{"type":"apply",\nbroken', at, 'c'), undefined);
  assert.equal(changesFromText('hello: world', at, 'c'), undefined);
});

async function read(t: TestContext, text: string): Promise<{ said: readonly string[]; report: RecordingReport }> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-manifests-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  const report = emptyReport();
  const changes = [];
  const source = recordingSource({ paths: [path], redact: (change) => change }, report);
  for await (const batch of source.changes(new AbortController().signal)) changes.push(...batch);
  return { said: said(changes) ?? [], report };
}

const manifest = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n';
const line = (name: string): string => JSON.stringify({ type: 'apply', at, object: pod(name) });

test('RC22 what kubectl writes stands in for a recording: YAML, JSON over many lines, objects line by line, watch events', async (t) => {
  assert.deepEqual((await read(t, manifest)).said, ['apply v1 Pod a']);
  const list = { apiVersion: 'v1', kind: 'List', items: [pod('a'), { ...pod('b'), spec: {} }] };
  const spread = await read(t, JSON.stringify(list, null, 4));
  assert.deepEqual(spread.said, ['apply v1 Pod a', 'apply v1 Pod b']);
  assert.equal(spread.report.badLines, 0);
  assert.deepEqual((await read(t, JSON.stringify(list))).said, ['apply v1 Pod a', 'apply v1 Pod b']);
  assert.deepEqual((await read(t, `${JSON.stringify(pod('a'))}\n${line('b')}\n`)).said, [
    'apply v1 Pod a',
    'apply v1 Pod b',
  ]);
  const event = JSON.stringify({ type: 'ADDED', object: pod('a') });
  assert.deepEqual((await read(t, event)).said, ['apply v1 Pod a']);
});

test('RC23 bad lines before the first good one are counted, each with its number', async (t) => {
  const { said: found, report } = await read(t, `broken\n\n{"type":\n${line('a')}\n`);
  assert.deepEqual(found, ['apply v1 Pod a']);
  assert.deepEqual(
    report.bad.map((bad) => bad.line),
    [1, 3],
  );
  const none = await read(t, 'broken\nmore\n');
  assert.deepEqual(
    none.report.bad.map((bad) => bad.line),
    [1, 2],
  );
  const yaml = await read(t, `${manifest}spec: {x: [\n`);
  assert.match(yaml.report.bad[0]?.reason ?? '', /not a recording, nor YAML: .* at line 5, column/);
});

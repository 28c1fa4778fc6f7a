/** What the command line says beside answers about the past: of which instant they are, what they may lack, and that there was nothing yet. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runIn } from '../../../test/support/command.ts';

const T = (minute: number): string => `2026-01-01T10:${String(minute).padStart(2, '0')}:00Z`;
const observe = (minute: number, coverage: string): object => ({
  type: 'observe',
  at: T(minute),
  scope: { group: '', kind: 'Pod' },
  coverage,
});
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'web', uid: 'u' } };

test('HI122 what an answer of the command line may lack leads to what was known then', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-notes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'r.jsonl');
  const changes = [
    observe(1, 'ready'),
    { type: 'apply', at: T(2), object: pod },
    observe(10, 'broken'),
    observe(20, 'ready'),
  ];
  writeFileSync(file, changes.map((change) => `${JSON.stringify({ cluster: 'c', ...change })}\n`).join(''));
  const asked = (...argv: string[]) => runIn({ terminal: { stdout: true } }, [...argv, '--file', file]);
  const then = await asked('resources', '--kinds', 'Pod', '--at', T(15));
  assert.equal(then.code, 0, then.err);
  assert.match(then.out, new RegExp(`^as of ${T(15)}\n`));
  assert.ok(then.err.includes(`may lack what is broken: Pod; kube-kg clusters --at ${T(15)} tells why`), then.err);
  const { out } = await asked('clusters', '--at', T(15));
  assert.match(out, new RegExp(`${T(10)}\\s+${T(15)}\\s+Pod`), 'a gap that lasts ends with the instant');
  const now = await asked('resources', '--kinds', 'Pod');
  assert.ok(!now.out.includes('as of') && !now.err.includes('may lack'), now.err);
});

test('HI120 before a recording begins every question is an error', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-notes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'r.jsonl');
  writeFileSync(file, `${JSON.stringify({ type: 'apply', at: T(2), cluster: 'c', object: pod })}\n`);
  for (const argv of [['trouble'], ['resources'], ['timeline', 'Pod/shop/web'], ['object', 'Pod/shop/web'], ['diff']]) {
    const { code, out, err } = await runIn({}, [...argv, '--file', file, '--at', T(1)]);
    assert.equal(code, 1, argv[0]);
    assert.equal(out, '');
    assert.match(err, /nothing was observed until .*begins at 2026-01-01T10:02:00/, argv[0]);
  }
});

/** SPEC.md and the tests stay in step: every rule has a test, every rule id of a test title is a rule. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const rules = [...readFileSync(join(root, 'SPEC.md'), 'utf8').matchAll(/^- \*\*([A-Z]+\d+)\*\*/gm)].map(
  ([, id = '']) => id,
);

const cited = new Map<string, string>();
for (const folder of ['src', 'test']) {
  for (const path of readdirSync(join(root, folder), { recursive: true }) as string[]) {
    const text =
      /\.(test\.ts|yaml)$/.test(path) || path.startsWith('contracts/')
        ? readFileSync(join(root, folder, path), 'utf8')
        : '';
    for (const [, id = ''] of text.matchAll(/\b(?:test|it|describe)\(\s*[`'"]([A-Z]+\d+)\b/g))
      cited.set(id, `${folder}/${path}`);
    for (const [, id = ''] of text.matchAll(/^rule: ([A-Z]+\d+)/gm)) cited.set(id, `${folder}/${path}`);
  }
}
cited.set('K1', 'test/scenarios');

test('A8 every rule has a test', () => {
  assert.deepEqual(
    rules.filter((id) => !cited.has(id)),
    [],
  );
});

test('A9 every rule that a test cites exists, once', () => {
  assert.deepEqual(
    [...cited].filter(([id]) => !rules.includes(id)),
    [],
  );
  assert.deepEqual(
    rules.filter((id, index) => rules.indexOf(id) !== index),
    [],
  );
});

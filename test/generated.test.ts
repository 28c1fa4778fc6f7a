/** Generated documents are current. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documents } from '../docs/generate/documents.ts';

for (const [name, make] of Object.entries(documents)) {
  test(`A7 docs/reference/${name} is current (npm run docs)`, () => {
    assert.equal(readFileSync(new URL(`../docs/reference/${name}`, import.meta.url), 'utf8'), make());
  });
}

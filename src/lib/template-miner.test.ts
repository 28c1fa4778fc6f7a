import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemplateMiner } from './template-miner.ts';

function templatesOf(texts: readonly string[], max = 100): readonly string[] {
  const miner = new TemplateMiner({ max });
  const found = new Map<string, string>();
  for (const text of texts) {
    const { template, gone } = miner.add(text);
    if (gone !== undefined) found.delete(gone);
    found.set(template.key, template.text);
  }
  assert.ok(miner.size <= max);
  return [...found.values()];
}

test('LG20 texts that differ in values are one template, those that differ in plain words are several', () => {
  assert.deepEqual(templatesOf(['user u7 logged in', 'user u8 logged in', 'user u9 logged out']), [
    'user <*> logged in',
    'user u9 logged out',
  ]);
  assert.deepEqual(templatesOf(['dial tcp db:5432: connection refused', 'dial tcp db:5432: connection reset']), [
    'dial tcp db:5432: connection refused',
    'dial tcp db:5432: connection reset',
  ]);
  assert.deepEqual(templatesOf(['a b c', 'a b c d', '', ' ']), ['a b c', 'a b c d', '']);
});

test('LG20 what was widened stays what it was called, and takes its first text again', () => {
  const miner = new TemplateMiner({ max: 10 });
  const first = miner.add('cannot open /a/1 for reading').template;
  const second = miner.add('cannot open /b/2 for reading').template;
  assert.equal(second.key, first.key);
  assert.equal(second.text, 'cannot open <*> for reading');
  assert.equal(miner.add('cannot open /a/1 for reading').template.key, 'cannot open /a/1 for reading');
  assert.equal(miner.size, 1);
  assert.equal(new TemplateMiner({ max: 10 }).add('cannot open /a/1 for reading').template.key, first.key);
});

test('LG21 no more templates are held than may be: plain words become values, then the longest unseen goes', () => {
  const fruit = Array.from(
    { length: 50 },
    (_, index) => `no such key ${String.fromCharCode(97 + index / 10)}${'abcdefghij'[index % 10]}`,
  );
  assert.deepEqual(templatesOf(fruit, 3), ['no such key <*>', 'no such key ab', 'no such key ac']);
  const miner = new TemplateMiner({ max: 2 });
  miner.add('one');
  miner.add('one two');
  assert.equal(miner.add('one two three').gone, 'one');
  assert.equal(miner.size, 2);
});

test('LG21 a text of any length is mined by its beginning', () => {
  const long = 'word '.repeat(10_000);
  const [template = ''] = templatesOf([long, `${long} more`]);
  assert.equal(template.split(' ').length, 61);
});

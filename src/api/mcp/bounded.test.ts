import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedLines, boundedValue, sizeOf } from './bounded.ts';

test('MCP4 a value that is too long loses items from its longest lists, and says how many', () => {
  const items = Array.from({ length: 1_000 }, (_, index) => ({ name: `item-${index}` }));
  const { value, cuts } = boundedValue({ at: 'now', items, side: { items: items.slice(0, 10) } }, 2_000);
  assert.ok(sizeOf(value) <= 2_000);
  assert.equal(value.at, 'now');
  assert.deepEqual(value.items, items.slice(0, value.items.length));
  assert.deepEqual(cuts, [{ path: 'items', shown: value.items.length, of: 1_000, unit: 'items' }]);
  assert.equal(value.side.items.length, 10);
});

test('MCP4 what fits stays as it is', () => {
  const whole = { items: [1, 2], text: 'x'.repeat(50) };
  assert.deepEqual(boundedValue(whole, 100), { value: whole, cuts: [] });
});

test('MCP26 where no list is left to cut, the longest texts are, and then whatever is long', () => {
  const [long, short] = ['x'.repeat(100_000), 'y'.repeat(300)];
  const texts = boundedValue({ object: { data: { long, other: long, short } } }, 10_000);
  const { data } = texts.value.object;
  assert.ok(sizeOf(texts.value) <= 10_000 && sizeOf(texts.value) > 9_900);
  assert.deepEqual([data.long.length, data.other, data.short], [data.other.length, data.long, short]);
  assert.ok(data.long.endsWith('x…'));
  const shown = data.long.length - 1;
  assert.deepEqual(texts.cuts, [
    { path: 'object.data.long', shown, of: 100_000, unit: 'characters' },
    { path: 'object.data.other', shown, of: 100_000, unit: 'characters' },
  ]);
  const one = boundedValue({ rows: [[long], [long]] }, 1_000);
  assert.match(one.value.rows[0]?.[0] ?? '', /^x+…$/, 'of one long row something is shown');
  assert.deepEqual(
    one.cuts.map(({ path, shown, of }) => [path, shown < of]),
    [
      ['rows', true],
      ['rows.0.0', true],
    ],
  );
  const quotes = boundedValue({ text: '"'.repeat(50_000) }, 1_000);
  assert.ok(sizeOf(quotes.value) <= 1_000);
  for (const value of [
    { object: { data: Object.fromEntries(Array.from({ length: 5_000 }, (_, key) => [`key-${key}`, key])) } },
    { items: [{ a: { b: { c: { d: Array.from({ length: 5_000 }, String) } } } }] },
    Array.from({ length: 3_000 }, () => 'x'.repeat(100)),
    'x'.repeat(5_000),
    { ['k'.repeat(5_000)]: 1 },
  ]) {
    const { value: bounded, cuts } = boundedValue(value, 1_000);
    assert.ok(sizeOf(bounded) <= 1_000, `${sizeOf(bounded)} of ${sizeOf(value)}`);
    assert.ok(cuts.length > 0);
  }
});

test('MCP4 text is cut between lines, and within one that is most of it', () => {
  assert.deepEqual(boundedLines(['ab', 'cd', 'ef'], 6), { text: 'ab\ncd', left: 1 });
  assert.deepEqual(boundedLines(['ab'], 100), { text: 'ab', left: 0 });
  assert.deepEqual(boundedLines(['abcdef', 'x'], 3), { text: 'abc…', left: 1 });
  assert.deepEqual(boundedLines(['ab', 'x'.repeat(20), 'c'], 10), { text: 'ab\nxxxxxxx…', left: 1 });
  assert.deepEqual(boundedLines([], 3), { text: '', left: 0 });
});

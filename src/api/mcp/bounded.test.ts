import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedLines, boundedValue, sizeOf } from './bounded.ts';

test('MCP4 a value that is too long loses items from its longest lists, and says how many', () => {
  const items = Array.from({ length: 1_000 }, (_, index) => ({ name: `item-${index}` }));
  const { value, cuts } = boundedValue({ at: 'now', items, side: { items: items.slice(0, 10) } }, 2_000);
  assert.ok(sizeOf(value) <= 2_000);
  assert.equal(value.at, 'now');
  assert.deepEqual(value.items, items.slice(0, value.items.length));
  assert.deepEqual(cuts, [{ path: 'items', shown: value.items.length, of: 1_000 }]);
  assert.equal(value.side.items.length, 10);
});

test('MCP4 what fits stays as it is, and what has no lists is left alone', () => {
  const whole = { items: [1, 2] };
  assert.deepEqual(boundedValue(whole, 100), { value: whole, cuts: [] });
  assert.deepEqual(boundedValue({ text: 'x'.repeat(200) }, 100).cuts, []);
  assert.deepEqual(boundedValue({ items: ['x'.repeat(200)] }, 100).value, { items: [] });
});

test('MCP4 text is cut between lines', () => {
  assert.deepEqual(boundedLines(['ab', 'cd', 'ef'], 6), { text: 'ab\ncd', left: 1 });
  assert.deepEqual(boundedLines(['ab'], 100), { text: 'ab', left: 0 });
  assert.deepEqual(boundedLines(['abcdef', 'x'], 3), { text: 'abc…', left: 1 });
  assert.deepEqual(boundedLines([], 3), { text: '', left: 0 });
});

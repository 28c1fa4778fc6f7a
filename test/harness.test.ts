/** The arithmetic behind every figure that is published. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile, round, table } from '../bench/harness.ts';

test('percentiles are nearest-rank: always a value that was measured', () => {
  const values = [5, 1, 4, 2, 3];
  assert.equal(median(values), 3);
  assert.equal(percentile(values, 99), 5);
  assert.equal(percentile(values, 1), 1);
  assert.equal(percentile([7], 50), 7);
  assert.deepEqual(values, [5, 1, 4, 2, 3]);
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(percentile(hundred, 99), 99);
  assert.equal(percentile(hundred, 50), 50);
  assert.ok(Number.isNaN(median([])));
});

test('figures are printed with three significant digits and never with an exponent', () => {
  assert.deepEqual([0, 0.00123, 0.123456, 1.23456, 12.3456, 123.456, 123_456.7].map(round), [
    '0',
    '0.0012',
    '0.123',
    '1.23',
    '12.3',
    '123',
    '123457',
  ]);
  assert.equal(round(Number.NaN), 'NaN');
});

test('a figure without a baseline has no ratio, a missed target is loud', () => {
  const text = table([
    { name: 'a', figure: 2, unit: 'ms', baseline: 4, baselineName: 'parse', target: '≤ 1 ×', met: true },
    { name: 'b', figure: 700, unit: 'MB', target: '≤ 600 MB', met: false },
  ]);
  const [, , first, second] = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(first?.slice(1, -1), ['a', '2.00 ms', '4.00 ms (parse)', '0.500', '≤ 1 ×', 'yes']);
  assert.deepEqual(second?.slice(1, -1), ['b', '700 MB', '–', '–', '≤ 600 MB', 'NO']);
});

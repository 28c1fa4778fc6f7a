import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTime, sortableTime, timeFrom } from './time.ts';

test('M4 instants compare to the nanosecond whatever their fraction', () => {
  assert.ok(compareTime('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000001Z') < 0);
  assert.ok(compareTime('2026-01-01T00:00:00.2Z', '2026-01-01T00:00:00.19Z') > 0);
  assert.equal(compareTime('2026-01-01T00:00:00.10Z', '2026-01-01T00:00:00.1Z'), 0);
  assert.equal(sortableTime('2026-01-01T00:00:00.5Z'), '2026-01-01T00:00:00.500000000Z');
});

test('M5 other offsets become UTC and keep their digits; what is no instant is none', () => {
  assert.equal(timeFrom('2026-01-01T01:00:00.123456+01:00'), '2026-01-01T00:00:00.123456Z');
  assert.equal(timeFrom('2026-01-01T00:00:00Z'), '2026-01-01T00:00:00Z');
  for (const text of ['yesterday', '2026-01-01', '2026-01-01 00:00:00', 5, null, ''])
    assert.equal(timeFrom(text), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { severityFrom, severityFromNumber } from './severity.ts';

test('IN28 severities of other systems are read in any case, by word and by number', () => {
  for (const [word, severity] of [
    ['FATAL', 'critical'],
    ['Normal', 'info'],
    ['page', 'critical'],
    ['warn', 'warning'],
    ['HIGH', 'error'],
    ['notice', 'info'],
    ['trace', 'debug'],
    [' err ', 'error'],
  ] as const)
    assert.equal(severityFrom(word), severity);
  for (const word of ['', 'dreadful', 'constructor', '__proto__']) assert.equal(severityFrom(word), undefined);
  assert.deepEqual([0, 1, 9, 13, 17, 21, 25, Number.NaN].map(severityFromNumber), [
    undefined,
    'debug',
    'info',
    'warning',
    'error',
    'critical',
    undefined,
    undefined,
  ]);
});

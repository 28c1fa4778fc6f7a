import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readable } from './logger.ts';

test('CL40 on a terminal a line of the log is text', () => {
  const line = { level: 40, time: '2026-11-21T14:29:31.123Z', code: 'timeout', kinds: ['Pod'], msg: 'it "waits"' };
  assert.equal(readable(`${JSON.stringify(line)}\n`), '14:29:31Z WARN  it "waits"  code="timeout"  kinds=["Pod"]\n');
});

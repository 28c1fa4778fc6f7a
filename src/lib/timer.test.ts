import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { abortAfter, sleep, startTimer } from './timer.ts';

const DAY = 86_400_000;
/** The longest wait of the platform's timers: a longer one is waited for in such parts. */
const PART = 2 ** 31 - 1;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

test('a timer of sixty days fires after sixty days, once', () => {
  let fired = 0;
  startTimer(() => fired++, 60 * DAY);
  for (const ms of [1, PART - 1, PART, 60 * DAY - 2 * PART - 1]) mock.timers.tick(ms);
  assert.equal(fired, 0);
  mock.timers.tick(1);
  assert.equal(fired, 1);
  mock.timers.tick(60 * DAY);
  assert.equal(fired, 1);
});

test('a forgotten timer does not fire, also when it was forgotten on the way', () => {
  let fired = 0;
  const forget = startTimer(() => fired++, 30 * DAY);
  mock.timers.tick(26 * DAY);
  forget();
  mock.timers.tick(30 * DAY);
  assert.equal(fired, 0);
});

test('a sleep of thirty days is not over at once, and ends with its signal', async () => {
  const stop = new AbortController();
  let over = false;
  const slept = sleep(30 * DAY, stop.signal).then(() => (over = true));
  mock.timers.tick(PART);
  await Promise.resolve();
  assert.equal(over, false);
  mock.timers.tick(30 * DAY - PART);
  await slept;
  const other = sleep(30 * DAY, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(other, /enough/);
  await assert.rejects(sleep(1, stop.signal), /enough/);
});

test('a signal after forty days has not fired after thirty', () => {
  const signal = abortAfter(40 * DAY);
  mock.timers.tick(PART);
  assert.equal(signal.aborted, false);
  mock.timers.tick(40 * DAY - PART);
  assert.equal(signal.aborted, true);
});

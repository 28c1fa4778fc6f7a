import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyDiff } from '../../model/diff.ts';
import { Problem } from '../../model/problem.ts';
import type { Sink } from '../../model/sink.ts';
import type { Follow } from './follow.ts';
import { retrying, tireless } from './retry.ts';

const diff = { resources: emptyDiff, edges: emptyDiff };
const away = new Problem('store-unreachable', 'away');
const refused = new Problem('unauthorized', 'refused');

/** A sink whose writes fail with these, one after the other, and then succeed. */
function failing(...problems: Problem[]): Sink & { calls: number } {
  return {
    name: 'failing',
    calls: 0,
    async replace() {},
    async write() {
      const problem = problems[this.calls++];
      if (problem) throw problem;
    },
    async close() {},
  };
}

const options = (waits: number[]) => ({
  backoff: { firstMs: 100, maxMs: 1_000 },
  random: () => 0.5,
  sleep: async (ms: number) => {
    waits.push(ms);
  },
});

test('SK5 a call that may succeed later is made again, waiting longer each time, a few times only', async () => {
  const waits: number[] = [];
  const { signal } = new AbortController();
  const twice = failing(away, away);
  await retrying(twice, { ...options(waits), attempts: 4 }, signal).write(diff);
  assert.deepEqual([twice.calls, waits], [3, [100, 200]]);
  const always = failing(away, away, away, away, away);
  await assert.rejects(retrying(always, { ...options([]), attempts: 4 }, signal).write(diff), away);
  assert.equal(always.calls, 4);
});

test('SK5 a call that fails for good is not made again', async () => {
  const sink = failing(refused);
  await assert.rejects(
    retrying(sink, { ...options([]), attempts: 4 }, new AbortController().signal).write(diff),
    refused,
  );
  assert.equal(sink.calls, 1);
});

test('SK6 whoever follows begins again whenever that fails, says so, and says when it has caught up', async () => {
  const waits: number[] = [];
  const told: (string | undefined)[] = [];
  const reached: number[] = [];
  const stop = new AbortController();
  let rounds = 0;
  const follow: Follow = async (_, __, reach) => {
    rounds++;
    if (rounds <= 2) throw away;
    if (rounds === 3) throw refused;
    reach(rounds);
    if (rounds === 4) throw away;
    stop.abort();
  };
  await tireless(follow, { ...options(waits), troubled: (problem) => told.push(problem?.code) })(
    failing(),
    stop.signal,
    (revision) => reached.push(revision),
  );
  assert.deepEqual(told, [
    'store-unreachable',
    'store-unreachable',
    'unauthorized',
    undefined,
    'store-unreachable',
    undefined,
  ]);
  assert.deepEqual(waits, [100, 200, 1_000, 100], 'what nobody can wait out waits the longest; success begins anew');
  assert.deepEqual(reached, [4, 5]);
});

test('SK6 stopping ends it, also while it waits', async () => {
  const stop = new AbortController();
  const follow = tireless(async () => Promise.reject(away), {
    ...options([]),
    sleep: async () => {
      stop.abort();
      throw stop.signal.reason;
    },
    troubled: () => undefined,
  });
  await follow(failing(), stop.signal, () => undefined);
});

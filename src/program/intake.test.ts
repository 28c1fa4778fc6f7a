import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describer } from '../kinds/index.ts';
import { silentLogger } from '../lib/logger.ts';
import { redaction } from '../sources/redact.ts';
import { LetterBox, type Refused } from './dead-letters.ts';
import { openIntake } from './intake.ts';
import { openPipeline, type Witness } from './pipeline.ts';

const now = (): number => Date.parse('2026-11-22T10:10:00Z');
const probe = { source: 'probe', subject: 'Pod/shop/web-1', severity: 'error', message: 'refused' };

function opened({
  witness,
  clusters = ['c'],
}: {
  readonly witness?: Witness;
  readonly clusters?: readonly string[];
} = {}) {
  const pipeline = openPipeline({ describer, epoch: 'e', log: silentLogger, now, ...(witness && { witness }) });
  const options = {
    max: 10,
    pipeline,
    redaction: redaction('a key of these tests'),
    clusters: () => clusters,
    logs: 'all',
    now,
    stop: new AbortController().signal,
  } as const;
  return { pipeline, intake: openIntake(options) };
}

const delivery = (value: unknown, more: object = {}) => ({
  format: 'occurrences',
  body: Buffer.from(JSON.stringify(value)),
  mediaType: '',
  ...more,
});

test('IN23 senders are told to wait while there is no room', async () => {
  let isFull = true;
  const { intake, pipeline } = opened({
    witness: { see: () => undefined, room: () => (isFull ? Promise.resolve() : undefined) },
  });
  await assert.rejects(intake.take(delivery(probe)), { code: 'limit-reached', retryable: true });
  assert.equal(pipeline.view.resourceCount, 0);
  isFull = false;
  assert.equal((await intake.take(delivery(probe))).taken, 1);
});

test('IN23 a large delivery waits for room on its way', async () => {
  let waited = 0;
  const { intake } = opened({
    witness: {
      see: () => undefined,
      room: () => (waited++ % 2 === 1 ? new Promise((resolve) => setImmediate(resolve)) : undefined),
    },
  });
  const many = Array.from({ length: 2_000 }, (_, id) => ({ ...probe, id: `${id}` }));
  assert.equal((await intake.take(delivery(many))).taken, 2_000);
  assert.ok(waited > 4);
});

test('IN26 where several clusters are followed a record names its own, or is rejected; a name that is not theirs is that of another', async () => {
  const { intake, pipeline } = opened({ clusters: ['a', 'b'] });
  const clusterOf = async (record: object, more: object = {}): Promise<readonly string[]> => {
    const before = new Set(pipeline.view.clusters);
    const { rejections } = await intake.take(
      delivery({ ...probe, id: JSON.stringify([record, more]), ...record }, more),
    );
    return rejections.length > 0
      ? [rejections[0]?.reason ?? '']
      : pipeline.view.clusters.filter((name) => !before.has(name));
  };
  assert.deepEqual(await clusterOf({ cluster: 'a' }), ['a']);
  assert.deepEqual(await clusterOf({}, { cluster: 'b' }), ['b']);
  assert.deepEqual(await clusterOf({ cluster: 'c' }), ['c']);
  assert.match((await clusterOf({})).join(), /names no cluster/);
});

test('IN27 dead letters are bounded by number and room, the longest unseen go first, and a long one keeps its beginning', () => {
  const written: (readonly [id: string, isThere: boolean])[] = [];
  const box = new LetterBox({
    max: 3,
    store: { write: (all) => written.push(...all.map(({ id, text }) => [id, text !== undefined] as const)) },
  });
  const refused = (payload: string): Refused => ({
    format: 'f',
    at: `2026-11-22T10:00:0${payload.length % 10}Z`,
    reason: 'r',
    payload,
  });
  const [first] = box.add([refused('a'), refused('b'), refused('c')]);
  assert.deepEqual(box.add([refused('a')]), [first], 'the same again is the same letter');
  box.add([refused('d')]);
  assert.deepEqual(
    [...box.list()].map(({ payload, times }) => `${payload}${times}`),
    ['c1', 'a2', 'd1'],
  );
  assert.equal(box.counts.dropped, 1);
  assert.equal(box.counts.byReason.get('r'), 5);
  assert.equal(written.filter(([, isThere]) => !isThere).length, 1);
  box.add([refused('x'.repeat(100_000))]);
  const [, , long] = box.list();
  assert.deepEqual([long?.cut, long?.payload.length], [true, 65_536]);
  const huge = new LetterBox({ max: 10_000 });
  for (let part = 0; part < 1_000; part++) huge.add([refused(`${part}${'y'.repeat(60_000)}`)]);
  const room = [...huge.list()].reduce((sum, { payload }) => sum + payload.length, 0);
  assert.ok(room <= 32 * 2 ** 20 && huge.counts.dropped > 0);
});

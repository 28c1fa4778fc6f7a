/** What is read of the past on terminals of any width, by the recorded incident of the demo. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '../../../operations/index.ts';
import { perform } from '../../../operations/operation.ts';
import { pairText } from '../../../operations/shared/happenings.ts';
import { load } from '../../../program/config.ts';
import { type OpenPast, pastOfRecording } from '../../../program/past-input.ts';
import { painter } from './layout.ts';
import { texts } from './texts.ts';

const file = new URL('../../../../demo/shop.jsonl.gz', import.meta.url).pathname;
const io = { now: Date.now, stop: new AbortController().signal, stdin: process.stdin, environment: {} };

let opened: OpenPast;
before(async () => {
  opened = await pastOfRecording(load({ environment: {} }), { file }, io);
});
after(() => opened.close());

/** An answer as lines of so many columns. */
async function told(name: string, input: object, width = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
  const operation = operations.find((each) => each.name === name);
  assert.ok(operation);
  const answer = await perform(operation, opened.context, input);
  return [...(texts.get(name)?.(answer, { paint: painter(false), width }) ?? [])].join('').trimEnd().split('\n');
}

test('HI121 what changed and who changed it is read at any width', async () => {
  const question = { resource: 'Deployment/payments/payments-api', edges: false };
  for (const width of [60, 80, 100, 140, 200, 1_000]) {
    const lines = await told('timeline', question, width);
    const start = lines.findIndex((line) => line.startsWith('14:29:30.833'));
    const rollout = lines
      .slice(
        start,
        lines.findIndex((line, at) => at > start && /^\d\d:/.test(line)),
      )
      .join('\n');
    assert.match(rollout, /api:4\.1\.0 →\s+\S*api:4\.2\.0/, `${width}\n${rollout}`);
    const words = rollout.replaceAll(/\s/g, '');
    assert.match(words, /spec\.template\.spec\.containers\[name=api\]\.image.*bykubectl-set/, rollout);
    assert.match(rollout, /healthy →\s+warning/, rollout);
    for (const line of lines) assert.ok(line.length <= width, line);
  }
  const whole = (await told('timeline', question)).join('\n');
  assert.ok(
    whole.includes(
      'image registry.example.com/payments/api:4.1.0 → registry.example.com/payments/api:4.2.0 by kubectl-set',
    ),
  );
});

test('HI121 of two long values that begin alike the difference is shown', () => {
  const image = (tag: string): string => `registry.example.com/${'team/'.repeat(20)}api:${tag}`;
  for (const max of [20, 40, 60]) {
    const [before, after] = pairText(image('4.1.0'), image('4.2.0'), max);
    assert.ok(before.endsWith('api:4.1.0') && after.endsWith('api:4.2.0'), `${before} → ${after}`);
    assert.ok(before.length <= max && after.length <= max);
  }
  assert.deepEqual(pairText(1, { a: 2 }, 60), ['1', '{"a":2}']);
  assert.deepEqual(pairText('x'.repeat(30), 'y', 10), [`${'x'.repeat(9)}…`, 'y']);
  assert.deepEqual(pairText('same', `same${'z'.repeat(30)}`, 10), ['same', 'samezzzzz…']);
});

test('HI118 a page is not taken for all that there is', async () => {
  const [first = ''] = await told('diff', { limit: 3 });
  assert.match(first, /: 0 new, 1 gone, 2 changed so far, more follow$/);
  const [all = ''] = await told('diff', {});
  assert.match(all, /^from 2026-11-21T14:28:14.431Z to 2026-11-21T14:30:30.402Z: 7 new, 5 gone, 14 changed$/);
  const timeline = { resource: 'Deployment/payments/payments-api' };
  assert.match((await told('timeline', { ...timeline, limit: 3 }))[1] ?? '', /: 3 happenings, more follow$/);
  assert.doesNotMatch((await told('timeline', timeline))[1] ?? '', /more follow/);
});

test('HI122 an answer about the past says of which instant it is', async () => {
  const at = '2026-11-21T14:29:00Z';
  for (const [name, input] of [
    ['trouble', {}],
    ['resources', { kinds: ['Secret'] }],
    ['clusters', {}],
    ['impact', { resource: 'Secret/payments/db-credentials' }],
  ] as const) {
    const [first] = await told(name, { ...input, at });
    assert.equal(first, `as of ${at}`, name);
    assert.ok(
      !(await told(name, name === 'impact' ? { resource: 'Node/worker-1' } : input)).join('').includes('as of'),
    );
  }
  const [object] = await told('object', { resource: 'Secret/payments/db-credentials', at });
  assert.equal(object, `# Secret payments/db-credentials as of ${at}, observed at 2026-11-21T14:28:13.688Z`);
});

/** Patterns as an answer: of a recording's history, at any instant, with thresholds of one's own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, deployment, object, podStatus } from '../../test/support/estate.ts';
import { type Recorded, recorded } from '../../test/support/recorded.ts';
import type { Story } from '../../test/support/told.ts';

const DAY = 86_400;
const web = deployment('shop/web', { created: -DAY, podStatus: podStatus.running(-DAY) });
const reader = deployment('office/reader', {
  created: -DAY,
  container: { envFrom: [{ configMapRef: { name: 'settings' } }] },
  podStatus: podStatus.running(-DAY),
});
const settings = (value: string): object =>
  object('v1', 'ConfigMap', 'office/settings', { data: { a: value } }, { created: -DAY });

const looping = (count: number, ended: number): object => ({
  apply: {
    ...web.pod,
    status: podStatus.waiting(
      'CrashLoopBackOff',
      '',
      { exitCode: 1, reason: 'Error', startedAt: at(ended - 5), finishedAt: at(ended) },
      count,
    ),
  },
});
const story = {
  0: [...web.all, ...reader.all, { apply: settings('1') }],
  30: [{ apply: settings('2') }],
  60: [looping(0, 60)],
  80: [looping(1, 80)],
  110: [looping(2, 110)],
  150: [looping(3, 150)],
} as unknown as Story;

interface Answer {
  readonly detections: readonly {
    readonly pattern: string;
    readonly state: string;
    readonly resource: { readonly kind: string; readonly name: string };
    readonly evidence: readonly unknown[];
  }[];
  readonly counts: { readonly active: number; readonly past: number };
}

let past: Recorded;
before(async () => {
  past = await recorded(story);
});
after(() => past.close());

const ask = async (input: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  past.ask('detect', { at: '0s', ...input });
const named = ({ detections }: Answer): readonly string[] =>
  detections.map(({ pattern, resource: { name } }) => `${pattern} ${name}`);

test('DT24 patterns are told with evidence, also of what was changed and harmed nobody, and of an instant before', async () => {
  const answer = await ask();
  assert.deepEqual(named(answer), ['crash_loop_backoff web', 'death_spiral web', 'config_cascade settings']);
  assert.ok(answer.detections.every(({ evidence }) => evidence.length > 0));
  assert.deepEqual(answer.counts, { active: 3, past: 0 });
  assert.deepEqual(named(await ask({ at: at(40) })), ['config_cascade settings']);
  assert.deepEqual(named(await ask({ namespaces: ['office'] })), ['config_cascade settings']);
  assert.deepEqual(named(await ask({ patterns: ['death_spiral'] })), ['death_spiral web']);
  assert.deepEqual(named(await ask({ resource: 'Deployment/office/reader' })), ['config_cascade settings']);
  assert.deepEqual(named(await ask({ state: 'past' })), []);
  assert.deepEqual(named(await ask({ minConfidence: 0.9 })), ['crash_loop_backoff web']);
});

test('DT21 thresholds are settings', async () => {
  const strict = await recorded(story, {
    KG_DETECTORS_CRASH_LOOP_RESTARTS: '9',
    KG_DETECTORS_DEATH_SPIRAL_RESTARTS: '9',
  });
  const answer: Answer = await strict.ask('detect', { at: '0s' });
  await strict.close();
  assert.deepEqual(named(answer), ['config_cascade settings']);
});

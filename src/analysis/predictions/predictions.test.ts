/** What will run out: where it rises for certain, with an interval, and not where it only looks so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, deployment, estateOf, object, podStatus } from '../../../test/support/estate.ts';
import { seededRandom } from '../../../test/support/random.ts';
import { shop } from '../../../test/support/shop.ts';
import { occur, often, type Story, together } from '../../../test/support/told.ts';
import type { KubeObject } from '../../model/change.ts';
import { Case } from '../case.ts';
import { predict } from './index.ts';
import type { Prediction, PredictionKind } from './prediction.ts';
import { meetingOf, type Point, trendOf } from './trend.ts';

const DAY_MS = 86_400_000;
const HOUR = 3_600;

const found = (story: Story, days = 30): readonly Prediction[] =>
  predict(new Case(estateOf(story)), days * DAY_MS).predictions;

function one(story: Story, kind: PredictionKind, days?: number): Prediction {
  const all = found(story, days).filter((each) => each.kind === kind);
  assert.equal(all.length, 1, JSON.stringify(found(story, days).map((each) => each.summary)));
  return all[0]!;
}

const none = (story: Story, days?: number): void =>
  assert.deepEqual(
    found(story, days).map(({ summary }) => summary),
    [],
  );
const second = (ms: number): number => Math.round((ms - Date.parse(at(0))) / 1_000);
const line = (count: number, value: (index: number) => number): readonly Point[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * 1_000, value: value(index) }));

test('PD1 a trend is the line through most points, whatever single ones say', () => {
  const straight = trendOf(line(40, (index) => 5 + 2 * index));
  assert.ok(straight && Math.abs(straight.slope - 0.002) < 1e-12 && Math.abs(straight.level - 83) < 1e-9);
  const bent = trendOf(line(40, (index) => (index % 7 === 3 ? 10_000 : 5 + 2 * index)));
  assert.ok(bent && Math.abs(bent.slope - 0.002) < 2e-4, String(bent?.slope));
  assert.equal(trendOf(line(4, (index) => index)), undefined);
});

test('PD2 noise without a rise is no trend in nineteen cases of twenty', () => {
  const random = seededRandom(7);
  let alarms = 0;
  for (let round = 0; round < 200; round++) {
    const trend = trendOf(line(40, () => random.next()));
    if (trend && meetingOf(trend, 100, 0)) alarms++;
  }
  assert.ok(alarms <= 12, `${alarms} of 200`);
});

test('PD3 what goes on as it did comes within the interval, in nine cases of ten', () => {
  const random = seededRandom(11);
  let within = 0;
  for (let round = 0; round < 100; round++) {
    const trend = trendOf(line(60, (index) => index + 6 * (random.next() - 0.5)));
    const meeting = trend && meetingOf(trend, 100, 59_000);
    if (meeting && meeting.earliest <= 100_000 && (meeting.latest ?? Number.POSITIVE_INFINITY) >= 100_000) within++;
  }
  assert.ok(within >= 90, `${within} of 100`);
});

const GIB = 1024 ** 3;
const claim = object('v1', 'PersistentVolumeClaim', 'shop/data', {
  status: { phase: 'Bound', capacity: { storage: '10Gi' } },
});
const used = (value: number, more: object = {}) =>
  occur('metric', claim, {
    severity: 'info',
    reason: 'kubelet_volume_stats_used_bytes',
    attributes: { value, ...more },
  });

test('PD10 a volume that fills is told with the time at which it is full; one that stays as it is is not', () => {
  const filling = together(
    { 0: [{ apply: claim }] },
    often(0, 4 * HOUR, 300, (now) => [used(4 * GIB + (GIB * now) / HOUR + (now % 7) * 1e6)]),
  );
  const full = one(filling, 'volume');
  assert.ok(Math.abs(second(full.at) - 6 * HOUR) < 300, String(second(full.at)));
  assert.ok((full.earliest ?? 0) <= full.at && full.at <= (full.latest ?? 0));
  assert.match(full.summary, /GiB an hour/);
  none(
    together(
      { 0: [{ apply: claim }] },
      often(0, 4 * HOUR, 300, (now) => [used(4 * GIB + (now % 7) * 1e8)]),
    ),
  );
  none(
    together(
      { 0: [{ apply: claim }] },
      often(0, 4 * HOUR, 300, (now) => [used(9 * GIB - (GIB * now) / HOUR)]),
    ),
  );
  const over = one(together({ 0: [{ apply: claim }] }, { 60: [used(10 * GIB)] }), 'volume');
  assert.equal(over.state, 'exhausted');
});

test('PD11 nobody looks further ahead than ten times as long as was looked, nor than was asked', () => {
  const slow = together(
    { 0: [{ apply: claim }] },
    often(0, HOUR, 60, (now) => [used(GIB + (now * GIB) / (100 * HOUR))]),
  );
  none(slow);
  const filling = together(
    { 0: [{ apply: claim }] },
    often(0, 10 * HOUR, 600, (now) => [used(GIB + (GIB * now) / (10 * HOUR))]),
  );
  one(filling, 'volume', 4);
  none(filling, 3);
});

test('PD12 a quota that is used up more and more, one that is used up, and one that only goes up and down', () => {
  const quota = (pods: number): KubeObject =>
    object('v1', 'ResourceQuota', 'shop/quota', {
      status: { hard: { pods: '20', secrets: '0' }, used: { pods: String(pods), secrets: '0' } },
    });
  const story = (value: (step: number) => number): Story =>
    often(0, 5 * HOUR, HOUR / 2, (now) => [{ apply: quota(value(now / (HOUR / 2))) }]);
  const rising = one(
    story((step) => 5 + step),
    'quota',
  );
  assert.deepEqual([rising.what, rising.limit, rising.value, rising.state], ['pods', 20, 15, 'rising']);
  assert.ok(second(rising.at) > 5 * HOUR && second(rising.at) < 9 * HOUR, String(second(rising.at) / HOUR));
  none(story((step) => 5 + (step % 2)));
  const over = one(
    story((step) => Math.min(20, 12 + step * 2)),
    'quota',
  );
  assert.deepEqual([over.state, second(over.at) / HOUR], ['exhausted', 2]);
});

test('PD13 a certificate that nobody renews is told with its end; one that will be renewed is not', () => {
  const certificate = (status: object): Story => ({
    0: [
      {
        apply: object('cert-manager.io/v1', 'Certificate', 'shop/web-tls', { spec: { secretName: 'web-tls' }, status }),
      },
    ],
    1: [{ apply: claim }],
  });
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  const end = at(5 * 86_400);
  none(certificate({ notAfter: end, renewalTime: at(86_400), ...ready }));
  const late = one(certificate({ notAfter: end, renewalTime: at(-86_400), ...ready }), 'certificate');
  assert.deepEqual([late.at, late.earliest, late.latest], [Date.parse(end), Date.parse(end), Date.parse(end)]);
  assert.equal(one(certificate({ notAfter: at(-60) }), 'certificate').state, 'exhausted');
  const annotated = object(
    'v1',
    'Secret',
    'shop/serving',
    {},
    { annotations: { 'auth.openshift.io/certificate-not-after': end } },
  );
  assert.equal(one({ 0: [{ apply: annotated }] }, 'certificate').subject.kind, 'Secret');
  none({ 0: [{ apply: annotated }] }, 4);
});

test('PD14 memory that grows towards the limit of its container is told; what fell meanwhile began anew', () => {
  const web = deployment('shop/web', {
    container: { resources: { limits: { memory: '1Gi' } } },
    podStatus: podStatus.running(),
  });
  const measure = (value: number) =>
    occur('metric', web.pod, {
      severity: 'info',
      reason: 'container_memory_working_set_bytes',
      attributes: { value, container: 'app' },
    });
  const leak = together(
    { 0: web.all },
    often(0, 2 * HOUR, 120, (now) => [measure(GIB * (0.2 + (0.5 * now) / (2 * HOUR)))]),
  );
  const grown = one(leak, 'memory');
  assert.ok(Math.abs(second(grown.at) - 3.2 * HOUR) < 120, String(second(grown.at) / HOUR));
  const saw = together(
    { 0: web.all },
    often(0, 2 * HOUR, 120, (now) => [measure(GIB * (0.2 + (0.6 * (now % 1_800)) / 1_800))]),
  );
  const [again] = found(saw);
  assert.ok(again === undefined || again.spanMs <= 1_800_000);
});

test('PD15 an autoscaler that comes to its maximum, or is held there', () => {
  const scaler = (replicas: number, conditions: readonly object[] = []): KubeObject =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/web', {
      spec: { minReplicas: 1, maxReplicas: 12 },
      status: { currentReplicas: replicas, desiredReplicas: replicas, conditions },
    });
  const rising = one(
    often(0, 3_000, 300, (now) => [{ apply: scaler(1 + now / 300 - (now === 3_000 ? 1 : 0)) }]),
    'replicas',
  );
  assert.deepEqual([rising.state, rising.limit], ['rising', 12]);
  const limited = { type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas', lastTransitionTime: at(100) };
  const held = one({ 0: [{ apply: scaler(4) }], 200: [{ apply: scaler(12, [limited]) }] }, 'replicas');
  assert.deepEqual([held.state, second(held.at)], ['exhausted', 100]);
});

test('PD16 a node that fills with what its pods ask for', () => {
  const node = object(
    'v1',
    'Node',
    'n1',
    { status: { allocatable: { cpu: '16', memory: '64Gi', pods: '110' } } },
    { created: -86_400 },
  );
  const pod = (number: number, created: number): KubeObject =>
    object(
      'v1',
      'Pod',
      `shop/p${number}`,
      {
        spec: { nodeName: 'n1', containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }] },
        status: { phase: 'Running', startTime: at(created) },
      },
      { created },
    );
  const filling = together(
    { 0: [{ apply: node }] },
    often(600, 6_000, 600, (now) => [{ apply: pod(now / 600, now) }]),
  );
  const [cpu, ...others] = found(filling).filter(({ kind }) => kind === 'allocatable');
  assert.deepEqual([cpu?.what, cpu?.limit, cpu?.value, others.length], ['cpu', 16, 10, 0]);
  const steady = together(
    { 0: [{ apply: node }, ...[1, 2, 3].map((number) => ({ apply: pod(number, -1_000) }))] },
    { 6000: [{ apply: claim }] },
  );
  none(steady);
});

test('PD17 in a shop that runs nothing is to be expected', () => none(shop));

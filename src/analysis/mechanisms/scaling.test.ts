import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  at,
  causesOf,
  deployment,
  estateOf,
  event,
  object,
  podStatus,
  type Seen,
} from '../../../test/support/estate.ts';

const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const all = (seen: Readonly<Record<number, readonly Seen[]>>): readonly (readonly string[])[] =>
  causesOf(estateOf(seen));
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => all(seen)[0]?.[0];

const SECOND_OF_FAULT = -1_000;

function autoscaler(
  condition: object,
  { max = 10, created = -9_000 }: { readonly max?: number; readonly created?: number } = {},
): object {
  return object(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'shop/web',
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: max,
      },
      status: {
        currentReplicas: 1,
        conditions: [condition, { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale' }],
      },
    },
    { created },
  );
}

const inactive = (message: string, since = SECOND_OF_FAULT, reason = 'FailedGetResourceMetric'): object => ({
  type: 'ScalingActive',
  status: 'False',
  reason,
  message,
  lastTransitionTime: at(since),
});
const MISSING =
  'the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container app of Pod web-rs1-x';

test('CA102 an autoscaler that cannot reckon because requests are missing is the fault of what it scales', () => {
  const web = deployment('shop/web', { created: -9_000, podStatus: podStatus.running(-8_000) });
  assert.deepEqual(
    all({ 200: [...web.all, ...apply(autoscaler(inactive(MISSING)))] }).map(([cause]) => cause),
    ['Deployment/shop/web ResourceRequestsMissing'],
  );
  const gone = inactive(
    'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found',
    SECOND_OF_FAULT,
    'FailedGetScale',
  );
  assert.equal(
    first({ 200: apply(autoscaler({ ...gone, type: 'AbleToScale' })) }),
    'HorizontalPodAutoscaler/shop/web ScaleTargetMissing',
  );
});

test('CA103 an autoscaler is well while metrics of new pods are on their way, was switched off, or never had any', () => {
  const none =
    'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API';
  const api =
    'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
  const web = deployment('shop/web', { created: -9_000, podStatus: podStatus.running(-8_000) });
  const quiet: readonly object[] = [
    autoscaler(inactive(none, 100)),
    autoscaler(inactive(MISSING, 190)),
    autoscaler(
      inactive('scaling is disabled since the replica count of the target is zero', SECOND_OF_FAULT, 'ScalingDisabled'),
    ),
    autoscaler(inactive(api, -8_990)),
    autoscaler({
      type: 'ScalingLimited',
      status: 'True',
      reason: 'TooFewReplicas',
      message: 'the desired replica count is less than the minimum replica count',
      lastTransitionTime: at(0),
    }),
  ];
  for (const one of quiet) assert.deepEqual(all({ 200: [...web.all, ...apply(one)] }), []);
});

test('CA104 a limit of an autoscaler that was lowered explains who has too few pods since', () => {
  const before = autoscaler({ type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange' });
  const after = autoscaler(
    {
      type: 'ScalingLimited',
      status: 'True',
      reason: 'TooManyReplicas',
      message: 'the desired replica count is more than the maximum replica count',
      lastTransitionTime: at(60),
    },
    { max: 1 },
  );
  const running = deployment('shop/web', { created: -9_000, podStatus: podStatus.running(-8_000) });
  const overloaded = deployment('shop/web', { created: -9_000, podStatus: podStatus.unready(100) });
  const seen = { 0: [...running.all, ...apply(before)], 50: apply(after), 110: overloaded.all, 300: apply(after) };
  assert.equal(first(seen), 'HorizontalPodAutoscaler/shop/web MaxReplicasTooLow');
});

test('CA203 an autoscaler that may add no more pods is why those that it has answer too late', () => {
  const unready = {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(100) }],
    containerStatuses: [{ name: 'app', ready: false, restartCount: 0, state: { running: { startedAt: at(-500) } } }],
  };
  const web = deployment('shop/web', { created: -9_000, podStatus: unready });
  const late = event(web.pod, 'Unhealthy', 'Readiness probe failed: context deadline exceeded', {
    first: 90,
    last: 190,
    count: 20,
  });
  const limited = (status: string, reason: string): object => ({ type: 'ScalingLimited', status, reason });
  const seen = (condition: object): Readonly<Record<number, readonly Seen[]>> => ({
    200: [...web.all, ...apply(late, autoscaler(condition))],
  });
  assert.equal(first(seen(limited('True', 'TooManyReplicas'))), 'HorizontalPodAutoscaler/shop/web AtMaximumReplicas');
  assert.equal(first(seen(limited('False', 'DesiredWithinRange'))), undefined);
});

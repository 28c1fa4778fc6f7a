import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, deployment, estateOf, event, object, type Seen } from '../../../test/support/estate.ts';
import { Case } from '../case.ts';
import { titleOf } from '../hypothesis.ts';
import { symptomsOf } from '../symptoms.ts';

const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const all = (seen: Readonly<Record<number, readonly Seen[]>>): readonly string[] =>
  symptomsOf(new Case(estateOf(seen))).map(({ resource, reason }) => `${titleOf(resource)} ${reason}`);

test('CA111 a claim that no pod uses, and of which nothing is told, is only untidy', () => {
  const claim = object(
    'v1',
    'PersistentVolumeClaim',
    'shop/data',
    { spec: { storageClassName: 'slow' }, status: { phase: 'Pending' } },
    { created: -900 },
  );
  const { workload } = deployment('shop/db', {
    replicas: 0,
    created: -900,
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
  });
  assert.deepEqual(all({ 200: apply(claim, workload) }), []);
});

test('CA112 a Job that failed is a symptom for an hour, and not once a later run went well', () => {
  const failed = (second: number, owner?: object): object =>
    object(
      'batch/v1',
      'Job',
      'shop/nightly-1',
      {
        spec: { template: {} },
        status: {
          failed: 1,
          conditions: [
            {
              type: 'Failed',
              status: 'True',
              reason: 'BackoffLimitExceeded',
              message: 'Job has reached the specified backoff limit',
              lastTransitionTime: at(second),
            },
          ],
        },
      },
      { created: second - 60, ...(owner && { owner: owner as never }) },
    );
  assert.deepEqual(all({ 200: apply(failed(100)) }), ['Job/shop/nightly-1 BackoffLimitExceeded']);
  assert.deepEqual(all({ 200: apply(failed(-5_000)) }), []);
  const nightly = (success: number): object =>
    object('batch/v1', 'CronJob', 'shop/nightly', {
      spec: { schedule: '* * * * *' },
      status: { lastScheduleTime: at(90), lastSuccessfulTime: at(success) },
    });
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' };
  assert.deepEqual(all({ 200: apply(nightly(150), failed(100, owner)) }), []);
  assert.deepEqual(all({ 200: apply(nightly(50), failed(100, owner)) }), ['Job/shop/nightly-1 BackoffLimitExceeded']);
  const suspended = object('batch/v1', 'Job', 'shop/later', { spec: { suspend: true, template: {} }, status: {} });
  const refused = event(suspended as never, 'FailedCreate', 'Error creating: no', { first: 1, last: 2 });
  assert.deepEqual(all({ 200: apply(suspended, refused) }), []);
});

test('CA113 a CronJob whose runs cannot be made, or pile up, is a symptom', () => {
  const cron = (active: number): ReturnType<typeof object> =>
    object('batch/v1', 'CronJob', 'shop/nightly', {
      spec: { schedule: '* * * * *' },
      status: { active: Array.from({ length: active }, (_, index) => ({ kind: 'Job', name: `nightly-${index}` })) },
    });
  const told = event(
    cron(0),
    'FailedCreate',
    'Error creating job: jobs.batch "nightly-1" is forbidden: exceeded quota',
    {
      first: 100,
      last: 150,
    },
  );
  assert.deepEqual(all({ 200: apply(cron(0), told) }), ['CronJob/shop/nightly FailedCreate']);
  const made = event(cron(0), 'SuccessfulCreate', 'Created job nightly-2', { first: 160, type: 'Normal' });
  assert.deepEqual(all({ 200: apply(cron(0), told, made) }), []);
  assert.deepEqual(all({ 200: apply(cron(4)) }), ['CronJob/shop/nightly RunsPileUp']);
  assert.deepEqual(all({ 200: apply(cron(1)) }), []);
});

test('CA114 a workload whose pods are not known is a symptom when its own status says so; a manifest says nothing', () => {
  const manifest = deployment('shop/web', { created: -900 });
  const { status: _, ...bare } = manifest.workload;
  assert.deepEqual(all({ 200: apply(bare) }), []);
  const unavailable = deployment('shop/web', {
    created: -900,
    status: {
      replicas: 1,
      conditions: [
        { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', lastTransitionTime: at(-100) },
      ],
    },
  });
  assert.deepEqual(all({ 200: apply(unavailable.workload) }), ['Deployment/shop/web Unavailable']);
  const zero = deployment('shop/web', { created: -900, replicas: 0, status: { replicas: 0 } });
  assert.deepEqual(all({ 200: apply(zero.workload, zero.set) }), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';

const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];
const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report' };
const template = (command: readonly string[]): object => ({
  template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'a', command }] } },
});
const cron = (active: readonly string[], command: readonly string[] = ['run']): object =>
  object('batch/v1', 'CronJob', 'shop/report', {
    spec: { schedule: '* * * * *', jobTemplate: { spec: template(command) } },
    status: { active: active.map((name) => ({ kind: 'Job', name, namespace: 'shop' })) },
  });
const run = (
  name: string,
  start: number,
  command: readonly string[] = ['run'],
  status: object = { active: 1 },
): object =>
  object(
    'batch/v1',
    'Job',
    `shop/${name}`,
    { spec: template(command), status: { startTime: at(start), ...status } },
    { created: start, owner },
  );

test('CA58 Jobs that take too long, and runs that a sidecar keeps from their end, are the fault of who says how they run', () => {
  const failed = {
    conditions: [
      {
        type: 'Failed',
        status: 'True',
        reason: 'DeadlineExceeded',
        message: 'Job was active longer than specified deadline',
        lastTransitionTime: at(90),
      },
    ],
  };
  const alone = object('batch/v1', 'Job', 'shop/load', { spec: template(['run']), status: failed });
  assert.equal(first({ 100: apply(alone) }), 'Job/shop/load DeadlineExceeded');
  const names = ['report-1', 'report-2', 'report-3'];
  const pods = names.map((name, index) =>
    object(
      'v1',
      'Pod',
      `shop/${name}-x`,
      {
        spec: {
          restartPolicy: 'Never',
          containers: [
            { name: 'main', image: 'a' },
            { name: 'proxy', image: 'b' },
          ],
        },
        status: {
          phase: 'Running',
          conditions: [
            { type: 'PodScheduled', status: 'True' },
            { type: 'Ready', status: 'False', lastTransitionTime: at(index * 60 + 5) },
          ],
          containerStatuses: [
            {
              name: 'main',
              ready: false,
              restartCount: 0,
              state: {
                terminated: {
                  exitCode: 0,
                  reason: 'Completed',
                  startedAt: at(index * 60),
                  finishedAt: at(index * 60 + 5),
                },
              },
            },
            { name: 'proxy', ready: true, restartCount: 0, state: { running: { startedAt: at(index * 60) } } },
          ],
        },
      },
      { created: index * 60, owner: { apiVersion: 'batch/v1', kind: 'Job', name } },
    ),
  );
  assert.equal(
    first({ 300: apply(cron(names), ...names.map((name, index) => run(name, index * 60)), ...pods) }),
    'CronJob/shop/report SidecarNeverEnds',
  );
  assert.deepEqual(
    causesOf(estateOf({ 100: apply(cron(names.slice(0, 1)), run('report-1', 0), ...pods.slice(0, 1)) })),
    [],
  );
});

test('CA59 a Job of the cluster that changed the workload is why, and so is the custom resource that a workload is made from', () => {
  const killed = { exitCode: 137, reason: 'OOMKilled', startedAt: at(100), finishedAt: at(104) };
  const dying = podStatus.waiting('CrashLoopBackOff', 'back-off', killed, 3);
  const limit = (memory: string): object => ({ resources: { limits: { memory } } });
  const before = deployment('shop/web', { podStatus: podStatus.running(), container: limit('256Mi') }).all;
  const after = deployment('shop/web', { podStatus: dying, container: limit('8Mi'), created: 95, revision: 2 }).all;
  const command = ['sh', '-c', 'kubectl -n shop set resources deployment/web --limits=memory=8Mi'];
  const seen = (words: readonly string[]): Readonly<Record<number, readonly Seen[]>> => ({
    0: [...before, ...apply(cron([], words))],
    92: apply(run('report-1', 92, words, { succeeded: 1 })),
    95: after,
  });
  assert.equal(first(seen(command)), 'CronJob/shop/report JobChangesWorkload');
  assert.equal(first(seen(['sh', '-c', 'kubectl get deployment/other'])), 'Deployment/shop/web MemoryLimitTooLow');
  const made = { apiVersion: 'example.com/v1', kind: 'Shop', name: 'main' };
  const [workload, ...rest] = deployment('shop/web', { podStatus: dying, container: limit('8Mi') }).all as readonly {
    readonly apply: { readonly metadata: object };
  }[];
  const custom = object('example.com/v1', 'Shop', 'shop/main', { spec: { memory: '8Mi' } });
  const owned = {
    ...workload?.apply,
    metadata: {
      ...workload?.apply.metadata,
      ownerReferences: [{ ...made, uid: 'uid-Shop-shop/main', controller: true }],
    },
  };
  assert.equal(first({ 200: [...apply(custom, owned), ...rest] }), 'Shop/shop/main OOMKilled');
  // Changed by somebody else, with nothing asked for in the custom resource: its operator has no part in it.
  const owning = (one: { readonly metadata: object }): object => ({
    ...one,
    metadata: { ...one.metadata, ownerReferences: [{ ...made, uid: 'uid-Shop-shop/main', controller: true }] },
  });
  const sane = deployment('shop/web', { podStatus: podStatus.running(), container: limit('256Mi') });
  const ill = deployment('shop/web', { podStatus: dying, container: limit('8Mi'), created: 95, revision: 2 });
  const byHand = {
    0: apply(custom, owning(sane.workload), sane.set, sane.pod),
    95: apply(owning(ill.workload), ill.set, ill.pod),
  };
  assert.equal(first(byHand), 'Deployment/shop/web MemoryLimitTooLow');
});

test('CA205 runs of a CronJob that failed one after the other are a symptom until one goes well, however long ago', () => {
  const failed = {
    conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: at(60) }],
  };
  const done = { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: at(60) }] };
  const told = (before: object): number =>
    causesOf(
      estateOf({
        0: apply(cron([]), run('report-1', -90_000, ['run'], before), run('report-2', 0, ['run'], failed)),
        18000: apply(object('v1', 'Namespace', 'elsewhere')),
      }),
    ).length;
  assert.equal(told(failed), 1);
  assert.equal(told(done), 0);
});

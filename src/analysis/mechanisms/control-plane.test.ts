import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';

const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const all = (seen: Readonly<Record<number, readonly Seen[]>>): readonly (readonly string[])[] =>
  causesOf(estateOf(seen));
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => all(seen)[0]?.[0];

/** A Deployment whose pod nobody has looked at. */
function unseen(name: string, created: number, spec: object = {}): readonly Seen[] {
  return deployment(name, { created, spec: { nodeName: undefined, ...spec }, podStatus: { phase: 'Pending' } }).all;
}

const scheduler = (status: object): object =>
  object(
    'v1',
    'Pod',
    'kube-system/kube-scheduler-cp',
    { spec: { nodeName: 'cp', containers: [] }, status },
    { created: -9_000, owner: { apiVersion: 'v1', kind: 'Node', name: 'cp' } },
  );

test('CA98 pods of which no scheduler says anything wait for the scheduler', () => {
  const causes = all({ 200: [...unseen('shop/web', 100), ...unseen('shop/api', 110)] });
  assert.deepEqual(causes, [['Pod/kube-system/kube-scheduler SchedulerDown']]);
  const crashed = podStatus.waiting(
    'CrashLoopBackOff',
    'back-off 5m0s',
    { exitCode: 1, reason: 'Error', startedAt: at(60), finishedAt: at(61) },
    6,
  );
  const broken = all({
    200: [
      ...apply({
        ...scheduler(crashed),
        status: {
          ...crashed,
          containerStatuses: [
            {
              name: 'kube-scheduler',
              ready: false,
              restartCount: 6,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: at(60), finishedAt: at(61) } },
            },
          ],
        },
      }),
      ...unseen('shop/web', 100),
    ],
  });
  assert.ok(
    broken.every((causes) => causes[0]?.startsWith('Pod/kube-system/kube-scheduler-cp ') ?? true),
    JSON.stringify(broken),
  );
});

test('CA99 a pod that nobody has looked at is no sign of that while others get their nodes, or for its first seconds', () => {
  assert.deepEqual(all({ 200: unseen('shop/web', 190) }), []);
  const placed = deployment('shop/api', {
    created: 150,
    podStatus: {
      ...podStatus.running(155),
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: at(151) },
        { type: 'Ready', status: 'True' },
      ],
    },
  });
  const [causes] = all({ 200: [...unseen('shop/web', 100), ...placed.all] });
  assert.deepEqual(causes, []);
  const gated = {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
  };
  assert.deepEqual(all({ 200: deployment('shop/web', { created: 10, podStatus: gated }).all }), []);
});

test('CA100 who asks for a scheduler that is not there is at fault', () => {
  assert.equal(
    first({ 200: unseen('shop/web', 100, { schedulerName: 'fancy' }) }),
    'Deployment/shop/web SchedulerUnknown',
  );
  const fancy = deployment('kube-system/fancy', { replicas: 0, created: -900 }).workload;
  assert.match(
    first({ 200: [...apply(fancy), ...unseen('shop/web', 100, { schedulerName: 'fancy' })] }) ?? '',
    /^Deployment\/kube-system\/fancy /,
  );
});

test('CA101 workloads that no controller acts for wait for the controller manager', () => {
  const lazy = (name: string): object => {
    const { workload } = deployment(name, { created: 0 });
    return { ...workload, metadata: { ...workload.metadata, generation: 1 }, status: {} };
  };
  assert.deepEqual(all({ 200: apply(lazy('shop/web'), lazy('shop/api')) }), [
    ['Pod/kube-system/kube-controller-manager ControllerManagerDown'],
  ]);
  assert.deepEqual(all({ 60: apply(lazy('shop/web')) }), []);
  const { workload, set } = deployment('shop/web', { created: 0, status: { observedGeneration: 1, replicas: 0 } });
  assert.equal(
    first({ 300: apply(workload, { ...set, status: { replicas: 0 } }) }),
    'Pod/kube-system/kube-controller-manager ControllerManagerDown',
  );
});

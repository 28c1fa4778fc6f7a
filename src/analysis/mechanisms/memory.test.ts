import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';

const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];
const killed = (from: number, to: number): object => ({
  exitCode: 137,
  reason: 'OOMKilled',
  startedAt: at(from),
  finishedAt: at(to),
});
const looping = (last: object, restarts = 4): object =>
  podStatus.waiting('CrashLoopBackOff', 'back-off 40s restarting failed container=app', last, restarts);
const memory = (limit: string): object => ({ resources: { limits: { memory: limit } } });

test('CA33 who is out of memory is at fault: with the limit that was lowered, with the release that needs more, with what it uses ever more of', () => {
  const dying = { podStatus: looping(killed(100, 104)), replicas: 1, created: 90, revision: 2 };
  const before = deployment('shop/web', { podStatus: podStatus.running(), container: memory('256Mi') });
  const lowered = deployment('shop/web', { ...dying, container: memory('16Mi') });
  assert.equal(first({ 0: before.all, 90: lowered.all }), 'Deployment/shop/web MemoryLimitTooLow');
  const plain = deployment('shop/web', { podStatus: looping(killed(100, 104)), container: memory('16Mi') });
  assert.equal(first({ 200: plain.all }), 'Deployment/shop/web OOMKilled');
  const leaking = deployment('shop/web', {
    podStatus: looping(killed(8_000, 9_990), 5),
    container: memory('256Mi'),
    created: -10_000,
  });
  assert.equal(first({ 10000: leaking.all }), 'Deployment/shop/web MemoryLeak');
});

test('CA34 the runtime that has no memory to begin with, heaps of languages, and a kill that nobody owns up to', () => {
  const message =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown';
  const start = {
    exitCode: 128,
    reason: 'StartError',
    message,
    startedAt: '1970-01-01T00:00:00Z',
    finishedAt: at(104),
  };
  assert.equal(
    first({
      200: deployment('shop/web', {
        podStatus: podStatus.waiting('RunContainerError', message, start, 2),
        container: memory('4Mi'),
      }).all,
    }),
    'Deployment/shop/web OOMKilled',
  );
  const heap = {
    exitCode: 1,
    reason: 'Error',
    message: 'java.lang.OutOfMemoryError: Java heap space',
    startedAt: at(100),
    finishedAt: at(130),
  };
  assert.equal(
    first({ 200: deployment('shop/web', { podStatus: looping(heap) }).all }),
    'Deployment/shop/web OOMKilled',
  );
  const bare = { exitCode: 137, reason: 'Error', startedAt: at(100), finishedAt: at(130) };
  assert.equal(
    first({ 200: deployment('shop/web', { podStatus: looping(bare), container: memory('32Mi') }).all }),
    'Deployment/shop/web OOMKilled',
  );
});

test('CA35 a limit that comes from a LimitRange, an autoscaler or a webhook is told with who set it', () => {
  const state = looping(killed(100, 104));
  const dying = (annotations: object): readonly Seen[] => {
    const { workload, set, pod } = deployment('shop/web', { podStatus: state });
    const spec = pod['spec'] as { containers: object[] };
    const given = {
      ...pod,
      metadata: { ...pod.metadata, annotations },
      spec: { ...spec, containers: [{ ...spec.containers[0], ...memory('16Mi') }] },
    };
    return [workload, set, given].map((apply) => ({ apply }));
  };
  const range = object(
    'v1',
    'LimitRange',
    'shop/limits',
    { spec: { limits: [{ type: 'Container', default: { memory: '16Mi' } }] } },
    { created: -600 },
  );
  const byRange = {
    'kubernetes.io/limit-ranger':
      'LimitRanger plugin set: memory request for container app; memory limit for container app',
  };
  assert.equal(first({ 200: [{ apply: range }, ...dying(byRange)] }), 'LimitRange/shop/limits LimitRangeDefaultTooLow');
  const byScaler = { vpaUpdates: 'Pod resources updated by web-vpa: container 0: memory request, memory limit' };
  assert.equal(first({ 200: dying(byScaler) }), 'VerticalPodAutoscaler/shop/web-vpa AutoscalerSetsResources');
  const hook = object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'defaults', {
    webhooks: [
      {
        name: 'defaults.example.com',
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        clientConfig: {},
      },
    ],
  });
  assert.equal(
    first({ 200: [{ apply: hook }, ...dying({})] }),
    'MutatingWebhookConfiguration/defaults WebhookChangesPods',
  );
  const other = { ...hook, webhooks: [{ name: 'x', rules: [{ operations: ['CREATE'], resources: ['services'] }] }] };
  assert.notEqual(first({ 200: [{ apply: other }, ...dying({})] })?.split('/')[0], 'MutatingWebhookConfiguration');
});

test('CA36 a kill that the kubelet did for a probe, and memory that sufficed again, are no lack of memory', () => {
  const bare = { exitCode: 137, reason: 'Error', startedAt: at(100), finishedAt: at(130) };
  const { all, pod } = deployment('shop/web', { podStatus: looping(bare), container: memory('32Mi') });
  const killing = object('v1', 'Event', 'shop/killing', {
    involvedObject: {
      kind: 'Pod',
      namespace: 'shop',
      name: pod.metadata.name,
      uid: pod.metadata.uid,
      fieldPath: 'spec.containers{app}',
    },
    type: 'Normal',
    reason: 'Killing',
    message: 'Container app failed liveness probe, will be restarted',
    count: 4,
    lastTimestamp: at(130),
  });
  assert.doesNotMatch(first({ 200: [...all, { apply: killing }] }) ?? '', /OOM/);
  const recovered = {
    ...podStatus.running(100),
    containerStatuses: [
      {
        name: 'app',
        ready: true,
        restartCount: 1,
        state: { running: { startedAt: at(100) } },
        lastState: { terminated: killed(10, 99) },
      },
    ],
  };
  assert.deepEqual(causesOf(estateOf({ 400: deployment('shop/web', { podStatus: recovered }).all })), []);
});

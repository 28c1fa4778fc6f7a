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

interface Ready {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: number;
  readonly created?: number;
  readonly more?: readonly object[];
}

function node(
  name: string,
  { status = 'True', reason = 'KubeletReady', message = '', since = -8_000, created = -9_000, more = [] }: Ready = {},
): ReturnType<typeof object> {
  const conditions = [...more, { type: 'Ready', status, reason, message, lastTransitionTime: at(since) }];
  return object(
    'v1',
    'Node',
    name,
    { spec: {}, status: { conditions, allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } },
    { created, labels: { 'kubernetes.io/hostname': name } },
  );
}

const lost: Ready = {
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
  since: 100,
};

test('CA92 a node that is lost is one trouble with the pods that are lost with it', () => {
  const web = deployment('shop/web', { created: -900, podStatus: podStatus.unready(140) });
  const db = deployment('shop/db', { created: -900, podStatus: podStatus.unready(140) });
  const causes = all({ 300: [...apply(node('n1', lost), node('n2')), ...web.all, ...db.all] });
  assert.equal(causes.length, 1);
  assert.equal(causes[0]?.[0], 'Node/n1 KubeletStopped');
});

test('CA93 a node is told with what it says of itself, and the network plugin with why it does not run there', () => {
  const runtime = { status: 'False', reason: 'KubeletNotReady', message: 'container runtime is down', since: 100 };
  assert.equal(first({ 300: apply(node('n1', runtime), node('n2')) }), 'Node/n1 ContainerRuntimeDown');
  const pressure = {
    type: 'DiskPressure',
    status: 'True',
    reason: 'KubeletHasDiskPressure',
    message: 'kubelet has disk pressure',
    lastTransitionTime: at(100),
  };
  assert.equal(first({ 300: apply(node('n1', { more: [pressure] })) }), 'Node/n1 NodeDiskPressure');
  const network = {
    status: 'False',
    reason: 'KubeletNotReady',
    message:
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    since: 100,
  };
  const plugin = object(
    'apps/v1',
    'DaemonSet',
    'kube-system/kube-flannel-ds',
    { spec: { template: {} }, status: { desiredNumberScheduled: 1, currentNumberScheduled: 1 } },
    { created: -9_000 },
  );
  assert.equal(
    first({ 0: apply(plugin), 90: [{ gone: plugin }], 300: apply(node('n1', network)) }),
    'DaemonSet/kube-system/kube-flannel-ds NetworkPluginDeleted',
  );
});

test('CA94 a pod that is put off suffers from its node, or from its own limit', () => {
  const evicted = (message: string): object => ({
    phase: 'Failed',
    reason: 'Evicted',
    message,
    startTime: at(0),
    conditions: [
      { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', lastTransitionTime: at(100) },
    ],
  });
  const web = (message: string): readonly Seen[] =>
    deployment('shop/web', { created: -900, podStatus: evicted(message), status: { replicas: 1, readyReplicas: 0 } })
      .all;
  const low =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. Container app was using 900Mi, request is 0, has larger consumption of memory. ';
  assert.equal(first({ 200: [...apply(node('n1'), node('n2')), ...web(low)] }), 'Node/n1 NodeMemoryPressure');
  const condition = {
    type: 'DiskPressure',
    status: 'True',
    reason: 'KubeletHasDiskPressure',
    lastTransitionTime: at(90),
  };
  const causes = all({
    200: [
      ...apply(node('n1', { more: [condition] })),
      ...web('The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 500Mi. '),
    ],
  });
  assert.deepEqual(causes.length, 1);
  assert.equal(causes[0]?.[0], 'Node/n1 NodeDiskPressure');
  for (const message of [
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
    'Container app exceeded its local ephemeral storage limit "50Mi". ',
  ])
    assert.equal(
      first({ 200: [...apply(node('n1')), ...web(message)] }),
      'Deployment/shop/web EphemeralStorageLimitExceeded',
    );
  assert.equal(
    first({ 200: [...apply(node('n1')), ...web('Usage of EmptyDir volume "cache" exceeds the limit "10Mi". ')] }),
    'Deployment/shop/web EmptyDirLimitExceeded',
  );
});

test('CA95 what keeps a sandbox from being made is told from who says so', () => {
  const web = deployment('shop/web', { created: 0, podStatus: podStatus.waiting('ContainerCreating') });
  const failed = (message: string): object =>
    event(web.pod, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`, {
      first: 10,
      last: 190,
      count: 9,
    });
  const told = (message: string): string | undefined =>
    first({ 200: [...apply(node('n1'), node('n2'), failed(message)), ...web.all] });
  assert.equal(
    told(
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    ),
    'Node/n1 ContainerRuntimeDown',
  );
  assert.equal(
    told(
      'rpc error: code = Unknown desc = failed to setup network for sandbox "abc": plugin type="bridge" failed (add): failed to find plugin "bridge" in path [/opt/cni/bin]',
    ),
    'Node/n1 NetworkPluginFailed',
  );
  assert.equal(
    told(
      'rpc error: code = Unknown desc = failed to setup network for sandbox "abc": plugin type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.254',
    ),
    'Node/n1 PodAddressesExhausted',
  );
  const kata = object('node.k8s.io/v1', 'RuntimeClass', 'kata', { handler: 'kata' }, { created: -9_000 });
  const pod = deployment('shop/web', {
    created: 0,
    spec: { runtimeClassName: 'kata' },
    podStatus: podStatus.waiting('ContainerCreating'),
  });
  const handler = event(
    pod.pod,
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "kata" is configured',
    { first: 10, last: 190, count: 9 },
  );
  assert.equal(first({ 200: [...apply(kata, handler), ...pod.all] }), 'RuntimeClass/kata RuntimeHandlerMissing');
});

test('CA96 several workloads that fail on one node and are well elsewhere suffer from the node', () => {
  const seen: Seen[] = [...apply(node('n1'), node('n2'))];
  for (const name of ['web', 'api', 'db']) {
    const here = deployment(`shop/${name}`, {
      created: -900,
      replicas: 2,
      podStatus: podStatus.unready(100),
      status: { replicas: 2, readyReplicas: 1 },
    });
    const { metadata } = here.pod;
    const there = {
      ...here.pod,
      metadata: { ...metadata, name: `${metadata.name}-2`, uid: `${metadata.uid}-2` },
      spec: { ...(here.pod['spec'] as object), nodeName: 'n2' },
      status: podStatus.running(-800),
    };
    seen.push(...here.all, { apply: there });
  }
  const causes = all({ 300: seen });
  assert.equal(causes.length, 1);
  assert.equal(causes[0]?.[0], 'Node/n1 NodeFaulty');
});

test('CA97 a node that is ready again, has just joined or is only cordoned is no trouble, nor is a pod that was put off and replaced', () => {
  const flapped = event(node('n1'), 'NodeNotReady', 'Node n1 status is now: NodeNotReady', { first: 100 });
  assert.deepEqual(
    all({ 0: apply(node('n1')), 100: apply(node('n1', lost)), 200: apply(node('n1', { since: 190 }), flapped) }),
    [],
  );
  assert.deepEqual(
    all({ 200: apply(node('n1', { ...lost, status: 'False', reason: 'KubeletNotReady', created: 150, since: 150 })) }),
    [],
  );
  const cordoned = {
    ...node('n1'),
    spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
  };
  assert.deepEqual(all({ 200: apply(cordoned) }), []);
  const { workload, set, pod } = deployment('shop/web', {
    created: -900,
    podStatus: podStatus.running(-300),
    status: { replicas: 1, readyReplicas: 1, updatedReplicas: 1 },
  });
  const old = {
    ...pod,
    metadata: { ...pod.metadata, name: 'web-old', uid: 'uid-old' },
    status: {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory. ',
      conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: at(-320) }],
    },
  };
  assert.deepEqual(all({ 200: apply(node('n1'), workload, set, pod, old) }), []);
});

test('CA115 a pod that says it runs on a node that is not there is lost with that node', () => {
  const web = deployment('shop/web', { created: -900, podStatus: podStatus.running(-800) });
  const seen = { 0: [...apply(node('n1'), node('n2')), ...web.all], 100: [{ gone: node('n1') }] };
  assert.equal(first({ ...seen, 200: apply(node('n2')) }), 'Node/n1 NodeDeleted');
  assert.deepEqual(all({ ...seen, 105: apply(node('n2')) }), []);
  // A node that is only not known is not gone.
  assert.deepEqual(all({ 200: [...apply(node('n2')), ...web.all] }), []);
});

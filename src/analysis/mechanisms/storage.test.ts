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
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];
const all = (seen: Readonly<Record<number, readonly Seen[]>>): readonly (readonly string[])[] =>
  causesOf(estateOf(seen));

interface ClaimBody {
  readonly className?: string;
  readonly phase?: string;
  readonly size?: string;
  readonly mode?: string;
  readonly volumeName?: string;
  readonly created?: number;
  readonly spec?: object;
}

function claim(
  name: string,
  {
    className,
    phase = 'Pending',
    size = '1Gi',
    mode = 'ReadWriteOnce',
    volumeName,
    created = 0,
    spec = {},
  }: ClaimBody = {},
): ReturnType<typeof object> {
  return object(
    'v1',
    'PersistentVolumeClaim',
    name,
    {
      spec: {
        accessModes: [mode],
        resources: { requests: { storage: size } },
        ...(className !== undefined && { storageClassName: className }),
        ...(volumeName && { volumeName }),
        ...spec,
      },
      status: { phase },
    },
    { created },
  );
}

function volume(
  name: string,
  {
    className = '',
    size = '1Gi',
    claimRef,
    spec = {},
    phase = 'Available',
  }: { className?: string; size?: string; claimRef?: object; spec?: object; phase?: string } = {},
): object {
  return object('v1', 'PersistentVolume', name, {
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName: className,
      ...(claimRef && { claimRef }),
      ...spec,
    },
    status: { phase },
  });
}

const storageClass = (name: string, provisioner = 'disk.example.com', mode = 'Immediate'): object =>
  object('storage.k8s.io/v1', 'StorageClass', name, { provisioner, volumeBindingMode: mode });

/** A Deployment whose pod uses the claim and waits. */
function user(
  message: string,
  {
    status,
    nodeName,
    claimName = 'data',
    revision = 1,
    spec = {},
  }: { status?: object; nodeName?: string | undefined; claimName?: string; revision?: number; spec?: object } = {},
): ReturnType<typeof deployment> {
  return deployment('shop/db', {
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }], nodeName, ...spec },
    revision,
    created: revision === 1 ? 0 : 90,
    podStatus: status ?? podStatus.unscheduled(message, revision === 1 ? 10 : 110),
  });
}

const UNBOUND =
  '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
const FAILED = 'no persistent volumes available for this claim and no storage class is set';

test('CA72 a claim of a class that does not exist is at fault; the class, where it did exist', () => {
  const data = claim('shop/data', { className: 'fast' });
  const told = event(data, 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found', {
    first: 1,
    last: 190,
    count: 20,
  });
  const pods = user(UNBOUND).all;
  const causes = all({ 200: [...apply(data, told), ...pods] });
  assert.equal(causes.length, 1);
  assert.equal(causes[0]?.[0], 'PersistentVolumeClaim/shop/data StorageClassNotFound');
  const other = claim('shop/other', { className: 'fast', phase: 'Bound', volumeName: 'pv-1' });
  assert.equal(first({ 200: [...apply(data, told, other), ...pods] }), 'StorageClass/fast StorageClassMissing');
  const seen = {
    0: apply(storageClass('fast')),
    5: [{ gone: storageClass('fast') }],
    10: [...apply(data, told), ...pods],
    200: apply(told),
  };
  assert.equal(first(seen), 'StorageClass/fast StorageClassDeleted');
});

test('CA73 a claim that no volume fits is told with the field that differs', () => {
  const told = (one: ReturnType<typeof claim>): object =>
    event(one, 'FailedBinding', FAILED, { first: 1, last: 190, count: 20, type: 'Normal' });
  const cases: readonly (readonly [ClaimBody, object, string])[] = [
    [{ className: '', size: '5Gi' }, volume('pv'), 'StorageRequestTooLarge'],
    [{ className: '', mode: 'ReadWriteMany' }, volume('pv'), 'AccessModeMismatch'],
    [{ className: '' }, volume('pv', { className: 'manual' }), 'StorageClassMismatch'],
    [{ className: '', spec: { selector: { matchLabels: { disk: 'a' } } } }, volume('pv'), 'VolumeSelectorMismatch'],
  ];
  for (const [body, pv, reason] of cases) {
    const data = claim('shop/data', body);
    assert.equal(
      first({ 200: [...apply(data, told(data), pv), ...user(UNBOUND).all] }),
      `PersistentVolumeClaim/shop/data ${reason}`,
    );
  }
});

test('CA74 a volume that another claim has is told with that claim, or by itself where that claim is gone', () => {
  const data = claim('shop/data', { className: '' });
  const told = event(data, 'FailedBinding', FAILED, { first: 1, last: 190, count: 20, type: 'Normal' });
  const other = claim('shop/squatter', { className: '', phase: 'Bound', volumeName: 'pv' });
  const claimRef = { namespace: 'shop', name: 'squatter', uid: other.metadata.uid };
  const taken = volume('pv', { claimRef, phase: 'Bound' });
  assert.equal(
    first({ 200: [...apply(data, told, other, taken), ...user(UNBOUND).all] }),
    'PersistentVolumeClaim/shop/squatter OccupiesVolume',
  );
  const released = volume('pv', { claimRef, phase: 'Released' });
  assert.equal(
    first({ 200: [...apply(data, told, released), ...user(UNBOUND).all] }),
    'PersistentVolume/pv VolumeReleasedNotAvailable',
  );
});

test('CA75 a claim that only waits for its pod is well, and so is one that was just made', () => {
  const lazy = storageClass('local', 'rancher.io/local-path', 'WaitForFirstConsumer');
  const data = claim('shop/data', { className: 'local' });
  const waits = event(data, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding', {
    first: 1,
    last: 190,
    count: 20,
    type: 'Normal',
  });
  assert.deepEqual(all({ 200: apply(lazy, data, waits) }), []);
  const placed = event(data, 'WaitForPodScheduled', 'waiting for pod db-rs1-x to be scheduled', {
    first: 1,
    last: 190,
    count: 20,
    type: 'Normal',
  });
  const none = '0/1 nodes are available: 1 Insufficient cpu.';
  const pods = deployment('shop/db', {
    container: { resources: { requests: { cpu: '64' } } },
    spec: { nodeName: undefined, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
    podStatus: podStatus.unscheduled(none, 10),
  });
  assert.deepEqual(all({ 200: [...apply(lazy, data, placed), ...pods.all] }), [
    ['Deployment/shop/db InsufficientCapacity'],
  ]);
  const provisioning = event(
    data,
    'ExternalProvisioning',
    "Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path' or manually by the system administrator.",
    { first: 190, type: 'Normal' },
  );
  assert.deepEqual(all({ 200: apply(lazy, data, provisioning) }), []);
});

test('CA76 a provisioner that is down, gone or never was explains a claim that waits for it', () => {
  const data = claim('shop/data', { className: 'fast' });
  const message =
    "Waiting for a volume to be created either by the external provisioner 'disk.example.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
  const told = event(data, 'ExternalProvisioning', message, { first: 1, last: 190, count: 20, type: 'Normal' });
  const pods = user(UNBOUND).all;
  assert.equal(
    first({ 200: [...apply(storageClass('fast'), data, told), ...pods] }),
    'StorageClass/fast ProvisionerAbsent',
  );
  const maker = deployment('kube-system/disk-provisioner', {
    replicas: 0,
    container: { args: ['--provisioner=disk.example.com'] },
  });
  assert.equal(
    first({ 200: [...apply(storageClass('fast'), data, told, maker.workload), ...pods] }),
    'Deployment/kube-system/disk-provisioner ScaledToZero',
  );
  const refused = event(
    data,
    'ProvisioningFailed',
    'failed to provision volume with StorageClass "fast": NodePath only supports ReadWriteOnce access modes',
    { first: 1, last: 190, count: 20 },
  );
  assert.equal(
    first({ 200: [...apply(storageClass('fast'), data, refused), ...pods] }),
    'PersistentVolumeClaim/shop/data VolumeCannotBeProvisioned',
  );
  const broken = event(
    data,
    'ProvisioningFailed',
    'failed to provision volume with StorageClass "fast": rpc error: code = InvalidArgument desc = invalid parameter "tier"',
    { first: 1, last: 190, count: 20 },
  );
  assert.equal(
    first({ 200: [...apply(storageClass('fast'), data, broken), ...pods] }),
    'StorageClass/fast ProvisioningFails',
  );
});

test('CA77 a claim that does not exist is at fault unless the workload was made to name it', () => {
  const missing =
    '0/1 nodes are available: persistentvolumeclaim "datta" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  assert.equal(
    first({ 200: user(missing, { claimName: 'datta' }).all }),
    'PersistentVolumeClaim/shop/datta PersistentVolumeClaimMissing',
  );
  const data = claim('shop/data', { phase: 'Bound' });
  assert.equal(
    first({ 200: [...apply(data), ...user(missing, { claimName: 'datta' }).all] }),
    'Deployment/shop/db ClaimNameWrong',
  );
  const before = user('', { status: podStatus.running() });
  assert.equal(
    first({ 0: [...apply(data), ...before.all], 100: user(missing, { claimName: 'datta', revision: 2 }).all }),
    'Deployment/shop/db ClaimNameWrong',
  );
});

test('CA78 a volume that cannot be used where the pod may run', () => {
  const node = (name: string, zone: string): object =>
    object(
      'v1',
      'Node',
      name,
      { status: { allocatable: { cpu: '4', pods: '10' }, conditions: [{ type: 'Ready', status: 'True' }] } },
      { labels: { zone }, created: -9_000 },
    );
  const nodeAffinity = {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }] },
  };
  const data = claim('shop/data', { className: 'fast', phase: 'Bound', volumeName: 'pv' });
  const pv = volume('pv', {
    className: 'fast',
    phase: 'Bound',
    claimRef: { namespace: 'shop', name: 'data', uid: data.metadata.uid },
    spec: { nodeAffinity },
  });
  const message =
    "0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
  assert.equal(
    first({ 200: [...apply(node('n2', 'b'), data, pv), ...user(message).all] }),
    'PersistentVolume/pv VolumeNodeAffinityConflict',
  );
  const gone = {
    0: apply(node('n1', 'a'), node('n2', 'b'), data, pv),
    5: [{ gone: node('n1', 'a') }],
    20: user(message).all,
  };
  assert.equal(first(gone), 'Node/n1 NodeDeleted');
  const both =
    "0/2 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) didn't match Pod's node affinity/selector.";
  const before = user('', { status: podStatus.running() });
  const sent = user(both, { revision: 2, spec: { nodeSelector: { zone: 'b' } } });
  assert.equal(
    first({ 0: [...apply(node('n1', 'a'), node('n2', 'b'), data, pv), ...before.all], 100: sent.all }),
    'Deployment/shop/db PlacementConflictsWithVolume',
  );
});

test('CA79 a volume of one node that is wanted on two is the fault of the workload, or of the node that is lost with it', () => {
  const ready = (name: string, status: string): object =>
    object(
      'v1',
      'Node',
      name,
      {
        status: {
          conditions: [
            {
              type: 'Ready',
              status,
              reason: 'NodeStatusUnknown',
              message: 'Kubelet stopped posting node status.',
              lastTransitionTime: at(-300),
            },
          ],
        },
      },
      { created: -9_000 },
    );
  const data = claim('shop/data', { className: 'fast', phase: 'Bound', volumeName: 'pv' });
  const pv = volume('pv', {
    className: 'fast',
    phase: 'Bound',
    claimRef: { namespace: 'shop', name: 'data', uid: data.metadata.uid },
  });
  const creating = user('', { status: podStatus.waiting('ContainerCreating'), nodeName: 'n2' });
  const old = {
    ...creating.pod,
    metadata: { ...creating.pod.metadata, name: 'db-rs1-old', uid: 'uid-old' },
    spec: { ...(creating.pod['spec'] as object), nodeName: 'n1' },
    status: podStatus.running(-900),
  };
  const told = event(
    creating.pod,
    'FailedAttachVolume',
    'Multi-Attach error for volume "pv" Volume is already used by pod(s) db-rs1-old',
    { first: 10, last: 190, count: 5 },
  );
  const seen = (status: string): string | undefined =>
    first({ 200: [...apply(ready('n1', status), ready('n2', 'True'), data, pv, told, old), ...creating.all] });
  assert.equal(seen('True'), 'Deployment/shop/db VolumeUsedOnTwoNodes');
  assert.match(seen('Unknown') ?? '', /^Node\/n1 /);
});

test('CA80 a mount that fails is the fault of what the volume says of itself', () => {
  const data = claim('shop/data', { className: 'nfs', phase: 'Bound', volumeName: 'pv' });
  const pv = volume('pv', {
    className: 'nfs',
    phase: 'Bound',
    claimRef: { namespace: 'shop', name: 'data', uid: data.metadata.uid },
  });
  const creating = user('', { status: podStatus.waiting('ContainerCreating'), nodeName: 'n2' });
  const failed = (message: string): object =>
    event(creating.pod, 'FailedMount', message, { first: 10, last: 190, count: 5 });
  const nfs =
    'MountVolume.SetUp failed for volume "pv" : mount failed: exit status 32\nMounting command: mount\nOutput: mount.nfs: access denied by server while mounting 10.0.0.9:/exports/data';
  assert.equal(
    first({ 200: [...apply(data, pv, failed(nfs)), ...creating.all] }),
    'PersistentVolume/pv VolumeCannotBeMounted',
  );
  const path = deployment('shop/db', {
    spec: { volumes: [{ name: 'h', hostPath: { path: '/data', type: 'Directory' } }] },
    podStatus: podStatus.waiting('ContainerCreating'),
  });
  const told = event(
    path.pod,
    'FailedMount',
    'MountVolume.SetUp failed for volume "h" : hostPath type check failed: /data is not a directory',
    { first: 10, last: 190, count: 5 },
  );
  assert.equal(first({ 200: [...apply(told), ...path.all] }), 'Deployment/shop/db HostPathWrong');
  // A volume that the pod does not have is one that a claim of it is bound to, though nobody saw it.
  const unseen = event(
    path.pod,
    'FailedMount',
    'MountVolume.SetUp failed for volume "disk-7" : hostPath type check failed: /run/disks/7 is not a directory',
    { first: 10, last: 190, count: 5 },
  );
  assert.equal(first({ 200: [...apply(unseen), ...path.all] }), 'PersistentVolume/disk-7 HostPathWrong');
});

test('CA116 a claim for one pod that another pod has is the fault of who wants it twice, and not of nodes for others', () => {
  const plain = (name: string, taints: readonly object[] = []): object =>
    object(
      'v1',
      'Node',
      name,
      {
        spec: { taints },
        status: { allocatable: { cpu: '4', pods: '10' }, conditions: [{ type: 'Ready', status: 'True' }] },
      },
      { created: -9_000 },
    );
  const dedicated = plain('n2', [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }]);
  const message =
    '0/2 nodes are available: 1 node(s) had untolerated taint {dedicated: batch}, 1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
  const data = claim('shop/data', { className: 'fast', phase: 'Bound', volumeName: 'pv', mode: 'ReadWriteOncePod' });
  const causes = all({ 200: [...apply(plain('n1'), dedicated, data), ...user(message, { nodeName: undefined }).all] });
  assert.deepEqual(
    causes.map(([cause]) => cause),
    ['Deployment/shop/db ClaimInUse'],
  );
});

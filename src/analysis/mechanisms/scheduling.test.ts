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

const none = (clauses: string, nodes = 2): string =>
  `0/${nodes} nodes are available: ${clauses}. preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`;

interface NodeBody {
  readonly labels?: object;
  readonly taints?: readonly object[];
  readonly cordoned?: boolean;
  readonly cpu?: string;
  readonly more?: object;
  readonly capacity?: object;
  readonly ready?: string;
  readonly created?: number;
}

function node(
  name: string,
  {
    labels = {},
    taints,
    cordoned,
    cpu = '4',
    more = {},
    capacity = {},
    ready = 'True',
    created = -9_000,
  }: NodeBody = {},
): object {
  return object(
    'v1',
    'Node',
    name,
    {
      spec: { ...(taints && { taints }), ...(cordoned && { unschedulable: true }) },
      status: {
        allocatable: { cpu, memory: '8Gi', pods: '110', ...more },
        capacity: { cpu, memory: '8Gi', pods: '110', ...more, ...capacity },
        conditions: [
          {
            type: 'Ready',
            status: ready,
            reason: ready === 'True' ? 'KubeletReady' : 'NodeStatusUnknown',
            lastTransitionTime: at(ready === 'True' ? -8_000 : 50),
          },
        ],
      },
    },
    { labels: { 'kubernetes.io/hostname': name, ...labels }, created },
  );
}

/** A Deployment with one pod that waits for a node. */
function waiting(
  name: string,
  message: string,
  {
    created = 100,
    since = created,
    ...rest
  }: {
    readonly spec?: object;
    readonly container?: object;
    readonly created?: number;
    readonly since?: number;
    readonly revision?: number;
  } = {},
): readonly Seen[] {
  const { workload, set, pod } = deployment(name, {
    ...rest,
    created,
    podStatus: podStatus.unscheduled(message, since),
  });
  const { nodeName: _, ...podSpec } = (pod as unknown as { spec: Record<string, unknown> }).spec;
  return [{ apply: workload }, { apply: set }, { apply: { ...pod, spec: podSpec } }];
}

/** A Deployment that runs on a node. */
function running(
  name: string,
  on: string,
  container: object = {},
  created = -1_000,
  spec: object = {},
): readonly Seen[] {
  return deployment(name, {
    spec: { nodeName: on, ...spec },
    container,
    created,
    podStatus: podStatus.running(created),
  }).all;
}

const asks = (cpu: string): object => ({ resources: { requests: { cpu } } });
const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];

const SELECTOR = none("2 node(s) didn't match Pod's node affinity/selector");
const TAINT = none('2 node(s) had untolerated taint {dedicated: batch}');
const CORDON = none(
  '1 node(s) were unschedulable, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }',
);
const CPU = none('2 Insufficient cpu');

test('CA61 a selector that no node has is the fault of who selects', () => {
  const nodes = apply(node('a', { labels: { disk: 'hdd' } }), node('b'));
  assert.equal(
    first({ 200: [...nodes, ...waiting('shop/web', SELECTOR, { spec: { nodeSelector: { disk: 'ssd' } } })] }),
    'Deployment/shop/web NoMatchingNode',
  );
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }],
      },
    },
  };
  assert.equal(
    first({ 200: [...nodes, ...waiting('shop/web', SELECTOR, { spec: { affinity } })] }),
    'Deployment/shop/web NoMatchingNode',
  );
  // Without a look at the nodes as well.
  assert.equal(
    first({ 200: waiting('shop/web', SELECTOR, { spec: { nodeSelector: { disk: 'ssd' } } }) }),
    'Deployment/shop/web NoMatchingNode',
  );
});

test('CA62 a node that lost the label, or the only one that had it, is at fault instead', () => {
  const ssd = { labels: { disk: 'ssd' } };
  const pod = waiting('shop/web', SELECTOR, { spec: { nodeSelector: { disk: 'ssd' } } });
  assert.equal(
    first({ 0: apply(node('a', ssd), node('b')), 50: apply(node('a')), 100: pod }),
    'Node/a NodeLabelChanged',
  );
  assert.equal(
    first({ 0: apply(node('a', ssd), node('b')), 50: [{ gone: node('a', ssd) }], 100: pod }),
    'Node/a NodeDeleted',
  );
  // One look: a sibling that asks for the same still runs there.
  const sibling = running('shop/web', 'a', {}, -1_000, { nodeSelector: { disk: 'ssd' } });
  const other = { ...(sibling[2] as { apply: { metadata: object } }).apply };
  const renamed = { ...other, metadata: { ...other.metadata, name: 'web-rs1-y', uid: 'uid-y' } };
  assert.equal(first({ 200: [...apply(node('a'), node('b')), ...pod, { apply: renamed }] }), 'Node/a NodeLabelChanged');
});

test('CA63 a taint or a cordon of the nodes that would have the pod is the fault of the node', () => {
  const dedicated = { taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] };
  const control = node('cp', { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] });
  assert.equal(
    first({ 0: apply(node('a')), 50: apply(node('a', dedicated)), 100: waiting('shop/web', TAINT) }),
    'Node/a NodeTainted',
  );
  assert.equal(first({ 200: [...apply(node('a', dedicated)), ...waiting('shop/web', TAINT)] }), 'Node/a NodeTainted');
  assert.equal(
    first({ 200: [...apply(control, node('a', { cordoned: true })), ...waiting('shop/web', CORDON)] }),
    'Node/a NodeCordoned',
  );
  // What the others have no room for does not matter more than the one that was just cordoned.
  const message = none('1 node(s) were unschedulable, 1 Insufficient cpu');
  const full = running('shop/old', 'b', asks('3'));
  const seen = {
    0: [...apply(node('a'), node('b')), ...full],
    50: apply(node('a', { cordoned: true })),
    100: waiting('shop/web', message, { container: asks('2') }),
  };
  assert.equal(first(seen), 'Node/a NodeCordoned');
});

test('CA64 who is sent to tainted nodes by its own change is at fault, not the nodes', () => {
  const gpu = { labels: { pool: 'gpu' }, taints: [{ key: 'gpu', value: 'true', effect: 'NoSchedule' }] };
  const before = running('shop/web', 'b');
  const after = waiting(
    'shop/web',
    none("1 node(s) had untolerated taint {gpu: true}, 1 node(s) didn't match Pod's node affinity/selector"),
    { spec: { nodeSelector: { pool: 'gpu' } }, revision: 2 },
  );
  assert.equal(
    first({ 0: [...apply(node('a', gpu), node('b')), ...before], 100: after }),
    'Deployment/shop/web MissingToleration',
  );
});

test('CA65 a node that is not ready explains the pods that wait for it', () => {
  const taints = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }];
  const message = none('1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }', 1);
  const causes = causesOf(
    estateOf({ 200: [...apply(node('a', { taints, ready: 'Unknown' })), ...waiting('shop/web', message)] }),
  );
  assert.equal(causes.length, 1);
  assert.match(causes[0]?.[0] ?? '', /^Node\/a /);
});

test('CA66 requests beyond any node are the fault of who asks', () => {
  const nodes = apply(node('a'), node('b'));
  assert.equal(
    first({ 200: [...nodes, ...waiting('shop/web', CPU, { container: asks('64') })] }),
    'Deployment/shop/web RequestsExceedNodes',
  );
  const gpu = none('2 Insufficient nvidia.com/gpu');
  const wants = { resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } } };
  assert.equal(
    first({ 200: [...nodes, ...waiting('shop/web', gpu, { container: wants })] }),
    'Deployment/shop/web RequestsExceedNodes',
  );
});

test('CA67 a node that had enough and has not any more is at fault', () => {
  const gpu = none('1 Insufficient nvidia.com/gpu', 1);
  const wants = { resources: { requests: { 'nvidia.com/gpu': '1' } } };
  const broken = node('a', { more: { 'nvidia.com/gpu': '0' }, capacity: { 'nvidia.com/gpu': '2' } });
  assert.equal(
    first({ 200: [...apply(broken), ...waiting('shop/web', gpu, { container: wants })] }),
    'Node/a DeviceUnavailable',
  );
  const seen = {
    0: apply(node('a', { cpu: '8' }), node('b', { cpu: '2' })),
    50: apply(node('a', { cpu: '2' })),
    100: waiting('shop/web', CPU, { container: asks('4') }),
  };
  assert.equal(first(seen), 'Node/a NodeCapacityLost');
  const gone = {
    0: apply(node('a', { cpu: '8' }), node('b', { cpu: '2' })),
    50: [{ gone: node('a', { cpu: '8' }) }],
    100: waiting('shop/web', none('1 Insufficient cpu', 1), { container: asks('4') }),
  };
  assert.equal(first(gone), 'Node/a NodeDeleted');
});

test('CA68 where nothing is left, who asked for more last is at fault', () => {
  const nodes = apply(node('a'), node('b'));
  const old = [...running('shop/x', 'a', asks('3')), ...running('shop/y', 'b', asks('3'))];
  // The workload itself was made to ask for more.
  const before = running('shop/web', 'a', asks('500m'), -500);
  const raised = waiting('shop/web', CPU, { container: asks('2'), revision: 2 });
  assert.equal(first({ 0: [...nodes, ...old, ...before], 100: raised }), 'Deployment/shop/web AsksForMoreThanIsLeft');
  // Somebody else came and took the room of a pod that had been there long.
  const batch = [
    ...deployment('jobs/batch', {
      spec: { nodeName: 'a' },
      container: asks('3'),
      created: 40,
      podStatus: podStatus.running(40),
    }).all,
  ];
  const again = waiting('shop/web', none('1 Insufficient cpu', 1), { container: asks('2'), created: -800, since: 100 });
  assert.equal(first({ 0: apply(node('a')), 50: batch, 100: again }), 'Deployment/jobs/batch TakesAllRoom');
});

test('CA69 ports of the host, distance and evenness that cannot be had are the fault of who wants them', () => {
  const nodes = apply(node('a'));
  const port = { ports: [{ containerPort: 80, hostPort: 80 }] };
  const ports = none("1 node(s) didn't have free ports for the requested pod ports", 1);
  assert.equal(
    first({ 200: [...nodes, ...running('shop/proxy', 'a', port), ...waiting('shop/web', ports, { container: port })] }),
    'Deployment/shop/web HostPortConflict',
  );
  const affinity = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    },
  };
  const apart = none("1 node(s) didn't match pod anti-affinity rules", 1);
  assert.equal(
    first({ 200: [...nodes, ...waiting('shop/web', apart, { spec: { affinity } })] }),
    'Deployment/shop/web AntiAffinityUnsatisfiable',
  );
  const spread = none("1 node(s) didn't match pod topology spread constraints", 1);
  assert.equal(first({ 200: [...nodes, ...waiting('shop/web', spread)] }), 'Deployment/shop/web SpreadUnsatisfiable');
});

test('CA70 who had to make room for a higher priority suffers from whom it made room for', () => {
  const urgent = object('scheduling.k8s.io/v1', 'PriorityClass', 'urgent', { value: 1_000 }, { created: -5_000 });
  const winner = deployment('jobs/train', {
    spec: { nodeName: 'a', priorityClassName: 'urgent', priority: 1_000 },
    container: asks('3'),
    created: 90,
    podStatus: podStatus.running(95),
  });
  const victim = object('v1', 'Pod', 'shop/web-rs1-old', {});
  const { namespace, name, uid } = winner.pod.metadata;
  const told = event(victim, 'Preempted', `Preempted by pod ${uid} on node a`, { first: 92, type: 'Normal' });
  const related = { ...told, related: { kind: 'Pod', namespace, name, uid } };
  const web = waiting('shop/web', none('1 Insufficient cpu', 1), { container: asks('2'), created: -900, since: 93 });
  const seen = [...apply(node('a'), urgent, related), ...winner.all, ...web];
  assert.equal(first({ 200: seen }), 'Deployment/jobs/train PreemptsOthers');
});

test('CA71 a change that came later, or that has nothing to do with places, is no cause of waiting', () => {
  const nodes = apply(node('a'), node('b'));
  const label = (value: string): object => node('b', { labels: { team: value } });
  const seen = {
    0: nodes,
    90: apply(label('x')),
    100: waiting('shop/web', CPU, { container: asks('64') }),
    150: apply(node('a', { cordoned: true })),
  };
  const [causes] = causesOf(estateOf(seen));
  assert.deepEqual(causes, ['Deployment/shop/web RequestsExceedNodes']);
});

test('CA109 a pod for which a node is on its way is no trouble, nor is one for which room is being made', () => {
  const seen = waiting('shop/web', CPU, { container: asks('2') });
  const { apply: pod } = seen[2] as { apply: Parameters<typeof event>[0] };
  const coming = event(pod, 'TriggeredScaleUp', 'pod triggered scale-up: [{workers 2->3 (max: 5)}]', {
    first: 110,
    type: 'Normal',
  });
  assert.deepEqual(causesOf(estateOf({ 200: [...apply(node('a')), ...seen, { apply: coming }] })), []);
  assert.equal(causesOf(estateOf({ 900: [...apply(node('a')), ...seen, { apply: coming }] })).length, 1);
});

test('CA110 as many pods as there are nodes for, and one more, are the fault of who wants them, whatever nodes are closed', () => {
  const affinity = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    },
  };
  const message = none("1 node(s) were unschedulable, 1 node(s) didn't match pod anti-affinity rules");
  const all = waiting('shop/web', message, { spec: { affinity } });
  const { apply: pod } = all[2] as { apply: ReturnType<typeof object> };
  const named = (name: string, more: object): Seen => ({
    apply: { ...pod, metadata: { ...pod.metadata, name, uid: name }, ...more },
  });
  const placed = named('web-1', {
    spec: { ...(pod['spec'] as object), nodeName: 'a' },
    status: podStatus.running(-50),
  });
  const nodes = apply(node('a'), node('b', { cordoned: true }));
  assert.equal(first({ 200: [...nodes, ...all, placed] }), 'Node/b NodeCordoned');
  assert.equal(
    first({ 200: [...nodes, ...all, placed, named('web-2', {})] }),
    'Deployment/shop/web AntiAffinityUnsatisfiable',
  );
});

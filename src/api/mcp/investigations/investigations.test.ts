/** The investigations against histories made for them: each fact that they should tell, and what looks like it and is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observed } from '../../../../test/support/observed.ts';
import { readResource } from '../resources.ts';
import { tools } from '../server.ts';
import { resultOf } from '../tool.ts';
import { quantity } from './resource-limits.ts';

const T = (minute: number, second = 0): string => new Date(Date.UTC(2026, 0, 1, 10, minute, second)).toISOString();
const START = T(10);
const END = T(40);

interface Meta {
  readonly namespace?: string;
  readonly uid?: string;
  readonly [field: string]: unknown;
}

function apply(at: string, kind: string, name: string, content: object = {}, meta: Meta = {}): object {
  const apiVersion =
    {
      Deployment: 'apps/v1',
      ReplicaSet: 'apps/v1',
      HorizontalPodAutoscaler: 'autoscaling/v2',
      VolumeAttachment: 'storage.k8s.io/v1',
    }[kind] ?? 'v1';
  const scope = ['Node', 'PersistentVolume', 'VolumeAttachment'].includes(kind) ? {} : { namespace: 'shop' };
  const metadata = { ...scope, name, uid: `${kind}-${name}`, creationTimestamp: T(0), ...meta };
  return { type: 'apply', at, object: { apiVersion, kind, metadata, ...content } };
}

function remove(at: string, kind: string, name: string, meta: Meta = {}): object {
  const { object, ...change } = apply(at, kind, name, {}, meta) as { object: object };
  return { ...change, type: 'delete', object };
}

function event(at: string, kind: string, name: string, reason: string, message: string, more: object = {}): object {
  const about = { kind, name, uid: `${kind}-${name}`, ...(kind === 'Node' ? {} : { namespace: 'shop' }) };
  const content = {
    type: 'Warning',
    reason,
    message,
    involvedObject: about,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    source: { component: 'kubelet' },
    ...more,
  };
  return apply(at, 'Event', `${name}.${reason}.${message.length}`, content, { creationTimestamp: at });
}

const pod = (containers: readonly object[], status: object, spec: object = {}): object => ({
  spec: {
    nodeName: 'n1',
    containers: [
      {
        name: 'app',
        image: 'app:1',
        readinessProbe: { httpGet: {} },
        livenessProbe: { httpGet: {} },
        resources: { limits: { memory: '64Mi', cpu: '50m' } },
      },
    ],
    ...spec,
  },
  status: { phase: 'Running', containerStatuses: containers, ...status },
});
const running = { name: 'app', ready: true, started: true, restartCount: 0, state: { running: { startedAt: T(1) } } };
const ready = (status: string, at = T(1)): object => ({
  conditions: [
    { type: 'Ready', status, lastTransitionTime: at, reason: status === 'True' ? undefined : 'ContainersNotReady' },
  ],
});

/** The text of an investigation over these changes. */
async function told(name: string, changes: readonly object[], input: object = {}): Promise<string> {
  await using past = await observed(changes);
  const tool = tools.get(name);
  assert.ok(tool);
  const { content, isError } = await resultOf(tool, () => past.context, { start_time: START, end_time: END, ...input });
  assert.equal(isError, undefined, content[0]?.text);
  return content[0]?.text ?? '';
}

const beginning = apply(T(5), 'Namespace', 'shop', {}, { namespace: '' });
const end = apply(T(50), 'ConfigMap', 'last');

test('MCP10 healthy pods that have probes, Secrets and old restarts are no issue', async () => {
  const old = {
    ...running,
    restartCount: 3,
    lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: T(2) } },
  };
  const volumes = { volumes: [{ name: 's', secret: { secretName: 'not found' } }] };
  const done = pod(
    [{ name: 'app', ready: false, state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: T(12) } } }],
    { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted' }] },
  );
  const text = await told('check_pod_issues', [
    beginning,
    apply(T(11), 'Pod', 'web', pod([old], ready('True'), volumes)),
    apply(T(12), 'Pod', 'job', done),
    end,
  ]);
  assert.match(text, /^No pod issues were found from 2026-01-01T10:10:00Z to 2026-01-01T10:40:00Z\.$/);
});

test('MCP10 crash loops, kills for memory, images, missing configuration and failures, each with its time', async () => {
  const crash = (count: number, at: string) => ({
    name: 'app',
    ready: false,
    restartCount: count,
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
    lastState: { terminated: { exitCode: 2, reason: 'Error', finishedAt: at } },
  });
  const oom = {
    ...running,
    restartCount: 1,
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: T(15) } },
  };
  const waits = (reason: string, message: string) =>
    pod([{ name: 'app', ready: false, restartCount: 0, state: { waiting: { reason, message } } }], {
      phase: 'Pending',
    });
  const text = await told('check_pod_issues', [
    beginning,
    apply(T(11), 'Pod', 'crash', pod([crash(1, T(11))], ready('False'))),
    apply(T(13), 'Pod', 'crash', pod([crash(2, T(13))], ready('False'))),
    apply(T(14), 'Pod', 'crash', pod([{ ...running, restartCount: 3 }], ready('True'))),
    apply(T(15), 'Pod', 'oom', pod([oom], ready('True'))),
    apply(T(16), 'Pod', 'image', waits('ErrImagePull', 'no such image')),
    apply(T(17), 'Pod', 'image', waits('ImagePullBackOff', 'Back-off pulling image')),
    apply(T(18), 'Pod', 'config', waits('CreateContainerConfigError', 'configmap "settings" not found')),
    apply(T(19), 'Pod', 'config2', waits('CreateContainerConfigError', 'cannot run as root')),
    event(T(20), 'Pod', 'mount', 'FailedMount', 'MountVolume.SetUp failed for volume "v" : secret "tls" not found'),
    event(T(21), 'Pod', 'probe', 'Unhealthy', 'Liveness probe failed: 500', { count: 7, lastTimestamp: T(30) }),
    apply(
      T(22),
      'Pod',
      'evicted',
      pod([], { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
    ),
    remove(T(25), 'Pod', 'image'),
    end,
  ]);
  for (const line of [
    'Pod/shop/crash: container app waits in CrashLoopBackOff: back-off 10s, restart count 2, last exit 2 (Error) at 2026-01-01T10:13:00.000Z (from 2026-01-01T10:11:00Z to 2026-01-01T10:14:00Z)',
    'Pod/shop/oom: container app was OOMKilled (at 2026-01-01T10:15:00Z)',
    'Pod/shop/image: container app waits in ImagePullBackOff: Back-off pulling image (from 2026-01-01T10:16:00Z to 2026-01-01T10:25:00Z, when it was deleted)',
    'Pod/shop/config: container app waits in CreateContainerConfigError: configmap "settings" not found (since 2026-01-01T10:18:00Z)',
    '2026-01-01T10:20:00Z Pod/shop/mount: FailedMount: MountVolume.SetUp failed for volume "v" : secret "tls" not found',
    '2026-01-01T10:21:00Z Pod/shop/probe: Unhealthy ×7 until 2026-01-01T10:30:00Z: Liveness probe failed: 500',
    'Pod/shop/evicted: Evicted: The node was low on resource: memory. (since 2026-01-01T10:22:00Z)',
  ])
    assert.ok(`${text}\n`.includes(`- ${line}\n`), `${line}\n\n${text}`);
  const sections = text.split('\n\n').map((section) => section.split('\n')[0]);
  assert.ok(sections.includes('Missing ConfigMaps and Secrets (2)'), text);
  assert.ok(sections.includes('Containers that cannot start (1)'), text);
});

test('MCP10 what was not ready before and still is counts, what merely starts does not', async () => {
  const starting = { ...running, ready: false, state: { running: { startedAt: T(11) } } };
  const changes = [
    beginning,
    apply(T(6), 'Pod', 'old', pod([{ ...running, ready: false }], ready('False', T(3)))),
    apply(T(11), 'Pod', 'quick', pod([starting], ready('False', T(11)))),
    apply(T(11, 20), 'Pod', 'quick', pod([{ ...starting, ready: true }], ready('True', T(11, 20)))),
    apply(T(11), 'Pod', 'slow', pod([starting], ready('False', T(11)))),
    end,
  ];
  const text = await told('check_pod_issues', changes);
  assert.match(text, /Not ready \(2\)/);
  assert.match(
    text,
    /Pod\/shop\/old: container app runs and is no longer ready, its readiness probe does not succeed \(since 2026-01-01T10:03:00Z\)/,
  );
  assert.match(text, /Pod\/shop\/slow: container app runs and has not become ready/);
  assert.doesNotMatch(text, /quick/);
});

test('MCP10 a namespace narrows, and what was not observed is said', async () => {
  const changes = [
    apply(T(12), 'Pod', 'a', pod([], { phase: 'Failed' })),
    apply(T(12), 'Pod', 'b', pod([], { phase: 'Failed' }), { namespace: 'other' }),
    { type: 'observe', at: T(20), scope: { group: '', kind: 'Pod' }, coverage: 'broken', since: T(19) },
    { type: 'observe', at: T(22), scope: { group: '', kind: 'Pod' }, coverage: 'ready' },
    apply(T(30), 'ConfigMap', 'last'),
  ];
  const text = await told('check_pod_issues', changes, { namespace: 'other' });
  assert.match(text, /Pod\/other\/b/);
  assert.doesNotMatch(text, /Pod\/shop\/a/);
  assert.match(text, /Not observed from 2026-01-01T10:19:00Z to 2026-01-01T10:22:00Z: Pod\./);
  assert.match(text, /History begins at 2026-01-01T10:12:00Z/);
  assert.match(text, /History ends at 2026-01-01T10:30:00Z\./);
});

const node = (conditions: readonly object[], spec: object = {}): object => ({ spec, status: { conditions } });
const condition = (type: string, status: string, at: string, reason = 'Because'): object => ({
  type,
  status,
  reason,
  message: 'told so',
  lastTransitionTime: at,
});

test('MCP11 nodes: not ready, pressure, cordons and taints as intervals, comings, and Events of nodes alone', async () => {
  const text = await told('check_node_health', [
    beginning,
    apply(T(6), 'Node', 'n1', node([condition('Ready', 'True', T(1)), condition('DiskPressure', 'False', T(1))])),
    apply(T(6), 'Node', 'n2', node([condition('Ready', 'Unknown', T(4), 'NodeStatusUnknown')])),
    apply(
      T(12),
      'Node',
      'n1',
      node([condition('Ready', 'False', T(12), 'KubeletNotReady'), condition('DiskPressure', 'True', T(11))]),
    ),
    apply(T(20), 'Node', 'n1', node([condition('Ready', 'True', T(20)), condition('DiskPressure', 'True', T(11))])),
    apply(
      T(21),
      'Node',
      'n1',
      node([condition('Ready', 'True', T(20))], {
        unschedulable: true,
        taints: [
          { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
          { key: 'team', value: 'a', effect: 'NoExecute' },
        ],
      }),
    ),
    apply(T(22), 'Node', 'n3', node([condition('Ready', 'True', T(22))]), { creationTimestamp: T(22) }),
    remove(T(30), 'Node', 'n2'),
    event(T(12), 'Node', 'n1', 'NodeNotReady', 'Node n1 status is now: NodeNotReady', { type: 'Normal' }),
    event(T(12), 'Pod', 'web', 'NodeNotReady', 'Node is not ready'),
    event(T(13), 'Node', 'n1', 'Boring', 'nothing', { type: 'Normal' }),
    end,
  ]);
  for (const line of [
    'Node/n2: Ready is Unknown (NodeStatusUnknown: told so) (from 2026-01-01T10:04:00Z to 2026-01-01T10:30:00Z, when it was deleted)',
    'Node/n1: Ready is False (KubeletNotReady: told so) (from 2026-01-01T10:12:00Z to 2026-01-01T10:20:00Z)',
    'Node/n1: DiskPressure is True (Because: told so) (from 2026-01-01T10:11:00Z to 2026-01-01T10:21:00Z)',
    'Node/n1: cordoned: no new pods are scheduled to it (since 2026-01-01T10:21:00Z)',
    'Node/n1: tainted team=a:NoExecute (since 2026-01-01T10:21:00Z)',
    'Node/n3 joined at 2026-01-01T10:22:00Z',
    'Node/n2 left (its Node was deleted) at 2026-01-01T10:30:00Z',
    '2026-01-01T10:12:00Z Node/n1: NodeNotReady: Node n1 status is now: NodeNotReady',
  ])
    assert.ok(`${text}\n`.includes(`- ${line}\n`), `${line}\n\n${text}`);
  assert.doesNotMatch(text, /Boring|Pod\/shop\/web|unschedulable/);
});

test('MCP12 volumes: claims pending and lost, attachments, mounts and provisioning', async () => {
  const claim = (phase: string): object => ({
    spec: { storageClassName: 'fast', volumeName: 'pv-1' },
    status: { phase },
  });
  const text = await told('check_volume_issues', [
    beginning,
    apply(T(6), 'PersistentVolumeClaim', 'waits', claim('Pending')),
    apply(T(12), 'PersistentVolumeClaim', 'good', claim('Bound')),
    apply(T(13), 'PersistentVolumeClaim', 'gone', claim('Lost')),
    apply(T(14), 'VolumeAttachment', 'va', {
      spec: { source: { persistentVolumeName: 'pv-1' }, nodeName: 'n1' },
      status: { attachError: { message: 'device is busy', time: T(14) } },
    }),
    event(T(15), 'Pod', 'db', 'FailedAttachVolume', 'Multi-Attach error for volume "pv-1"'),
    event(T(16), 'Pod', 'db', 'BackOff', 'mentions a volume, but is none'),
    event(T(17), 'PersistentVolumeClaim', 'waits', 'ProvisioningFailed', 'storageclass "fast" not found'),
    event(T(17), 'PersistentVolumeClaim', 'waits', 'WaitForFirstConsumer', 'waiting for first consumer', {
      type: 'Normal',
    }),
    apply(T(18), 'PersistentVolumeClaim', 'waits', claim('Bound')),
    end,
  ]);
  for (const line of [
    'PersistentVolumeClaim/shop/waits: Pending, storage class fast (from 2026-01-01T10:00:00Z to 2026-01-01T10:18:00Z)',
    'PersistentVolumeClaim/shop/gone: Lost: its volume pv-1 is gone (since 2026-01-01T10:13:00Z)',
    'VolumeAttachment/va: cannot attach pv-1 to node n1: device is busy (since 2026-01-01T10:14:00Z)',
    '2026-01-01T10:15:00Z Pod/shop/db: FailedAttachVolume: Multi-Attach error for volume "pv-1"',
    '2026-01-01T10:17:00Z PersistentVolumeClaim/shop/waits: ProvisioningFailed: storageclass "fast" not found',
    '2026-01-01T10:17:00Z PersistentVolumeClaim/shop/waits: WaitForFirstConsumer: waiting for first consumer',
  ])
    assert.ok(text.includes(line), `${line}\n\n${text}`);
  assert.doesNotMatch(text, /BackOff|shop\/good/);
});

test('MCP13 changes: each field with its author, creations, deletions; what follows from others is counted', async () => {
  const managed = (manager: string, time: string, fieldsV1: string): object => ({
    manager,
    operation: 'Update',
    time,
    fieldsV1,
  });
  const web = (replicas: number, ...managedFields: object[]): readonly [object, Meta] => [
    { spec: { replicas }, status: { observedGeneration: replicas } },
    { managedFields },
  ];
  const changes = [
    beginning,
    apply(T(6), 'Deployment', 'web', ...web(1, managed('helm', T(0), 'spec{replicas}'))),
    apply(T(12), 'Deployment', 'web', ...web(3, managed('kubectl-scale', T(12), 'spec{replicas}'))),
    apply(T(13), 'Deployment', 'web', { spec: { replicas: 3 }, status: { readyReplicas: 1 } }),
    apply(
      T(14),
      'ConfigMap',
      'fresh',
      { data: { a: '1' } },
      { creationTimestamp: T(14), managedFields: [managed('kubectl-create', T(14), 'data{a}')] },
    ),
    apply(T(14), 'ConfigMap', 'old', { data: { a: '1' } }),
    apply(
      T(15),
      'Pod',
      'web-1',
      {},
      {
        creationTimestamp: T(15),
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true }],
      },
    ),
    remove(T(16), 'ConfigMap', 'fresh'),
    event(T(17), 'Pod', 'web-1', 'Noise', 'noise'),
    end,
  ];
  const text = await told('analyze_recent_changes', changes);
  for (const line of [
    '- 2026-01-01T10:12:00Z Deployment/shop/web\n    spec.replicas: 1 → 3, by kubectl-scale\n',
    '- 2026-01-01T10:14:00Z ConfigMap/shop/fresh by kubectl-create\n',
    '- 2026-01-01T10:16:00Z ConfigMap/shop/fresh\n',
    '- 1 changed in status alone: 1 Deployment\n',
    '- 1 created, of owned objects: 1 Pod',
    '- 1 seen for the first time, though older: 1 ConfigMap',
  ])
    assert.ok(text.includes(line), `${line}\n\n${text}`);
  assert.doesNotMatch(text, /ConfigMap\/shop\/old|Noise/);
  const pods = await told('analyze_recent_changes', changes, { resource_types: 'pods, configmaps' });
  assert.match(pods, /2026-01-01T10:15:00Z Pod\/shop\/web-1/);
  assert.doesNotMatch(pods, /Deployment/);
  assert.match(
    await told('analyze_recent_changes', changes, { resource_types: 'nodes' }),
    /^No changes of nodes were observed from/,
  );
});

test('MCP14 a pod comes up: created, scheduled, pulled, running, ready, and what it waited for', async () => {
  const conditions = (...list: readonly (readonly [string, string, string])[]): object => ({
    conditions: list.map(([type, status, at]) => ({ type, status, lastTransitionTime: at })),
  });
  const waiting = { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } };
  const changes = [
    beginning,
    apply(
      T(12),
      'Pod',
      'web',
      pod([], {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes are available: 1 Insufficient cpu.',
            lastTransitionTime: T(12),
          },
        ],
      }),
      { creationTimestamp: T(12) },
    ),
    apply(T(13), 'Pod', 'web', pod([waiting], { phase: 'Pending', ...conditions(['PodScheduled', 'True', T(13)]) }), {
      creationTimestamp: T(12),
    }),
    event(T(13), 'Pod', 'web', 'Pulled', 'Successfully pulled image "app:1" in 2.5s', { type: 'Normal' }),
    apply(
      T(14),
      'Pod',
      'web',
      pod(
        [{ ...running, state: { running: { startedAt: T(13, 30) } } }],
        conditions(['PodScheduled', 'True', T(13)], ['Ready', 'True', T(13, 45)]),
      ),
      { creationTimestamp: T(12) },
    ),
    end,
  ];
  const input = { pod_name: 'web', namespace: 'shop' };
  const text = await told('investigate_pod_startup', changes, input);
  assert.match(text, /Pod\/shop\/web: ready 105 s after it was created/);
  const steps = [
    '10:12:00.000Z created',
    'not scheduled: Unschedulable: 0/1 nodes are available',
    'scheduled to node n1',
    'Pulled (kubelet): Successfully pulled image "app:1" in 2.5s',
    'container app runs',
    ' ready\n',
  ];
  const places = steps.map((step) => text.indexOf(step));
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? 0)),
    `${places.join()}\n${text}`,
  );
  assert.match(
    await told('investigate_pod_startup', changes, { ...input, pod_name: 'wbe' }),
    /^Pod wbe was not seen in namespace shop between .*Did you mean web\?$/,
  );
});

test('MCP15 limits: kills for memory with their limits, quotas that refused and are full, evictions, no room, autoscalers', async () => {
  const oom = {
    ...running,
    restartCount: 1,
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: T(15) } },
  };
  const text = await told('check_resource_limits', [
    beginning,
    apply(T(15), 'Pod', 'oom', pod([oom], ready('True'))),
    apply(T(16), 'ResourceQuota', 'q', {
      status: { hard: { 'requests.cpu': '2', pods: '10' }, used: { 'requests.cpu': '2000m', pods: '3' } },
    }),
    event(T(17), 'ReplicaSet', 'web', 'FailedCreate', 'pods "web-1" is forbidden: exceeded quota: q, requested: cpu=1'),
    event(T(17), 'ReplicaSet', 'api', 'FailedCreate', 'serviceaccount "api" not found'),
    apply(
      T(18),
      'Pod',
      'big',
      pod([], {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes are available: 1 Insufficient memory.',
            lastTransitionTime: T(18),
          },
        ],
      }),
    ),
    apply(
      T(19),
      'Pod',
      'evicted',
      pod([], { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
    ),
    apply(T(20), 'HorizontalPodAutoscaler', 'web', {
      status: {
        conditions: [
          {
            type: 'ScalingLimited',
            status: 'True',
            reason: 'TooManyReplicas',
            message: 'the desired replica count is more than the maximum',
            lastTransitionTime: T(20),
          },
        ],
      },
    }),
    event(T(21), 'Pod', 'oom', 'Unhealthy', 'Readiness probe failed: timeout'),
    end,
  ]);
  for (const line of [
    'Pod/shop/oom: container app was OOMKilled (at 2026-01-01T10:15:00Z); memory limit 64Mi, cpu limit 50m',
    'ResourceQuota/shop/q: requests.cpu: 2000m of 2 are used (since 2026-01-01T10:16:00Z)',
    '2026-01-01T10:17:00Z ReplicaSet/shop/web: FailedCreate: pods "web-1" is forbidden: exceeded quota: q, requested: cpu=1',
    'Pod/shop/big: Unschedulable: 0/1 nodes are available: 1 Insufficient memory. (since 2026-01-01T10:18:00Z)',
    'Pod/shop/evicted: Evicted: The node was low on resource: memory. (since 2026-01-01T10:19:00Z)',
    'HorizontalPodAutoscaler/shop/web: TooManyReplicas: the desired replica count is more than the maximum (since 2026-01-01T10:20:00Z)',
    'Pod/shop/oom: container app has a CPU limit of 50m',
  ])
    assert.ok(text.includes(line), `${line}\n\n${text}`);
  assert.doesNotMatch(text, /serviceaccount|pods: 3/);
});

test('MCP15 quantities are compared as numbers', () => {
  assert.deepEqual(['2', '2000m', '1Ki', '1k', '1e3', '1.5Gi', 'x', ''].map(quantity), [
    2,
    2,
    1024,
    1000,
    1000,
    1.5 * 2 ** 30,
    undefined,
    undefined,
  ]);
});

test('MCP16 arguments are refused in the words that clients know', async () => {
  await using past = await observed([beginning]);
  const ask = async (input: Record<string, unknown>, name = 'investigate_pod_startup'): Promise<string> => {
    const { isError, content } = await resultOf(tools.get(name)!, () => past.context, input);
    assert.equal(isError, true);
    return content[0]?.text ?? '';
  };
  assert.match(await ask({}), /^start_time is required \(RFC3339 format\)/);
  assert.match(await ask({ start_time: START }), /^end_time is required \(RFC3339 format\)/);
  assert.match(await ask({ start_time: 'yesterday', end_time: END }), /^invalid start_time format: "yesterday"/);
  assert.match(await ask({ start_time: END, end_time: START }), /^end_time must be after start_time/);
  assert.match(await ask({ start_time: START, end_time: END, namespace: 'shop' }), /^pod_name is required/);
  assert.match(await ask({ start_time: START, end_time: END, pod_name: 'a' }), /^namespace is required/);
  assert.match(
    await ask({ start_time: START, end_time: END, resource_types: 'podz' }, 'analyze_recent_changes'),
    /no kind is called "podz"; did you mean Pod/,
  );
  const { past: _, ...without } = past.context;
  const { content } = await resultOf(tools.get('check_pod_issues')!, () => without, {
    start_time: START,
    end_time: END,
  });
  assert.match(content[0]?.text ?? '', /^Failed to query audit logs: no history is kept here/);
});

test('MCP16 with several clusters each resource is named with its own, and one can be asked for alone', async () => {
  const failed = pod([], { phase: 'Failed' });
  const far = { ...apply(T(12), 'Pod', 'far', failed), cluster: 'other' };
  const changes = [beginning, apply(T(12), 'Pod', 'near', failed), far, end];
  const both = await told('check_pod_issues', changes);
  assert.match(both, /- c: Pod\/shop\/near: Failed/);
  assert.match(both, /- other: Pod\/shop\/far: Failed/);
  const one = await told('check_pod_issues', changes, { cluster: 'other' });
  assert.match(one, /^Pod issues of cluster other from/);
  assert.doesNotMatch(one, /near/);
});

test('HI124 of a namespace of which nothing is known it is not said that all is well there', async () => {
  const changes = [beginning, apply(T(12), 'Pod', 'fine', pod([running], ready('True'))), end];
  const unknown = /^nothing is known of a namespace "shopp"; did you mean shop\?$/;
  for (const name of ['check_pod_issues', 'check_volume_issues', 'check_resource_limits'])
    assert.match(await told(name, changes, { namespace: 'shopp' }), unknown, name);
  assert.match(await told('check_pod_issues', changes, { namespace: 'shop' }), /^No pod issues were found in/);
});

test('HI125 changes are read for any time until now, and where there are more it is said how to come by them', async () => {
  const many = Array.from({ length: 400 }, (_, index) => apply(T(20, index / 10), 'ConfigMap', `c${index}`));
  await using past = await observed([beginning, ...many, end]);
  const read = async (range: string): Promise<{ timeRange: { start: string }; eventCount: number; note?: string }> =>
    JSON.parse((await readResource(past.context, `audit://changes/${range}`)).text);
  for (const [range, start, count] of [
    ['5m', T(45), 1],
    ['90s', T(48, 30), 1],
    ['1h', T(-10), 402],
    ['2d', T(50 - 2 * 24 * 60), 402],
    ['forever', T(50 - 24 * 60), 402],
  ] as const) {
    const { timeRange, eventCount, note = '' } = await read(range);
    assert.deepEqual([timeRange.start, eventCount], [start, count], range);
    assert.doesNotMatch(note, /REST|api\/v1/);
    if (count > 1) assert.match(note, /^the latest \d+ of 402; for the others ask of one kind/);
  }
});

test('HI122 a note on what an answer about the past may lack leads to what was known then', async () => {
  const scope = { group: '', kind: 'Pod' };
  const observe = (at: string, coverage: string): object => ({ type: 'observe', at, scope, coverage });
  await using past = await observed([
    observe(T(1), 'ready'),
    beginning,
    observe(T(10), 'broken'),
    observe(T(20), 'ready'),
    end,
  ]);
  const call = async (input: object): Promise<string> => {
    const { content } = await resultOf(tools.get('kubekg_resources')!, () => past.context, {
      kinds: ['Pod'],
      ...input,
    });
    return content[0]?.text ?? '';
  };
  assert.match(
    await call({ at: T(15) }),
    new RegExp(`may lack what is broken: Pod; kubekg_clusters with at "${T(15)}" tells why`),
  );
  assert.doesNotMatch(await call({}), /may lack/);
});

const owned = (manager: string, ...managedFields: object[]): Meta => ({
  ownerReferences: [{ apiVersion: 'x.io/v1', kind: 'Kafka', name: 'k', uid: 'k', controller: true }],
  managedFields: [{ manager, operation: 'Update', time: T(0), fieldsV1: 'spec{replicas}' }, ...managedFields],
});

test('MCP28 what somebody changed in an owned object is told, with who it was; what its controller changed is counted', async () => {
  const by = (manager: string, minute: number): object => ({
    manager,
    operation: 'Update',
    time: T(minute),
    fieldsV1: 'spec{paused}',
  });
  const of = (manager: string, minute: number, paused: boolean): object =>
    apply(T(minute), 'Deployment', manager, { spec: { paused } }, owned('an-operator', by(manager, minute)));
  const before = (manager: string): object =>
    apply(T(6), 'Deployment', manager, { spec: { paused: false } }, owned('an-operator'));
  const managers = ['an-operator', 'kube-controller-manager', 'kubectl-edit'];
  const text = await told('analyze_recent_changes', [
    beginning,
    ...managers.map(before),
    ...managers.map((manager) => of(manager, 15, true)),
    remove(T(16), 'Deployment', 'an-operator', owned('an-operator')),
    end,
  ]);
  assert.match(
    text,
    /Changed \(1\)\n- \S+ Deployment\/shop\/kubectl-edit\n {4}spec\.paused: false → true, by kubectl-edit\n/,
  );
  assert.match(text, /- 2 changed, of owned objects: 2 Deployment\n/);
  assert.match(text, /- 1 deleted, of owned objects: 1 Deployment/);
  assert.doesNotMatch(text, /controllers/);
});

test('MCP29 Events about a node are found however many others there are', async () => {
  const others = Array.from({ length: 1_100 }, (_, index) => event(T(20), 'Pod', `p${index}`, 'Noise', 'noise'));
  await using past = await observed([
    beginning,
    apply(T(11), 'Node', 'n1'),
    event(T(12), 'Node', 'n1', 'Rebooted', 'it was', { metadata: { namespace: 'default', name: 'n1.1', uid: 'e-n1' } }),
    ...others.map((change) => ({ ...change, ...moved(change, 'default') })),
    end,
  ]);
  const { events, eventCount } = JSON.parse((await readResource(past.context, 'audit://node-events/n1')).text);
  assert.equal(eventCount, 2);
  assert.deepEqual(
    events.map(({ resourceType }: { resourceType: string }) => resourceType),
    ['nodes', 'events'],
  );
});

function moved(change: object, namespace: string): object {
  const { object } = change as { object: { metadata: object } };
  return { object: { ...object, metadata: { ...object.metadata, namespace } } };
}

test('MCP30 a startup is looked for in the cluster that is asked for', async () => {
  const started = (cluster: string, minute: number): object => ({
    ...apply(T(minute), 'Pod', 'web-0', pod([running], ready('True')), { uid: cluster, creationTimestamp: T(minute) }),
    cluster,
  });
  const changes = [beginning, started('east', 11), started('west', 13), end];
  const text = await told('investigate_pod_startup', changes, {
    pod_name: 'web-0',
    namespace: 'shop',
    cluster: 'west',
  });
  assert.match(text, /west: Pod\/shop\/web-0/);
  assert.doesNotMatch(text, /east/);
  const nowhere = await told('investigate_pod_startup', changes, { pod_name: 'web', namespace: 'shop', cluster: 'c' });
  assert.match(nowhere, /was not seen in namespace shop/);
  assert.doesNotMatch(nowhere, /web-0/, 'what another cluster has is no hint');
});

test('MCP31 what stood before the interval is told also of those that are well', async () => {
  const fine = { conditions: [{ type: 'Ready', status: 'True' }] };
  const taints = [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }];
  const nodes = Array.from({ length: 50 }, (_, index) =>
    apply(T(6), 'Node', `n${index}`, { status: fine, spec: { taints } }),
  );
  const text = await told('check_node_health', [beginning, ...nodes, end]);
  assert.match(text, /Cordoned and tainted \(50\)/);
  assert.match(text, /- Node\/n49: tainted dedicated=gpu:NoSchedule \(since 2026-01-01T10:06:00Z\)/);
  const claim = { phase: 'Bound', conditions: [{ type: 'FileSystemResizePending', status: 'True' }] };
  const changes = [beginning, apply(T(6), 'PersistentVolumeClaim', 'data', { status: claim }), end];
  assert.match(
    await told('check_volume_issues', changes),
    /PersistentVolumeClaim\/shop\/data: FileSystemResizePending/,
  );
});

test('MCP32 an argument that there is none of is refused with the nearest', async () => {
  await using past = await observed([beginning, end]);
  const refused = async (name: string, input: object): Promise<string | undefined> => {
    const given = { start_time: START, end_time: END, ...input };
    const { isError, content } = await resultOf(tools.get(name)!, () => past.context, given);
    assert.equal(isError, true);
    return content[0]?.text;
  };
  assert.equal(
    await refused('check_pod_issues', { namspace: 'shop' }),
    'namspace: no such argument; did you mean namespace?',
  );
  assert.equal(
    await refused('check_node_health', { whatever: 1 }),
    'whatever: no such argument; there are start_time, end_time, cluster',
  );
});

test('MCP33 of what is too long in a report the last is told', async () => {
  const many = Array.from({ length: 200 }, (_, index) =>
    apply(T(11, index), 'ConfigMap', `c${index}`, {}, { creationTimestamp: T(11, index) }),
  );
  const gone = Array.from({ length: 200 }, (_, index) => remove(T(20, index), 'ConfigMap', `c${index}`));
  const text = await told('analyze_recent_changes', [beginning, ...many, ...gone, end]);
  assert.match(text, /Deleted \(200\)\n- 140 before these: .*\n- \S+ ConfigMap\/shop\/c140\n/);
  assert.match(text, /ConfigMap\/shop\/c199\n\nCreated \(200\)/);
  const long = Array.from({ length: 90 }, (_, index) =>
    event(T(12, index), 'Pod', `p${index}`, 'Failed', `${index} ${'x'.repeat(400)}`),
  );
  const unready = Array.from({ length: 60 }, (_, index) =>
    event(T(15, index), 'Pod', `p${index}`, 'Unhealthy', `${index} ${'x'.repeat(400)}`),
  );
  const issues = await told('check_pod_issues', [beginning, ...long, ...unready, end]);
  assert.ok(issues.length <= 30_000);
  for (const last of ['Failing probes (60)', 'p59', 'Other warning Events (90)', 'p89'])
    assert.ok(issues.includes(last), last);
});

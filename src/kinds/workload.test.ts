import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../model/change.ts';
import { describer } from './index.ts';

function resource(apiVersion: string, kind: string, rest: object) {
  const object = { apiVersion, kind, metadata: { namespace: 'shop', name: 'x' }, ...rest } as KubeObject;
  const description = describer.object('c', object);
  assert.ok('resource' in description);
  assert.equal(description.faults, undefined);
  return description.resource;
}

const failing = (type: string, reason: string) => ({ conditions: [{ type, status: 'False', reason }] });
const holding = (type: string, reason?: string) => ({ conditions: [{ type, status: 'True', reason }] });
const DEPLOYMENT = ['apps/v1', 'Deployment'] as const;
const JOB = ['batch/v1', 'Job'] as const;
const NODE = ['v1', 'Node'] as const;
const HPA = ['autoscaling/v2', 'HorizontalPodAutoscaler'] as const;
const CLAIM = ['v1', 'PersistentVolumeClaim'] as const;
const AT = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:10:00Z';

const cases: readonly (readonly [kind: readonly [string, string], object: object, health: string])[] = [
  [DEPLOYMENT, { spec: { replicas: 2 }, status: { availableReplicas: 2, updatedReplicas: 2 } }, 'healthy'],
  [DEPLOYMENT, { status: { availableReplicas: 1, updatedReplicas: 1 } }, 'healthy'],
  [DEPLOYMENT, { spec: { replicas: 0 }, status: {} }, 'healthy ScaledToZero'],
  [DEPLOYMENT, { spec: { replicas: 2 }, status: { updatedReplicas: 2 } }, 'critical Unavailable'],
  [DEPLOYMENT, { spec: { replicas: 2 }, status: { availableReplicas: 1 } }, 'warning ReplicasUnavailable'],
  [DEPLOYMENT, { spec: { replicas: 2 }, status: { availableReplicas: 2 } }, 'warning RolloutInProgress'],
  [DEPLOYMENT, { spec: { replicas: 2, paused: true }, status: { availableReplicas: 2 } }, 'warning Paused'],
  [DEPLOYMENT, { status: failing('Progressing', 'ProgressDeadlineExceeded') }, 'critical ProgressDeadlineExceeded'],
  [DEPLOYMENT, { status: holding('ReplicaFailure', 'FailedCreate') }, 'critical FailedCreate'],
  [
    DEPLOYMENT,
    { spec: { replicas: 2, paused: true }, status: { availableReplicas: 2, updatedReplicas: 2 } },
    'healthy Paused',
  ],
  [
    DEPLOYMENT,
    {
      metadata: { name: 'x', generation: 3 },
      status: { observedGeneration: 2, availableReplicas: 1, updatedReplicas: 1 },
    },
    'warning NotObserved',
  ],
  [
    DEPLOYMENT,
    {
      metadata: { name: 'x', generation: 3 },
      status: { observedGeneration: 3, availableReplicas: 1, updatedReplicas: 1 },
    },
    'healthy',
  ],
  [DEPLOYMENT, {}, 'unknown'],
  [['apps/v1', 'ReplicaSet'], { status: holding('ReplicaFailure', 'FailedCreate') }, 'critical FailedCreate'],
  [['v1', 'ReplicationController'], { status: holding('ReplicaFailure', 'FailedCreate') }, 'critical FailedCreate'],
  [['apps/v1', 'ReplicaSet'], { spec: { replicas: 0 }, status: { replicas: 0 } }, 'healthy ScaledToZero'],
  [
    ['apps/v1', 'StatefulSet'],
    {
      spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      status: { availableReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    },
    'healthy',
  ],
  [
    ['apps/v1', 'StatefulSet'],
    {
      spec: { replicas: 3 },
      status: { availableReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    },
    'warning RolloutInProgress',
  ],
  [['apps/v1', 'DaemonSet'], { status: { desiredNumberScheduled: 0 } }, 'healthy NoNodes'],
  [
    ['apps/v1', 'DaemonSet'],
    { status: { desiredNumberScheduled: 3, numberAvailable: 2, numberUnavailable: 1, updatedNumberScheduled: 3 } },
    'warning ReplicasUnavailable',
  ],
  [
    ['apps/v1', 'DaemonSet'],
    { metadata: { name: 'x', generation: 2 }, status: { observedGeneration: 1, desiredNumberScheduled: 0 } },
    'warning NotObserved',
  ],
  [
    ['apps/v1', 'DaemonSet'],
    { status: { desiredNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 2, numberMisscheduled: 1 } },
    'warning Misscheduled',
  ],
  [JOB, { status: holding('Complete') }, 'healthy Complete'],
  [JOB, { status: holding('Failed', 'BackoffLimitExceeded') }, 'critical BackoffLimitExceeded'],
  [JOB, { status: holding('FailureTarget', 'DeadlineExceeded') }, 'critical DeadlineExceeded'],
  [JOB, { status: { active: 1, failed: 2 } }, 'warning PodsFailing'],
  [JOB, { status: holding('Suspended') }, 'healthy Suspended'],
  [['batch/v1', 'CronJob'], { spec: { suspend: true } }, 'healthy Suspended'],
  [['batch/v1', 'CronJob'], { status: { lastScheduleTime: LATER, lastSuccessfulTime: AT } }, 'warning LastRunFailed'],
  [
    ['batch/v1', 'CronJob'],
    { status: { lastScheduleTime: LATER, lastSuccessfulTime: AT, active: [{ name: 'x-1' }] } },
    'unknown Running',
  ],
  [JOB, { status: { active: 2, ready: 1 } }, 'warning PodsNotReady'],
  [JOB, { status: { active: 2, ready: 2 } }, 'healthy Running'],
  [JOB, { status: { active: 2 } }, 'healthy Running'],
  [['batch/v1', 'CronJob'], { status: { lastScheduleTime: AT, lastSuccessfulTime: LATER } }, 'healthy'],
  [
    ['batch/v1', 'CronJob'],
    { status: { lastScheduleTime: LATER, active: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } },
    'warning RunsPileUp',
  ],
  [['batch/v1', 'CronJob'], { status: { lastScheduleTime: LATER } }, 'warning LastRunFailed'],
  [['batch/v1', 'CronJob'], { status: {} }, 'healthy NotYetScheduled'],
  [NODE, { status: holding('Ready') }, 'healthy'],
  [
    NODE,
    { status: { conditions: [...holding('Ready').conditions, ...holding('StorageReady').conditions] } },
    'healthy',
  ],
  [
    NODE,
    { status: { conditions: [...holding('Ready').conditions, ...failing('KernelReady', 'SoftLockup').conditions] } },
    'warning NotKernelReady',
  ],
  [
    NODE,
    {
      status: { conditions: [...holding('Ready').conditions, ...holding('NetworkUnavailable', 'NoRoute').conditions] },
    },
    'critical NetworkUnavailable',
  ],
  [NODE, { spec: { unschedulable: true }, status: holding('Ready') }, 'warning SchedulingDisabled'],
  [NODE, { status: failing('Ready', 'KubeletNotReady') }, 'critical NotReady'],
  [NODE, { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }, 'critical NodeStatusUnknown'],
  [
    NODE,
    {
      status: {
        conditions: [
          { type: 'MemoryPressure', status: 'True', reason: 'KubeletHasInsufficientMemory' },
          { type: 'Ready', status: 'True' },
        ],
      },
    },
    'warning MemoryPressure',
  ],
  [HPA, { status: failing('AbleToScale', 'FailedGetScale') }, 'critical FailedGetScale'],
  [HPA, { status: failing('ScalingActive', 'FailedGetResourceMetric') }, 'critical FailedGetResourceMetric'],
  [HPA, { status: failing('ScalingActive', 'ScalingDisabled') }, 'healthy ScalingDisabled'],
  [HPA, { status: holding('ScalingLimited', 'TooManyReplicas') }, 'warning TooManyReplicas'],
  [
    HPA,
    {
      status: {
        conditions: [
          { type: 'AbleToScale', status: 'True' },
          { type: 'ScalingLimited', status: 'True', reason: 'TooFewReplicas' },
        ],
      },
    },
    'healthy',
  ],
  [CLAIM, { status: { phase: 'Pending' } }, 'warning Pending'],
  [CLAIM, { status: { phase: 'Lost' } }, 'critical Lost'],
  [CLAIM, { status: { phase: 'Bound', ...holding('ControllerResizeError') } }, 'warning ControllerResizeError'],
  [CLAIM, { status: { phase: 'Bound' } }, 'healthy'],
  [CLAIM, { status: { phase: 'Bound', ...holding('FileSystemResizePending') } }, 'healthy FileSystemResizePending'],
  [
    CLAIM,
    { status: { phase: 'Bound', allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' } } },
    'warning NodeResizeInfeasible',
  ],
  [
    CLAIM,
    { status: { phase: 'Bound', modifyVolumeStatus: { status: 'Infeasible' } } },
    'warning ModifyVolumeInfeasible',
  ],
  [['v1', 'PersistentVolume'], { status: { phase: 'Released' } }, 'warning Released'],
  [['v1', 'PersistentVolume'], { status: { phase: 'Failed' } }, 'critical Failed'],
  [['v1', 'Namespace'], { status: { phase: 'Active' } }, 'healthy'],
  [
    ['v1', 'Namespace'],
    { status: { phase: 'Terminating', ...holding('NamespaceDeletionContentFailure') } },
    'critical NamespaceDeletionContentFailure',
  ],
  [
    ['v1', 'ResourceQuota'],
    { status: { hard: { pods: '2', cpu: '1', secrets: '0' }, used: { pods: '2', cpu: '500m', secrets: '0' } } },
    'warning QuotaExhausted',
  ],
  [
    ['v1', 'Namespace'],
    { status: { phase: 'Terminating', ...holding('NamespaceFinalizersRemaining') } },
    'warning Terminating',
  ],
  [['v1', 'PersistentVolume'], { status: { phase: 'Available' } }, 'healthy'],
  [['policy/v1', 'PodDisruptionBudget'], { status: { expectedPods: 0, disruptionsAllowed: 0 } }, 'healthy NoPods'],
  [
    ['policy/v1', 'PodDisruptionBudget'],
    { status: { expectedPods: 2, currentHealthy: 2, desiredHealthy: 2, disruptionsAllowed: 0 } },
    'healthy NoDisruptionsAllowed',
  ],
  [['policy/v1', 'PodDisruptionBudget'], { status: failing('DisruptionAllowed', 'SyncFailed') }, 'critical SyncFailed'],
  [
    ['policy/v1', 'PodDisruptionBudget'],
    { status: { currentHealthy: 1, desiredHealthy: 2 } },
    'warning InsufficientPods',
  ],
  [
    ['storage.k8s.io/v1', 'VolumeAttachment'],
    { status: { attached: false, attachError: { message: 'no such disk' } } },
    'critical AttachError',
  ],
  [
    ['snapshot.storage.k8s.io/v1', 'VolumeSnapshot'],
    { status: { error: { message: 'quota' } } },
    'critical SnapshotError',
  ],
  [['resource.k8s.io/v1', 'ResourceClaim'], { status: {} }, 'warning Pending'],
  [
    ['flowcontrol.apiserver.k8s.io/v1', 'FlowSchema'],
    { spec: { priorityLevelConfiguration: { name: 'x' } }, status: holding('Dangling') },
    'critical MissingPriorityLevel',
  ],
  [['v1', 'Event'], { type: 'Warning', reason: 'BackOff' }, 'warning BackOff'],
];

for (const [[apiVersion, kind], rest, expected] of cases) {
  test(`K59 health is what an on-call engineer expects: ${kind} ${expected}`, () => {
    const { status, reason } = resource(apiVersion, kind, rest).health;
    assert.equal([status, reason].filter(Boolean).join(' '), expected);
  });
}

test('K71 what a deletion waits for is told, all of it', () => {
  const deletionTimestamp = AT;
  const { health } = resource('v1', 'Namespace', {
    metadata: { name: 'shop', deletionTimestamp },
    status: {
      phase: 'Terminating',
      conditions: [
        { type: 'NamespaceContentRemaining', status: 'True', message: 'Some resources are remaining: widgets has 1' },
        { type: 'NamespaceFinalizersRemaining', status: 'True', message: 'Some content has finalizers: hold in 1' },
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'none' },
      ],
    },
  });
  assert.deepEqual(health, {
    status: 'warning',
    reason: 'Terminating',
    message: 'Some resources are remaining: widgets has 1; Some content has finalizers: hold in 1',
  });
  const claim = { metadata: { name: 'x', deletionTimestamp }, status: { phase: 'Lost' } };
  assert.equal(resource(...CLAIM, claim).health.reason, 'Lost', 'what has failed keeps its own word');
});

const rows: readonly (readonly [kind: readonly [string, string], object: object, columns: object])[] = [
  [
    DEPLOYMENT,
    { spec: { replicas: 3 }, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 } },
    { ready: '2/3', upToDate: 3, available: 1 },
  ],
  [
    ['v1', 'Pod'],
    {
      spec: {
        nodeName: 'n1',
        containers: [
          {
            name: 'a',
            ports: [
              { name: 'http', containerPort: 8080 },
              { containerPort: 53, protocol: 'UDP' },
            ],
          },
        ],
        initContainers: [
          { name: 'b', restartPolicy: 'Always', ports: [{ name: 'metrics', containerPort: 9090 }] },
          { name: 'c', ports: [{ containerPort: 1 }] },
        ],
      },
      status: { phase: 'Pending' },
    },
    {
      ready: '0/2',
      status: 'Pending',
      restarts: 0,
      node: 'n1',
      ports: 'http:8080/TCP,53/UDP,metrics:9090/TCP',
    },
  ],
  [
    JOB,
    { spec: { completions: 3 }, status: { succeeded: 1, startTime: AT } },
    { status: 'Running', completions: '1/3' },
  ],
  [
    JOB,
    {
      spec: { parallelism: 4 },
      status: { succeeded: 2, startTime: AT, completionTime: LATER, ...holding('Complete') },
    },
    { status: 'Complete', completions: '2/1 of 4', duration: '10m' },
  ],
  [
    NODE,
    {
      metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/edge': '' } },
      spec: { unschedulable: true },
      status: { ...holding('Ready'), nodeInfo: { kubeletVersion: 'v1.36.3' } },
    },
    { status: 'Ready,SchedulingDisabled', roles: 'edge,worker', version: 'v1.36.3' },
  ],
  [
    CLAIM,
    {
      spec: { volumeName: 'v1', storageClassName: 'fast' },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
    },
    { status: 'Bound', volume: 'v1', capacity: '1Gi', accessModes: 'RWO', storageClass: 'fast' },
  ],
  [
    HPA,
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          {
            type: 'External',
            external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '5' } },
          },
          { type: 'Pods', pods: { metric: { name: 'r' }, target: { type: 'AverageValue', averageValue: '7' } } },
        ],
      },
      status: {
        currentReplicas: 2,
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40 } } }],
      },
    },
    {
      reference: 'Deployment/web',
      targets: 'cpu: 40%/80%, <unknown>/5 (avg) + 1 more...',
      minPods: 1,
      maxPods: 5,
      replicas: 2,
    },
  ],
  [
    ['v1', 'ResourceQuota'],
    { status: { hard: { pods: '2', 'limits.cpu': '4', cpu: '1' }, used: { pods: '1' } } },
    { request: 'cpu: 0/1, pods: 1/2', limit: 'limits.cpu: 0/4' },
  ],
  [
    ['events.k8s.io/v1', 'Event'],
    {
      regarding: { kind: 'Pod', name: 'web-1' },
      type: 'Normal',
      reason: 'Pulled',
      note: ' image pulled ',
      eventTime: AT,
      series: { count: 4, lastObservedTime: LATER },
      reportingController: 'kubelet',
    },
    {
      lastSeen: LATER,
      type: 'image_pulled',
      severity: 'info',
      level: 'Normal',
      reason: 'Pulled',
      object: 'pod/web-1',
      message: 'image pulled',
      count: 4,
      source: 'kubelet',
    },
  ],
  [['v1', 'Secret'], { type: 'Opaque', data: { a: '', b: '' } }, { type: 'Opaque', data: 2, digest: '27763m9ebua6' }],
  [
    ['storage.k8s.io/v1', 'StorageClass'],
    {
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'disk.example.com',
    },
    {
      default: true,
      provisioner: 'disk.example.com',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: false,
    },
  ],
  [
    ['resource.k8s.io/v1', 'ResourceClaim'],
    { status: { allocation: {}, reservedFor: [{ resource: 'pods', name: 'x', uid: 'u' }] } },
    { state: 'allocated,reserved' },
  ],
];

for (const [[apiVersion, kind], rest, columns] of rows) {
  test(`K93 a summary has the columns of kubectl get, in its order: ${kind}`, () => {
    const { summary } = resource(apiVersion, kind, rest);
    assert.deepEqual(summary, columns);
    assert.deepEqual(Object.keys(summary), Object.keys(columns));
  });
}

test('K40 two selectors that read alike are two selectors', () => {
  const selectorOf = (...matchExpressions: object[]) => {
    const required = { nodeSelectorTerms: [{ matchExpressions }] };
    const spec = { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'x' }, spec } as KubeObject;
    const description = describer.object('c', pod);
    assert.ok('references' in description);
    const targets = description.references.map(({ target }) => target);
    return targets.flatMap((target) => (target.by === 'labels' && target.kind === 'Node' ? target.selector : []));
  };
  const one = { key: 'k', operator: 'In', values: ['a,b'] };
  const two = [
    { key: 'k', operator: 'In', values: ['a'] },
    { key: 'b', operator: 'Exists', values: [] },
  ];
  assert.deepEqual(selectorOf(one), [one]);
  assert.deepEqual(selectorOf(...two), two);
});

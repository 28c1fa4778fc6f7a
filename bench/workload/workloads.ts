/** Deployments, ReplicaSets, StatefulSets, DaemonSets and what scales and protects them. */
import type { KubeObject } from '../../src/model/change.ts';
import {
  type App,
  appOf,
  daemonApp,
  deployedAt,
  helmAnnotations,
  replicaSetName,
  statefulApp,
  templateHash,
} from './apps.ts';
import { censusTime, minuteMs } from './names.ts';
import { type Body, controller, controllerStatus, helm, type Identity, kubeObject } from './object.ts';
import { appOfShare, at, type Plan, partOf } from './plan.ts';
import { type PodTemplate, podTemplate } from './pod-template.ts';
import { readyPods } from './pods.ts';

export function templateBody({ labels, annotations, spec }: PodTemplate): Body {
  return { metadata: { creationTimestamp: null, labels, annotations }, spec };
}

/** What changes in a workload after it was made. */
export interface WorkloadState {
  readonly revision: number;
  readonly replicas: number;
  readonly ready: number;
  readonly restartedAt?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly generation?: number;
}

export function deployment(seed: number, app: App, state: WorkloadState): KubeObject {
  const { revision, replicas, ready } = state;
  const template = podTemplate(seed, app, { revision, ...restarted(state) });
  const conditions = [
    { type: 'Available', status: ready > 0 || replicas === 0 ? 'True' : 'False', reason: 'MinimumReplicasAvailable' },
    {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${replicaSetName(seed, app, revision)}" has successfully progressed.`,
    },
  ];
  return kubeObject(
    seed,
    {
      ...appIdentity(seed, app, 'apps/v1', 'Deployment', state),
      annotations: { 'deployment.kubernetes.io/revision': String(revision), ...helmAnnotations(app) },
      writers: [helm, { ...controllerStatus, fields: ['status'] }],
    },
    {
      spec: {
        replicas,
        selector: { matchLabels: app.selector },
        template: templateBody(template),
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {
        observedGeneration: state.generation ?? revision,
        ...replicaCounts(state),
        updatedReplicas: replicas,
        conditions,
      },
    },
  );
}

function restarted({ restartedAt }: WorkloadState): { restartedAt?: number } {
  return restartedAt === undefined ? {} : { restartedAt };
}

function replicaCounts({ replicas, ready }: WorkloadState): Body {
  return {
    replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(ready < replicas ? { unavailableReplicas: replicas - ready } : {}),
  };
}

export function appIdentity(seed: number, app: App, apiVersion: string, kind: string, state?: WorkloadState): Identity {
  return {
    apiVersion,
    kind,
    namespace: app.namespace,
    name: app.name,
    createdAt: deployedAt(seed, app),
    generation: state?.generation ?? state?.revision ?? 1,
    labels: state?.labels ?? app.labels,
    annotations: helmAnnotations(app),
  };
}

export function replicaSet(seed: number, app: App, state: WorkloadState): KubeObject {
  const hash = templateHash(seed, app, state.revision);
  const template = podTemplate(seed, app, { revision: state.revision, ...restarted(state) });
  const labels = { ...template.labels, 'pod-template-hash': hash };
  return kubeObject(
    seed,
    {
      ...appIdentity(seed, app, 'apps/v1', 'ReplicaSet', state),
      name: replicaSetName(seed, app, state.revision),
      createdAt: Math.min(censusTime, deployedAt(seed, app) + state.revision * 5 * 60 * minuteMs),
      generation: state.generation ?? 1,
      labels,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': String(state.replicas),
        'deployment.kubernetes.io/revision': String(state.revision),
        ...helmAnnotations(app),
      },
      owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: app.name, namespace: app.namespace },
      writers: [controller, controllerStatus],
    },
    {
      spec: {
        replicas: state.replicas,
        selector: { matchLabels: { ...app.selector, 'pod-template-hash': hash } },
        template: templateBody({ ...template, labels }),
      },
      status: {
        observedGeneration: state.generation ?? 1,
        fullyLabeledReplicas: state.replicas,
        ...replicaCounts(state),
      },
    },
  );
}

export function deploymentAt(plan: Plan, index: number): KubeObject {
  const app = appOf(plan, index);
  return deployment(plan.seed, app, currentState(plan, app));
}

function currentState(plan: Plan, app: App): WorkloadState {
  return { revision: app.revisions, replicas: app.replicas, ready: readyPods(plan, app, app.revisions) };
}

/** The last ReplicaSet of an application is the current one; those before it are kept for roll-backs and have no pods. */
export function replicaSetAt(plan: Plan, index: number): KubeObject {
  const app = partOf(plan.replicaSetsBefore, index);
  const revision = index - at(plan.replicaSetsBefore, app) + 1;
  const facts = appOf(plan, app);
  const state = revision === facts.revisions ? currentState(plan, facts) : { revision, replicas: 0, ready: 0 };
  return replicaSet(plan.seed, facts, state);
}

export function statefulSetAt(plan: Plan, index: number): KubeObject {
  const app = statefulApp(plan, index);
  const template = podTemplate(plan.seed, app, { revision: 1, dataVolume: 'data' });
  const claim = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '20Gi' } },
    storageClassName: 'gp3',
    volumeMode: 'Filesystem',
  };
  return kubeObject(
    plan.seed,
    { ...appIdentity(plan.seed, app, 'apps/v1', 'StatefulSet'), writers: [helm, controllerStatus] },
    {
      spec: {
        replicas: app.replicas,
        selector: { matchLabels: app.selector },
        serviceName: `${app.name}-headless`,
        template: templateBody(template),
        volumeClaimTemplates: [
          {
            kind: 'PersistentVolumeClaim',
            apiVersion: 'v1',
            metadata: { name: 'data' },
            spec: claim,
            status: { phase: 'Pending' },
          },
        ],
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      },
      status: {
        observedGeneration: 1,
        currentReplicas: app.replicas,
        updatedReplicas: app.replicas,
        currentRevision: `${app.name}-1`,
        updateRevision: `${app.name}-1`,
        ...replicaCounts({ revision: 1, replicas: app.replicas, ready: app.replicas }),
      },
    },
  );
}

export function daemonSetAt(plan: Plan, index: number): KubeObject {
  const app = daemonApp(index);
  const nodes = plan.counts.Node;
  return kubeObject(
    plan.seed,
    { ...appIdentity(plan.seed, app, 'apps/v1', 'DaemonSet'), writers: [helm, controllerStatus] },
    {
      spec: {
        selector: { matchLabels: app.selector },
        template: templateBody(podTemplate(plan.seed, app, { revision: 1, tolerateAll: true })),
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
      status: {
        currentNumberScheduled: nodes,
        desiredNumberScheduled: nodes,
        numberAvailable: nodes,
        numberMisscheduled: 0,
        numberReady: nodes,
        observedGeneration: 1,
        updatedNumberScheduled: nodes,
      },
    },
  );
}

export function autoscalerAt(plan: Plan, index: number): KubeObject {
  const app = appOf(plan, appOfShare(plan, plan.counts.HorizontalPodAutoscaler, index));
  return autoscaler(plan.seed, app, app.replicas, 40 + (index % 50));
}

export function autoscaler(seed: number, app: App, replicas: number, utilization: number): KubeObject {
  const metric = (value: Body): Body => ({ type: 'Resource', resource: { name: 'cpu', ...value } });
  return kubeObject(
    seed,
    {
      ...appIdentity(seed, app, 'autoscaling/v2', 'HorizontalPodAutoscaler'),
      writers: [helm, controllerStatus],
    },
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app.name },
        minReplicas: 1,
        maxReplicas: 20,
        metrics: [metric({ target: { type: 'Utilization', averageUtilization: 70 } })],
      },
      status: {
        currentReplicas: replicas,
        desiredReplicas: replicas,
        currentMetrics: [metric({ current: { averageUtilization: utilization, averageValue: `${utilization * 4}m` } })],
        conditions: ['AbleToScale', 'ScalingActive', 'ScalingLimited'].map((type) => ({
          type,
          status: type === 'ScalingLimited' ? 'False' : 'True',
          reason: 'ReadyForNewScale',
        })),
      },
    },
  );
}

export function disruptionBudgetAt(plan: Plan, index: number): KubeObject {
  const app = appOf(plan, appOfShare(plan, plan.counts.PodDisruptionBudget, index));
  return kubeObject(
    plan.seed,
    { ...appIdentity(plan.seed, app, 'policy/v1', 'PodDisruptionBudget'), writers: [helm, controllerStatus] },
    {
      spec: { maxUnavailable: 1, selector: { matchLabels: app.selector } },
      status: {
        currentHealthy: app.replicas,
        desiredHealthy: Math.max(0, app.replicas - 1),
        disruptionsAllowed: 1,
        expectedPods: app.replicas,
        observedGeneration: 1,
      },
    },
  );
}

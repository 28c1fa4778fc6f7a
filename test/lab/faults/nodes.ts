/** Nodes that fall silent or run out of something, and what is not there to run the cluster itself. */
import type { Case } from '../fault.ts';
import { condition, either, event, object, phase, unready } from '../fault.ts';
import { daemonSet, deployment, named, served, statefulSet } from '../manifests.ts';
import { inPool, pool } from '../nodes.ts';
import { REAL_NODE } from '../place.ts';

const worker = `Node//${REAL_NODE}`;
const reasons = ['node', 'kubelet', 'runtime', 'ready', 'lost', 'pressure', 'network'];
const lost = condition('Node', REAL_NODE, 'Ready', 'Unknown');
const notReady = condition('Node', REAL_NODE, 'Ready', 'False');
const settle = { kubectl: ['wait', 'node', REAL_NODE, '--for=condition=Ready', '--timeout=120s'] };
const patience = 150;

export const nodeFaults: readonly Case[] = [
  {
    id: 'nodes-fall-silent',
    family: 'node',
    row: 'NODE-1',
    namespaces: ['lacework'],
    alone: true,
    before: [
      ...pool('bobbin', 2),
      deployment('lacework', 'patterns', { replicas: 4, pod: inPool('bobbin') }),
      statefulSet('lacework', 'ledger', { pod: inPool('bobbin') }),
    ],
    // Whoever plays the nodes: all that are played are lost with it, as with a rack.
    inject: [{ stop: 'kwok' }],
    shows: condition('Node', 'bobbin-2', 'Ready', 'Unknown'),
    label: {
      root: 'Node//bobbin-2',
      also: ['Node//bobbin-1', 'Node//worker-2', 'Node//worker-3', 'Node//control-1'],
      reasons,
      symptoms: ['Pod/lacework/*'],
    },
    after: [{ start: 'kwok' }, { kubectl: ['wait', 'node', '--all', '--for=condition=Ready', '--timeout=120s'] }],
    patience,
    churn: ['edit'],
  },
  {
    id: 'kubelet-stopped',
    family: 'node',
    row: 'NODE-1',
    namespaces: ['foundling'],
    alone: true,
    before: [...served('foundling', 'wards', { replicas: 2 }), daemonSet('foundling', 'shipper', { ready: '' })],
    inject: [{ stop: 'kubelet' }],
    shows: lost,
    label: { root: worker, reasons },
    after: [{ start: 'kubelet' }, settle],
    patience,
    churn: [],
  },
  {
    id: 'kubelet-hangs',
    family: 'node',
    row: 'NODE-1',
    namespaces: ['hospice'],
    alone: true,
    before: [
      ...served('hospice', 'beds', { replicas: 2 }),
      ...served('hospice', 'visits', { args: ['-ready=all', '-upstream=http://beds:8080/'] }),
    ],
    inject: [{ hang: 'kubelet' }],
    shows: lost,
    label: { root: worker, reasons },
    after: [{ resume: 'kubelet' }, settle],
    patience,
    churn: ['dangling'],
  },
  {
    id: 'runtime-stopped',
    family: 'node',
    row: 'NODE-2',
    namespaces: ['infirmary'],
    alone: true,
    before: [...served('infirmary', 'charts', { replicas: 2 }), ...served('infirmary', 'rounds')],
    inject: [{ stop: 'containerd' }, { wait: 5 }, { kubectl: ['scale', 'deployment/rounds', '--replicas=3'] }],
    shows: notReady,
    label: { root: worker, reasons },
    after: [{ start: 'containerd' }, settle],
    patience,
    churn: [],
  },
  {
    id: 'pod-network-gone',
    family: 'node',
    row: 'NET-13',
    namespaces: ['tramshed'],
    alone: true,
    before: [...served('tramshed', 'wheels', { replicas: 2 }), ...served('tramshed', 'pantograph')],
    inject: [
      { node: 'mv "$CLUSTER/network/pods.conflist" /run/' },
      { wait: 4 },
      { kubectl: ['scale', 'deployment/wheels', '--replicas=4'] },
    ],
    shows: either(notReady, event('FailedCreatePodSandBox', /./)),
    label: { root: worker, reasons: [...reasons, 'cni', 'sandbox'] },
    after: [{ node: 'cp /run/pods.conflist "$CLUSTER/network/"' }, settle],
    patience,
    churn: [],
  },
  {
    id: 'node-short-of-memory',
    family: 'node',
    row: 'NODE-3',
    namespaces: ['steelworks'],
    alone: true,
    before: [...served('steelworks', 'ladle', { replicas: 2, args: ['-hold=30'] }), ...served('steelworks', 'slag')],
    inject: [
      { stop: 'kubelet' },
      { start: 'kubelet', flags: ['--eviction-hard=memory.available<22Gi,nodefs.available<1%'] },
    ],
    shows: event('Evicted', /memory/),
    label: { root: worker, reasons: [...reasons, 'memory', 'evict'] },
    after: [{ stop: 'kubelet' }, { start: 'kubelet' }, settle],
    patience,
    churn: [],
  },
  {
    id: 'service-proxy-stopped',
    family: 'node',
    row: 'NET-12',
    namespaces: ['tannin'],
    alone: true,
    before: [
      ...served('tannin', 'bark', { replicas: 1, spec: { strategy: { type: 'Recreate' } } }),
      ...served('tannin', 'vats', { args: ['-ready=all', '-upstream=http://bark:8080/'] }),
    ],
    inject: [{ stop: 'kube-proxy' }, { wait: 5 }, { kubectl: ['rollout', 'restart', 'deployment/bark'] }],
    shows: unready('vats-'),
    label: {
      root: worker,
      also: ['DaemonSet/kube-system/kube-proxy', '*/kube-system/kube-proxy*', 'Service/tannin/bark'],
      reasons: ['proxy', 'node', 'network'],
    },
    after: [{ start: 'kube-proxy' }],
    patience,
    linger: 80,
    churn: ['edit'],
  },
];

export const controlPlaneFaults: readonly Case[] = [
  {
    id: 'scheduler-stopped',
    family: 'control-plane',
    row: 'SCH-9',
    namespaces: ['workhouse'],
    alone: true,
    before: [...served('workhouse', 'oakum', { replicas: 2 }), ...served('workhouse', 'gruel')],
    inject: [
      { stop: 'scheduler' },
      { wait: 8 },
      { kubectl: ['set', 'image', 'deployment/oakum', 'oakum=registry.local/app:2'] },
      { kubectl: ['scale', 'deployment/gruel', '--replicas=2'] },
    ],
    shows: phase('oakum-', 'Pending'),
    label: { root: '*/kube-system/kube-scheduler*', also: ['*//kube-scheduler'], reasons: ['schedul', 'control'] },
    after: [{ start: 'scheduler' }],
    linger: 110,
    churn: [],
  },
  {
    id: 'controllers-stopped',
    family: 'control-plane',
    row: 'CP-1',
    namespaces: ['poorhouse'],
    alone: true,
    before: [...served('poorhouse', 'soup', { replicas: 2 }), ...served('poorhouse', 'blankets')],
    inject: [
      { stop: 'controller-manager' },
      { wait: 8 },
      { kubectl: ['set', 'image', 'deployment/soup', 'soup=registry.local/app:2'] },
      { kubectl: ['delete', 'pod', '-l', 'app=blankets', '--wait=false'] },
    ],
    shows: object('Deployment', 'soup', ({ metadata, status }) => {
      const { generation } = metadata as { generation?: number };
      return (status as { observedGeneration?: number }).observedGeneration !== generation;
    }),
    label: {
      root: '*/kube-system/kube-controller-manager*',
      also: ['*//kube-controller-manager'],
      reasons: ['controller', 'control'],
    },
    after: [{ start: 'controller-manager' }],
    linger: 110,
    churn: [],
  },
];

function autoscaler(namespace: string, name: string, target: string): object {
  return named('autoscaling/v2', 'HorizontalPodAutoscaler', namespace, name, {
    spec: {
      minReplicas: 1,
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
  });
}

export const autoscalingFaults: readonly Case[] = [
  {
    id: 'autoscaler-target-missing',
    family: 'autoscaling',
    row: 'HPA-1',
    namespaces: ['paddock'],
    before: [...served('paddock', 'ponies')],
    inject: [{ apply: [autoscaler('paddock', 'ponies', 'pony')] }],
    shows: event('FailedGetScale', /./),
    label: {
      root: 'HorizontalPodAutoscaler/paddock/ponies',
      also: ['Deployment/paddock/pony'],
      reasons: ['scale', 'target', 'missing'],
    },
    patience: 60,
  },
];

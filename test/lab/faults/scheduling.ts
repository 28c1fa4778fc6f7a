/** Pods that no node takes. */
import type { Case } from '../fault.ts';
import { condition, event, patchPod, phase, restart } from '../fault.ts';
import { deployment, named, served, statefulSet } from '../manifests.ts';
import { inPool, pool } from '../nodes.ts';

const pending = (pod: string): Case['shows'] => phase(pod, 'Pending');
const unscheduled = condition('Pod', '', 'PodScheduled', 'False');
const label = ['label', 'selector', 'affinity', 'node', 'schedul'];
const linger = 40;
const recreated = { strategy: { type: 'Recreate' } };

export const schedulingFaults: readonly Case[] = [
  {
    id: 'selector-matches-no-node',
    family: 'scheduling',
    row: 'SCH-1',
    namespaces: ['sculpture'],
    before: [...served('sculpture', 'bronze', { replicas: 2 }), ...served('sculpture', 'marble')],
    inject: [patchPod('deployment/bronze', { nodeSelector: { disk: 'nvme' } })],
    shows: unscheduled,
    label: { root: 'Deployment/sculpture/bronze', reasons: label },
    linger,
  },
  {
    id: 'affinity-impossible',
    family: 'scheduling',
    row: 'SCH-2',
    namespaces: ['meteorology'],
    before: [statefulSet('meteorology', 'forecast', { replicas: 2 })],
    inject: [
      patchPod('statefulset/forecast', {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['eu-9'] }] },
              ],
            },
          },
        },
      }),
    ],
    shows: pending('forecast-'),
    label: { root: 'StatefulSet/meteorology/forecast', reasons: label },
    linger,
  },
  {
    id: 'taint-evicts-all',
    family: 'scheduling',
    row: 'SCH-3',
    namespaces: ['orchestra'],
    before: [...pool('strings', 2), deployment('orchestra', 'violas', { replicas: 4, pod: inPool('strings') })],
    inject: [{ kubectl: ['taint', 'node', 'strings-1', 'strings-2', 'maintenance=planned:NoExecute'] }],
    shows: unscheduled,
    label: { root: 'Node//strings-1', also: ['Node//strings-2'], reasons: ['taint', 'node'] },
    linger,
  },
  {
    id: 'taint-then-release',
    family: 'scheduling',
    row: 'SCH-3',
    namespaces: ['choir'],
    before: [...pool('alto', 1), deployment('choir', 'hymns', { replicas: 2, pod: inPool('alto') })],
    inject: [
      { kubectl: ['taint', 'node', 'alto-1', 'team=research:NoSchedule'] },
      { wait: 8 },
      { kubectl: ['set', 'image', 'deployment/hymns', 'hymns=registry.local/app:2'] },
    ],
    shows: unscheduled,
    label: { root: 'Node//alto-1', reasons: ['taint', 'node'] },
    linger,
  },
  {
    id: 'nodes-cordoned',
    family: 'scheduling',
    row: 'SCH-4',
    namespaces: ['circus'],
    before: [...pool('ring', 2), deployment('circus', 'acrobats', { replicas: 2, pod: inPool('ring') })],
    inject: [
      { kubectl: ['cordon', 'ring-1'] },
      { kubectl: ['cordon', 'ring-2'] },
      { wait: 6 },
      { kubectl: ['scale', 'deployment/acrobats', '--replicas=5'] },
    ],
    shows: unscheduled,
    label: { root: 'Node//ring-1', also: ['Node//ring-2'], reasons: ['cordon', 'unschedulable', 'node'] },
    linger,
  },
  {
    id: 'node-label-removed',
    family: 'scheduling',
    row: 'SCH-1',
    namespaces: ['carpentry'],
    before: [...pool('bench', 1), deployment('carpentry', 'joints', { pod: inPool('bench') })],
    inject: [{ kubectl: ['label', 'node', 'bench-1', 'pool-'] }, { wait: 6 }, restart('deployment/joints')],
    shows: unscheduled,
    label: { root: 'Node//bench-1', reasons: label },
    linger,
  },
  {
    id: 'apart-but-too-many',
    family: 'scheduling',
    row: 'SCH-5',
    namespaces: ['regatta'],
    before: [
      ...pool('pier', 2),
      deployment('regatta', 'boats', {
        replicas: 2,
        pod: {
          ...inPool('pier'),
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'boats' } } },
              ],
            },
          },
        },
      }),
    ],
    inject: [{ kubectl: ['scale', 'deployment/boats', '--replicas=3'] }],
    shows: unscheduled,
    label: { root: 'Deployment/regatta/boats', reasons: ['affinity', 'replica', 'scale', 'schedul'] },
    linger,
  },
  {
    id: 'wants-too-much',
    family: 'scheduling',
    row: 'SCH-6',
    namespaces: ['ironworks'],
    before: served('ironworks', 'hammer', { replicas: 2 }),
    inject: [{ kubectl: ['set', 'resources', 'deployment/hammer', '--requests=cpu=48,memory=16Mi'] }],
    shows: unscheduled,
    label: { root: 'Deployment/ironworks/hammer', reasons: ['request', 'resource', 'cpu', 'insufficient', 'schedul'] },
    linger,
  },
  {
    id: 'wants-a-device',
    family: 'scheduling',
    row: 'SCH-6',
    namespaces: ['optics'],
    before: served('optics', 'lenses'),
    inject: [
      {
        apply: [
          deployment('optics', 'raytracer', {
            container: { resources: { limits: { 'nvidia.com/gpu': '1', memory: '64Mi' } } },
          }),
        ],
      },
    ],
    shows: unscheduled,
    label: { root: 'Deployment/optics/raytracer', reasons: ['request', 'resource', 'gpu', 'insufficient', 'schedul'] },
    linger,
  },
  {
    id: 'host-port-twice',
    family: 'scheduling',
    row: 'SCH-7',
    namespaces: ['aviary'],
    before: [...pool('perch', 1), deployment('aviary', 'finches', { ...onPort(9100), pod: inPool('perch') })],
    inject: [{ apply: [deployment('aviary', 'owls', { ...onPort(9100), pod: inPool('perch') })] }],
    shows: unscheduled,
    label: { root: 'Deployment/aviary/owls', reasons: ['port'] },
    linger,
  },
  {
    id: 'pushed-aside',
    family: 'scheduling',
    row: 'SCH-8',
    namespaces: ['newsroom'],
    before: [
      ...pool('desk', 1, { cpu: '1' }),
      deployment('newsroom', 'features', { replicas: 3, pod: inPool('desk'), container: cpu('300m') }),
    ],
    inject: [
      { apply: [named('scheduling.k8s.io/v1', 'PriorityClass', '', 'breaking-news', { value: 50_000 })] },
      {
        apply: [
          deployment('newsroom', 'flash', {
            replicas: 2,
            pod: { ...inPool('desk'), priorityClassName: 'breaking-news' },
            container: cpu('400m'),
          }),
        ],
      },
    ],
    shows: event('Preempted', /./),
    label: {
      root: 'Deployment/newsroom/flash',
      also: ['PriorityClass//breaking-news'],
      reasons: ['preempt', 'priority', 'evict'],
    },
    linger,
  },
  {
    id: 'crowded-out',
    family: 'scheduling',
    row: 'SCH-6',
    namespaces: ['allotment'],
    before: [
      ...pool('shed', 1, { cpu: '1' }),
      deployment('allotment', 'beans', { pod: inPool('shed'), container: cpu('100m') }),
      deployment('allotment', 'marrows', { pod: inPool('shed'), container: cpu('400m'), spec: recreated }),
    ],
    inject: [
      { kubectl: ['scale', 'deployment/beans', '--replicas=6'] },
      { wait: 6 },
      { kubectl: ['delete', 'pod', '-l', 'app=marrows', '--wait=false'] },
      { kubectl: ['scale', 'deployment/beans', '--replicas=12'] },
    ],
    shows: event('FailedScheduling', /Insufficient cpu/),
    label: {
      root: 'Deployment/allotment/beans',
      also: ['Node//shed-1'],
      reasons: ['scale', 'replica', 'capacity', 'insufficient', 'resource', 'cpu'],
    },
    linger,
  },
  {
    id: 'scheduler-name-unknown',
    family: 'scheduling',
    row: 'SCH-9',
    namespaces: ['monastery'],
    before: served('monastery', 'bells'),
    inject: [patchPod('deployment/bells', { schedulerName: 'bin-packer' })],
    shows: pending('bells-'),
    label: { root: 'Deployment/monastery/bells', reasons: ['schedul'] },
    linger: 60,
  },
  {
    id: 'node-removed',
    family: 'scheduling',
    row: 'NODE-1',
    namespaces: ['windmill'],
    before: [...pool('sail', 1), deployment('windmill', 'grist', { replicas: 2, pod: inPool('sail') })],
    inject: [{ kubectl: ['delete', 'node', 'sail-1'] }],
    shows: unscheduled,
    label: { root: 'Node//sail-1', reasons: ['node', 'delete', 'missing'] },
    linger,
    patience: 180,
  },
  {
    id: 'spread-over-a-cordoned-zone',
    family: 'scheduling',
    row: 'SCH-4',
    namespaces: ['postoffice'],
    before: [
      ...pool('north', 1, { labels: { pool: 'sorting', 'topology.kubernetes.io/zone': 'n' } }),
      ...pool('south', 1, { labels: { pool: 'sorting', 'topology.kubernetes.io/zone': 's' } }),
      deployment('postoffice', 'parcels', {
        replicas: 2,
        pod: {
          nodeSelector: { pool: 'sorting' },
          tolerations: [{ key: 'pool', operator: 'Exists' }],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: { app: 'parcels' } },
            },
          ],
        },
      }),
    ],
    inject: [{ kubectl: ['cordon', 'south-1'] }, { kubectl: ['scale', 'deployment/parcels', '--replicas=5'] }],
    shows: unscheduled,
    label: { root: 'Node//south-1', reasons: ['cordon', 'unschedulable', 'node'] },
    linger,
  },
];

function onPort(hostPort: number): Readonly<Record<string, unknown>> {
  return { container: { ports: [{ containerPort: 8080, hostPort }] } };
}

function cpu(requested: string): Readonly<Record<string, unknown>> {
  return { resources: { requests: { cpu: requested, memory: '16Mi' } } };
}

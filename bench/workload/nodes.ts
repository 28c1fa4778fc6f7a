/** Nodes with their heartbeats, namespaces, and the classes that are there once per cluster. */
import type { KubeObject } from '../../src/model/change.ts';
import { censusTime, dayMs, digestFor, namespaceName, timestamp } from './names.ts';
import { type Body, kubectl, kubelet, kubeObject } from './object.ts';
import type { Plan } from './plan.ts';

const bornAt = censusTime - 400 * dayMs;
const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];

export function nodeAddress(index: number): string {
  return `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}

export function nodeName(index: number): string {
  return `ip-${nodeAddress(index).replaceAll('.', '-')}.eu-central-1.compute.internal`;
}

export interface Heartbeat {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ready?: boolean;
}

export function node(seed: number, index: number, heartbeat: Heartbeat): KubeObject {
  const name = nodeName(index);
  const zone = zones[index % zones.length] ?? '';
  const batch = index % 25 === 24;
  const instanceType = batch ? 'c6i.8xlarge' : 'm6i.4xlarge';
  return kubeObject(
    seed,
    {
      apiVersion: 'v1',
      kind: 'Node',
      name,
      createdAt: censusTime - (1 + (index % 30)) * dayMs,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'eks.amazonaws.com/nodegroup': batch ? 'batch' : `general-${index % 4}`,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': instanceType,
        'topology.kubernetes.io/region': 'eu-central-1',
        'topology.kubernetes.io/zone': zone,
      },
      annotations: {
        'csi.volume.kubernetes.io/nodeid': `{"ebs.csi.aws.com":"i-0${name.length}${index}"}`,
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
      writers: [{ ...kubelet, subresource: 'status', fields: ['metadata', 'status'] }],
    },
    {
      spec: {
        providerID: `aws:///${zone}/i-0${index.toString(16).padStart(16, '0')}`,
        ...(batch ? { taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] } : {}),
      },
      status: nodeStatus(seed, index, heartbeat),
    },
  );
}

function nodeStatus(seed: number, index: number, { at, ready = true }: Heartbeat): Body {
  const capacity = { cpu: '16', 'ephemeral-storage': '104845292Ki', memory: '64619476Ki', pods: '234' };
  const pressure = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) =>
    nodeCondition(type, 'False', `KubeletHasSufficient${type.slice(0, -8)}`, at),
  );
  return {
    capacity,
    allocatable: { ...capacity, cpu: '15890m', memory: '61547476Ki' },
    conditions: [
      ...pressure,
      nodeCondition('Ready', ready ? 'True' : 'False', ready ? 'KubeletReady' : 'KubeletNotReady', at),
    ],
    addresses: [
      { type: 'InternalIP', address: nodeAddress(index) },
      { type: 'Hostname', address: nodeName(index) },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: {
      machineID: `ec2${index.toString(16).padStart(29, '0')}`,
      kernelVersion: '6.12.40-63.114.amzn2023.x86_64',
      osImage: 'Amazon Linux 2023.9.20261110',
      containerRuntimeVersion: 'containerd://2.1.4',
      kubeletVersion: 'v1.33.5-eks-113cf36',
      kubeProxyVersion: 'v1.33.5-eks-113cf36',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    images: Array.from({ length: 30 }, (_, image) => ({
      names: [
        `registry.example.com/team-${image}/service@${digestFor(seed, `image/${image}`)}`,
        `registry.example.com/team-${image}/service:2.1.${image}`,
      ],
      sizeBytes: 40_000_000 + image * 7_654_321,
    })),
  };
}

function nodeCondition(type: string, status: string, reason: string, at: number): Body {
  const message = type === 'Ready' ? 'kubelet is posting ready status' : `kubelet has sufficient ${type} available`;
  return { type, status, lastHeartbeatTime: timestamp(at), lastTransitionTime: timestamp(bornAt), reason, message };
}

export function nodeAt(plan: Plan, index: number): KubeObject {
  return node(plan.seed, index, { at: censusTime });
}

/** `kube-node-lease` objects: by far the most frequent change of a quiet cluster, one per node every ten seconds. */
export function lease(seed: number, index: number, { at }: Heartbeat): KubeObject {
  const name = nodeName(index);
  return kubeObject(
    seed,
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: 'kube-node-lease',
      name,
      createdAt: censusTime - (1 + (index % 30)) * dayMs,
      owner: { apiVersion: 'v1', kind: 'Node', name, namespace: '' },
      writers: [{ manager: 'kubelet', operation: 'Update', fields: ['metadata', 'spec'] }],
    },
    {
      spec: {
        holderIdentity: name,
        leaseDurationSeconds: 40,
        renewTime: new Date(at).toISOString().replace('Z', '000Z'),
      },
    },
  );
}

export function leaseAt(plan: Plan, index: number): KubeObject {
  return lease(plan.seed, index, { at: censusTime });
}

export function namespaceAt(plan: Plan, index: number): KubeObject {
  const name = namespaceName(index);
  const team = name.split('-')[0] ?? name;
  return kubeObject(
    plan.seed,
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      name,
      createdAt: bornAt,
      labels: { 'kubernetes.io/metadata.name': name, team, 'pod-security.kubernetes.io/enforce': 'baseline' },
      writers: [kubectl],
    },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  );
}

export const storageClasses = ['gp3', 'gp2', 'io2'];
export const ingressClasses = ['nginx', 'nginx-internal'];

export function storageClassAt(plan: Plan, index: number): KubeObject {
  const name = storageClasses[index] ?? `class-${index}`;
  const annotations = { 'storageclass.kubernetes.io/is-default-class': String(index === 0) };
  return kubeObject(
    plan.seed,
    { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name, createdAt: bornAt, annotations, writers: [kubectl] },
    {
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: name, encrypted: 'true' },
      reclaimPolicy: 'Delete',
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  );
}

export function ingressClassAt(plan: Plan, index: number): KubeObject {
  const name = ingressClasses[index] ?? `class-${index}`;
  return kubeObject(
    plan.seed,
    { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name, createdAt: bornAt, writers: [kubectl] },
    { spec: { controller: `k8s.io/${name}` } },
  );
}

/** Node: where pods run. Source: core/v1 Node and the well-known labels of nodes. */
import type { V1Node } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { because, condition, conditionsOf } from './conditions.ts';
import { csiVolume } from './csi-volume.ts';
import { machineOfNode } from './ecosystems/cluster-api-refs.ts';
import { kind, type Raw, type Relation } from './kind.ts';
import { nodeSelectable } from './placement.ts';
import { namesPseudo, relation } from './relations.ts';

type Node = Raw<V1Node>;

/** What runs the node, as pseudo resources of their own, so that "which nodes have this kernel" is one hop. */
const software: readonly Relation[] = Object.entries({
  architecture: 'Architecture',
  containerRuntimeVersion: 'ContainerRuntime',
  kernelVersion: 'Kernel',
  osImage: 'OperatingSystem',
  kubeletVersion: 'Kubelet',
}).map(([field, pseudoKind]) => namesPseudo('RUNS_SOFTWARE', `status.nodeInfo.${field}`, pseudoKind));

/** Labels of zone and region, today's and those of before Kubernetes 1.17. */
export const topology: readonly Relation[] = ['topology.kubernetes.io', 'failure-domain.beta.kubernetes.io'].flatMap(
  (prefix) => [
    namesPseudo('IN_ZONE', `metadata.labels["${prefix}/zone"]`, 'Zone'),
    namesPseudo('IN_REGION', `metadata.labels["${prefix}/region"]`, 'Region'),
  ],
);

const CSI_PREFIX = 'kubernetes.io/csi/';

/** Volumes of CSI drivers that are attached here; the name holds driver and handle, by which the volume is found. */
const volumes: readonly Relation[] = ['status.volumesAttached[*].name', 'status.volumesInUse[*]'].map((path) =>
  relation(
    'ATTACHED_TO',
    path,
    'PersistentVolume',
    { reverse: true, note: `${CSI_PREFIX}<driver>^<handle>, matched with spec.csi of the volume` },
    ({ value }) => {
      if (typeof value !== 'string' || !value.startsWith(CSI_PREFIX)) return undefined;
      const [driver, handle] = value.slice(CSI_PREFIX.length).split('^', 2);
      return driver && handle ? { target: csiVolume(driver, handle), value } : undefined;
    },
  ),
);

export const node = kind<V1Node>({
  group: '',
  name: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  summary: (n) => ({
    status: nodeStatus(n),
    roles: roles(n),
    version: n.status?.nodeInfo?.kubeletVersion,
    internalIp: n.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
    externalIp: n.status?.addresses?.find(({ type }) => type === 'ExternalIP')?.address,
    osImage: n.status?.nodeInfo?.osImage,
    kernelVersion: n.status?.nodeInfo?.kernelVersion,
    containerRuntime: n.status?.nodeInfo?.containerRuntimeVersion,
  }),
  health,
  selectable: ({ metadata, spec }) => nodeSelectable(metadata?.name ?? '', spec?.taints),
  relations: [
    ...topology,
    namesPseudo('RUNS_ON', 'spec.providerID', 'Machine'),
    ...software,
    ...volumes,
    machineOfNode,
  ],
});

/** The STATUS column of `kubectl get nodes`. */
function nodeStatus(n: Node): string {
  const ready = condition(n, 'Ready');
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return n.spec?.unschedulable ? `${status},SchedulingDisabled` : status;
}

const ROLE = 'node-role.kubernetes.io/';

function roles({ metadata }: Node): string | undefined {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(metadata?.labels ?? {})) {
    if (key.startsWith(ROLE) && key.length > ROLE.length) found.add(key.slice(ROLE.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return found.size === 0 ? undefined : [...found].sort().join(',');
}

/** What is well when True: Ready, and what monitoring agents of clouds call …Ready or …Healthy in its manner. */
const GOOD = /(?:Ready|Healthy)$/;

/** Ready must be True; other conditions that are not good news report a fault when True: pressure, no network, what a problem detector finds. */
function health(n: Node): Health {
  const ready = condition(n, 'Ready');
  if (ready === undefined) return { status: 'unknown' };
  if (ready.status !== 'True')
    return { ...because('critical', ready), reason: ready.status === 'Unknown' ? 'NodeStatusUnknown' : 'NotReady' };
  const faults = conditionsOf(n).filter(({ type, status }) => status === (GOOD.test(type) ? 'False' : 'True'));
  const offline = faults.find(({ type }) => type === 'NetworkUnavailable');
  if (offline) return { ...because('critical', offline), reason: offline.type };
  const [fault] = faults;
  if (fault) return { ...because('warning', fault), reason: GOOD.test(fault.type) ? `Not${fault.type}` : fault.type };
  return n.spec?.unschedulable ? { status: 'warning', reason: 'SchedulingDisabled' } : { status: 'healthy' };
}

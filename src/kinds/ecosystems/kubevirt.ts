/**
 * KubeVirt: virtual machines, their instances, and what both are made from; the pod of an instance is owned by it.
 * Sources: kubevirt.io/v1, snapshot and clone .kubevirt.io (kubevirt 1.6).
 */
import type { HealthStatus } from '../../model/resource.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { NetworkAttachmentDefinition } from '../network-attachment.ts';
import { namesQualified } from '../qualified-name.ts';
import {
  ConfigMap,
  ControllerRevision,
  Node,
  namespaced,
  PersistentVolumeClaim,
  PriorityClass,
  Secret,
  ServiceAccount,
} from '../refs.ts';
import { names, namesPseudo, refersTo } from '../relations.ts';
import { containerizedDataImporter, DataVolume } from './containerized-data-importer.ts';
import { columns, healthBy, healthByPhase } from './custom-resource.ts';

const GROUP = 'kubevirt.io';
const SNAPSHOTS = 'snapshot.kubevirt.io';
const INSTANCE_TYPES = 'instancetype.kubevirt.io';
const VirtualMachineInstance = namespaced(GROUP, 'VirtualMachineInstance');
const VirtualMachineSnapshot = namespaced(SNAPSHOTS, 'VirtualMachineSnapshot');
const VirtualMachineSnapshotContent = namespaced(SNAPSHOTS, 'VirtualMachineSnapshotContent');
const VolumeSnapshot = namespaced('snapshot.storage.k8s.io', 'VolumeSnapshot');

interface Via {
  readonly via?: 'template';
}

/** The spec of an instance, which a machine and a set have as a template. */
function instanceSpec(path: string, t: Via = {}): readonly Relation[] {
  const volume = `${path}.volumes[*]`;
  return [
    names(
      'CLAIMS',
      `${volume}.{persistentVolumeClaim,ephemeral.persistentVolumeClaim,memoryDump}`,
      PersistentVolumeClaim,
      {
        name: 'claimName',
        ...t,
      },
    ),
    names('CLAIMS', `${volume}.dataVolume`, PersistentVolumeClaim, { note: 'the claim of the same name', ...t }),
    names('DEPENDS_ON', `${volume}.dataVolume`, DataVolume, {
      optional: true,
      note: 'may be gone once it is done',
      ...t,
    }),
    names('MOUNTS', `${volume}.{cloudInitNoCloud,cloudInitConfigDrive}.{secretRef,networkDataSecretRef}`, Secret, t),
    names('MOUNTS', `${volume}.sysprep.secret`, Secret, t),
    names('MOUNTS', `${volume}.{configMap,sysprep.configMap}`, ConfigMap, { optional: 'optional', ...t }),
    names('MOUNTS', `${volume}.secret`, Secret, { name: 'secretName', optional: 'optional', ...t }),
    names('USES_TOKEN_OF', `${volume}.serviceAccount`, ServiceAccount, { name: 'serviceAccountName', ...t }),
    namesPseudo('USES_IMAGE', `${volume}.containerDisk.image`, 'Image', t),
    names('PULLS_WITH', `${volume}.containerDisk.imagePullSecret`, Secret, t),
    { ...namesQualified('USES_NETWORK', `${path}.networks[*].multus.networkName`, NetworkAttachmentDefinition), ...t },
    names('USES_SECRET', `${path}.accessCredentials[*].{sshPublicKey,userPassword}.source.secret`, Secret, {
      name: 'secretName',
      ...t,
    }),
    names('HAS_PRIORITY', `${path}.priorityClassName`, PriorityClass, t),
  ];
}

const template = { via: 'template' } as const;

/** An instance type or a preference: of the cluster unless the kind says otherwise, kept as a revision once it is used. */
const matched = (path: string, defaultKind: string): readonly Relation[] => [
  refersTo('USES_TEMPLATE', path, `${defaultKind} or the namespaced kind`, {
    defaultGroup: INSTANCE_TYPES,
    defaultKind,
  }),
  names('USES_REVISION', path, ControllerRevision, { name: 'revisionName' }),
];

const states: Readonly<Record<string, HealthStatus>> = {
  Running: 'healthy',
  Stopped: 'healthy',
  Paused: 'warning',
  Starting: 'warning',
  Stopping: 'warning',
  Provisioning: 'warning',
  Migrating: 'warning',
  Terminating: 'warning',
  WaitingForVolumeBinding: 'warning',
  WaitingForReceiver: 'warning',
  Unknown: 'warning',
  CrashLoopBackOff: 'critical',
  ErrorUnschedulable: 'critical',
  ErrImagePull: 'critical',
  ImagePullBackOff: 'critical',
  ErrorPvcNotFound: 'critical',
  DataVolumeError: 'critical',
};

const virtualMachine = kind({
  group: GROUP,
  name: 'VirtualMachine',
  plural: 'virtualmachines',
  namespaced: true,
  summary: columns({ status: 'status.printableStatus', ready: '@Ready' }),
  health: healthByPhase('status.printableStatus', states),
  relations: [
    ...instanceSpec('spec.template.spec', template),
    ...matched('spec.instancetype', 'VirtualMachineClusterInstancetype'),
    ...matched('spec.preference', 'VirtualMachineClusterPreference'),
    names('PRODUCES', 'spec.dataVolumeTemplates[*].metadata', DataVolume, { optional: true }),
  ],
});

const virtualMachineInstance = kind({
  group: GROUP,
  name: VirtualMachineInstance.kind,
  plural: 'virtualmachineinstances',
  namespaced: true,
  summary: columns({
    phase: 'status.phase',
    ip: (object) => {
      const { interfaces } = (object as { status?: { interfaces?: readonly { ipAddress?: string }[] } }).status ?? {};
      return interfaces?.[0]?.ipAddress;
    },
    nodeName: 'status.nodeName',
    ready: '@Ready',
  }),
  health: healthByPhase('status.phase', {
    Running: 'healthy',
    Succeeded: 'healthy',
    Pending: 'warning',
    Scheduling: 'warning',
    Scheduled: 'warning',
    WaitingForSync: 'warning',
    Unknown: 'warning',
    Failed: 'critical',
  }),
  relations: [...instanceSpec('spec'), names('RUNS_ON', 'status.nodeName', Node)],
});

const sets = (name: string, plural: string, group: string, path: string): Kind =>
  kind({
    group,
    name,
    plural,
    namespaced: true,
    summary: columns({ desired: 'spec.replicas', current: 'status.replicas', ready: 'status.readyReplicas' }),
    relations: instanceSpec(path, template),
  });

const migration = kind({
  group: GROUP,
  name: 'VirtualMachineInstanceMigration',
  plural: 'virtualmachineinstancemigrations',
  namespaced: true,
  summary: columns({ phase: 'status.phase', vmi: 'spec.vmiName' }),
  health: healthByPhase('status.phase', { Succeeded: 'healthy', Running: 'healthy', Failed: 'critical' }),
  relations: [names('APPLIES_TO', 'spec.vmiName', VirtualMachineInstance, { optional: true })],
});

const snapshot = kind({
  group: SNAPSHOTS,
  name: VirtualMachineSnapshot.kind,
  plural: 'virtualmachinesnapshots',
  namespaced: true,
  summary: columns({
    sourceKind: 'spec.source.kind',
    sourceName: 'spec.source.name',
    phase: 'status.phase',
    readyToUse: 'status.readyToUse',
  }),
  health: healthBy({ good: ['Ready'], bad: ['Failure'], progressing: ['Progressing'] }),
  relations: [
    refersTo('SNAPSHOT_OF', 'spec.source', 'VirtualMachine', { defaultGroup: GROUP, optional: true }),
    names('BOUND_TO', 'status.virtualMachineSnapshotContentName', VirtualMachineSnapshotContent),
  ],
});

const snapshotContent = kind({
  group: SNAPSHOTS,
  name: VirtualMachineSnapshotContent.kind,
  plural: 'virtualmachinesnapshotcontents',
  namespaced: true,
  relations: [names('STORED_IN', 'spec.volumeBackups[*].volumeSnapshotName', VolumeSnapshot)],
});

const restore = kind({
  group: SNAPSHOTS,
  name: 'VirtualMachineRestore',
  plural: 'virtualmachinerestores',
  namespaced: true,
  summary: columns({ targetKind: 'spec.target.kind', targetName: 'spec.target.name', complete: 'status.complete' }),
  health: healthBy({ good: ['Ready'], bad: ['Failure'], progressing: ['Progressing'] }),
  relations: [
    refersTo('APPLIES_TO', 'spec.target', 'VirtualMachine', { defaultGroup: GROUP, optional: true }),
    names('RESTORED_FROM', 'spec.virtualMachineSnapshotName', VirtualMachineSnapshot),
  ],
});

const instanceTypes = (['Instancetype', 'Preference'] as const).flatMap((what) => [
  kind({
    group: INSTANCE_TYPES,
    name: `VirtualMachine${what}`,
    plural: `virtualmachine${what.toLowerCase()}s`,
    namespaced: true,
  }),
  kind({
    group: INSTANCE_TYPES,
    name: `VirtualMachineCluster${what}`,
    plural: `virtualmachinecluster${what.toLowerCase()}s`,
    namespaced: false,
  }),
]);

export const kubevirt: readonly Kind[] = [
  virtualMachine,
  virtualMachineInstance,
  sets('VirtualMachineInstanceReplicaSet', 'virtualmachineinstancereplicasets', GROUP, 'spec.template.spec'),
  sets(
    'VirtualMachinePool',
    'virtualmachinepools',
    'pool.kubevirt.io',
    'spec.virtualMachineTemplate.spec.template.spec',
  ),
  migration,
  snapshot,
  snapshotContent,
  restore,
  ...instanceTypes,
  ...containerizedDataImporter,
];

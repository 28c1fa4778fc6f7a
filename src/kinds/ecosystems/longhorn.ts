/** Longhorn: volumes, the replicas that hold their data, and backups of them. Source: longhorn.io/v1beta2. */
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { Node, namespaced, PersistentVolume, Secret } from '../refs.ts';
import { names, namesPseudo, relation } from '../relations.ts';
import { type Column, columns, healthByPhase } from './custom-resource.ts';

const GROUP = 'longhorn.io';
const Volume = namespaced(GROUP, 'Volume');
const Engine = namespaced(GROUP, 'Engine');
const BackingImage = namespaced(GROUP, 'BackingImage');
const BackupTarget = namespaced(GROUP, 'BackupTarget');
const Snapshot = namespaced(GROUP, 'Snapshot');
const InstanceManager = namespaced(GROUP, 'InstanceManager');

const here = (
  name: string,
  plural: string,
  cells: Readonly<Record<string, Column>>,
  relations: readonly Relation[],
  phases?: Parameters<typeof healthByPhase>,
): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns(cells),
    ...(phases && { health: healthByPhase(...phases) }),
    relations,
  });

const instance: readonly Relation[] = [
  names('BELONGS_TO', 'spec.volumeName', Volume),
  names('RUNS_ON', 'spec.nodeID', Node),
  names('DEPENDS_ON', 'status.instanceManagerName', InstanceManager),
];
const instanceStates: Parameters<typeof healthByPhase> = [
  'status.currentState',
  {
    running: 'healthy',
    stopped: 'unknown',
    starting: 'warning',
    stopping: 'warning',
    error: 'critical',
    unknown: 'warning',
  },
];
const instanceColumns = {
  state: 'status.currentState',
  node: 'spec.nodeID',
  instanceManager: 'status.instanceManagerName',
};

export const longhorn: readonly Kind[] = [
  here(
    Volume.kind,
    'volumes',
    {
      dataEngine: 'spec.dataEngine',
      state: 'status.state',
      robustness: 'status.robustness',
      scheduled: '@Scheduled',
      size: 'spec.size',
      node: 'status.currentNodeID',
    },
    [
      names('PRODUCES', 'status.kubernetesStatus.pvName', PersistentVolume, { optional: true }),
      names('ATTACHED_TO', 'status.currentNodeID', Node),
      names('CLONED_FROM', 'spec.backingImage', BackingImage),
    ],
    ['status.robustness', { healthy: 'healthy', degraded: 'warning', faulted: 'critical', unknown: 'unknown' }],
  ),
  here(
    'Replica',
    'replicas',
    instanceColumns,
    [...instance, names('BACKS', 'spec.engineName', Engine, { optional: true })],
    instanceStates,
  ),
  here(Engine.kind, 'engines', instanceColumns, instance, instanceStates),
  here(
    InstanceManager.kind,
    'instancemanagers',
    { state: 'status.currentState', type: 'spec.type', node: 'spec.nodeID' },
    [names('RUNS_ON', 'spec.nodeID', Node)],
    instanceStates,
  ),
  here(Snapshot.kind, 'snapshots', { volume: 'spec.volume', readyToUse: 'status.readyToUse' }, [
    names('SNAPSHOT_OF', 'spec.volume', Volume),
  ]),
  here(
    'Backup',
    'backups',
    { snapshotName: 'status.snapshotName', snapshotSize: 'status.size', state: 'status.state' },
    [
      names('SNAPSHOT_OF', 'spec.snapshotName', Snapshot, { optional: true }),
      names('SNAPSHOT_OF', 'status.volumeName', Volume, { optional: true }),
      names('STORED_IN', 'spec.backupTargetName', BackupTarget),
    ],
    [
      'status.state',
      { Completed: 'healthy', Pending: 'warning', InProgress: 'warning', Unknown: 'warning', Error: 'critical' },
      'status.error',
    ],
  ),
  here('BackupVolume', 'backupvolumes', { lastBackupAt: 'status.lastBackupAt' }, [
    names('STORED_IN', 'spec.backupTargetName', BackupTarget),
  ]),
  kind({
    group: GROUP,
    name: BackupTarget.kind,
    plural: 'backuptargets',
    namespaced: true,
    summary: columns({
      url: 'spec.backupTargetURL',
      credential: 'spec.credentialSecret',
      available: 'status.available',
    }),
    health: (object: unknown) => {
      const { available } = (object as { status?: { available?: unknown } }).status ?? {};
      if (typeof available !== 'boolean') return { status: 'unknown' };
      return available ? { status: 'healthy' } : { status: 'critical', reason: 'Unavailable' };
    },
    relations: [names('USES_SECRET', 'spec.credentialSecret', Secret)],
  }),
  here(BackingImage.kind, 'backingimages', { uuid: 'status.uuid' }, []),
  here(
    'EngineImage',
    'engineimages',
    { state: 'status.state', image: 'spec.image' },
    [namesPseudo('USES_IMAGE', 'spec.image', 'Image')],
    ['status.state', { deployed: 'healthy', deploying: 'warning', incompatible: 'critical', error: 'critical' }],
  ),
  here('VolumeAttachment', 'volumeattachments', {}, [names('ATTACHES', 'spec.volume', Volume)], ['status.none', {}]),
  kind({
    group: GROUP,
    name: 'Node',
    plural: 'nodes',
    namespaced: true,
    relations: [
      relation('RUNS_ON', 'metadata.name', Node.kind, { note: 'of the same name' }, ({ name }) => ({
        target: { by: 'name', group: Node.group, kind: Node.kind, namespace: '', name },
      })),
    ],
  }),
];

/**
 * Velero: what is backed up, where to, and what was restored from it. Backups carry the label of their schedule, restored objects that of
 * their restore: see label-parents.ts. Sources: velero.io/v1 and v2alpha1 (velero 1.18).
 */
import type { HealthStatus } from '../../model/resource.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, Namespace, Node, namespaced, PersistentVolumeClaim, Secret } from '../refs.ts';
import { type NameOptions, names, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthByPhase } from './custom-resource.ts';

const GROUP = 'velero.io';
const Backup = namespaced(GROUP, 'Backup');
const Schedule = namespaced(GROUP, 'Schedule');
const BackupStorageLocation = namespaced(GROUP, 'BackupStorageLocation');
const VolumeSnapshotLocation = namespaced(GROUP, 'VolumeSnapshotLocation');

const phases: Readonly<Record<string, HealthStatus>> = {
  Available: 'healthy',
  Completed: 'healthy',
  Enabled: 'healthy',
  Processed: 'healthy',
  Ready: 'healthy',
  New: 'warning',
  Queued: 'warning',
  ReadyToStart: 'warning',
  InProgress: 'warning',
  Finalizing: 'warning',
  WaitingForPluginOperations: 'warning',
  Accepted: 'warning',
  Prepared: 'warning',
  Canceling: 'warning',
  Canceled: 'warning',
  Deleting: 'warning',
  PartiallyFailed: 'critical',
  FinalizingPartiallyFailed: 'critical',
  WaitingForPluginOperationsPartiallyFailed: 'critical',
  FailedValidation: 'critical',
  Failed: 'critical',
  NotReady: 'critical',
  Unavailable: 'critical',
};
const health = healthByPhase('status.phase', phases, 'status.failureReason');
const finished = new Set(['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation', 'Canceled', 'Processed']);
const idle = (object: unknown): boolean => finished.has(String(valueAt(object, 'status.phase')));

const stored = (path: string): Relation => names('STORED_IN', path, BackupStorageLocation);
const key: NameOptions = { attributes: carries(['key']), optional: 'optional' };

/** `includedNamespaces` at the path. `*` and patterns name none in particular; a restore may map names to others. */
function included(path: string, options: { readonly optional?: boolean } = {}): Relation {
  return relation(
    'APPLIES_TO',
    `${path}.includedNamespaces[*]`,
    Namespace.kind,
    { note: 'not patterns; of a restore, the namespace that it is mapped to' },
    ({ value, up }) => {
      if (typeof value !== 'string' || /[*?[{]/.test(value)) return undefined;
      const name = textAt(valueAt(up(2), 'namespaceMapping'), value) ?? value;
      return {
        target: { by: 'name', group: '', kind: Namespace.kind, namespace: '', name },
        ...(options.optional && { optional: true }),
      };
    },
  );
}

/** The spec of a Backup, which a Schedule has as a template. */
const backupSpec = (path: string, options: { readonly optional?: boolean } = {}): readonly Relation[] => [
  stored(`${path}.storageLocation`),
  names('STORED_IN', `${path}.volumeSnapshotLocations[*]`, VolumeSnapshotLocation),
  names('USES_CONFIG', `${path}.resourcePolicy`, ConfigMap),
  included(path, options),
];

const backup = kind({
  group: GROUP,
  name: Backup.kind,
  plural: 'backups',
  namespaced: true,
  summary: columns({
    status: 'status.phase',
    errors: 'status.errors',
    warnings: 'status.warnings',
    completed: 'status.completionTimestamp',
    expires: 'status.expiration',
  }),
  health,
  relations: backupSpec('spec', { optional: true }),
});

const schedule = kind({
  group: GROUP,
  name: Schedule.kind,
  plural: 'schedules',
  namespaced: true,
  summary: columns({
    status: 'status.phase',
    schedule: 'spec.schedule',
    lastBackup: 'status.lastBackup',
    paused: 'spec.paused',
  }),
  health,
  relations: backupSpec('spec.template'),
});

const restore = kind({
  group: GROUP,
  name: 'Restore',
  plural: 'restores',
  namespaced: true,
  summary: columns({
    status: 'status.phase',
    backup: 'spec.backupName',
    errors: 'status.errors',
    warnings: 'status.warnings',
    completed: 'status.completionTimestamp',
  }),
  health,
  idle,
  relations: [
    names('RESTORED_FROM', 'spec.backupName', Backup),
    names('RESTORED_FROM', 'spec.scheduleName', Schedule),
    names('USES_CONFIG', 'spec.{resourceModifier,resourcePolicy}', ConfigMap),
    included('spec', { optional: true }),
  ],
});

const backupStorageLocation = kind({
  group: GROUP,
  name: BackupStorageLocation.kind,
  plural: 'backupstoragelocations',
  namespaced: true,
  summary: columns({ phase: 'status.phase', lastValidated: 'status.lastValidationTime', default: 'spec.default' }),
  health: healthByPhase('status.phase', phases),
  relations: [
    names('USES_SECRET', 'spec.credential', Secret, key),
    names('TRUSTS', 'spec.objectStorage.caCertRef', Secret, key),
  ],
});

const volumeSnapshotLocation = kind({
  group: GROUP,
  name: VolumeSnapshotLocation.kind,
  plural: 'volumesnapshotlocations',
  namespaced: true,
  relations: [names('USES_SECRET', 'spec.credential', Secret, key)],
});

const transfer = { status: 'status.phase', started: 'status.startTimestamp', bytesDone: 'status.progress.bytesDone' };
const location = { totalBytes: 'status.progress.totalBytes', storageLocation: 'spec.backupStorageLocation' };
const runsOn = (path: string): Relation => names('RUNS_ON', path, Node, { optional: true });

const moved = (name: string, plural: string, relations: readonly Relation[]): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({ ...transfer, ...location, node: (object) => textAt(valueAt(object, 'status'), 'node') }),
    health: healthByPhase('status.phase', phases),
    idle,
    relations: [stored('spec.backupStorageLocation'), ...relations],
  });

const ofPod = (edge: string): Relation =>
  refersTo(edge, 'spec.pod', 'Pod', {
    defaultKind: 'Pod',
    defaultGroup: '',
    namespace: 'namespace',
    uid: 'uid',
    attributes: carries(['volume'], 1),
  });

const deleteBackupRequest = kind({
  group: GROUP,
  name: 'DeleteBackupRequest',
  plural: 'deletebackuprequests',
  namespaced: true,
  summary: columns({ backupName: 'spec.backupName', status: 'status.phase' }),
  relations: [names('APPLIES_TO', 'spec.backupName', Backup, { optional: true })],
});

const backupRepository = kind({
  group: GROUP,
  name: 'BackupRepository',
  plural: 'backuprepositories',
  namespaced: true,
  summary: columns({ repositoryType: 'spec.repositoryType' }),
  health: healthByPhase('status.phase', phases),
  relations: [
    stored('spec.backupStorageLocation'),
    names('APPLIES_TO', 'spec.volumeNamespace', Namespace, { optional: true }),
  ],
});

export const velero: readonly Kind[] = [
  backup,
  schedule,
  restore,
  backupStorageLocation,
  volumeSnapshotLocation,
  moved('PodVolumeBackup', 'podvolumebackups', [ofPod('SNAPSHOT_OF'), runsOn('spec.node')]),
  moved('PodVolumeRestore', 'podvolumerestores', [ofPod('APPLIES_TO'), runsOn('status.node')]),
  moved('DataUpload', 'datauploads', [
    names('SNAPSHOT_OF', 'spec.sourcePVC', PersistentVolumeClaim, {
      namespace: ({ up }) => textAt(up(1), 'sourceNamespace'),
    }),
    runsOn('status.node'),
  ]),
  moved('DataDownload', 'datadownloads', [
    names('APPLIES_TO', 'spec.targetVolume', PersistentVolumeClaim, { name: 'pvc', namespace: 'namespace' }),
    runsOn('status.node'),
  ]),
  deleteBackupRequest,
  backupRepository,
];

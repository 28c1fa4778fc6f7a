/** CloudNativePG: PostgreSQL clusters, their backups, and what stands before them. Source: postgresql.cnpg.io/v1 (cloudnative-pg 1.27). */
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import {
  ConfigMap,
  clusterScoped,
  namespaced,
  PersistentVolumeClaim,
  Pod,
  PriorityClass,
  Secret,
  StorageClass,
} from '../refs.ts';
import { names, namesPseudo, refersTo } from '../relations.ts';
import { type Column, columns, healthBy, healthByPhase } from './custom-resource.ts';
import { configMapsBelow, secretsBelow } from './deep-references.ts';

const GROUP = 'postgresql.cnpg.io';
const BARMAN = 'barmancloud.cnpg.io';
const Cluster = namespaced(GROUP, 'Cluster');
const Backup = namespaced(GROUP, 'Backup');
const ObjectStore = namespaced(BARMAN, 'ObjectStore');
const VolumeSnapshot = namespaced('snapshot.storage.k8s.io', 'VolumeSnapshot');
const VolumeSnapshotClass = clusterScoped('snapshot.storage.k8s.io', 'VolumeSnapshotClass');

const template = { via: 'template' } as const;
const CERTIFICATES = '{serverCASecret,serverTLSSecret,clientCASecret,replicationTLSSecret}';
/** The environment has relations of its own. */
const besidesEnvironment = { when: ({ steps }: Found) => !steps.includes('env') };

const storage: readonly Relation[] = [
  names('PROVISIONED_BY', 'spec.{storage,walStorage,tablespaces[*].storage}.storageClass', StorageClass, template),
  names(
    'USES_CLASS',
    'spec.backup.volumeSnapshot.{className,walClassName,tablespaceClassName[*]}',
    VolumeSnapshotClass,
  ),
];

const environment: readonly Relation[] = [
  names('READS', 'spec.envFrom[*].configMapRef', ConfigMap, { optional: 'optional', ...template }),
  names('READS_SECRET', 'spec.envFrom[*].secretRef', Secret, { optional: 'optional', ...template }),
  names('READS', 'spec.env[*].valueFrom.configMapKeyRef', ConfigMap, { optional: 'optional', ...template }),
  names('READS_SECRET', 'spec.env[*].valueFrom.secretKeyRef', Secret, { optional: 'optional', ...template }),
  names('MOUNTS', 'spec.projectedVolumeTemplate.sources[*].secret', Secret, { optional: 'optional', ...template }),
  names('MOUNTS', 'spec.projectedVolumeTemplate.sources[*].configMap', ConfigMap, {
    optional: 'optional',
    ...template,
  }),
  names('HAS_PRIORITY', 'spec.priorityClassName', PriorityClass, template),
  names('PULLS_WITH', 'spec.imagePullSecrets[*]', Secret, template),
];

const cluster = kind({
  group: GROUP,
  name: Cluster.kind,
  plural: 'clusters',
  namespaced: true,
  summary: columns({
    instances: 'status.instances',
    ready: 'status.readyInstances',
    status: 'status.phase',
    primary: 'status.currentPrimary',
  }),
  health: healthBy({ good: ['Ready', 'ContinuousArchiving'] }),
  relations: [
    namesPseudo('USES_IMAGE', '{spec.imageName,status.image}', 'Image'),
    refersTo('USES_CONFIG', 'spec.imageCatalogRef', 'ImageCatalog or ClusterImageCatalog', { defaultGroup: GROUP }),
    names('USES_SECRET', 'spec.superuserSecret', Secret),
    names('USES_SECRET', 'spec.bootstrap.{initdb,recovery,pg_basebackup}.secret', Secret),
    names('USES_SECRET', 'spec.managed.roles[*].passwordSecret', Secret),
    names('USES_SECRET', `spec.certificates.${CERTIFICATES}`, Secret),
    names('USES_SECRET', `status.certificates.${CERTIFICATES}`, Secret, {
      note: 'those that the operator made as well',
    }),
    secretsBelow('spec', besidesEnvironment),
    configMapsBelow('spec', besidesEnvironment),
    names('RESTORED_FROM', 'spec.bootstrap.recovery.backup', Backup),
    refersTo(
      'RESTORED_FROM',
      'spec.bootstrap.recovery.volumeSnapshots.{storage,walStorage,tablespaceStorage[*]}',
      `${VolumeSnapshot.kind} or ${PersistentVolumeClaim.kind}`,
      { defaultGroup: '' },
    ),
    names('CONFIGURED_BY', 'spec.{plugins[*],externalClusters[*].plugin}.parameters.barmanObjectName', ObjectStore),
    names('ROUTES_TO', 'status.currentPrimary', Pod, { optional: true, note: 'the primary' }),
    ...storage,
    ...environment,
  ],
});

const ofCluster = names('BELONGS_TO', 'spec.cluster', Cluster);

const backup = kind({
  group: GROUP,
  name: Backup.kind,
  plural: 'backups',
  namespaced: true,
  summary: columns({
    cluster: 'spec.cluster.name',
    method: 'spec.method',
    phase: 'status.phase',
    error: 'status.error',
  }),
  health: healthByPhase(
    'status.phase',
    {
      completed: 'healthy',
      pending: 'warning',
      started: 'warning',
      running: 'warning',
      finalizing: 'warning',
      failed: 'critical',
      walArchivingFailing: 'critical',
    },
    'status.error',
  ),
  relations: [
    // A backup outlives its cluster, to restore it.
    names('BELONGS_TO', 'spec.cluster', Cluster, { optional: true }),
    names('STORED_IN', 'status.snapshotBackupStatus.elements[*]', VolumeSnapshot),
  ],
});

const pooler = kind({
  group: GROUP,
  name: 'Pooler',
  plural: 'poolers',
  namespaced: true,
  summary: columns({ cluster: 'spec.cluster.name', type: 'spec.type' }),
  relations: [
    names('ROUTES_TO', 'spec.cluster', Cluster),
    names('USES_SECRET', 'spec.pgbouncer.authQuerySecret', Secret),
    names('USES_SECRET', 'status.secrets.{clientCA,serverCA,serverTLS,pgBouncerSecrets.authQuery}', Secret),
  ],
});

const inside = (name: string, plural: string): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({
      cluster: 'spec.cluster.name',
      pgName: 'spec.name',
      applied: 'status.applied',
      message: 'status.message',
    }),
    health: (object: unknown) => {
      const { applied, message } = (object as { status?: { applied?: unknown; message?: unknown } }).status ?? {};
      if (typeof applied !== 'boolean') return { status: 'unknown' };
      return applied
        ? { status: 'healthy' }
        : { status: 'critical', reason: 'NotApplied', ...(typeof message === 'string' && { message }) };
    },
    relations: [ofCluster],
  });

const bare = (name: string, plural: string, cells: Readonly<Record<string, Column>>, relations: readonly Relation[]) =>
  kind({ group: GROUP, name, plural, namespaced: true, summary: columns(cells), relations });
const listed = namesPseudo('USES_IMAGE', 'spec.images[*].image', 'Image');

export const cloudNativePg: readonly Kind[] = [
  cluster,
  backup,
  bare('ScheduledBackup', 'scheduledbackups', { cluster: 'spec.cluster.name', lastBackup: 'status.lastScheduleTime' }, [
    ofCluster,
  ]),
  pooler,
  inside('Database', 'databases'),
  inside('Publication', 'publications'),
  inside('Subscription', 'subscriptions'),
  bare('ImageCatalog', 'imagecatalogs', {}, [listed]),
  kind({
    group: GROUP,
    name: 'ClusterImageCatalog',
    plural: 'clusterimagecatalogs',
    namespaced: false,
    relations: [listed],
  }),
  kind({
    group: BARMAN,
    name: ObjectStore.kind,
    plural: 'objectstores',
    namespaced: true,
    relations: [secretsBelow('spec.configuration')],
  }),
];

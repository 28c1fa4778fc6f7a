/** Containerized Data Importer: volumes filled from images, uploads and other volumes. Source: cdi.kubevirt.io/v1beta1 (1.63). */
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, namespaced, PersistentVolumeClaim, PriorityClass, Secret, StorageClass } from '../refs.ts';
import { names, namesPseudo, refersTo, relation } from '../relations.ts';
import { columns, healthBy, healthByPhase } from './custom-resource.ts';

const GROUP = 'cdi.kubevirt.io';
export const DataVolume = namespaced(GROUP, 'DataVolume');
const DataSource = namespaced(GROUP, 'DataSource');
const VolumeSnapshot = namespaced('snapshot.storage.k8s.io', 'VolumeSnapshot');

const anywhere = { namespace: 'namespace' } as const;

/** Where the content comes from; a claim or snapshot may be of another namespace. */
const source = (path: string): readonly Relation[] => [
  names('USES_SECRET', `${path}.{http,s3,gcs,registry,imageio,vddk}.secretRef`, Secret),
  names('USES_SECRET', `${path}.http.secretExtraHeaders[*]`, Secret),
  names('TRUSTS', `${path}.{http,s3,registry,imageio}.certConfigMap`, ConfigMap),
  namesPseudo('USES_IMAGE', `${path}.registry.url`, 'Image', {
    read: ({ value }) => (typeof value === 'string' ? value.replace(/^(?:docker|oci-archive):\/\//, '') : undefined),
  }),
  names('CLONED_FROM', `${path}.pvc`, PersistentVolumeClaim, anywhere),
  names('CLONED_FROM', `${path}.snapshot`, VolumeSnapshot, anywhere),
];

const volumeSpec = (path: string): readonly Relation[] => [
  ...source(`${path}.source`),
  refersTo('CLONED_FROM', `${path}.sourceRef`, DataSource.kind, { ...anywhere, defaultGroup: GROUP }),
  names('PROVISIONED_BY', `${path}.{pvc,storage}.storageClassName`, StorageClass),
  names('HAS_PRIORITY', `${path}.priorityClassName`, PriorityClass),
];

const dataVolume = kind({
  group: GROUP,
  name: DataVolume.kind,
  plural: 'datavolumes',
  namespaced: true,
  summary: columns({ phase: 'status.phase', progress: 'status.progress', restarts: 'status.restartCount' }),
  health: healthByPhase('status.phase', {
    Succeeded: 'healthy',
    Paused: 'warning',
    Pending: 'warning',
    PVCBound: 'warning',
    PendingPopulation: 'warning',
    WaitForFirstConsumer: 'warning',
    ImportScheduled: 'warning',
    ImportInProgress: 'warning',
    CloneScheduled: 'warning',
    CloneInProgress: 'warning',
    UploadScheduled: 'warning',
    UploadReady: 'warning',
    Unknown: 'warning',
    Failed: 'critical',
  }),
  relations: [
    relation(
      'PRODUCES',
      'metadata.name',
      PersistentVolumeClaim.kind,
      { confidence: 'naming', note: 'of the same name' },
      ({ name, namespace }) => {
        const { group, kind: kindName } = PersistentVolumeClaim;
        return { target: { by: 'name', group, kind: kindName, namespace, name } };
      },
    ),
    ...volumeSpec('spec'),
  ],
});

const dataSource = kind({
  group: GROUP,
  name: DataSource.kind,
  plural: 'datasources',
  namespaced: true,
  health: healthBy({ good: ['Ready'] }),
  relations: [
    names('CLONED_FROM', 'spec.source.pvc', PersistentVolumeClaim, anywhere),
    names('CLONED_FROM', 'spec.source.snapshot', VolumeSnapshot, anywhere),
    names('CLONED_FROM', 'spec.source.dataSource', DataSource, anywhere),
  ],
});

const dataImportCron = kind({
  group: GROUP,
  name: 'DataImportCron',
  plural: 'dataimportcrons',
  namespaced: true,
  summary: columns({ format: 'status.sourceFormat' }),
  health: healthBy({ good: ['UpToDate'], progressing: ['Progressing'] }),
  relations: [
    ...source('spec.template.spec.source'),
    names('PRODUCES', 'spec.managedDataSource', DataSource),
    names('PRODUCES', 'status.lastImportedPVC', PersistentVolumeClaim, { ...anywhere, optional: true }),
  ],
});

const storageProfile = kind({
  group: GROUP,
  name: 'StorageProfile',
  plural: 'storageprofiles',
  namespaced: false,
  relations: [names('APPLIES_TO', 'status.storageClass', StorageClass, { optional: true })],
});

export const containerizedDataImporter: readonly Kind[] = [dataVolume, dataSource, dataImportCron, storageProfile];

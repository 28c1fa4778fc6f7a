/**
 * Snapshots of volumes, single ones and groups: two families of the same shape. Source: the CRDs of kubernetes-csi/external-snapshotter
 * v8.7 (snapshot.storage.k8s.io/v1, groupsnapshot.storage.k8s.io/v1 to v1beta1).
 */
import type { KubeObject } from '../model/change.ts';
import type { Health, Scalar } from '../model/resource.ts';
import { classSecrets } from './class-secrets.ts';
import { csiVolume, usesDriver } from './csi-volume.ts';
import { type Found, type Kind, type KindRef, kind, type Outcome, type Relation } from './kind.ts';
import { clusterScoped, namespaced, PersistentVolumeClaim, Secret } from './refs.ts';
import { names, relation, selects, textAt, valueAt } from './relations.ts';

const GROUP = 'snapshot.storage.k8s.io';
const GROUPS = 'groupsnapshot.storage.k8s.io';
export const VolumeSnapshot = namespaced(GROUP, 'VolumeSnapshot');
const VolumeSnapshotContent = clusterScoped(GROUP, 'VolumeSnapshotContent');
const VolumeSnapshotClass = clusterScoped(GROUP, 'VolumeSnapshotClass');
const VolumeGroupSnapshot = namespaced(GROUPS, 'VolumeGroupSnapshot');
const VolumeGroupSnapshotContent = clusterScoped(GROUPS, 'VolumeGroupSnapshotContent');
const VolumeGroupSnapshotClass = clusterScoped(GROUPS, 'VolumeGroupSnapshotClass');

/** What the kinds of one family call their fields. */
interface FamilyNames {
  readonly snapshot: KindRef;
  readonly content: KindRef;
  readonly class: KindRef;
  /** Middle of the field names: `volumeSnapshot` in `volumeSnapshotClassName`. */
  readonly field: string;
  readonly plural: string;
}

const single: FamilyNames = {
  snapshot: VolumeSnapshot,
  content: VolumeSnapshotContent,
  class: VolumeSnapshotClass,
  field: 'volumeSnapshot',
  plural: 'volumesnapshot',
};
const grouped: FamilyNames = {
  snapshot: VolumeGroupSnapshot,
  content: VolumeGroupSnapshotContent,
  class: VolumeGroupSnapshotClass,
  field: 'volumeGroupSnapshot',
  plural: 'volumegroupsnapshot',
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A snapshot that is ready outlives its source. */
const taken = ({ object }: Found): boolean => valueAt(object, 'status.readyToUse') === true;

function snapshotKind(
  { snapshot, content, class: classRef, field, plural }: FamilyNames,
  own: readonly Relation[],
): Kind {
  const boundField = `status.bound${capital(field)}ContentName`;
  return kind<KubeObject>({
    group: snapshot.group,
    name: snapshot.kind,
    plural: `${plural}s`,
    namespaced: true,
    summary: (s) => ({
      readyToUse: scalar(s, 'status.readyToUse'),
      sourcePvc: scalar(s, 'spec.source.persistentVolumeClaimName'),
      sourceSnapshotContent: scalar(s, `spec.source.${field}ContentName`),
      restoreSize: scalar(s, 'status.restoreSize'),
      snapshotClass: scalar(s, `spec.${field}ClassName`),
      snapshotContent: scalar(s, boundField),
      creationTime: scalar(s, 'status.creationTime'),
    }),
    health: snapshotHealth,
    relations: [
      ...own,
      names('BOUND_TO', `spec.source.${field}ContentName`, content),
      names('BOUND_TO', boundField, content),
      names('PROVISIONED_BY', `spec.${field}ClassName`, classRef, { optional: taken }),
    ],
  });
}

function contentKind({ snapshot, content, class: classRef, field, plural }: FamilyNames, handles: string): Kind {
  const ref = `${field}Ref`;
  return kind<KubeObject>({
    group: content.group,
    name: content.kind,
    plural: `${plural}contents`,
    namespaced: false,
    summary: (c) => ({
      readyToUse: scalar(c, 'status.readyToUse'),
      restoreSize: scalar(c, 'status.restoreSize'),
      deletionPolicy: scalar(c, 'spec.deletionPolicy'),
      driver: scalar(c, 'spec.driver'),
      snapshotClass: scalar(c, `spec.${field}ClassName`),
      snapshot: scalar(c, `spec.${ref}.name`),
      snapshotNamespace: scalar(c, `spec.${ref}.namespace`),
    }),
    health: snapshotHealth,
    relations: [
      names('BOUND_TO', `spec.${ref}`, snapshot, { namespace: 'namespace', uid: 'uid' }),
      names('PROVISIONED_BY', `spec.${field}ClassName`, classRef, { optional: taken }),
      usesDriver('spec.driver'),
      relation(
        'SNAPSHOT_OF',
        handles,
        'PersistentVolume',
        { note: 'the volume of spec.driver with this handle' },
        volumeOfHandle,
      ),
      deletionSecret(
        content.group === GROUP ? 'snapshot.storage.kubernetes.io' : 'groupsnapshot.storage.kubernetes.io',
      ),
    ],
  });
}

function classKind({ class: classRef, plural }: FamilyNames, operations: readonly string[]): Kind {
  return kind<KubeObject>({
    group: classRef.group,
    name: classRef.kind,
    plural: `${plural}classes`,
    namespaced: false,
    summary: (c) => ({ driver: scalar(c, 'driver'), deletionPolicy: scalar(c, 'deletionPolicy') }),
    relations: [usesDriver('driver'), classSecrets(operations)],
  });
}

function volumeOfHandle({ value, object }: Found): Outcome | undefined {
  const driver = textAt(valueAt(object, 'spec'), 'driver');
  return driver === undefined || typeof value !== 'string' ? undefined : { target: csiVolume(driver, value), value };
}

/** The secret for deleting the snapshot is remembered on the content, so that it survives its class. */
function deletionSecret(prefix: string): Relation {
  return relation(
    'USES_SECRET',
    `metadata.annotations["${prefix}/deletion-secret-name"]`,
    'Secret',
    { note: 'namespace from …/deletion-secret-namespace' },
    ({ value, up }) => {
      const namespace = textAt(up(1), `${prefix}/deletion-secret-namespace`);
      if (namespace === undefined || typeof value !== 'string') return undefined;
      return { target: { by: 'name', group: Secret.group, kind: Secret.kind, namespace, name: value } };
    },
  );
}

function scalar(object: KubeObject, path: string): Scalar | undefined {
  const value = valueAt(object, path);
  return typeof value === 'object' || value === undefined ? undefined : (value as Scalar);
}

function snapshotHealth(object: KubeObject): Health {
  const error = valueAt(object, 'status.error');
  const message = textAt(error, 'message');
  if (error) return { status: 'critical', reason: 'SnapshotError', ...(message !== undefined && { message }) };
  const ready = valueAt(object, 'status.readyToUse');
  if (ready === undefined && valueAt(object, 'status') === undefined) return { status: 'unknown' };
  return ready === true ? { status: 'healthy' } : { status: 'warning', reason: 'NotReadyToUse' };
}

export const volumeSnapshot = snapshotKind(single, [
  names('SNAPSHOT_OF', 'spec.source.persistentVolumeClaimName', PersistentVolumeClaim, { optional: taken }),
  names('BELONGS_TO', 'status.volumeGroupSnapshotName', VolumeGroupSnapshot),
]);
export const volumeSnapshotContent = contentKind(single, 'spec.source.volumeHandle');
export const volumeSnapshotClass = classKind(single, ['snapshotter', 'snapshotter-list']);
export const volumeGroupSnapshot = snapshotKind(grouped, [
  selects('SNAPSHOT_OF', 'spec.source.selector', PersistentVolumeClaim, {
    empty: 'all',
    note: 'the claims that match now; those of a group taken earlier stay as they were',
  }),
]);
export const volumeGroupSnapshotContent = contentKind(grouped, 'spec.source.volumeHandles[*]');
export const volumeGroupSnapshotClass = classKind(grouped, ['group-snapshotter']);

/** PersistentVolume: a piece of storage. Source: core/v1. Secrets and endpoints without a namespace are looked for in the claim's. */
import type { V1PersistentVolume } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { accessModes } from './columns.ts';
import { csiVolumeFact, usesDriver } from './csi-volume.ts';
import { type Found, type KindRef, kind, type Relation } from './kind.ts';
import { topology } from './node.ts';
import { CLASS_ANNOTATION, classAnnotation } from './persistent-volume-claim.ts';
import { nodeRequirements } from './placement.ts';
import { Endpoints, PersistentVolumeClaim, Secret, StorageClass, VolumeAttributesClass } from './refs.ts';
import { names, relation, textAt, valueAt } from './relations.ts';

/** The field may name a namespace; otherwise the claim's counts, and without a claim nothing is known. */
function local(path: string, target: KindRef, name: string, namespaceField: string): Relation {
  const where = ({ value, object }: Found): string | undefined =>
    textAt(value, namespaceField) ?? textAt(valueAt(object, 'spec.claimRef'), 'namespace');
  return names(target === Secret ? 'USES_SECRET' : 'ROUTES_TO', path, target, {
    name,
    namespace: where,
    when: (found) => where(found) !== undefined,
    note: `${namespaceField}, else the claim's namespace`,
  });
}

const secrets: readonly Relation[] = [
  names(
    'USES_SECRET',
    'spec.csi.{controllerPublishSecretRef,controllerExpandSecretRef,nodeStageSecretRef,nodePublishSecretRef,nodeExpandSecretRef}',
    Secret,
    { namespace: 'namespace' },
  ),
  local('spec.{cephfs,cinder,rbd,iscsi,flexVolume,scaleIO,storageos}.secretRef', Secret, 'name', 'namespace'),
  local('spec.azureFile', Secret, 'secretName', 'secretNamespace'),
  local('spec.glusterfs', Endpoints, 'endpoints', 'endpointsNamespace'),
];

export const persistentVolume = kind<V1PersistentVolume>({
  group: '',
  name: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  summary: (v) => ({
    capacity: v.spec?.capacity?.['storage'],
    accessModes: accessModes(v.spec?.accessModes),
    reclaimPolicy: v.spec?.persistentVolumeReclaimPolicy,
    status: v.metadata?.deletionTimestamp === undefined ? v.status?.phase : 'Terminating',
    claim: v.spec?.claimRef && `${v.spec.claimRef.namespace}/${v.spec.claimRef.name}`,
    storageClass: classAnnotation(v) ?? (v.spec?.storageClassName || undefined),
    volumeAttributesClass: v.spec?.volumeAttributesClassName,
    reason: v.status?.reason,
  }),
  health: ({ status }) => phaseHealth(status?.phase, status?.message),
  selectable: ({ spec }) => (spec?.csi ? csiVolumeFact(spec.csi.driver, spec.csi.volumeHandle) : undefined),
  relations: [
    names('BOUND_TO', 'spec.claimRef', PersistentVolumeClaim, {
      namespace: 'namespace',
      uid: 'uid',
      note: 'namespace from claimRef; another uid means that the claim was made anew and the volume is not its own',
    }),
    // Volumes made by hand often carry the name of a class that never existed, only to match a claim.
    names('PROVISIONED_BY', 'spec.storageClassName', StorageClass, {
      when: ({ object }) => classAnnotation(object) === undefined,
      optional: true,
    }),
    names('PROVISIONED_BY', `metadata.annotations["${CLASS_ANNOTATION}"]`, StorageClass, { optional: true }),
    names('CONFIGURED_BY', 'spec.volumeAttributesClassName', VolumeAttributesClass, { optional: true }),
    usesDriver('spec.csi', { name: 'driver' }),
    usesDriver('metadata.annotations["pv.kubernetes.io/provisioned-by"]'),
    ...secrets,
    relation(
      'ACCESSIBLE_FROM',
      'spec.nodeAffinity.required.nodeSelectorTerms[*]',
      'Node',
      { confidence: 'selector' },
      nodeRequirements,
    ),
    ...topology,
  ],
});

function phaseHealth(phase: string | undefined, message: string | undefined): Health {
  switch (phase) {
    case 'Available':
    case 'Bound':
      return { status: 'healthy' };
    case 'Released':
    case 'Pending':
      return { status: 'warning', reason: phase };
    case 'Failed':
      return { status: 'critical', reason: phase, ...(message && { message }) };
    default:
      return { status: 'unknown' };
  }
}

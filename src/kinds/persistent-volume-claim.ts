/** PersistentVolumeClaim: storage that a pod asks for. Source: core/v1, and the class rules of KEP-3333 (retroactive default class). */
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { claimNameFacts } from './claim-name.ts';
import { accessModes } from './columns.ts';
import { because, conditionsOf } from './conditions.ts';
import { usesDriver } from './csi-volume.ts';
import { type Found, kind, type Raw, type Relation } from './kind.ts';
import { PersistentVolume, StorageClass, VolumeAttributesClass } from './refs.ts';
import { names, refersTo, relation, valueAt } from './relations.ts';
import { isDefaultClass } from './storage-class.ts';

type Claim = Raw<V1PersistentVolumeClaim>;

/** Of old, the class stood in an annotation, which still wins over the field. */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** What a bound claim came from is not needed any more. */
const bound = ({ object }: Found): boolean => valueAt(object, 'spec.volumeName') !== undefined;

const defaultClass: Relation = relation(
  'PROVISIONED_BY',
  'spec',
  'StorageClass',
  {
    confidence: 'selector',
    note: 'storageClassName absent and no volume yet: the newest class that is or becomes a default; an empty name means none',
  },
  ({ value, object }) => {
    const { storageClassName, volumeName } = value as { storageClassName?: unknown; volumeName?: unknown };
    if (storageClassName !== undefined || volumeName !== undefined || classAnnotation(object) !== undefined)
      return undefined;
    const { group, kind: kindName } = StorageClass;
    return {
      target: {
        by: 'labels',
        group,
        kind: kindName,
        selector: isDefaultClass,
        namespaces: { type: 'all' },
        newest: true,
      },
      suffix: '.storageClassName',
      value: 'default',
    };
  },
);

const sources: readonly Relation[] = ['spec.dataSource', 'spec.dataSourceRef'].map((path) =>
  refersTo('CLONED_FROM', path, 'PersistentVolumeClaim, VolumeSnapshot or what a populator knows', {
    defaultGroup: '',
    namespace: 'namespace',
    guard: 'grant',
    optional: bound,
  }),
);

export const persistentVolumeClaim = kind<V1PersistentVolumeClaim>({
  group: '',
  name: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  namespaced: true,
  summary: (c) => ({
    status: c.metadata?.deletionTimestamp === undefined ? c.status?.phase : 'Terminating',
    volume: c.spec?.volumeName,
    capacity: c.spec?.volumeName ? c.status?.capacity?.['storage'] : undefined,
    accessModes: c.spec?.volumeName ? accessModes(c.status?.accessModes) : undefined,
    storageClass: classAnnotation(c) ?? c.spec?.storageClassName,
    volumeAttributesClass: c.spec?.volumeAttributesClassName,
  }),
  health,
  selectable: ({ metadata }) => claimNameFacts(metadata?.name ?? ''),
  relations: [
    names('BOUND_TO', 'spec.volumeName', PersistentVolume),
    names('PROVISIONED_BY', 'spec.storageClassName', StorageClass, {
      when: ({ object }) => classAnnotation(object) === undefined,
      optional: bound,
    }),
    names('PROVISIONED_BY', `metadata.annotations["${CLASS_ANNOTATION}"]`, StorageClass, { optional: bound }),
    defaultClass,
    names('CONFIGURED_BY', 'spec.volumeAttributesClassName', VolumeAttributesClass),
    names('CONFIGURED_BY', 'status.currentVolumeAttributesClassName', VolumeAttributesClass, { optional: true }),
    ...sources,
    ...['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner'].map((key) =>
      usesDriver(`metadata.annotations["${key}"]`),
    ),
  ],
});

/** Class from the annotation, for claims and volumes alike. */
export function classAnnotation(object: { readonly metadata?: unknown }): string | undefined {
  const annotations = (object.metadata as { annotations?: Readonly<Record<string, string>> } | undefined)?.annotations;
  return annotations?.[CLASS_ANNOTATION];
}

function health(c: Claim): Health {
  switch (c.status?.phase) {
    case 'Bound':
      return resizeHealth(c);
    case 'Pending':
      return { status: 'warning', reason: 'Pending' };
    case 'Lost':
      return { status: 'critical', reason: 'Lost', message: 'the volume is gone' };
    default:
      return { status: 'unknown' };
  }
}

/** Conditions of a claim tell of resizing and of changing attributes; those with Error in their name failed, and so did what is infeasible. */
function resizeHealth(c: Claim): Health {
  const current = conditionsOf(c).filter(({ status }) => status === 'True');
  const failed = current.find(({ type }) => type.includes('Error'));
  if (failed) return { ...because('warning', failed), reason: failed.type };
  const states = Object.values(c.status?.allocatedResourceStatuses ?? {});
  const stopped = states.find((state) => /Failed$|Infeasible$/.test(state));
  if (stopped) return { status: 'warning', reason: stopped };
  if (c.status?.modifyVolumeStatus?.status === 'Infeasible')
    return { status: 'warning', reason: 'ModifyVolumeInfeasible' };
  const [busy] = current;
  return busy ? { status: 'healthy', reason: busy.type } : { status: 'healthy' };
}

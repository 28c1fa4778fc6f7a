/** StorageClass and VolumeAttributesClass: how volumes are made and tuned. Source: storage.k8s.io/v1. */
import type { V1StorageClass, V1VolumeAttributesClass } from '@kubernetes/client-node';
import type { Selector } from '../model/selector.ts';
import { classSecrets } from './class-secrets.ts';
import { usesDriver } from './csi-volume.ts';
import { cephOfStorageClass } from './ecosystems/rook.ts';
import { kind, type Raw } from './kind.ts';
import { topologyNodes } from './placement.ts';
import { relation } from './relations.ts';

const FIELD_DEFAULT = 'class:default';
const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** Selects the classes that are marked as the default; of several the newest counts. */
export const isDefaultClass: Selector = [{ key: FIELD_DEFAULT, operator: 'In', values: ['true'] }];

function isDefault({ metadata }: Raw<V1StorageClass>): boolean {
  return DEFAULT_ANNOTATIONS.some((key) => metadata?.annotations?.[key] === 'true');
}

export const storageClass = kind<V1StorageClass>({
  group: 'storage.k8s.io',
  name: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  summary: (c) => ({
    default: isDefault(c) || undefined,
    provisioner: c.provisioner,
    reclaimPolicy: c.reclaimPolicy ?? 'Delete',
    volumeBindingMode: c.volumeBindingMode ?? 'Immediate',
    allowVolumeExpansion: c.allowVolumeExpansion ?? false,
  }),
  selectable: (c) => (isDefault(c) ? { [FIELD_DEFAULT]: 'true' } : undefined),
  relations: [
    usesDriver('provisioner'),
    classSecrets([
      'provisioner',
      'controller-publish',
      'node-stage',
      'node-publish',
      'controller-expand',
      'node-expand',
    ]),
    relation('ACCESSIBLE_FROM', 'allowedTopologies[*]', 'Node', { confidence: 'selector' }, topologyNodes),
    cephOfStorageClass,
  ],
});

export const volumeAttributesClass = kind<V1VolumeAttributesClass>({
  group: 'storage.k8s.io',
  name: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  namespaced: false,
  summary: ({ driverName }) => ({ driverName }),
  relations: [usesDriver('driverName')],
});

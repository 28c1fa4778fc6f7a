/** CSIDriver, CSINode, CSIStorageCapacity and VolumeAttachment: how storage drivers and nodes meet. Source: storage.k8s.io/v1. */
import type { V1CSIDriver, V1CSINode, V1CSIStorageCapacity, V1VolumeAttachment } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { usesDriver } from './csi-volume.ts';
import { kind, type Raw } from './kind.ts';
import { Node, PersistentVolume, StorageClass } from './refs.ts';
import { names, selects, textAt } from './relations.ts';

export const csiDriver = kind<V1CSIDriver>({
  group: 'storage.k8s.io',
  name: 'CSIDriver',
  plural: 'csidrivers',
  namespaced: false,
  summary: ({ spec }) => ({
    attachRequired: spec?.attachRequired ?? true,
    podInfoOnMount: spec?.podInfoOnMount ?? false,
    storageCapacity: spec?.storageCapacity ?? false,
    tokenRequests: spec?.tokenRequests?.map(({ audience }) => audience).join(','),
    requiresRepublish: spec?.requiresRepublish ?? false,
    modes: spec?.volumeLifecycleModes?.join(','),
  }),
});

export const csiNode = kind<V1CSINode>({
  group: 'storage.k8s.io',
  name: 'CSINode',
  plural: 'csinodes',
  namespaced: false,
  summary: ({ spec }) => ({ drivers: spec?.drivers?.length ?? 0 }),
  relations: [
    names('REPORTS_ON', 'metadata.name', Node, { optional: true, note: 'has the name of its node' }),
    usesDriver('spec.drivers[*]', {
      attributes: ({ value }) => {
        const nodeID = textAt(value, 'nodeID');
        return nodeID === undefined ? undefined : { nodeID };
      },
    }),
  ],
});

export const csiStorageCapacity = kind<V1CSIStorageCapacity>({
  group: 'storage.k8s.io',
  name: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  namespaced: true,
  summary: ({ storageClassName, capacity }) => ({ storageClassName, capacity }),
  relations: [
    names('CAPACITY_OF', 'storageClassName', StorageClass),
    selects('ACCESSIBLE_FROM', 'nodeTopology', Node, { empty: 'all', note: 'absent: from no node' }),
  ],
});

export const volumeAttachment = kind<V1VolumeAttachment>({
  group: 'storage.k8s.io',
  name: 'VolumeAttachment',
  plural: 'volumeattachments',
  namespaced: false,
  summary: ({ spec, status }) => ({
    attacher: spec?.attacher,
    pv: spec?.source?.persistentVolumeName,
    node: spec?.nodeName,
    attached: status?.attached ?? false,
  }),
  health: attachmentHealth,
  relations: [
    names('ATTACHES', 'spec.source.persistentVolumeName', PersistentVolume),
    names('ATTACHED_TO', 'spec.nodeName', Node),
    usesDriver('spec.attacher'),
    usesDriver('spec.source.inlineVolumeSpec.csi', { name: 'driver' }),
  ],
});

function attachmentHealth({ status }: Raw<V1VolumeAttachment>): Health {
  const error = status?.attachError ?? status?.detachError;
  if (error)
    return {
      status: 'critical',
      reason: status?.attachError ? 'AttachError' : 'DetachError',
      ...(error.message && { message: error.message }),
    };
  return status?.attached ? { status: 'healthy' } : { status: 'warning', reason: 'Attaching' };
}

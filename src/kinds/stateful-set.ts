/** StatefulSet: pods with stable names and their own claims. Source: apps/v1. */
import type { V1StatefulSet } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { type Requirement, selectorFromMap } from '../model/selector.ts';
import { claimFamily } from './claim-name.ts';
import { kind, type Raw } from './kind.ts';
import { ControllerRevision, PersistentVolumeClaim, Pod, Service } from './refs.ts';
import { names, ownNamespace, relation, valueAt } from './relations.ts';
import { reloaderRelation } from './reloader.ts';
import { replicaHealth, workloadRelations } from './workload.ts';

export const statefulSet = kind<V1StatefulSet>({
  group: 'apps',
  name: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  namespaced: true,
  summary: ({ spec, status }) => ({ ready: `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` }),
  health,
  relations: [
    names('GOVERNED_BY', 'spec.serviceName', Service),
    names('USES_REVISION', 'status.{currentRevision,updateRevision}', ControllerRevision, { optional: true }),
    relation(
      'CLAIMS',
      'spec.volumeClaimTemplates[*].metadata.name',
      'PersistentVolumeClaim',
      {
        confidence: 'naming',
        note: '<template>-<set>-<ordinal> from spec.ordinals.start on, with the labels of spec.selector.matchLabels; claims that a smaller set keeps as well',
      },
      (found) => {
        if (typeof found.value !== 'string') return undefined;
        const start = Number(valueAt(found.object, 'spec.ordinals.start') ?? 0);
        const labels = selectorFromMap(valueAt(found.object, 'spec.selector.matchLabels')) ?? [];
        const family: readonly Requirement[] = claimFamily(`${found.value}-${found.name}`, start);
        return {
          target: {
            by: 'labels',
            group: PersistentVolumeClaim.group,
            kind: PersistentVolumeClaim.kind,
            selector: [...family, ...labels],
            namespaces: ownNamespace(found, PersistentVolumeClaim),
          },
          value: `${found.value}-${found.name}-*`,
        };
      },
    ),
    ...workloadRelations(Pod),
    reloaderRelation('spec.template'),
  ],
});

function health(set: Raw<V1StatefulSet>): Health {
  const { spec, status } = set;
  if (status === undefined) return { status: 'unknown' };
  const desired = spec?.replicas ?? 1;
  const available = status.availableReplicas ?? status.readyReplicas ?? 0;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const rolling =
    spec?.updateStrategy?.type !== 'OnDelete' &&
    status.updateRevision !== undefined &&
    status.updateRevision !== status.currentRevision;
  return replicaHealth(set, {
    desired,
    available,
    ...(rolling && { updated: (status.updatedReplicas ?? 0) + Math.min(partition, desired) }),
  });
}

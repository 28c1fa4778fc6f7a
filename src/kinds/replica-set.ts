/** ReplicaSet: one revision of a Deployment's pods. Source: apps/v1. */
import type { V1ReplicaSet } from '@kubernetes/client-node';
import { because, condition } from './conditions.ts';
import { revisionOf } from './controller-revision.ts';
import { kind } from './kind.ts';
import { adoptionFact, controllerOf } from './owners.ts';
import { Pod } from './refs.ts';
import { replicaHealth, workloadRelations } from './workload.ts';

export const replicaSet = kind<V1ReplicaSet>({
  group: 'apps',
  name: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    desired: spec?.replicas ?? 1,
    current: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
  }),
  health: (rs) => {
    const failure = condition(rs, 'ReplicaFailure');
    if (failure?.status === 'True') return because('critical', failure);
    if (rs.status === undefined) return { status: 'unknown' };
    return replicaHealth(rs, { desired: rs.spec?.replicas ?? 1, available: rs.status.availableReplicas ?? 0 });
  },
  /** A revision kept for rolling back needs nothing until somebody does. */
  idle: (rs) => rs.spec?.replicas === 0 && controllerOf(rs) !== undefined,
  selectable: adoptionFact,
  relations: [revisionOf('metadata.annotations["deployment.kubernetes.io/revision"]'), ...workloadRelations(Pod)],
});

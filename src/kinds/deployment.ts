/** Deployment: keeps a number of pods of one template, by way of ReplicaSets. Source: apps/v1. */
import type { V1Deployment } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { because, condition } from './conditions.ts';
import { kind, type Raw } from './kind.ts';
import { Pod, ReplicaSet } from './refs.ts';
import { reloaderRelation } from './reloader.ts';
import { replicaHealth, workloadRelations } from './workload.ts';

export const deployment = kind<V1Deployment>({
  group: 'apps',
  name: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    ready: `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}`,
    upToDate: status?.updatedReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
  }),
  health,
  relations: [...workloadRelations(ReplicaSet, Pod), reloaderRelation('spec.template')],
});

function health(d: Raw<V1Deployment>): Health {
  const { spec, status } = d;
  if (status === undefined) return { status: 'unknown' };
  const progressing = condition(d, 'Progressing');
  if (progressing?.status === 'False') return because('critical', progressing);
  const failure = condition(d, 'ReplicaFailure');
  if (failure?.status === 'True') return because('critical', failure);
  const counted = replicaHealth(d, {
    desired: spec?.replicas ?? 1,
    available: status.availableReplicas ?? 0,
    updated: status.updatedReplicas ?? 0,
  });
  const { reason = 'RolloutInProgress' } = counted;
  return spec?.paused && reason === 'RolloutInProgress' ? { ...counted, reason: 'Paused' } : counted;
}

/** ReplicationController and PodTemplate: the oldest ways to make pods. Source: core/v1. */
import type { V1PodTemplate, V1ReplicationController } from '@kubernetes/client-node';
import { because, condition } from './conditions.ts';
import { kind } from './kind.ts';
import { adopts } from './owners.ts';
import { podSpecRelations } from './pod-template.ts';
import { Pod } from './refs.ts';
import { replicaHealth } from './workload.ts';

export const replicationController = kind<V1ReplicationController>({
  group: '',
  name: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    desired: spec?.replicas ?? 1,
    current: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
  }),
  health: (rc) => {
    const failure = condition(rc, 'ReplicaFailure');
    if (failure?.status === 'True') return because('critical', failure);
    if (rc.status === undefined) return { status: 'unknown' };
    return replicaHealth(rc, { desired: rc.spec?.replicas ?? 1, available: rc.status.availableReplicas ?? 0 });
  },
  relations: [adopts('spec.selector', [Pod], 'map'), ...podSpecRelations('spec.template.spec', 'template')],
});

export const podTemplate = kind<V1PodTemplate>({
  group: '',
  name: 'PodTemplate',
  plural: 'podtemplates',
  namespaced: true,
  summary: ({ template }) => ({
    containers: template?.spec?.containers?.map(({ name }) => name).join(','),
    images: template?.spec?.containers?.map(({ image }) => image).join(','),
  }),
  relations: podSpecRelations('template.spec', 'template'),
});

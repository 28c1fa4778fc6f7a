/** LeaderWorkerSet: groups of pods, a leader and its workers. Source: leaderworkerset.x-k8s.io/v1 (lws 0.6). */
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { Service } from '../refs.ts';
import { relation, valueAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';

const TEMPLATE = 'spec.leaderWorkerTemplate';

const leaderWorkerSetKind = kind({
  group: 'leaderworkerset.x-k8s.io',
  name: 'LeaderWorkerSet',
  plural: 'leaderworkersets',
  namespaced: true,
  summary: columns({ replicas: 'spec.replicas', ready: 'status.readyReplicas', updated: 'status.updatedReplicas' }),
  health: healthBy({ good: ['Available'], progressing: ['Progressing', 'UpdateInProgress'] }),
  relations: [
    ...podSpecRelations(`${TEMPLATE}.workerTemplate.spec`, 'template'),
    ...podSpecRelations(`${TEMPLATE}.leaderTemplate.spec`, 'template'),
    relation(
      'GOVERNED_BY',
      'metadata.name',
      'Service',
      { note: 'of the same name; not with a subdomain for each replica' },
      ({ name, namespace, object }) => {
        if (valueAt(object, 'spec.networkConfig.subdomainPolicy') === 'UniquePerReplica') return undefined;
        return { target: { by: 'name', group: Service.group, kind: Service.kind, namespace, name } };
      },
    ),
  ],
});

export const leaderWorkerSet: readonly Kind[] = [leaderWorkerSetKind];

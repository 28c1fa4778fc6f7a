/** DaemonSet: one pod on each node that fits. Source: apps/v1. */
import type { V1DaemonSet } from '@kubernetes/client-node';
import { kind } from './kind.ts';
import { Pod } from './refs.ts';
import { reloaderRelation } from './reloader.ts';
import { replicaHealth, workloadRelations } from './workload.ts';

export const daemonSet = kind<V1DaemonSet>({
  group: 'apps',
  name: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    desired: status?.desiredNumberScheduled ?? 0,
    current: status?.currentNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    upToDate: status?.updatedNumberScheduled ?? 0,
    available: status?.numberAvailable ?? 0,
    nodeSelector: labelText(spec?.template?.spec?.nodeSelector),
  }),
  health: (set) => {
    const { spec, status } = set;
    if (status === undefined) return { status: 'unknown' };
    const desired = status.desiredNumberScheduled ?? 0;
    const health = replicaHealth(set, {
      desired,
      available: status.numberAvailable ?? 0,
      ...(spec?.updateStrategy?.type !== 'OnDelete' && { updated: status.updatedNumberScheduled ?? 0 }),
    });
    if (health.reason === 'ScaledToZero') return { status: 'healthy', reason: 'NoNodes' };
    const misplaced = status.numberMisscheduled ?? 0;
    if (health.status === 'healthy' && misplaced > 0)
      return { status: 'warning', reason: 'Misscheduled', message: `${misplaced} on nodes that should have none` };
    return health;
  },
  relations: [...workloadRelations(Pod), reloaderRelation('spec.template')],
});

function labelText(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  const pairs = Object.entries(labels ?? {});
  return pairs.length === 0 ? undefined : pairs.map(([key, value]) => `${key}=${value}`).join(',');
}

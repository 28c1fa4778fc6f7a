/** PodDisruptionBudget: how many pods may be down on purpose. Source: policy/v1. */
import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import { condition } from './conditions.ts';
import { kind } from './kind.ts';
import { Pod } from './refs.ts';
import { relation, selects } from './relations.ts';

export const podDisruptionBudget = kind<V1PodDisruptionBudget>({
  group: 'policy',
  name: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    minAvailable: spec?.minAvailable,
    maxUnavailable: spec?.maxUnavailable,
    allowedDisruptions: status?.disruptionsAllowed ?? 0,
  }),
  health: (budget) => {
    const allowed = condition(budget, 'DisruptionAllowed');
    if (allowed?.reason === 'SyncFailed')
      return { status: 'critical', reason: 'SyncFailed', ...(allowed.message && { message: allowed.message }) };
    const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0, expectedPods = 0 } = budget.status ?? {};
    if (budget.status === undefined) return { status: 'unknown' };
    if (currentHealthy < desiredHealthy)
      return {
        status: 'warning',
        reason: 'InsufficientPods',
        message: `${currentHealthy} of ${desiredHealthy} healthy`,
      };
    if (expectedPods === 0) return { status: 'healthy', reason: 'NoPods' };
    return disruptionsAllowed === 0 ? { status: 'healthy', reason: 'NoDisruptionsAllowed' } : { status: 'healthy' };
  },
  relations: [
    selects('PROTECTS', 'spec.selector', Pod, {
      empty: 'all',
      note: 'absent: no pod; {}: every pod of the namespace in policy/v1, none in v1beta1',
      when: ({ object, value }) => object.apiVersion !== 'policy/v1beta1' || !isEmpty(value),
    }),
    relation(
      'DISRUPTS',
      'status.disruptedPods[*]',
      'Pod',
      { note: 'the keys are names of pods whose eviction was granted' },
      ({ steps, namespace }) => ({
        target: { by: 'name', group: Pod.group, kind: Pod.kind, namespace, name: String(steps.at(-1)) },
        optional: true,
      }),
    ),
  ],
});

function isEmpty(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = selector as { matchLabels?: object; matchExpressions?: readonly unknown[] };
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0;
}

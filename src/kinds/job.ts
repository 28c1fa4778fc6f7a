/** Job: pods that run to their end. Source: batch/v1. */
import type { V1Job } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { duration } from './columns.ts';
import { because, condition, holds } from './conditions.ts';
import { kind, type Raw } from './kind.ts';
import { Pod } from './refs.ts';
import { reloaderRelation } from './reloader.ts';
import { workloadRelations } from './workload.ts';

type Job = Raw<V1Job>;

export const job = kind<V1Job>({
  group: 'batch',
  name: 'Job',
  plural: 'jobs',
  namespaced: true,
  summary: (j) => ({
    status: jobStatus(j),
    completions: completions(j),
    duration: duration(j.status?.startTime, j.status?.completionTime),
  }),
  health,
  idle: (j) => holds(j, 'Complete') || holds(j, 'Failed'),
  relations: [...workloadRelations(Pod), reloaderRelation('spec.template')],
});

/** The STATUS column of `kubectl get jobs`. */
function jobStatus(j: Job): string {
  if (holds(j, 'Complete')) return 'Complete';
  if (holds(j, 'Failed')) return 'Failed';
  if (j.metadata?.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => holds(j, type)) ?? 'Running';
}

function completions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${done}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function health(j: Job): Health {
  const failed = ['Failed', 'FailureTarget'].find((type) => holds(j, type));
  const cause = failed === undefined ? undefined : condition(j, failed);
  if (cause) return because('critical', cause);
  const status = jobStatus(j);
  const failures = j.status?.failed ?? 0;
  if (status === 'Running' && failures > 0)
    return { status: 'warning', reason: 'PodsFailing', message: `${failures} failed so far` };
  const { active = 0, ready = active } = j.status ?? {};
  if (status === 'Running' && ready < active)
    return { status: 'warning', reason: 'PodsNotReady', message: `${ready} of ${active} pods are ready` };
  return j.status === undefined ? { status: 'unknown' } : { status: 'healthy', reason: status };
}

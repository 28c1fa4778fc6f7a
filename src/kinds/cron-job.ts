/** CronJob: Jobs on a schedule. Source: batch/v1. */
import type { V1CronJob } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { compareTime } from '../model/time.ts';
import { kind, type Raw } from './kind.ts';
import { podSpecRelations } from './pod-template.ts';
import { Job } from './refs.ts';
import { relation, textAt } from './relations.ts';
import { reloaderRelation } from './reloader.ts';

const TEMPLATE = 'spec.jobTemplate.spec.template';

export const cronJob = kind<V1CronJob>({
  group: 'batch',
  name: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    schedule: spec?.schedule,
    timezone: spec?.timeZone,
    suspend: spec?.suspend ?? false,
    active: status?.active?.length ?? 0,
    lastSchedule: status?.lastScheduleTime,
  }),
  health,
  relations: [
    relation(
      'PRODUCES',
      'status.active[*]',
      'Job',
      { note: 'by uid; the list may lag behind what is gone' },
      ({ value, namespace }) => {
        const uid = textAt(value, 'uid');
        const name = textAt(value, 'name');
        if (name === undefined) return undefined;
        const { group, kind: jobKind } = Job;
        return {
          target:
            uid === undefined
              ? { by: 'name', group, kind: jobKind, namespace, name }
              : { by: 'id', uid, group, kind: jobKind, namespace, name },
          optional: true,
        };
      },
    ),
    ...podSpecRelations(`${TEMPLATE}.spec`, 'template'),
    reloaderRelation(TEMPLATE),
  ],
});

/** More runs at a time than a long one and its successor do not come to an end. */
const OVERLAP_MAX = 2;

/** A run that was started and neither runs nor succeeded has failed; how one goes that still runs, its Job knows. */
function health({ spec, status }: Raw<V1CronJob>): Health {
  if (spec?.suspend) return { status: 'healthy', reason: 'Suspended' };
  const started = status?.lastScheduleTime;
  if (started === undefined) return { status: 'healthy', reason: 'NotYetScheduled' };
  const succeeded = status?.lastSuccessfulTime;
  const active = status?.active?.length ?? 0;
  if (active > OVERLAP_MAX) return { status: 'warning', reason: 'RunsPileUp', message: `${active} runs at a time` };
  if (active === 0 && (succeeded === undefined || compareTime(succeeded, started) < 0))
    return { status: 'warning', reason: 'LastRunFailed' };
  if (active > 0) return { status: 'unknown', reason: 'Running' };
  return { status: 'healthy' };
}

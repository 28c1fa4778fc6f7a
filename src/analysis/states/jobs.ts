/** Jobs that failed for good or cannot begin, and CronJobs whose runs cannot be made or pile up. Source: batch/v1. */

import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, text, treeAt } from '../case.ts';
import { MINUTE, numberAt, type Read, type State } from './state.ts';

/** What failed longer ago is history. */
const RECENT_MS = 60 * MINUTE;

export const job: Read = (known, resource, suffering) => {
  const whole = known.whole(resource);
  const object = known.object(resource.id);
  const status = treeAt(object, 'status');
  const conditions = listAt(status, 'conditions').filter((one) => one['status'] === 'True');
  const failed = conditions.find(({ type }) => type === 'Failed');
  if (failed === undefined) {
    const isOver = conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet');
    const isHeld = treeAt(object, 'spec')?.['suspend'] === true;
    if (isOver || isHeld || numberAt(status, 'active', 0) > 0 || suffering.has(whole.id)) return undefined;
    return refused(known, resource, whole);
  }
  if (suffering.has(whole.id) || suffering.has(resource.id)) return undefined;
  const since = milliseconds(failed['lastTransitionTime']);
  if (known.now - since > RECENT_MS && !isLastOfFailures(known, resource, whole)) return undefined;
  const cron = whole.id === resource.id ? undefined : treeAt(known.object(whole.id), 'status');
  if (milliseconds(cron?.['lastSuccessfulTime']) > since) return undefined;
  return {
    resource,
    whole,
    reason: text(failed['reason']) || 'JobFailed',
    message: text(failed['message']),
    since,
    severity: 'critical',
  };
};

/** The last run of a CronJob, and the one before failed as well: the next one will, too, however long until then. */
function isLastOfFailures(known: Case, resource: Resource, whole: Resource): boolean {
  if (whole.kind !== 'CronJob') return false;
  const runs = known
    .targets(whole.id, 'OWNS')
    .toSorted((a, b) => milliseconds(b.createdAt) - milliseconds(a.createdAt))
    .slice(0, 2);
  return runs[0]?.id === resource.id && runs.length === 2 && runs.every((run) => hasFailed(known, run));
}

function hasFailed(known: Case, run: Resource): boolean {
  return listAt(treeAt(known.object(run.id), 'status'), 'conditions').some(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
}

/** More runs at a time than a long one and its successor do not come to an end. */
const OVERLAP_MAX = 2;

export const cronJob: Read = (known, resource, suffering) => {
  const object = known.object(resource.id);
  if (treeAt(object, 'spec')?.['suspend'] === true || suffering.has(resource.id)) return undefined;
  const active = listAt(treeAt(object, 'status'), 'active').length;
  if (active <= OVERLAP_MAX) return refused(known, resource, resource);
  const begun = known.targets(resource.id, 'OWNS').flatMap((run) => {
    const status = treeAt(known.object(run.id), 'status');
    return numberAt(status, 'active', 0) > 0 ? [milliseconds(status?.['startTime'])] : [];
  });
  return {
    resource,
    whole: resource,
    reason: 'RunsPileUp',
    message: `${active} runs at a time`,
    since: Math.min(...begun, known.now),
    severity: 'warning',
  };
};

/** The API refuses what it wants to make, and has not accepted it since. */
function refused(known: Case, resource: Resource, whole: Resource): State | undefined {
  const notices = known.notices(resource);
  const failed = notices.filter(({ reason, isWarning }) => isWarning && reason === 'FailedCreate');
  const last = failed.at(-1);
  const made = notices.findLast(({ reason }) => reason === 'SuccessfulCreate' || reason === 'Completed');
  if (last === undefined || (made !== undefined && made.last > last.last + 1_000)) return undefined;
  if (known.now - last.last > RECENT_MS) return undefined;
  return {
    resource,
    whole,
    reason: 'FailedCreate',
    message: last.message,
    since: Math.min(...failed.map(({ first }) => first)),
    severity: 'critical',
  };
}

/**
 * What is not well now and needs an explanation. What recovered is no symptom, nor is what is on its way, switched off or merely untidy: a broken
 * reference that nobody suffers from has its own question (`dangling`).
 */
import { kindKey } from '../model/groups.ts';
import type { Resource } from '../model/resource.ts';
import { byTitle, type Case, listAt, milliseconds, push, text, treeAt } from './case.ts';
import { type PodFault, podFault } from './pods.ts';

export interface Symptom {
  /** Who is not well. */
  readonly resource: Resource;
  /** The workload that it is a part of, or itself. */
  readonly whole: Resource;
  /** CamelCase, as Kubernetes says it where it does. */
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly severity: 'critical' | 'warning';
  /** Of a pod. */
  readonly fault?: PodFault;
  /** More pods of the same workload with the same fault. */
  readonly alike: readonly Resource[];
}

const MINUTE = 60_000;

/** All symptoms, those that began first in front. */
export function symptomsOf(known: Case): readonly Symptom[] {
  const symptoms = [...ofPods(known)];
  const suffering = new Set(symptoms.map(({ whole }) => whole.id));
  for (const resource of known.view.resources()) {
    if (resource.pseudo) continue;
    const symptom = READERS.get(kindKey(resource))?.(known, resource, suffering);
    if (symptom) symptoms.push({ alike: [], ...symptom });
  }
  return symptoms.sort((a, b) => a.since - b.since || byTitle(a.resource, b.resource));
}

function* ofPods(known: Case): Iterable<Symptom> {
  const groups = new Map<string, { readonly pod: Resource; readonly whole: Resource; readonly fault: PodFault }[]>();
  for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
    const fault = podFault(known, pod);
    if (fault === undefined) continue;
    const whole = known.whole(pod);
    push(groups, `${whole.id} ${fault.reason} ${fault.container ?? ''}`, { pod, whole, fault });
  }
  for (const group of groups.values()) {
    group.sort((a, b) => a.fault.since - b.fault.since || byTitle(a.pod, b.pod));
    const [first] = group;
    if (first === undefined || isSuperseded(known, first.whole, first.fault)) continue;
    const { pod, whole, fault } = first;
    const { reason, message, since, severity } = fault;
    yield {
      resource: pod,
      whole,
      reason,
      message,
      since,
      severity,
      fault,
      alike: group.slice(1).map((one) => one.pod),
    };
  }
}

/** A run of a Job that failed, and another one went well; pods that failed for good, beside as many that run as there should be. */
function isSuperseded(known: Case, whole: Resource, { reason }: PodFault): boolean {
  const object = known.object(whole.id);
  const status = treeAt(object, 'status');
  const spec = treeAt(object, 'spec');
  switch (kindKey(whole)) {
    case 'batch/Job':
      return listAt(status, 'conditions').some(({ type, status: value }) => type === 'Complete' && value === 'True');
    case 'batch/CronJob':
      return (
        milliseconds(status?.['lastSuccessfulTime']) >= milliseconds(status?.['lastScheduleTime']) &&
        reason !== 'Unschedulable'
      );
    case 'apps/Deployment':
    case 'apps/StatefulSet':
      // Scaled to nothing, what is left goes.
      return spec?.['replicas'] === 0;
    default:
      return false;
  }
}

type Read = (known: Case, resource: Resource, suffering: ReadonlySet<string>) => Omit<Symptom, 'alike'> | undefined;

/** By kind, what is a symptom besides pods. */
const READERS: ReadonlyMap<string, Read> = new Map([
  ['apps/Deployment', workload],
  ['apps/StatefulSet', workload],
  ['apps/DaemonSet', workload],
  ['batch/Job', job],
  ['/Node', node],
  ['/PersistentVolumeClaim', claim],
]);

/** A workload that has no pod to suffer for it: its pods are not made. */
function workload(known: Case, resource: Resource, suffering: ReadonlySet<string>): ReturnType<Read> {
  if (suffering.has(resource.id)) return undefined;
  const object = known.object(resource.id);
  const status = treeAt(object, 'status');
  const desired = Number(treeAt(object, 'spec')?.['replicas'] ?? status?.['desiredNumberScheduled'] ?? 1);
  const present = Number(status?.['replicas'] ?? status?.['currentNumberScheduled'] ?? 0);
  const makers = [resource, ...known.targets(resource.id, 'OWNS').filter((one) => kindKey(one) === 'apps/ReplicaSet')];
  const refusals = makers
    .flatMap((maker) => known.notices(maker))
    .filter(({ reason, isWarning }) => isWarning && reason === 'FailedCreate');
  const last = refusals.sort((a, b) => a.last - b.last).at(-1);
  const updated = Number(status?.['updatedReplicas'] ?? present);
  if (last === undefined || desired === 0 || (present >= desired && updated >= desired)) return undefined;
  const ready = Number(status?.['readyReplicas'] ?? status?.['numberReady'] ?? 0);
  return {
    resource,
    whole: resource,
    reason: 'FailedCreate',
    message: last.message,
    since: Math.min(...refusals.map(({ first }) => first)),
    severity: ready === 0 ? 'critical' : 'warning',
  };
}

function job(known: Case, resource: Resource, suffering: ReadonlySet<string>): ReturnType<Read> {
  const whole = known.whole(resource);
  if (suffering.has(whole.id) || suffering.has(resource.id)) return undefined;
  const failed = listAt(treeAt(known.object(resource.id), 'status'), 'conditions').find(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
  if (failed === undefined) return undefined;
  const since = milliseconds(failed['lastTransitionTime']);
  if (known.now - since > 60 * MINUTE) return undefined;
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
}

function node(known: Case, resource: Resource): ReturnType<Read> {
  const { status, reason = 'NotReady', message = '' } = resource.health;
  if (status !== 'critical' && !/Pressure$/.test(reason)) return undefined;
  const conditions = listAt(treeAt(known.object(resource.id), 'status'), 'conditions');
  const told = conditions.find(({ type, status: value }) =>
    type === 'Ready' ? status === 'critical' : type === reason && value === 'True',
  );
  const since = milliseconds(told?.['lastTransitionTime']) || known.now;
  return {
    resource,
    whole: resource,
    reason,
    message,
    since,
    severity: status === 'critical' ? 'critical' : 'warning',
  };
}

/** A claim that waits although nothing waits for it to be used first. */
function claim(known: Case, resource: Resource): ReturnType<Read> {
  const object = known.object(resource.id);
  const phase = text(treeAt(object, 'status')?.['phase']);
  if (phase !== 'Pending' && phase !== 'Lost') return undefined;
  const notice = known.notices(resource).findLast(({ isWarning, reason }) => isWarning || reason === 'FailedBinding');
  const created = milliseconds(object?.metadata.creationTimestamp);
  if (phase === 'Pending' && notice === undefined) return undefined;
  return {
    resource,
    whole: resource,
    reason: notice?.reason ?? 'ClaimLost',
    message: notice?.message ?? '',
    since: notice?.first ?? created,
    severity: 'critical',
  };
}

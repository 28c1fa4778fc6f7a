/**
 * What is not well now and needs an explanation. What recovered is no symptom, nor is what is on its way, switched off or merely untidy: a broken
 * reference that nobody suffers from has its own question (`dangling`).
 */
import { kindKey } from '../model/groups.ts';
import type { Resource } from '../model/resource.ts';
import { byTitle, type Case, listAt, milliseconds, push, treeAt } from './case.ts';
import { type PodFault, podFault } from './pods.ts';
import { states } from './states/index.ts';
import { toldSymptoms } from './symptoms-told.ts';

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
  /** Nothing in the cluster shows it: somebody told. */
  readonly isTold?: true;
  /** What alerts say of its own state, CamelCase. */
  readonly condition?: string;
  /** Perhaps no fault at all: it counts only where a cause is found. */
  readonly tentative?: true;
}

const found = new WeakMap<Case, readonly Symptom[]>();

/** All symptoms, those that began first in front; looked for once. */
export function symptomsOf(known: Case): readonly Symptom[] {
  let symptoms = found.get(known);
  if (symptoms === undefined) {
    symptoms = look(known);
    found.set(known, symptoms);
  }
  return symptoms;
}

function look(known: Case): readonly Symptom[] {
  const symptoms = [...ofPods(known)];
  const suffering = new Set(symptoms.map(({ whole }) => whole.id));
  for (const resource of known.view.resources()) {
    if (resource.pseudo) continue;
    const symptom = states.get(kindKey(resource))?.(known, resource, suffering);
    if (symptom) symptoms.push({ alike: [], ...symptom });
  }
  symptoms.push(...toldSymptoms(known, new Set(symptoms.map(({ whole }) => whole.id))));
  return symptoms.sort((a, b) => a.since - b.since || byTitle(a.resource, b.resource));
}

function* ofPods(known: Case): Iterable<Symptom> {
  const groups = new Map<string, { readonly pod: Resource; readonly whole: Resource; readonly fault: PodFault }[]>();
  for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
    const fault = podFault(known, pod);
    if (fault === undefined) continue;
    const whole = known.whole(pod);
    if (isSuperseded(known, whole, fault)) continue;
    push(groups, `${whole.id} ${fault.reason} ${fault.container ?? ''}`, { pod, whole, fault });
  }
  for (const group of groups.values()) {
    group.sort((a, b) => a.fault.since - b.fault.since || byTitle(a.pod, b.pod));
    const [first] = group;
    if (first === undefined) continue;
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
function isSuperseded(known: Case, whole: Resource, { reason, since }: PodFault): boolean {
  const object = known.object(whole.id);
  const status = treeAt(object, 'status');
  const spec = treeAt(object, 'spec');
  switch (kindKey(whole)) {
    case 'batch/Job':
      return listAt(status, 'conditions').some(({ type, status: value }) => type === 'Complete' && value === 'True');
    case 'batch/CronJob':
      return (
        milliseconds(status?.['lastSuccessfulTime']) >= Math.min(milliseconds(status?.['lastScheduleTime']), since) &&
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

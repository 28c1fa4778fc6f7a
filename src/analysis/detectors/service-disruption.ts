/**
 * A Service whose pods do not answer: none is there for it, few of those there are run, or most had trouble lately. Pods on their way, and Services for which
 * nothing is meant to run, are no disruption.
 */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import type { PodFault } from '../pods.ts';
import { podsOf, selectorOf, workloadsBehind } from '../services.ts';
import { symptomsOf } from '../symptoms.ts';
import { CLUES_MAX, type Clue, counted, type Detection, type Detector, MINUTE } from './detection.ts';
import { restartsByPod } from './restarts.ts';
import { endedClue, faultOf } from './signals.ts';
import type { Thresholds } from './thresholds.ts';

export const serviceDisruption: Detector = function* (known, thresholds) {
  for (const service of known.view.resources({ group: '', kind: 'Service' })) {
    if (service.pseudo || selectorOf(known, service) === undefined) continue;
    const pods = podsOf(known, service);
    const found = pods.length === 0 ? withoutPods(known, service) : withPods(known, service, pods, thresholds);
    if (found) yield found;
  }
};

/** None is there, although some should be. */
function withoutPods(known: Case, service: Resource): Detection | undefined {
  const symptom = symptomsOf(known).find(
    ({ resource, reason }) => resource.id === service.id && reason === 'NoEndpoints',
  );
  const starved = workloadsBehind(known, service).find((workload) => {
    const wanted = treeAt(known.object(workload.id), 'spec')?.['replicas'] ?? 1;
    return wanted !== 0 && symptomsOf(known).some(({ whole }) => whole.id === workload.id);
  });
  const of = symptom ?? (starved && symptomsOf(known).find(({ whole }) => whole.id === starved.id));
  if (of === undefined) return undefined;
  return {
    pattern: 'service_disruption',
    severity: 'critical',
    confidence: 1,
    active: true,
    since: of.since,
    until: known.now,
    subject: service,
    resources: starved ? [starved] : [],
    summary: `Service ${service.name} has no pods.`,
    evidence: [{ kind: 'state', at: of.since, text: `${of.reason}: ${of.message}`, resource: of.resource }],
  };
}

function withPods(
  known: Case,
  service: Resource,
  pods: readonly Resource[],
  { serviceRatio, serviceMinutes }: Thresholds,
): Detection | undefined {
  const restarts = restartsByPod(known);
  if (pods.every(({ id, health }) => health.status === 'healthy' && !restarts.has(id))) return undefined;
  const faults = pods.flatMap((pod) => {
    const fault = faultOf(known, pod);
    return fault === undefined || kindKey(pod) !== '/Pod' ? [] : [{ pod, fault }];
  });
  const ratio = 1 - faults.length / pods.length;
  const base = { pattern: 'service_disruption', subject: service, resources: pods } as const;
  if (ratio < serviceRatio)
    return {
      ...base,
      severity: ratio === 0 ? 'critical' : 'warning',
      confidence: ratio === 0 ? 0.95 : 0.8,
      active: true,
      since: Math.min(...faults.map(({ fault }) => fault.since)),
      until: known.now,
      resources: faults.map(({ pod }) => pod),
      summary: `${pods.length - faults.length} of ${counted(pods.length, 'pod')} of Service ${service.name} ${pods.length - faults.length === 1 ? 'runs' : 'run'}.`,
      evidence: faults.slice(0, CLUES_MAX).map(faultClue),
    };
  const recent = pods.flatMap(({ id }) =>
    (restarts.get(id) ?? []).filter(({ at }) => known.now - at <= serviceMinutes * MINUTE).slice(-1),
  );
  if (2 * recent.length <= pods.length || pods.length < 2) return undefined;
  return {
    ...base,
    severity: 'warning',
    confidence: 0.8,
    active: faults.length > 0,
    since: Math.min(...recent.map(({ at }) => at)),
    until: Math.max(...recent.map(({ at }) => at)),
    resources: recent.map(({ pod }) => pod),
    summary: `${recent.length} of ${counted(pods.length, 'pod')} of Service ${service.name} restarted within ${serviceMinutes} minutes.`,
    evidence: recent.slice(0, CLUES_MAX).map(endedClue),
  };
}

function faultClue({
  pod,
  fault: { since, reason, message },
}: {
  readonly pod: Resource;
  readonly fault: PodFault;
}): Clue {
  return {
    kind: 'state',
    at: since,
    text: `pod ${pod.name}: ${reason}${message === '' ? '' : `, ${message.slice(0, 200)}`}`,
    resource: pod,
  };
}

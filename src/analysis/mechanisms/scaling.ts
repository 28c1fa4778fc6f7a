/**
 * Autoscalers: one that cannot read what it scales by, and one whose limits were changed so that too few pods are left. Source:
 * pkg/controller/podautoscaler.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { downTo, inNamespace, kubectlName, saysSo } from './mechanism.ts';

export function* scaling(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.resource.kind === 'HorizontalPodAutoscaler' && !symptom.isTold) yield* cannotScale(known, symptom);
  else yield* limited(known, symptom);
}

function* cannotScale(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource: autoscaler, message, since } = symptom;
  const [target] = known.targets(autoscaler.id, 'SCALES');
  const isRequest = /missing (?:pod-level )?request for (\S+)/.exec(message);
  if (isRequest && target) {
    const change = fieldChange(known, target, since, /resources|containers/, 'spec', 'template', 'spec', 'containers');
    yield {
      subject: target,
      reason: 'ResourceRequestsMissing',
      summary: `${titleOf(autoscaler)} cannot scale ${titleOf(target)}, whose containers do not say how much ${isRequest[1]} they ask for.`,
      evidence: [
        saysSo(symptom, weights.named),
        state('a container asks for none', weights.state, target),
        ...changed(change, since),
      ],
      path: [titleOf(target), 'SCALES', titleOf(autoscaler)],
      remedy: { summary: `Set resources.requests.${isRequest[1]}.`, commands: [`kubectl edit ${kubectlName(target)}`] },
    };
  }
  if (/metrics API|metrics\.k8s\.io/i.test(message) && !isRequest) yield* metrics(known, symptom);
  yield* itself(known, symptom, isRequest !== null);
}

function* itself(known: Case, symptom: Symptom, isOfTarget: boolean): Iterable<Hypothesis> {
  const { resource: autoscaler, message, reason, since } = symptom;
  const broken = known.dangling(autoscaler.id).find(({ type }) => type === 'SCALES');
  const gone = broken && deletionOf(known, broken.target);
  if (broken && gone)
    yield {
      subject: gone.resource,
      reason: `${gone.resource.kind}Deleted`,
      summary: `${titleOf(gone.resource)}, which ${titleOf(autoscaler)} scales, was deleted.`,
      evidence: [saysSo(symptom, weights.named), ...changed(gone, since)],
      path: [titleOf(gone.resource), 'SCALES', titleOf(autoscaler)],
      remedy: {
        summary: 'Make it again, or delete the autoscaler.',
        commands: [`kubectl get ${kubectlName(autoscaler)}`],
      },
    };
  const change = fieldChange(known, autoscaler, since, /^spec\b/, 'spec');
  yield {
    subject: autoscaler,
    reason: /selector/i.test(reason) ? reason : broken ? 'ScaleTargetMissing' : 'AutoscalerCannotReadMetrics',
    summary: `${titleOf(autoscaler)} does not scale: ${message}`,
    evidence: [
      saysSo(symptom, weights.state),
      state('it does not scale', isOfTarget || gone ? -weights.usual : weights.usual, autoscaler),
      ...changed(change, since),
    ],
    path: [titleOf(autoscaler)],
    remedy: {
      summary: 'Mend what it scales, or what it scales by.',
      commands: [`kubectl describe ${kubectlName(autoscaler)}`],
    },
  };
}

/** The API of metrics does not answer: who serves it is not well. */
function* metrics(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource: autoscaler, since } = symptom;
  const apis = [
    ...known.view.resources({ cluster: autoscaler.cluster, group: 'apiregistration.k8s.io', kind: 'APIService' }),
  ].filter(({ name }) => /metrics\.k8s\.io$/.test(name));
  for (const api of apis) {
    if (api.health.status === 'healthy') continue;
    const behind = known
      .targets(api.id, 'SERVED_BY')
      .flatMap((service) => known.targets(service.id, 'SELECTS').map((pod) => known.whole(pod)));
    for (const maker of new Map(behind.map((one) => [one.id, one])).values())
      yield {
        subject: maker,
        reason: 'MetricsUnavailable',
        summary: `${titleOf(maker)}, which serves ${titleOf(api)}, is not well.`,
        evidence: [saysSo(symptom, weights.state), state(`${titleOf(api)} is not available`, weights.state, api)],
        path: [titleOf(maker), 'SERVED_BY', titleOf(api), titleOf(autoscaler)],
        remedy: { summary: 'See why metrics are not served.', commands: [`kubectl get pods${inNamespace(maker)}`] },
        because: maker,
      };
    const change = fieldChange(known, api, since, /^spec\b/, 'spec');
    yield {
      subject: api,
      reason: 'MetricsUnavailable',
      summary: `${titleOf(api)}, by which ${titleOf(autoscaler)} scales, is not available.`,
      evidence: [
        saysSo(symptom, weights.state),
        state(api.health.reason ?? 'not available', weights.usual, api),
        ...changed(change, since),
      ],
      path: [titleOf(api), titleOf(autoscaler)],
      remedy: { summary: 'See who serves it.', commands: [`kubectl get apiservice ${api.name} -o yaml`] },
    };
  }
}

/** An autoscaler that was told to leave fewer pods, or to add no more, before what it scales began to suffer. */
function* limited(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  for (const autoscaler of known.sources(whole.id, 'SCALES')) {
    const change = fieldChange(
      known,
      autoscaler,
      since,
      /^spec\.(?:maxReplicas|minReplicas|maxReplicaCount|minReplicaCount)$/,
    );
    const lower = change?.fields.find(({ before, after }) => Number(after ?? 1) < Number(before ?? 1));
    if (isHeldBack(known, autoscaler) && isSlow(symptom)) yield atMaximum(symptom, autoscaler);
    if (change === undefined || lower === undefined || !isTooFew(symptom)) continue;
    const evidence: Evidence[] = [...changed(change, since), saysSo(symptom, weights.edge)];
    const isHeld = autoscaler.health.reason === 'TooManyReplicas';
    if (isHeld) evidence.push(state('it would add more if it might', weights.state, autoscaler));
    yield {
      subject: autoscaler,
      reason: /max/i.test(lower.path) ? 'MaxReplicasTooLow' : 'MinReplicasTooLow',
      summary: `${titleOf(autoscaler)} leaves ${titleOf(whole)} fewer pods since its limits were changed.`,
      evidence,
      path: [titleOf(autoscaler), 'SCALES', ...downTo(symptom)],
      remedy: { summary: 'Raise the limit again.', commands: [`kubectl edit ${kubectlName(autoscaler)}`] },
    };
  }
}

/** It measures more than it was told to allow, and may not add a pod. */
function isHeldBack(known: Case, autoscaler: Resource): boolean {
  const status = treeAt(known.object(autoscaler.id), 'status');
  const limit = listAt(status, 'conditions').find(({ type }) => type === 'ScalingLimited');
  return limit?.['status'] === 'True' && limit['reason'] === 'TooManyReplicas';
}

/** Who has too much to do answers late, and says nothing of anybody else. */
function isSlow({ reason, message }: Symptom): boolean {
  return reason === 'Unready' && /deadline exceeded|timeout|timed out/i.test(message);
}

function atMaximum(symptom: Symptom, autoscaler: Resource): Hypothesis {
  const { whole } = symptom;
  return {
    subject: autoscaler,
    reason: 'AtMaximumReplicas',
    summary: `${titleOf(autoscaler)} may give ${titleOf(whole)} no more pods, though those that it has are not enough.`,
    evidence: [saysSo(symptom, weights.usual), state('it would add more if it might', weights.state, autoscaler)],
    path: [titleOf(autoscaler), 'SCALES', ...downTo(symptom)],
    remedy: { summary: 'Raise spec.maxReplicas.', commands: [`kubectl edit ${kubectlName(autoscaler)}`] },
  };
}

/** What too few pods bring about. */
function isTooFew({ reason, message, isTold }: Symptom): boolean {
  return (
    isTold === true ||
    /^(?:Unready|OOMKilled|CrashLoopBackOff)$/.test(reason) ||
    /timeout|latency|overload|50[34]/i.test(message)
  );
}

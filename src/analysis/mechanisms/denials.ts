/**
 * Pods that a policy forbids: Pod Security of the namespace, LimitRanges, admission policies, policy engines behind webhooks. Sources: pod-security-admission,
 * plugin/pkg/admission/limitranger, apiserver pkg/admission/plugin/policy, Kyverno and Gatekeeper webhooks.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, text } from '../case.ts';
import { type Hypothesis, titleOf } from '../hypothesis.ts';
import { ofAsker, ofRule, type Refusal, ruleChange } from './creation.ts';
import { kubectlName } from './mechanism.ts';

export function* denials(refusal: Refusal): Iterable<Hypothesis> {
  yield* podSecurity(refusal);
  yield* limitRange(refusal);
  yield* admissionPolicy(refusal);
  yield* webhookPolicy(refusal);
}

const SECURITY =
  /securityContext|host(?:Network|PID|IPC|Port|Path)|volumes|capabilities|privileged|ontainers\[[^\]]*\]$/;

function* podSecurity(refusal: Refusal): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const { whole, since } = symptom;
  const [, level, why = ''] = /violates PodSecurity "([^"]+)": ([^\n]*)/.exec(said) ?? [];
  const namespace = known.named(whole, '', 'Namespace', whole.namespace, '');
  if (level === undefined) return;
  const label = 'pod-security.kubernetes.io/enforce';
  const change =
    namespace &&
    ruleChange(known, namespace, since, /pod-security\.kubernetes\.io\/enforce/, 'metadata', 'labels', label);
  if (namespace)
    yield ofRule(refusal, namespace, {
      reason: 'PodSecurityForbids',
      summary: `${titleOf(namespace)} enforces Pod Security "${level}", which ${titleOf(whole)} does not obey: ${why}.`,
      change,
      fields: SECURITY,
      remedy: {
        summary: 'Let the workload obey, or enforce less.',
        commands: [`kubectl get namespace ${namespace.name} --show-labels`, `kubectl edit ${kubectlName(whole)}`],
      },
    });
  yield ofAsker(refusal, {
    reason: 'PodSecurityViolated',
    summary: `${titleOf(whole)} does not obey Pod Security "${level}" of its namespace: ${why}.`,
    fields: SECURITY,
    change,
    remedy: 'Mend its securityContext.',
  });
}

const RANGE = /(?:maximum|minimum) [\w./-]+ usage per \w+ is [^,.]+|max limit to request ratio per \w+ is/i;
/** Its template was accepted: a limit below the request was put beside it as the pod was made. */
const DEFAULTED = /must be less than or equal to (?:cpu|memory|ephemeral-storage) limit/;
const RESOURCES = /resources|ontainers\[[^\]]*\]$/;

function* limitRange(refusal: Refusal): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const { cluster, namespace } = symptom.whole;
  const isDefault = DEFAULTED.test(said);
  if (!isDefault && !RANGE.test(said)) return;
  const words =
    /((?:maximum|minimum) [^\]\n]+|[\w./-]+ max limit to request[^\]\n]+|must be less than[^\]\n]+)/.exec(said)?.[1] ??
    '';
  const ranges = [...known.view.resources({ cluster, group: '', kind: 'LimitRange', namespace })];
  if (isDefault && ranges.length === 0) return;
  let last: ReturnType<typeof ruleChange>;
  for (const range of ranges) {
    const change = ruleChange(known, range, symptom.since, /^spec\b/, 'spec');
    if (change && change.at > (last?.at ?? 0)) last = change;
    yield ofRule(refusal, range, {
      reason: isDefault ? 'LimitRangeDefaultTooLow' : 'LimitRangeForbids',
      summary: `${titleOf(range)} does not allow what ${titleOf(symptom.whole)} asks for: ${words}.`,
      change,
      fields: RESOURCES,
      remedy: {
        summary: 'Ask for what the range allows, or widen it.',
        commands: [`kubectl describe ${kubectlName(range)}`],
      },
    });
  }
  yield ofAsker(refusal, {
    reason: 'OutsideLimitRange',
    summary: `${titleOf(symptom.whole)} asks for what its namespace does not allow: ${words}.`,
    fields: RESOURCES,
    change: last,
    remedy: 'Ask for what the range allows.',
  });
}

function* admissionPolicy(refusal: Refusal): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const { whole, since } = symptom;
  const [, name, binding] =
    /(?:ValidatingAdmission|MutatingAdmission)?[Pp]olicy ['"]([^'"]+)['"](?: with binding ['"]([^'"]+)['"])? denied request/.exec(
      said,
    ) ?? [];
  if (name === undefined) return;
  const group = 'admissionregistration.k8s.io';
  const rules = [
    known.named(whole, group, 'ValidatingAdmissionPolicy', name, ''),
    binding === undefined ? undefined : known.named(whole, group, 'ValidatingAdmissionPolicyBinding', binding, ''),
  ].filter((one) => one !== undefined);
  yield* byRules(refusal, rules, 'PolicyForbids', since);
}

/** A webhook that works and says no: the policy that it names, else the configuration that asks it. */
function* webhookPolicy(refusal: Refusal): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const { since, whole } = symptom;
  const [, name, why = ''] = /admission webhook "([^"]+)" denied the request:? ?([\s\S]*)/.exec(said) ?? [];
  if (name === undefined) return;
  const policies = [...policiesNamed(known, whole, why)];
  yield* byRules(
    refusal,
    policies.length > 0 ? policies : configurationsOf(known, whole, name),
    'PolicyForbids',
    since,
  );
}

/** What policies look at; that pods are made anew is none of it. */
const TEMPLATE = /^spec\.(?:jobTemplate|template)\b(?!\.metadata\.annotations)|^metadata\.labels/;

function* byRules(refusal: Refusal, rules: readonly Resource[], reason: string, since: number): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const { whole } = symptom;
  let last: ReturnType<typeof ruleChange>;
  for (const rule of rules) {
    const change = ruleChange(known, rule, since, /^(?:spec|webhooks)\b/, 'spec');
    if (change && change.at > (last?.at ?? 0)) last = change;
    yield ofRule(refusal, rule, {
      reason,
      summary: `${titleOf(rule)} forbids the pods of ${titleOf(whole)}.`,
      change,
      fields: TEMPLATE,
      remedy: {
        summary: 'Let the workload obey, or make an exception.',
        commands: [`kubectl get ${kubectlName(rule)} -o yaml`],
      },
    });
  }
  yield ofAsker(refusal, {
    reason: 'PolicyViolated',
    summary: `${titleOf(whole)} does not obey a policy: ${said.slice(0, 300)}`,
    fields: TEMPLATE,
    change: last,
    remedy: 'Mend what the policy forbids.',
  });
}

/** Policies of Kyverno by their lines, constraints of Gatekeeper by their brackets. */
function* policiesNamed(known: Case, { cluster, namespace }: Resource, why: string): Iterable<Resource> {
  const names = new Set(
    [...why.matchAll(/^\s*([a-z0-9][a-z0-9.-]*):\s*$/gm), ...why.matchAll(/\[([a-z0-9][a-z0-9.-]*)\]/g)].map(
      ([, name = '']) => name,
    ),
  );
  if (names.size === 0) return;
  for (const { group, kind } of new Map(
    [...known.view.kinds()].map((one) => [`${one.group}/${one.kind}`, one]),
  ).values()) {
    if (
      !/^(?:kyverno\.io|policies\.kyverno\.io|constraints\.gatekeeper\.sh)$/.test(group) ||
      /Report|Request|Exception/.test(kind)
    )
      continue;
    for (const name of names) {
      const found =
        known.view.byName({ cluster, group, kind, namespace: '', name }) ??
        known.view.byName({ cluster, group, kind, namespace, name });
      if (found) yield found;
    }
  }
}

/** Configurations that hold a webhook of a name. */
export function configurationsOf(known: Case, { cluster }: Resource, webhook: string): readonly Resource[] {
  const group = 'admissionregistration.k8s.io';
  return ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].flatMap((kind) =>
    [...known.view.resources({ cluster, group, kind })].filter(({ id }) =>
      listAt(known.object(id), 'webhooks').some((one) => text(one['name']) === webhook),
    ),
  );
}

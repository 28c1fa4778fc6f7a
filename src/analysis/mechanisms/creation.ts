/**
 * Pods that the API does not take: which rule refuses them, and who was changed last, the rule or who breaks it. A workload that is refused from the moment
 * on that it was made or changed never obeyed; one that had pods before met a new rule. Sources: plugin/pkg/admission, pod-security-admission.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds } from '../case.ts';
import { deletionOf, type ObjectChange } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { denials } from './denials.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, kubectlName, recency, SLACK_MS, saysSo } from './mechanism.ts';
import { quotas } from './quotas.ts';
import { webhooks } from './webhooks.ts';

/** A refusal: who is refused, in which words. */
export interface Refusal {
  readonly known: Case;
  readonly symptom: Symptom;
  /** What the API said. */
  readonly said: string;
}

export function* creation(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.reason !== 'FailedCreate') return;
  const refusal: Refusal = { known, symptom, said: symptom.message };
  let isUnderstood = false;
  for (const rule of [quotas, webhooks, denials, ofNames, ofNamespace])
    for (const hypothesis of rule(refusal)) {
      isUnderstood = true;
      yield hypothesis;
    }
  if (!isUnderstood) yield* invalid(refusal);
}

/** So long after a workload was made or changed the first refusal comes of that. */
const AT_ONCE_MS = 20_000;

/** Whether it was refused from the moment on that it was made, or changed in what the rule is about. */
export function isRefusedAtOnce({ known, symptom: { whole, since } }: Refusal, fields: RegExp): boolean {
  const created = milliseconds(known.object(whole.id)?.metadata.creationTimestamp);
  const change = fieldChange(known, whole, since, fields);
  const last = Math.max(created, change?.at ?? 0);
  return since - last < AT_ONCE_MS && !wasAccepted(known, whole, last, since);
}

/** Whether pods of a workload were made since it is as it is. */
function wasAccepted(known: Case, whole: Resource, from: number, until: number): boolean {
  return [whole, ...known.targets(whole.id, 'OWNS')].some((maker) =>
    known
      .notices(maker)
      .some(({ reason, first }) => reason === 'SuccessfulCreate' && first >= from - SLACK_MS && first < until - 1_000),
  );
}

/** A rule, and who is refused by it. */
export interface Ruling {
  /** When the rule was last changed, as far as is known. */
  readonly change: ObjectChange | undefined;
  /** Fields of the workload that the rule is about. */
  readonly fields: RegExp;
  readonly reason: string;
  readonly summary: string;
  readonly remedy: Hypothesis['remedy'];
}

/** A rule is at fault: it was changed or made, and who is refused obeyed before. */
export function ofRule(
  refusal: Refusal,
  subject: Subject,
  { reason, summary, change, fields, remedy }: Ruling,
): Hypothesis {
  const { known, symptom } = refusal;
  const { whole, since } = symptom;
  const isNew = isRefusedAtOnce(refusal, fields);
  const isLater = change !== undefined && change.at > (ownChange(known, symptom)?.at ?? 0);
  return {
    subject,
    reason,
    summary,
    evidence: [
      saysSo(symptom, weights.named),
      ...changed(change, since),
      state(
        isNew ? `${titleOf(whole)} was refused as soon as it asked` : `${titleOf(whole)} was accepted before`,
        isNew ? (isLater ? 0 : -weights.usual) : weights.state,
        whole,
      ),
    ],
    path: [titleOf(subject), 'LIMITS', titleOf(whole)],
    remedy,
  };
}

/** Who is refused is at fault: it asks for what is not allowed, since it was changed or made. */
export function ofAsker(
  refusal: Refusal,
  { reason, summary, change: ofTheRule, fields, remedy }: Omit<Ruling, 'remedy'> & { readonly remedy: string },
): Hypothesis {
  const { known, symptom } = refusal;
  const { whole, since } = symptom;
  const change = fieldChange(known, whole, since, fields);
  const isNew = isRefusedAtOnce(refusal, fields);
  const isLater = (change?.at ?? ownChange(known, symptom)?.at ?? 0) >= (ofTheRule?.at ?? 0);
  return {
    subject: whole,
    reason,
    summary,
    evidence: [
      saysSo(symptom, weights.state),
      ...(isLater ? changed(change, since) : []),
      state(
        isNew ? 'it was refused as soon as it asked' : 'it was accepted before',
        isNew && isLater ? weights.state : -weights.usual,
        whole,
      ),
    ],
    path: [titleOf(whole)],
    remedy: { summary: remedy, commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

/** When who is refused was last made or changed. */
function ownChange(known: Case, { whole, since }: Symptom): ObjectChange | undefined {
  return changeBefore(
    known,
    whole,
    since,
    ({ verb, fields }) => verb === 'created' || fields.some(({ path }) => path.startsWith('spec')),
  );
}

/** When a rule was last changed, or made, before who is refused was. */
export function ruleChange(
  known: Case,
  rule: Resource,
  since: number,
  fields: RegExp,
  ...way: readonly string[]
): ObjectChange | undefined {
  const change = fieldChange(known, rule, since, fields, ...way);
  if (change) return change;
  const made = changeBefore(known, rule, since, ({ verb }) => verb === 'created');
  return made && recency(made.at, since) >= 0.5 ? made : undefined;
}

const NAMES: readonly (readonly [pattern: RegExp, group: string, kind: string, fields: RegExp])[] = [
  [/no PriorityClass with name (\S+) was found/, 'scheduling.k8s.io', 'PriorityClass', /priorityClassName/],
  [/RuntimeClass "([^"]+)" not found/, 'node.k8s.io', 'RuntimeClass', /runtimeClassName/],
  [/serviceaccount "([^"]+)" not found/, '', 'ServiceAccount', /serviceAccount/],
];

/** It names a class or an account that is not there: that is gone, or the name is wrong. */
function* ofNames(refusal: Refusal): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const { whole, since } = symptom;
  for (const [pattern, group, kind, fields] of NAMES) {
    const [, name] = pattern.exec(said) ?? [];
    if (name === undefined || known.named(whole, group, kind, name)) continue;
    const target = { group, kind, namespace: kind === 'ServiceAccount' ? whole.namespace : '', name };
    const change = fieldChange(known, whole, since, fields);
    const gone = deletionOf(known, target);
    const subject = absent(whole, target);
    yield {
      subject,
      reason: `${kind}${gone ? 'Deleted' : 'Missing'}`,
      summary: `${titleOf(subject)}, which ${titleOf(whole)} names, ${gone ? 'was deleted' : 'does not exist'}.`,
      evidence: [
        saysSo(symptom, weights.named),
        state(`${titleOf(subject)} does not exist`, change && !gone ? 0 : weights.missing, subject),
        ...changed(gone, since),
      ],
      path: [titleOf(subject), 'RUNS_AS', titleOf(whole)],
      remedy: {
        summary: `Make it${gone ? ' again' : ''}, or name one that exists.`,
        commands: [`kubectl get ${kind.toLowerCase()}s${target.namespace && ` -n ${target.namespace}`}`],
      },
    };
    if (change)
      yield {
        subject: whole,
        reason: `${kind}NameWrong`,
        summary: `${titleOf(whole)} was changed to name ${kind} ${name}, which does not exist.`,
        evidence: [
          saysSo(symptom, weights.named),
          state(`${kind} ${name} does not exist`, weights.usual, subject),
          ...changed(change, since),
        ],
        path: [titleOf(whole)],
        remedy: { summary: 'Name one that exists.', commands: [`kubectl edit ${kubectlName(whole)}`] },
      };
  }
}

/** A namespace that is going takes nothing in. */
function* ofNamespace({ known, symptom, said }: Refusal): Iterable<Hypothesis> {
  const { whole } = symptom;
  const namespace = known.named(whole, '', 'Namespace', whole.namespace, '');
  if (!/because it is being terminated/.test(said) || namespace === undefined) return;
  yield {
    subject: namespace,
    reason: 'NamespaceTerminating',
    summary: `${titleOf(namespace)} is being deleted, and takes nothing in.`,
    evidence: [saysSo(symptom, weights.named), state('it is being deleted', weights.usual, namespace)],
    path: [titleOf(namespace), 'IN_NAMESPACE', titleOf(whole)],
    remedy: {
      summary: 'Wait until it is gone, and make it anew.',
      commands: [`kubectl get namespace ${namespace.name} -o yaml`],
    },
  };
}

/** Trouble of the API server itself, which says nothing of who is refused. */
const API_TROUBLE =
  /etcdserver|connection refused|i\/o timeout|deadline exceeded|too many requests|leader changed|Timeout: request/i;

/** What it asks for is no valid pod. */
function* invalid({ known, symptom, said }: Refusal): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  if (API_TROUBLE.test(said) || said === '') return;
  const isInvalid = /is invalid:|Invalid value|Required value|Unsupported value|unable to validate against any/.test(
    said,
  );
  const change = changeBefore(known, whole, since, ({ fields }) =>
    fields.some(({ path }) => /^spec\.(?:jobTemplate|template)\b/.test(path)),
  );
  const evidence: Evidence[] = [
    saysSo(symptom, weights.named),
    state('the API does not accept its pods', isInvalid ? weights.usual : 0, whole),
    ...changed(change, since),
  ];
  yield {
    subject: whole,
    reason: isInvalid ? 'PodSpecInvalid' : 'PodsRefused',
    summary: `The API does not accept the pods of ${titleOf(whole)}: ${said}`,
    evidence,
    path: [titleOf(whole)],
    remedy: { summary: 'Mend what is refused.', commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

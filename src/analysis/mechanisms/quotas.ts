/**
 * A ResourceQuota that is used up: pods that are refused by name, and claims and Services that do not exist because they were. Source:
 * apiserver pkg/admission/plugin/resourcequota.
 */
import { quantity } from '../../model/quantity.ts';
import type { Resource } from '../../model/resource.ts';
import { callsOf } from '../calls.ts';
import { type Case, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { clausesOf } from '../scheduler-message.ts';
import type { Symptom } from '../symptoms.ts';
import { askedForMore } from './capacity.ts';
import { isRefusedAtOnce, type Refusal, ruleChange } from './creation.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { downTo, inNamespace, kubectlName, saysSo } from './mechanism.ts';

/** What pods are refused by a quota for. */
export function* quotas(refusal: Refusal): Iterable<Hypothesis> {
  const { said } = refusal;
  const exceeded = /exceeded quota: ([^,]+), requested: (.*?), used: (.*?), limited: ([^\n]*)/.exec(said);
  const unset = /failed quota: ([^:]+): must specify ([^\n]*)/.exec(said);
  if (exceeded)
    yield* usedUp(
      refusal,
      exceeded[1] ?? '',
      `${exceeded[3]} of ${exceeded[4]} are used, and ${exceeded[2]} are asked for`,
    );
  else if (unset) yield* mustSay(refusal, unset[1] ?? '', unset[2] ?? '');
}

/** So long a rule that was changed is news. */
const RECENT_MS = 10 * 60_000;

function* usedUp({ known, symptom }: Refusal, name: string, words: string): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  const target = { group: '', kind: 'ResourceQuota', namespace: whole.namespace, name };
  const quota = known.named(whole, '', 'ResourceQuota', name);
  const change = quota && ruleChange(known, quota, since, /^spec\b/, 'spec', 'hard');
  const asked = askedForMore(known, whole, since);
  // A quota that was just changed met whoever asked next.
  const isAsker = asked !== undefined && asked.at > (change?.at ?? 0) + RECENT_MS;
  const subject = quota ?? absent(whole, target);
  yield {
    subject,
    reason: 'QuotaExceeded',
    summary: `${titleOf(subject)} does not let ${titleOf(whole)} have its pods: ${words}.`,
    evidence: [
      saysSo(symptom, weights.named),
      state(words, weights.usual, subject),
      ...changed(change, since),
      ...(isAsker ? [state(`${titleOf(whole)} asked for more afterwards`, -weights.state, whole, asked.at)] : []),
    ],
    path: [titleOf(subject), 'LIMITS', titleOf(whole)],
    remedy: {
      summary: 'Raise the quota, or ask for less in the namespace.',
      commands: [`kubectl describe quota ${name}${inNamespace(whole)}`],
    },
  };
  if (asked)
    yield {
      subject: whole,
      reason: 'AsksForMoreThanQuota',
      summary: `${titleOf(whole)} was made to ask for more than ${titleOf(subject)} has left.`,
      evidence: [saysSo(symptom, isAsker ? weights.state : weights.edge), ...changed(asked, since)],
      path: [titleOf(whole)],
      remedy: { summary: 'Ask for less, or raise the quota.', commands: [`kubectl edit ${kubectlName(whole)}`] },
    };
}

/** Fields that say what a pod asks for. */
const RESOURCES = /resources|ontainers\[[^\]]*\]$/;

/** A quota of limits or requests wants everyone to say theirs. */
function* mustSay(refusal: Refusal, name: string, what: string): Iterable<Hypothesis> {
  const { known, symptom } = refusal;
  const { whole, since } = symptom;
  const isNew = isRefusedAtOnce(refusal, RESOURCES);
  const target = { group: '', kind: 'ResourceQuota', namespace: whole.namespace, name };
  const quota = known.named(whole, '', 'ResourceQuota', name);
  const subject = quota ?? absent(whole, target);
  const change = quota && ruleChange(known, quota, since, /^spec\b/, 'spec', 'hard');
  const own = fieldChange(known, whole, since, RESOURCES);
  const isOwn = own !== undefined && own.at > (change?.at ?? 0);
  const range = known.estate.deletions.findLast(
    ({ resource }) => resource.kind === 'LimitRange' && resource.namespace === whole.namespace,
  );
  const gone = range && deletionOf(known, range.resource);
  if (gone && gone.at <= since)
    yield {
      subject: gone.resource,
      reason: 'LimitRangeDeleted',
      summary: `${titleOf(gone.resource)}, which gave pods the ${what} that ${titleOf(subject)} wants, was deleted.`,
      evidence: [
        saysSo(symptom, weights.state),
        ...changed(gone, since),
        { kind: 'change', text: 'it gave defaults', weight: weights.changed, resource: gone.resource },
      ],
      path: [titleOf(gone.resource), 'LIMITS', titleOf(whole)],
      remedy: { summary: 'Make it again.', commands: [`kubectl get limitranges${inNamespace(whole)}`] },
    };
  yield {
    subject,
    reason: 'QuotaRequiresLimits',
    summary: `${titleOf(subject)} wants pods to say ${what}, which those of ${titleOf(whole)} do not.`,
    evidence: [
      saysSo(symptom, weights.named),
      ...changed(change, since),
      state(isNew ? 'it was refused as soon as it asked' : 'it was accepted before', isNew ? 0 : weights.state, whole),
    ],
    path: [titleOf(subject), 'LIMITS', titleOf(whole)],
    remedy: {
      summary: 'Set requests and limits in the workload, or defaults in a LimitRange.',
      commands: [`kubectl describe quota ${name}${inNamespace(whole)}`],
    },
  };
  yield {
    subject: whole,
    reason: 'LimitsNotSet',
    summary: `${titleOf(whole)} does not say ${what}, which ${titleOf(subject)} wants.`,
    evidence: [
      saysSo(symptom, weights.state),
      state('it does not say', isOwn || (isNew && change === undefined) ? weights.edge : -weights.edge, whole),
      ...(isOwn ? changed(own, since) : []),
    ],
    path: [titleOf(whole)],
    remedy: { summary: 'Set requests and limits.', commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

/** What pods need and is not there: a quota that is used up may be why it could not be made. */
export function* unmade(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, message, reason } = symptom;
  if (reason === 'Unschedulable')
    for (const { reason: why, detail } of clausesOf(message))
      if (why === 'claim-missing')
        yield* refusedFor(
          known,
          symptom,
          { group: '', kind: 'PersistentVolumeClaim', namespace: resource.namespace, name: detail },
          /persistentvolumeclaims|requests\.storage/,
        );
  const seen = new Set<string>();
  for (const { callee } of callsOf(known, symptom)) {
    if (callee === undefined || !('absent' in callee) || callee.kind !== 'Service' || seen.has(titleOf(callee)))
      continue;
    seen.add(titleOf(callee));
    yield* refusedFor(known, symptom, callee, /services/);
  }
}

function* refusedFor(
  known: Case,
  symptom: Symptom,
  target: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
  names: RegExp,
): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const missing = absent(resource, target);
  if (deletionOf(known, target)) return;
  for (const quota of known.view.resources({
    cluster: resource.cluster,
    group: '',
    kind: 'ResourceQuota',
    namespace: target.namespace,
  })) {
    const used = usedUpOf(known, quota, names);
    if (used === undefined) continue;
    const change = ruleChange(known, quota, since, /^spec\b/, 'spec', 'hard');
    yield {
      subject: quota,
      reason: 'QuotaExceeded',
      summary: `${titleOf(missing)}, which ${titleOf(whole)} needs, does not exist, and ${titleOf(quota)} lets no more be made: ${used}.`,
      evidence: [
        saysSo(symptom, weights.state),
        state(`${titleOf(missing)} does not exist`, weights.usual, missing),
        state(used, weights.missing + weights.usual, quota),
        ...changed(change, since),
      ],
      path: [titleOf(quota), 'LIMITS', titleOf(missing), 'CLAIMS', ...downTo(symptom)],
      remedy: {
        summary: 'Raise the quota, then make what is missing.',
        commands: [`kubectl describe quota ${quota.name}${inNamespace(quota)}`],
      },
    };
  }
}

/** What of a quota is used up, of the names that match. A limit of zero forbids. */
function usedUpOf(known: Case, quota: Resource, names: RegExp): string | undefined {
  const object = known.object(quota.id);
  const status = treeAt(object, 'status');
  const hard = treeAt(status, 'hard') ?? treeAt(treeAt(object, 'spec'), 'hard') ?? {};
  const full = Object.entries(hard).find(
    ([name, limit]) =>
      names.test(name) &&
      (quantity(treeAt(status, 'used')?.[name]) ?? 0) >= (quantity(limit) ?? Number.POSITIVE_INFINITY),
  );
  return full && `${full[0]} ${String(treeAt(status, 'used')?.[full[0]] ?? 0)} of ${String(full[1])}`;
}

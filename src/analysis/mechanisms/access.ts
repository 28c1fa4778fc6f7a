/**
 * A program that the API server refuses: what was granted to its account was taken back, never was, or is granted to another. The role or the binding is
 * why, not the program that asks.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, text } from '../case.ts';
import { changesOf, type ObjectChange, podSpecOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import { bindingsIn, countsFor, grantsTo, permits, RBAC, type Refusal, refusalOf, speaksOf } from './grants.ts';
import { changeBefore, changeEvidence, downTo, kubectlName, type Mechanism, SLACK_MS } from './mechanism.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

export const access: Mechanism = function* (known, symptom) {
  const refusal = refusalOf(known, symptom);
  if (refusal === undefined) {
    yield* unsaid(known, symptom);
    return;
  }
  const here = bindingsIn(known, symptom.resource.cluster).filter((binding) => countsFor(refusal, binding));
  const own = here.filter(({ id }) => grantsTo(known.object(id), refusal));
  for (const binding of own) yield* ofBinding(known, symptom, refusal, binding);
  yield* takenBack(known, symptom, refusal, here);
  const roles = own.filter(({ name }) => !SYSTEM.test(name)).flatMap(({ id }) => known.targets(id, 'BINDS'));
  if (!roles.some((role) => speaksOf(known, role, refusal))) yield* neverGranted(known, symptom, refusal, here);
  yield* ofAccount(known, symptom, refusal, here);
};

const SUFFERING = /^(?:CrashLoopBackOff|Error|Unready)$/;

/** Nothing is known of what it says: rights of its account that were taken away right before. */
function* unsaid(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, since } = symptom;
  if (!SUFFERING.test(symptom.reason) || resource.kind !== 'Pod') return;
  const [account] = known.targets(resource.id, 'RUNS_AS');
  const { namespace } = resource;
  const name = account?.name ?? text(podSpecOf(known.object(resource.id))?.['serviceAccountName']);
  if (name === '' || name === 'default') return;
  const said = state('it does not say that anything is refused', -weights.state, resource);
  const refusal: Refusal = {
    account: { namespace, name },
    verb: 'do',
    plural: 'what it did',
    group: '',
    namespace,
    said,
  };
  const all = bindingsIn(known, resource.cluster);
  yield* takenBack(known, symptom, { ...refusal, namespace: '' }, all);
  for (const binding of all.filter(({ id }) => grantsTo(known.object(id), refusal))) {
    if (known.dangling(binding.id).some(({ type }) => type === 'BINDS'))
      yield* ofBinding(known, symptom, refusal, binding);
    for (const role of known.targets(binding.id, 'BINDS')) {
      const change = changeBefore(known, role, since, isOfRules);
      const isLess = change?.fields.some(({ before }) => before !== undefined) ?? false;
      if (change === undefined || !isLess) continue;
      yield denied(symptom, refusal, role, 'RoleChanged', 'was changed', [
        state('it is bound to the account of the pod', weights.state + weights.edge, role),
        changeEvidence(change, since),
      ]);
    }
  }
}

/** What every cluster has. */
const SYSTEM = /^(?:system:|(?:view|edit|admin|cluster-admin)$)/;

function needs({ verb, plural }: Refusal): string {
  return `${verb} ${plural}`;
}

/** A role that is bound to it and does not allow what it needs, or is not there. */
function* ofBinding(known: Case, symptom: Symptom, refusal: Refusal, binding: Resource): Iterable<Hypothesis> {
  const { since, whole } = symptom;
  const missing = known.dangling(binding.id).find(({ type }) => type === 'BINDS');
  if (missing) {
    const subject = absent(binding, missing.target);
    const deleted = known.estate.deletions.find(({ resource }) => titleOf(resource) === titleOf(subject));
    yield denied(symptom, refusal, subject, deleted ? 'RoleDeleted' : 'RoleMissing', 'does not exist', [
      state(`${titleOf(binding)} binds it, and it does not exist`, weights.missing, subject),
      ...(deleted ? [gone(subject, milliseconds(deleted.at))] : []),
    ]);
  }
  for (const role of known.targets(binding.id, 'BINDS')) {
    if (permits(known, role, refusal)) continue;
    const change = changeBefore(known, role, since, isOfRules);
    const isNear = speaksOf(known, role, refusal);
    if (change === undefined && !isNear && SYSTEM.test(role.name)) continue;
    const lacks = `does not allow to ${needs(refusal)}`;
    yield denied(symptom, refusal, role, change ? 'RoleChanged' : 'RoleLacksPermission', lacks, [
      state(
        `it is bound to the account of ${titleOf(whole)}, and ${lacks}`,
        isNear || change ? weights.state : weights.usual,
        role,
      ),
      ...(change ? [changeEvidence(change, since, change.fields.length > 0 ? weights.changed : weights.written)] : []),
    ]);
  }
}

function isOfRules({ verb, fields, known }: ObjectChange): boolean {
  return (
    verb === 'changed' && (known === 'written' || fields.some(({ path }) => /^(?:rules|aggregationRule)/.test(path)))
  );
}

/** A binding that was deleted, or no longer names the account. */
function* takenBack(known: Case, symptom: Symptom, refusal: Refusal, here: readonly Resource[]): Iterable<Hypothesis> {
  const { since } = symptom;
  for (const { at, resource, object } of known.estate.deletions) {
    if (!/^(?:Cluster)?RoleBinding$/.test(resource.kind) || milliseconds(at) > since + SLACK_MS) continue;
    if (!countsFor(refusal, resource) || !grantsTo(object, refusal)) continue;
    yield denied(symptom, refusal, resource, `${resource.kind}Deleted`, 'was deleted', [
      state('it named the account', weights.usual, resource),
      gone(resource, milliseconds(at)),
    ]);
  }
  for (const binding of here) {
    if (grantsTo(known.object(binding.id), refusal)) continue;
    if (!known.estate.versions(binding.id).some(({ object }) => grantsTo(object, refusal))) continue;
    const change = changesOf(known, binding).find(
      ({ at, fields }) => at <= since + SLACK_MS && fields.some(({ path }) => path.startsWith('subjects')),
    );
    if (change === undefined) continue;
    yield denied(symptom, refusal, binding, `${binding.kind}Changed`, 'no longer names its account', [
      state('it named the account before', weights.state, binding),
      changeEvidence(change, since),
    ]);
  }
}

/** Nothing is granted to it: a binding names an account that is not there, or a role waits to be bound. */
function* neverGranted(
  known: Case,
  symptom: Symptom,
  refusal: Refusal,
  here: readonly Resource[],
): Iterable<Hypothesis> {
  const { account, namespace } = refusal;
  for (const binding of here) {
    const stray = known
      .dangling(binding.id)
      .find(
        ({ type, target }) =>
          type === 'GRANTS_TO' &&
          target.kind === 'ServiceAccount' &&
          (target.namespace === account.namespace || target.name === account.name),
      )?.target;
    if (stray === undefined || !known.targets(binding.id, 'BINDS').some((role) => permits(known, role, refusal)))
      continue;
    const who = `${stray.namespace}/${stray.name}, which does not exist`;
    yield denied(symptom, refusal, binding, 'BindingNamesWrongAccount', `names account ${who}`, [
      state(`it grants to ${who}`, weights.named, binding),
    ]);
  }
  const { cluster } = symptom.resource;
  const roles = { cluster, group: RBAC, kind: 'Role', namespace: namespace || account.namespace };
  for (const role of known.view.resources(roles)) {
    if (known.sources(role.id, 'BINDS').length > 0 || !permits(known, role, refusal)) continue;
    const subject = absent(role, { group: RBAC, kind: 'RoleBinding', namespace: role.namespace, name: role.name });
    yield denied(symptom, refusal, subject, 'RoleBindingMissing', 'does not exist', [
      state(`${titleOf(role)} would allow it, and nobody binds it`, weights.state, role),
    ]);
  }
}

/** The account: it was given another one, or never the one that is meant for it. */
function* ofAccount(known: Case, symptom: Symptom, refusal: Refusal, here: readonly Resource[]): Iterable<Hypothesis> {
  const { whole, resource } = symptom;
  const { account } = refusal;
  const accounts = { cluster: resource.cluster, group: '', kind: 'ServiceAccount', namespace: account.namespace };
  const better = [...known.view.resources(accounts)].find(
    ({ name }) =>
      name !== account.name &&
      (whole.name.startsWith(name) || name.startsWith(whole.name)) &&
      here.some(
        ({ id }) =>
          grantsTo(known.object(id), { ...refusal, account: { ...account, name } }) &&
          known.targets(id, 'BINDS').some((role) => permits(known, role, refusal)),
      ),
  );
  const change = templateChange(known, symptom, /serviceAccount/);
  const isChanged = change !== undefined && change.fields.length > 0;
  if (!isChanged && (account.name !== 'default' || better === undefined)) return;
  yield ownFault(symptom, {
    reason: 'WrongServiceAccount',
    summary: `${titleOf(whole)} runs as account ${account.name}, which may not ${needs(refusal)}.`,
    evidence: [
      refusal.said,
      ...(better ? [state(`account ${better.name} may`, weights.state, better)] : []),
      ...(isChanged ? [templateEvidence(change, symptom)] : []),
    ],
    remedy: 'Let it run as the account that is meant for it.',
  });
}

function gone(subject: Subject, at: number): Evidence {
  return { kind: 'change', at, text: `${titleOf(subject)} was deleted`, resource: subject, weight: weights.changed };
}

function denied(
  symptom: Symptom,
  { said, account, verb, plural, namespace }: Refusal,
  subject: Subject,
  reason: string,
  what: string,
  evidence: readonly Evidence[],
): Hypothesis {
  const isBinding = /Binding$/.test(subject.kind);
  return {
    subject,
    reason,
    summary: `${titleOf(symptom.whole)} may not ${verb} ${plural}: ${titleOf(subject)} ${what}.`,
    evidence: [said, ...evidence],
    path: [titleOf(subject), isBinding ? 'GRANTS_TO' : 'BINDS', ...downTo(symptom)],
    remedy: {
      summary: `Grant account ${account.name} what it needs.`,
      commands: [
        `kubectl auth can-i ${verb} ${plural} --as=system:serviceaccount:${account.namespace}:${account.name}${namespace === '' ? '' : ` -n ${namespace}`}`,
        ...('absent' in subject ? [] : [`kubectl edit ${kubectlName(subject)}`]),
      ],
    },
  };
}

/**
 * What was changed in a cluster, a delivery may have changed: a HelmRelease, a Kustomization or an Application that manages the object and was itself changed,
 * or applied something, right before. It is why, and would do it again. And deliveries that fail by themselves.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, treeAt } from '../case.ts';
import { changesOf } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, kubectlName, type Mechanism, saysSo } from './mechanism.ts';

const MINUTE = 60_000;
/** So long a delivery may take from its own change to that of what it manages. */
const APPLIES_WITHIN_MS = 15 * MINUTE;

/** By kind, how its controller signs what it writes. */
const DELIVERIES: ReadonlyMap<string, RegExp> = new Map([
  ['HelmRelease', /^helm-controller$|^helm$|^Helm$/],
  ['Kustomization', /^kustomize-controller$|^flux/],
  ['Application', /^argocd|^argo-cd/],
  ['Bundle', /^fleet/],
]);

/** A mechanism whose blame is passed on to the delivery that made the change. */
export function throughDelivery(mechanism: Mechanism): Mechanism {
  return function* (known, symptom) {
    for (const hypothesis of mechanism(known, symptom)) {
      const { subject, because } = hypothesis;
      const passed = 'absent' in subject || because ? undefined : passedOn(known, symptom, hypothesis, subject);
      if (passed === undefined) yield hypothesis;
      else yield* passed;
    }
  };
}

/** The same blame of the delivery, and less of what it delivered. Undefined when no delivery had to do with it. */
function passedOn(
  known: Case,
  { since }: Symptom,
  hypothesis: Hypothesis,
  subject: Resource,
): readonly Hypothesis[] | undefined {
  const decisive = hypothesis.evidence.find(
    ({ kind, resource }) =>
      kind === 'change' && resource !== undefined && 'id' in resource && resource.id === subject.id,
  )?.at;
  for (const { delivery, signs } of deliveriesOf(known, subject)) {
    const change = decisive === undefined ? undefined : changesOf(known, subject).find(({ at }) => at === decisive);
    if (change?.by !== undefined && !signs.test(change.by) && BY_HAND.test(change.by)) return undefined;
    const links = [
      ...linksOf(known, { delivery, signs, by: change?.by, at: decisive ?? since, isKnown: decisive !== undefined }),
    ];
    const weight = links.reduce((sum, link) => sum + link.weight, 0);
    // A change that only bears its signature is its own for what it makes pods of.
    if (weight < (isWorkload(subject) ? weights.usual : weights.state)) continue;
    return [
      {
        ...hypothesis,
        subject: delivery,
        summary: `${hypothesis.summary} ${titleOf(delivery)} delivered it.`,
        evidence: [...hypothesis.evidence, ...links],
        path: [titleOf(delivery), 'MANAGES', ...hypothesis.path],
        remedy: {
          summary: `${hypothesis.remedy.summary} Do so where ${titleOf(delivery)} is made from.`,
          commands: [`kubectl describe ${kubectlName(delivery)}`],
        },
      },
      {
        ...hypothesis,
        evidence: [...hypothesis.evidence, state(`${titleOf(delivery)} would put it back`, -weights.usual, delivery)],
      },
    ];
  }
  return undefined;
}

/** Tools with which people write; what they wrote, no delivery did. */
const BY_HAND = /^(?:kubectl|oc|k9s|lens|Mozilla|dashboard|terraform|helm$)/i;

function isWorkload({ group, kind }: Resource): boolean {
  return (
    group === 'apps' ||
    group === 'batch' ||
    kind === 'Rollout' ||
    !/^(?:|networking\.k8s\.io|rbac\.authorization\.k8s\.io|policy|autoscaling)$/.test(group)
  );
}

interface Delivered {
  readonly delivery: Resource;
  readonly signs: RegExp;
}

/** Deliveries that manage a resource, by their own lists, by its labels or by the release that it belongs to. */
function* deliveriesOf(known: Case, resource: Resource): Iterable<Delivered> {
  const seen = new Set<string>();
  const releases = known.targets(resource.id, 'RELEASED_BY');
  const found = [
    ...[resource, ...releases].flatMap(({ id }) => known.sources(id, 'MANAGES')),
    ...known.targets(resource.id, 'BELONGS_TO'),
  ];
  for (const delivery of found) {
    const signs = DELIVERIES.get(delivery.kind);
    if (signs === undefined || delivery.pseudo || seen.has(delivery.id) || delivery.id === resource.id) continue;
    seen.add(delivery.id);
    yield { delivery, signs };
  }
}

interface Link extends Delivered {
  readonly by: string | undefined;
  /** When what is to be explained happened. */
  readonly at: number;
  /** It is known to be a change. */
  readonly isKnown: boolean;
}

/** What ties a change to a delivery. */
function* linksOf(known: Case, { delivery, signs, by, at, isKnown }: Link): Iterable<Evidence> {
  const own = fieldChange(known, delivery, at, /^spec\b/, 'spec');
  if (own && at - own.at <= APPLIES_WITHIN_MS)
    yield changeEvidence(own, at, own.fields.length > 0 ? weights.changed : weights.written);
  const applied = appliedAt(known, delivery).find((time) => Math.abs(time - at) <= 2 * MINUTE);
  if (applied !== undefined && isKnown)
    yield {
      kind: 'change',
      at: applied,
      text: `${titleOf(delivery)} applied what it is made from`,
      resource: delivery,
      weight: weights.usual,
    };
  if (by !== undefined && signs.test(by)) yield state(`${by} wrote the change`, weights.usual, delivery);
  if (symptomsOf(known).some(({ resource }) => resource.id === delivery.id) && isKnown)
    yield state(`${titleOf(delivery)} fails`, weights.usual / 2, delivery);
}

/** When a delivery last applied, as its status tells. */
function appliedAt(known: Case, delivery: Resource): readonly number[] {
  const status = treeAt(known.object(delivery.id), 'status');
  const times = [
    treeAt(status, 'operationState')?.['finishedAt'],
    ...listAt(status, 'history').flatMap((one) => [
      one['lastDeployed'],
      one['firstDeployed'],
      one['deployedAt'],
      one['lastReconciled'],
    ]),
  ];
  return times.map(milliseconds).filter((time) => time > 0);
}

/** A delivery that fails itself: its source, what it delivers, or its own words. */
export function* delivery(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, since, message, reason } = symptom;
  if (!DELIVERIES.has(resource.kind) || symptom.isTold) return;
  const change = fieldChange(known, resource, since, /^spec\b/, 'spec');
  const isWaiting = /timed? ?out|deadline exceeded|not ready|health check|InProgress|stalled/i.test(message);
  for (const source of known.targets(resource.id, 'SYNCS_FROM')) {
    if (source.pseudo || source.health.status !== 'critical') continue;
    yield {
      subject: source,
      reason: 'SourceNotReady',
      summary: `${titleOf(source)}, which ${titleOf(resource)} is made from, is not ready.`,
      evidence: [
        saysSo(symptom, weights.usual),
        state(source.health.message ?? 'not ready', weights.state + weights.usual, source),
      ],
      path: [titleOf(source), 'SYNCS_FROM', titleOf(resource)],
      remedy: { summary: 'See why it cannot be fetched.', commands: [`kubectl describe ${kubectlName(source)}`] },
    };
  }
  if (isWaiting)
    for (const managed of managedSufferers(known, resource))
      yield {
        subject: managed,
        reason: 'NotReady',
        summary: `${titleOf(resource)} waits for ${titleOf(managed)}, which is not ready.`,
        evidence: [saysSo(symptom, weights.state), state(`${titleOf(managed)} is not well`, weights.state, managed)],
        path: [titleOf(managed), 'MANAGES', titleOf(resource)],
        remedy: { summary: 'See why it is not ready.', commands: [`kubectl describe ${kubectlName(managed)}`] },
        because: managed,
      };
  const words = /namespaces? "([^"]+)" not found/.exec(message)?.[1];
  yield {
    subject: resource,
    reason: words === undefined ? reason : 'TargetNamespaceMissing',
    summary: `${titleOf(resource)} fails: ${message.slice(0, 300)}`,
    evidence: [saysSo(symptom, weights.named), ...changed(change, since)],
    path: [titleOf(resource)],
    remedy: {
      summary: words === undefined ? 'Mend what it is made from.' : `Make namespace ${words}, or deploy elsewhere.`,
      commands: [`kubectl describe ${kubectlName(resource)}`],
    },
  };
}

/** Workloads that it manages and that are not well. */
function managedSufferers(known: Case, resource: Resource): readonly Resource[] {
  const managed = new Set(
    known
      .targets(resource.id, 'MANAGES')
      .flatMap((one) => (one.pseudo ? known.sources(one.id, 'RELEASED_BY') : [one]))
      .map(({ id }) => id),
  );
  for (const one of known.sources(resource.id, 'BELONGS_TO')) managed.add(one.id);
  const wholes = new Map(symptomsOf(known).map(({ whole }) => [whole.id, whole]));
  return [...wholes.values()].filter(({ id }) => id !== resource.id && managed.has(id));
}

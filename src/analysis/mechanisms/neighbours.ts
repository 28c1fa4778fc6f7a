/** Pods that are in each other's way: ports of the host, rules of who must not or must be beside whom, even spreading, devices. */
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Reason } from '../scheduler-message.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, changeEvidence, downTo, kubectlName } from './mechanism.ts';
import { freeButForThemselves, named, type Situation } from './scheduling.ts';

interface Rule {
  readonly reasons: readonly Reason[];
  readonly reason: string;
  readonly words: string;
  /** Fields of the workload that say so. */
  readonly fields: RegExp;
  readonly remedy: string;
}

const RULES: readonly Rule[] = [
  {
    reasons: ['ports'],
    reason: 'HostPortConflict',
    words: 'wants a port of the host that is taken on every node it may run on',
    fields: /hostPort|hostNetwork|\.ports\b|^spec\.replicas$/,
    remedy: 'Do without the port of the host, or run no more replicas than there are nodes.',
  },
  {
    reasons: ['anti-affinity', 'anti-affinity-of-others'],
    reason: 'AntiAffinityUnsatisfiable',
    words: 'must not be beside pods that are on every node it may run on',
    fields: /affinity|^spec\.replicas$|template\.metadata\.labels/,
    remedy: 'Prefer the distance instead of requiring it, or run no more replicas than there are nodes.',
  },
  {
    reasons: ['affinity'],
    reason: 'AffinityUnsatisfiable',
    words: 'must be beside pods that are on no node it may run on',
    fields: /affinity/,
    remedy: 'Mend podAffinity, or run the pods that it wants to be beside.',
  },
  {
    reasons: ['spread'],
    reason: 'SpreadUnsatisfiable',
    words: 'must be spread more evenly than the nodes allow',
    fields: /topologySpreadConstraints|^spec\.replicas$/,
    remedy: 'Use whenUnsatisfiable: ScheduleAnyway, or allow a larger maxSkew.',
  },
  {
    reasons: ['device'],
    reason: 'DeviceUnavailable',
    words: 'claims a device that no node has free',
    fields: /resourceClaims/,
    remedy: 'Mend the ResourceClaim, or wait until a device is free.',
  },
  {
    reasons: ['volume-in-use'],
    reason: 'ClaimInUse',
    words: 'claims a volume that one pod alone may have, and another has it',
    fields: /volumes|^spec\.(?:replicas|strategy|updateStrategy)/,
    remedy: 'Run one replica, replaced rather than rolled over, or claim a volume that many may have.',
  },
  {
    reasons: ['volume-count'],
    reason: 'TooManyVolumes',
    words: 'needs one more volume than the nodes can attach',
    fields: /volumes|^spec\.replicas$/,
    remedy: 'Use fewer volumes on a node, or add nodes.',
  },
];

export function* neighbours(situation: Situation): Iterable<Hypothesis> {
  const { known, symptom, clauses } = situation;
  const { whole, since } = symptom;
  for (const rule of RULES) {
    if (!clauses.some(({ reason }) => rule.reasons.includes(reason))) continue;
    const change = fieldChange(known, whole, since, rule.fields);
    const inTheWay = othersInTheWay(situation, rule);
    // It is no fault of the rule when a node that obeys it would have the pod, were the node well.
    const isBeside = freeButForThemselves(situation).length > 0;
    const evidence: Evidence[] = [
      named(situation, ...rule.reasons),
      state(rule.words, isBeside ? 0 : weights.state, whole),
      ...(change ? [changeEvidence(change, since)] : []),
    ];
    yield {
      subject: whole,
      reason: rule.reason,
      summary: `${titleOf(whole)} ${rule.words}.`,
      evidence,
      path: downTo(symptom),
      remedy: { summary: rule.remedy, commands: [`kubectl edit ${kubectlName(whole)}`] },
    };
    yield* inTheWay.flatMap((other) => newcomer(known, situation, rule, other) ?? []);
  }
}

/** Other workloads whose pods are in the way. */
function othersInTheWay({ known, symptom, eligible }: Situation, { reasons }: Rule): readonly Resource[] {
  const found = new Map<string, Resource>();
  const note = (pod: Resource): void => {
    const whole = known.whole(pod);
    if (whole.id !== symptom.whole.id) found.set(whole.id, whole);
  };
  for (const { obstacles } of eligible)
    for (const obstacle of obstacles) {
      if (obstacle.type === 'ports' && reasons.includes('ports')) note(obstacle.holder);
      if (obstacle.type === 'apart' && reasons.includes('anti-affinity')) note(obstacle.from);
    }
  if (reasons.includes('anti-affinity-of-others'))
    for (const edge of known.view.in(symptom.resource.id, 'APART_FROM')) {
      const from = known.view.get(edge.from);
      if (from?.kind === 'Pod' && edge.detail.field.includes('required')) note(from);
    }
  return [...found.values()];
}

/** Who came into the way after the pod's own workload had its place. */
function newcomer(known: Case, { symptom }: Situation, rule: Rule, other: Resource): Hypothesis | undefined {
  const { whole, since } = symptom;
  const came = changeBefore(
    known,
    other,
    since,
    ({ verb, fields }) => verb === 'created' || fields.some(({ path }) => rule.fields.test(path)),
  );
  const own = changeBefore(
    known,
    whole,
    since,
    ({ verb, fields }) => verb === 'created' || fields.some(({ path }) => rule.fields.test(path)),
  );
  if (came === undefined || came.at <= (own?.at ?? 0)) return undefined;
  return {
    subject: other,
    reason: rule.reason,
    summary: `${titleOf(other)} came into the way of ${titleOf(whole)}.`,
    evidence: [
      state(`a pod of ${titleOf(other)} is where ${titleOf(whole)} would fit`, weights.state + weights.usual, other),
      changeEvidence(came, since),
    ],
    path: [titleOf(other), 'APART_FROM', ...downTo(symptom)],
    remedy: { summary: rule.remedy, commands: [`kubectl edit ${kubectlName(other)}`] },
  };
}

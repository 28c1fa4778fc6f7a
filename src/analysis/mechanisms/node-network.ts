/**
 * The network of one node: several applications cannot reach others, all of them there, while their siblings elsewhere can; or a daemon of that node says
 * so.
 */
import type { Resource } from '../../model/resource.ts';
import { callsOf } from '../calls.ts';
import { type Case, milliseconds } from '../case.ts';
import type { Failing } from '../clues.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { appOf, isReady, podsOf } from '../services.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { fieldChange, state } from './fields.ts';
import { downTo, kubectlName, recency } from './mechanism.ts';
import { complaintsAt } from './node-daemons.ts';

export function* nodeNetwork(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, since, isTold } = symptom;
  const said = resource.kind === 'Node' && isTold ? complaintsAt(known, resource, since) : undefined;
  if (said) yield hypothesisOf(symptom, resource, [{ ...said, weight: weights.named + weights.state }]);
  else {
    yield* reachingNobody(known, symptom);
    yield* staleRules(known, symptom);
  }
}

/**
 * Who stands behind a Service was replaced just before by the same again, is ready, and does not answer under its address: the node of the caller still
 * sends to who is gone.
 */
function* staleRules(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const node = nodeOf(known, symptom);
  for (const { clue, callee, said } of callsOf(known, symptom)) {
    const isUnanswered = clue.type === 'connection' && isSilent(clue.how);
    if (node === undefined || !isUnanswered || !callee || 'absent' in callee || callee.kind !== 'Service') continue;
    const pods = podsOf(known, callee);
    const isNew = ({ createdAt = '' }: Resource): boolean => recency(milliseconds(createdAt), symptom.since) === 1;
    if (pods.length === 0 || !pods.every((pod) => isReady(known, pod) && isNew(pod))) continue;
    const app = appOf(known, callee);
    const isOther = fieldChange(known, app, symptom.since, /^spec\.template\.spec/);
    if (isOther && recency(isOther.at, symptom.since) === 1) continue;
    yield hypothesisOf(symptom, node, [
      { ...said.evidence, weight: weights.usual },
      state(
        `the pods of ${titleOf(callee)} were replaced just before, by the same, and are ready`,
        weights.state,
        callee,
      ),
    ]);
  }
}

function* reachingNobody(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const node = nodeOf(known, symptom);
  if (node === undefined || !cannotReach(known, symptom)) return;
  const others = symptomsOf(known).filter(
    (one) => one.whole.id !== symptom.whole.id && cannotReach(known, one) && nodeOf(known, one)?.id === node.id,
  );
  const daemon = complaintsAt(known, node, symptom.since);
  if (others.length === 0 && daemon === undefined) return;
  const elsewhere = symptomsOf(known).some((one) => cannotReach(known, one) && nodeOf(known, one)?.id !== node.id);
  const well = siblingsElsewhere(known, symptom, node);
  const evidence: Evidence[] = [
    state(`${titleOf(symptom.whole)} runs on ${titleOf(node)} and cannot reach others`, weights.usual, node),
    ...(others.length > 0
      ? [
          state(
            `nor can ${others
              .slice(0, 3)
              .map(({ whole }) => titleOf(whole))
              .join(', ')}, there`,
            weights.usual,
            node,
          ),
        ]
      : []),
    ...(well > 0 ? [state('its pods on other nodes can', weights.state, node)] : []),
    ...(elsewhere ? [state('others on other nodes cannot either', weights.othersWell, node)] : []),
    ...(daemon ? [daemon] : []),
  ];
  yield hypothesisOf(symptom, node, evidence);
}

function hypothesisOf(symptom: Symptom, node: Resource, evidence: readonly Evidence[]): Hypothesis {
  return {
    subject: node,
    reason: 'NodeNetworkBroken',
    summary: `The network of ${titleOf(node)} does not work.`,
    evidence,
    path: symptom.resource.id === node.id ? [titleOf(node)] : [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
    remedy: {
      summary: 'See kube-proxy and the network plugin of that node.',
      commands: [
        `kubectl describe ${kubectlName(node)}`,
        `kubectl get pods -A --field-selector spec.nodeName=${node.name}`,
      ],
    },
  };
}

/** Nobody answers, not even to say that nobody listens: that would be an answer of the network. */
function isSilent(how: Failing): boolean {
  return how === 'timeout' || how === 'unreachable';
}

function cannotReach(known: Case, symptom: Symptom): boolean {
  return callsOf(known, symptom).some(({ clue }) => (clue.type === 'lookup' ? clue.dnsDown : isSilent(clue.how)));
}

/** The node on which all pods that suffer run; undefined when they are on several. */
function nodeOf(known: Case, { resource, alike }: Symptom): Resource | undefined {
  const nodes = new Map(
    [resource, ...alike].flatMap(({ id }) => known.targets(id, 'RUNS_ON')).map((node) => [node.id, node]),
  );
  return nodes.size === 1 ? [...nodes.values()][0] : undefined;
}

function siblingsElsewhere(known: Case, { whole, resource, alike }: Symptom, node: Resource): number {
  const suffering = new Set([resource, ...alike].map(({ id }) => id));
  return known
    .pods(whole)
    .filter(
      (pod) => !suffering.has(pod.id) && isReady(known, pod) && known.targets(pod.id, 'RUNS_ON')[0]?.id !== node.id,
    ).length;
}

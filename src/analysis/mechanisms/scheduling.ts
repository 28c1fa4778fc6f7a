/**
 * A pod that fits nowhere: which of what keeps it off the nodes is at fault. Nodes that the pod was never meant for say nothing; of the others the one
 * counts that would have it but for a cordon, a taint or what is taken there, and who changed last. Source: pkg/scheduler/framework/plugins.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, text, treeAt } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { type Assessed, assess, type Obstacle, type Taint } from '../placement.ts';
import { type Clause, clausesOf, type Reason } from '../scheduler-message.ts';
import type { Symptom } from '../symptoms.ts';
import { capacity } from './capacity.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, downTo, kubectlName, SLACK_MS, saysSo } from './mechanism.ts';
import { neighbours } from './neighbours.ts';
import { labels } from './node-labels.ts';

export interface Situation {
  readonly known: Case;
  readonly symptom: Symptom;
  readonly clauses: readonly Clause[];
  /** Nodes that are meant for such pods. */
  readonly nodes: readonly Assessed[];
  /** Those of them that the pod may be placed on: by labels, and by where its volumes are. */
  readonly eligible: readonly Assessed[];
  /** When it was last said anew where the workload belongs. */
  readonly moved: ObjectChange | undefined;
}

/** Taints of nodes that are not for everyone. */
const RESERVED =
  /^(?:node-role\.kubernetes\.io\/(?:control-plane|master|etcd)|virtual-kubelet\.io\/|eks\.amazonaws\.com\/compute-type)/;

const PLACEMENT = /^spec\.(?:jobTemplate\.spec\.)?template\.spec\.(?:nodeSelector|affinity|tolerations|nodeName)/;

export function* scheduling(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.reason !== 'Unschedulable') return;
  const situation = situationOf(known, symptom);
  yield* nodesAtFault(situation);
  yield* labels(situation);
  yield* capacity(situation);
  yield* neighbours(situation);
}

function situationOf(known: Case, symptom: Symptom): Situation {
  const { resource, whole, since, message } = symptom;
  const all = assess(known, resource);
  const isReserved = ({ obstacles }: Assessed): boolean =>
    obstacles.some((one) => one.type === 'taint' && RESERVED.test(one.taint.key));
  const common = all.filter((one) => !isReserved(one));
  const nodes = common.length > 0 ? common : all;
  const eligible = nodes.filter(
    ({ obstacles }) => !obstacles.some(({ type }) => type === 'selector' || type === 'volume'),
  );
  const moved = fieldChange(known, whole, since, PLACEMENT, 'spec', 'template', 'spec', 'nodeSelector');
  return { known, symptom, clauses: clausesOf(message), nodes, eligible, moved };
}

/** How much it says that the scheduler names such an obstacle. */
export function named({ clauses, symptom }: Situation, ...reasons: readonly Reason[]): Evidence {
  const isNamed = clauses.some(({ reason }) => reasons.includes(reason));
  return saysSo(symptom, isNamed ? weights.named : 0);
}

/** Nodes that would have the pod but for what is wrong with them, or was done to them, where the scheduler speaks of such. */
function* nodesAtFault(situation: Situation): Iterable<Hypothesis> {
  const { eligible, clauses } = situation;
  if (clauses.length > 0 && !clauses.some(({ reason }) => reason === 'taint' || reason === 'cordon')) return;
  const atFault = freeButForThemselves(situation);
  for (const { node, obstacles } of atFault) {
    const [obstacle] = obstacles;
    if (obstacle === undefined) continue;
    yield nodeAtFault(situation, node, obstacle, atFault.length === eligible.length);
  }
  yield* missesToleration(situation, atFault);
}

/**
 * Nodes on which nothing but a cordon or a taint is in the way of the pod. None, when more pods wait than such nodes could take of a kind that bears no
 * other beside it.
 */
export function freeButForThemselves({ eligible, symptom }: Situation): readonly Assessed[] {
  const free = eligible.filter(({ obstacles }) => obstacles.length > 0 && obstacles.every(isOfNode));
  const isExclusive = eligible.some(({ obstacles }) =>
    obstacles.some(({ type }) => type === 'apart' || type === 'ports'),
  );
  return isExclusive && free.length <= symptom.alike.length ? [] : free;
}

function isOfNode({ type }: Obstacle): boolean {
  return type === 'cordon' || type === 'taint';
}

/** Taints that Kubernetes itself puts on a node that is not well. */
const OF_HEALTH: readonly (readonly [key: string, reason: string, words: string])[] = [
  ['node.kubernetes.io/not-ready', 'NodeNotReady', 'is not ready'],
  ['node.kubernetes.io/unreachable', 'NodeNotReady', 'does not answer'],
  ['node.kubernetes.io/memory-pressure', 'NodeMemoryPressure', 'has no memory left'],
  ['node.kubernetes.io/disk-pressure', 'NodeDiskPressure', 'has no disk space left'],
  ['node.kubernetes.io/pid-pressure', 'NodePIDPressure', 'has no process ids left'],
  ['node.kubernetes.io/network-unavailable', 'NodeNetworkUnavailable', 'has no network'],
  ['node.cloudprovider.kubernetes.io/uninitialized', 'NodeUninitialized', 'was not initialised by its cloud'],
];

function nodeAtFault(situation: Situation, node: Resource, obstacle: Obstacle, isOnlyWay: boolean): Hypothesis {
  const { known, symptom, moved } = situation;
  const { whole } = symptom;
  const taint = obstacle.type === 'taint' ? obstacle.taint : undefined;
  const [, reason, words] = taintWords(taint) ?? [undefined, 'NodeCordoned', 'is cordoned'];
  const change = changeOfNode(situation, node, taint);
  // Where the workload was sent somewhere else afterwards, that is what changed.
  const isMoved = moved !== undefined && moved.at > (change?.at ?? 0) + SLACK_MS;
  const ran = ranThere(known, whole, node);
  // Nodes that are set apart for others are many; only where nothing else is left, or it was just done, is that a fault.
  const isDesign = taint !== undefined && !isOnlyWay && change === undefined && !ran && !isOfHealth(taint);
  const evidence: Evidence[] = [
    isDesign ? saysSo(symptom, weights.usual) : named(situation, taint ? 'taint' : 'cordon'),
    state(`${titleOf(node)} ${words}`, isOnlyWay || change ? weights.state : isDesign ? 0 : weights.usual / 2, node),
  ];
  if (change) evidence.push(change);
  if (ran) evidence.push(state(`a pod of ${titleOf(whole)} runs there`, weights.usual, node));
  if (isMoved) evidence.push(state(`${titleOf(whole)} was sent there afterwards`, -weights.state, whole, moved.at));
  const isUnwell = node.health.status === 'critical' || isOfHealth(taint);
  return {
    subject: node,
    reason,
    summary: `${titleOf(node)}, where ${titleOf(whole)} would fit, ${words}.`,
    evidence,
    path: [titleOf(node), 'FITS_ON', ...downTo(symptom)],
    remedy: taint
      ? { summary: 'Remove the taint, or tolerate it.', commands: [`kubectl taint nodes ${node.name} ${taint.key}-`] }
      : { summary: 'Let pods be placed on the node again.', commands: [`kubectl uncordon ${node.name}`] },
    ...(isUnwell && { because: node }),
  };
}

function isOfHealth(taint: Taint | undefined): boolean {
  return OF_HEALTH.some(([key]) => key === taint?.key);
}

function taintWords(taint: Taint | undefined): readonly [key: string, reason: string, words: string] | undefined {
  if (taint === undefined) return undefined;
  const { key, value, effect } = taint;
  return (
    OF_HEALTH.find(([one]) => one === key) ?? [
      key,
      'NodeTainted',
      `has the taint ${key}${value && `=${value}`}:${effect}`,
    ]
  );
}

/** That it was cordoned, tainted or became unwell shortly before. */
function changeOfNode(
  { known, symptom: { since } }: Situation,
  node: Resource,
  taint: Taint | undefined,
): Evidence | undefined {
  const change = taint
    ? fieldChange(
        known,
        node,
        since,
        new RegExp(`^spec\\.taints.*${taint.key.replaceAll(/\W/g, '\\$&')}|^spec\\.taints$`),
        'spec',
        'taints',
      )
    : fieldChange(known, node, since, /^spec\.(?:unschedulable|taints)/, 'spec', 'unschedulable');
  if (change) return changeEvidence(change, since, change.known === 'written' ? weights.written : weights.changed);
  const told = known.notices(node).findLast(({ reason }) => reason === (taint ? 'NodeNotReady' : 'NodeNotSchedulable'));
  if (told === undefined || told.last > since + SLACK_MS || (taint && !isOfHealth(taint))) return undefined;
  return { kind: 'event', at: told.last, text: told.message || told.reason, resource: node, weight: weights.written };
}

function ranThere(known: Case, whole: Resource, node: Resource): boolean {
  return known.pods(whole).some(({ id }) => text(treeAt(known.object(id), 'spec')?.['nodeName']) === node.name);
}

/** The other side of a taint: who does not tolerate it, where it was sent to such nodes, or they were always so. */
function* missesToleration(
  { symptom, moved, eligible }: Situation,
  atFault: readonly Assessed[],
): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  const [taint] = atFault.flatMap(({ obstacles }) =>
    obstacles.flatMap((one) => (one.type === 'taint' && !isOfHealth(one.taint) ? [one.taint] : [])),
  );
  if (taint === undefined && (moved === undefined || atFault.length === 0)) return;
  yield {
    subject: whole,
    reason: taint ? 'MissingToleration' : 'PlacementImpossible',
    summary: `${titleOf(whole)} ${taint ? `does not tolerate the taint ${taint.key} of the nodes that are left for it` : 'is sent to nodes that take no pods'}.`,
    evidence: [
      saysSo(symptom, moved || atFault.length === eligible.length ? weights.named : weights.usual),
      ...(moved ? [changeEvidence(moved, since), state('where it may run was changed', weights.usual, whole)] : []),
    ],
    path: downTo(symptom),
    remedy: {
      summary: taint ? 'Tolerate the taint, or remove it.' : 'Let it run elsewhere.',
      commands: [`kubectl edit ${kubectlName(whole)}`],
    },
  };
}

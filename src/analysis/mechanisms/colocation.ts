/**
 * Pods of several workloads that fail on one node while they are well elsewhere: the node is at fault, although nothing says so. Needs nodes to compare, and
 * faults that a node can bring about.
 */
import type { Resource, ResourceId } from '../../model/resource.ts';
import { type Case, push, treeAt } from '../case.ts';
import { type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { podsOn } from '../placement.ts';
import { isReady } from '../services.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { state } from './fields.ts';
import { downTo, saysSo } from './mechanism.ts';
import { nodeOf, troubleOf } from './nodes.ts';

/** What a bad node does to pods. What a message explains by the pod's own needs is none of it. */
const OF_NODES =
  /^(?:Unready|ContainerCreating|FailedCreatePodSandBox|NetworkNotReady|InitStuck|StuckTerminating|CrashLoopBackOff|FailedAttachVolume|ErrImagePull|ImagePullBackOff|CreateContainerError|RunContainerError)$/;
const OF_PODS = /not found|manifest unknown|unauthorized|denied|executable|exec format|invalid|no such host/i;
const TOGETHER_MS = 20 * 60_000;

interface Fault {
  readonly symptom: Symptom;
  readonly pod: Resource;
}

const tables = new WeakMap<Case, ReadonlyMap<ResourceId, readonly Fault[]>>();

/** By node, the pods on it that fail in ways that a node can bring about. */
function faultsByNode(known: Case): ReadonlyMap<ResourceId, readonly Fault[]> {
  const table = tables.get(known);
  if (table) return table;
  const made = new Map<ResourceId, Fault[]>();
  for (const symptom of symptomsOf(known)) {
    if (!OF_NODES.test(symptom.reason) || OF_PODS.test(symptom.message)) continue;
    for (const pod of [symptom.resource, ...symptom.alike]) {
      const node = pod.kind === 'Pod' ? nodeOf(known, pod) : undefined;
      if (node) push(made, node.id, { symptom, pod });
    }
  }
  tables.set(known, made);
  return made;
}

export function* colocation(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!OF_NODES.test(symptom.reason) || symptom.resource.kind !== 'Pod' || OF_PODS.test(symptom.message)) return;
  const node = nodeOf(known, symptom.resource);
  if (node === undefined || node.health.status === 'critical') return;
  const here = (faultsByNode(known).get(node.id) ?? []).filter(
    (one) => Math.abs(one.symptom.since - symptom.since) < TOGETHER_MS,
  );
  const wholes = new Set(here.map((one) => one.symptom.whole.id));
  if (wholes.size < 2) return;
  const elsewhere = [...faultsByNode(known)].filter(([id]) => id !== node.id).flatMap(([, list]) => list);
  const split = [...wholes].filter((id) => isWellElsewhere(known, id, node)).length;
  const pods = podsOn(known, node).filter((pod) => !isDaemon(known, pod));
  const share = here.length / Math.max(pods.length, here.length, 1);
  const isOnlyHere = here.length >= 3 * elsewhere.length;
  // Who fails together may depend on each other; only siblings that are well elsewhere, or everybody there, tell the node.
  const isEverybody = share === 1 && wholes.size >= 3 && wellElsewhere(known, node) >= wholes.size;
  if (!isOnlyHere || share < 0.5 || (split === 0 && !isEverybody)) return;
  yield {
    subject: node,
    reason: 'NodeFaulty',
    summary: `${here.length} pods of ${wholes.size} workloads fail on ${titleOf(node)}${split > 0 ? `, and ${split} of these workloads are well elsewhere` : ' and on no other node'}.`,
    evidence: [
      saysSo(symptom, weights.edge),
      state(
        `${here.length} of ${pods.length} pods there are not well, elsewhere ${elsewhere.length}`,
        weights.state,
        node,
      ),
      ...(split > 0 ? [state(`${split} of these workloads are well on other nodes`, weights.state, node)] : []),
      ...troubleOf(known, node, symptom.since),
    ],
    path: [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
    remedy: {
      summary: 'Take the node out of use and see what is wrong with it.',
      commands: [`kubectl cordon ${node.name}`, `kubectl describe node ${node.name}`],
    },
  };
}

function isWellElsewhere(known: Case, wholeId: ResourceId, node: Resource): boolean {
  const whole = known.view.get(wholeId);
  return (
    whole !== undefined &&
    known
      .pods(whole)
      .some((pod) => isReady(known, pod) && nodeOf(known, pod) !== undefined && nodeOf(known, pod)?.id !== node.id)
  );
}

function isDaemon(known: Case, pod: Resource): boolean {
  return known.whole(pod).kind === 'DaemonSet' || treeAt(known.object(pod.id), 'spec')?.['hostNetwork'] === true;
}

/** Pods on other nodes that are ready. */
function wellElsewhere(known: Case, node: Resource): number {
  let count = 0;
  for (const other of known.view.resources({ cluster: node.cluster, group: '', kind: 'Node' }))
    if (other.id !== node.id) count += podsOn(known, other).filter((pod) => isReady(known, pod)).length;
  return count;
}

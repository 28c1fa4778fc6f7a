/**
 * What a pod asks for is more than there is: more than any node ever had, or more than is left. Then who changed counts: the workload that asks for more, a
 * node that has less or is gone, or another workload that took the room. Source: pkg/scheduler/framework/plugins/noderesources.
 */
import { kindKey } from '../../model/groups.ts';
import { quantity } from '../../model/quantity.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, treeAt } from '../case.ts';
import { changesOf, type ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { type Amounts, type Assessed, allocatableOf, requestsOf, usageOf, wantsNode } from '../placement.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, downTo, inNamespace, kubectlName, SLACK_MS } from './mechanism.ts';
import { freeButForThemselves, named, type Situation } from './scheduling.ts';

/** A situation in which something is short. */
interface Shortage extends Situation {
  /** Names of resources: `cpu`, `nvidia.com/gpu`, `pods`. */
  readonly names: readonly string[];
  readonly wanted: Amounts;
}

export function* capacity(situation: Situation): Iterable<Hypothesis> {
  const { known, symptom, clauses, eligible } = situation;
  const named = new Set(
    clauses.flatMap(({ reason, detail }) => (reason === 'resource' ? [detail] : reason === 'pods' ? ['pods'] : [])),
  );
  const names = [...new Set([...named, ...eligible.flatMap(shortNames)])];
  if (named.size === 0) return;
  const wanted = new Map([...requestsOf(treeAt(known.object(symptom.resource.id), 'spec')), ['pods', 1]]);
  const shortage: Shortage = { ...situation, names: names.filter((name) => named.has(name)), wanted };
  const lost = [...lessThanBefore(shortage), ...nodesGone(shortage)];
  yield* lost;
  yield* tookTheRoom(shortage);
  yield own(shortage, lost.length > 0);
}

function shortNames({ obstacles }: Assessed): readonly string[] {
  return obstacles.flatMap((one) => (one.type === 'resource' ? [one.name] : []));
}

/** Whether no node that it may run on would have room for it even if it were empty. */
function fitsNowhere({ eligible, names }: Shortage): boolean {
  return (
    eligible.length > 0 &&
    eligible.every(({ obstacles }) =>
      obstacles.some((one) => one.type === 'resource' && one.never && names.includes(one.name)),
    )
  );
}

const ASKS = /resources\.(?:requests|limits)|^spec\.replicas$|containers\[[^\]]*\]$/;

/** The change by which a workload asks for more than before: larger requests, more replicas, more containers. */
export function askedForMore(known: Case, whole: Resource, since: number): ObjectChange | undefined {
  const change = fieldChange(known, whole, since, ASKS);
  const more = change?.fields.filter(({ before, after }) => amount(after) > amount(before)) ?? [];
  return change && more.length > 0 ? { ...change, fields: more } : undefined;
}

function amount(value: unknown): number {
  if (value === undefined) return 0;
  return quantity(value) ?? Number.MAX_SAFE_INTEGER;
}

function own(shortage: Shortage, isExplained: boolean): Hypothesis {
  const { known, symptom, names, wanted } = shortage;
  const { whole, since } = symptom;
  const isNever = fitsNowhere(shortage);
  const change = askedForMore(known, whole, since);
  // A node that would have it, were it not cordoned or tainted, is closer to the matter.
  const isBeside = freeButForThemselves(shortage).length > 0;
  const asked = names.map((name) => `${shown(name, wanted.get(name) ?? 0)} ${name}`).join(', ');
  const evidence: Evidence[] = [
    named(shortage, 'resource', 'pods'),
    isNever
      ? state(`no node has ${asked}, not even an empty one`, isExplained ? 0 : weights.state, whole)
      : state(`no node has ${asked} left`, isBeside || isExplained ? 0 : weights.edge, whole),
    ...(change ? [changeEvidence(change, since)] : []),
  ];
  return {
    subject: whole,
    reason: isNever ? 'RequestsExceedNodes' : change ? 'AsksForMoreThanIsLeft' : 'InsufficientCapacity',
    summary: `${titleOf(whole)} asks for ${asked}, which ${isNever ? 'no node has' : 'is left on no node'}.`,
    evidence,
    path: downTo(symptom),
    remedy: {
      summary: isNever ? 'Ask for less, or add a larger node.' : 'Ask for less, run fewer replicas, or add nodes.',
      commands: [`kubectl edit ${kubectlName(whole)}`, 'kubectl describe nodes'],
    },
  };
}

function shown(name: string, value: number): string {
  if (/memory|storage|hugepages/.test(name))
    return value >= 2 ** 30 ? `${round(value / 2 ** 30)}Gi` : `${round(value / 2 ** 20)}Mi`;
  return value < 1 ? `${Math.round(value * 1_000)}m` : String(round(value));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Nodes that had enough for it before, or whose devices are not offered any more. */
function* lessThanBefore({ known, symptom, nodes, names, wanted, ...rest }: Shortage): Iterable<Hypothesis> {
  const { since, whole } = symptom;
  for (const { node, object, obstacles } of nodes) {
    if (obstacles.some(({ type }) => type === 'selector' || type === 'volume')) continue;
    for (const name of names) {
      const need = wanted.get(name) ?? 0;
      const now = allocatableOf(object).get(name) ?? 0;
      if (need === 0 || now >= need) continue;
      const versions = known.estate.versions(node.id);
      const index = versions.findLastIndex((version) => (allocatableOf(version.object).get(name) ?? 0) >= need);
      const after = index < 0 ? undefined : versions[index + 1];
      const has = quantity(treeAt(treeAt(object, 'status'), 'capacity')?.[name]) ?? 0;
      if (after === undefined && !(name.includes('/') && has >= need)) continue;
      const evidence: Evidence[] = [
        named({ known, symptom, nodes, ...rest }, 'resource', 'pods'),
        state(
          `${titleOf(node)} offers ${shown(name, now)} ${name}${has > now ? ` of ${shown(name, has)}` : ''}`,
          weights.state,
          node,
        ),
      ];
      if (after && milliseconds(after.at) <= since + SLACK_MS)
        evidence.push({
          kind: 'change',
          at: milliseconds(after.at),
          text: `${titleOf(node)} offers less ${name} than before`,
          resource: node,
          weight: weights.changed,
        });
      yield {
        subject: node,
        reason: name.includes('/') ? 'DeviceUnavailable' : 'NodeCapacityLost',
        summary: `${titleOf(node)} offers less ${name} than ${titleOf(whole)} needs, and had enough.`,
        evidence,
        path: [titleOf(node), 'FITS_ON', ...downTo(symptom)],
        remedy: {
          summary: name.includes('/')
            ? 'See why the device plugin of the node does not offer its devices.'
            : 'See why the node offers less.',
          commands: [`kubectl describe ${kubectlName(node)}`],
        },
      };
    }
  }
}

/** Nodes that went, and would have had it. */
function* nodesGone(shortage: Shortage): Iterable<Hypothesis> {
  const { known, symptom, names, wanted } = shortage;
  const { since, whole, resource } = symptom;
  const spec = treeAt(known.object(resource.id), 'spec') ?? {};
  for (const { at, resource: node, object } of known.estate.deletions) {
    const gone = milliseconds(at);
    if (
      kindKey(node) !== '/Node' ||
      node.cluster !== resource.cluster ||
      object === undefined ||
      gone > since + SLACK_MS
    )
      continue;
    const room = allocatableOf(object);
    if (!wantsNode(spec, object) || names.some((name) => (room.get(name) ?? 0) < (wanted.get(name) ?? 0))) continue;
    const change: ObjectChange = { at: gone, verb: 'deleted', resource: node, fields: [], known: 'seen' };
    yield {
      subject: node,
      reason: 'NodeDeleted',
      summary: `${titleOf(node)}, which had room for ${titleOf(whole)}, is gone.`,
      evidence: [
        named(shortage, 'resource', 'pods'),
        state('it had what is short now', weights.state, node),
        changeEvidence(change, since),
      ],
      path: [titleOf(node), 'FITS_ON', ...downTo(symptom)],
      remedy: { summary: 'Bring the node back, or add another.', commands: ['kubectl get nodes'] },
    };
  }
}

/** Others that took the room after the workload had its place: they came, grew or ask for more. */
function* tookTheRoom(shortage: Shortage): Iterable<Hypothesis> {
  const { known, symptom, eligible, names, wanted } = shortage;
  const { whole, since } = symptom;
  if (fitsNowhere(shortage)) return;
  const taken = new Map<string, { readonly other: Resource; amount: number }>();
  const [name] = names;
  if (name === undefined) return;
  for (const { node } of eligible)
    for (const { whole: other, amounts } of usageOf(known, node).byWhole.values()) {
      if (other.id === whole.id) continue;
      const entry = taken.get(other.id) ?? { other, amount: 0 };
      entry.amount += amounts.get(name) ?? 0;
      taken.set(other.id, entry);
    }
  const settled = settledAt(known, whole, since);
  for (const { other, amount: took } of taken.values()) {
    if (took < (wanted.get(name) ?? 0)) continue;
    const change =
      askedForMore(known, other, since) ??
      changesOf(known, other).find(({ verb, at }) => verb === 'created' && at <= since + SLACK_MS);
    if (change === undefined || change.at <= settled) continue;
    yield {
      subject: other,
      reason: 'TakesAllRoom',
      summary: `${titleOf(other)} took ${shown(name, took)} ${name}, so that nothing is left for ${titleOf(whole)}.`,
      evidence: [
        state(`its pods ask for ${shown(name, took)} ${name} on the nodes in question`, weights.state, other),
        changeEvidence(change, since),
      ],
      path: [titleOf(other), 'FITS_ON', ...downTo(symptom)],
      remedy: {
        summary: 'Scale it down, let it ask for less, or add nodes.',
        commands: [`kubectl get pods${inNamespace(other)} -o wide`],
      },
    };
  }
}

/** When the workload last came or asked for more: what was there before is no news to it. */
function settledAt(known: Case, whole: Resource, since: number): number {
  const created = milliseconds(known.object(whole.id)?.metadata.creationTimestamp);
  return Math.max(created, askedForMore(known, whole, since)?.at ?? 0);
}

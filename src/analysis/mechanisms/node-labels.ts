/** Nodes without the labels that a pod asks for: they never had them, or the node that had them is gone or has lost them. */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { milliseconds, treeAt } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { type Assessed, wantsNode } from '../placement.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, downTo, kubectlName, SLACK_MS } from './mechanism.ts';
import { named, type Situation } from './scheduling.ts';

/** No node has the labels that the pod asks for: it asks for what never was, or the node that had them is gone or has lost them. */
export function* labels(situation: Situation): Iterable<Hypothesis> {
  const { known, symptom, nodes, eligible, clauses, moved } = situation;
  const { whole, resource, since } = symptom;
  const isSelector = clauses.some(({ reason }) => reason === 'selector' || reason === 'node-name');
  if (eligible.length > 0 || (nodes.length > 0 && !nodes.every(hasSelector)) || (nodes.length === 0 && !isSelector))
    return;
  const spec = treeAt(known.object(resource.id), 'spec') ?? {};
  const lost = nodes.flatMap(({ node }) => labelLost(situation, node) ?? []);
  const gone = known.estate.deletions.flatMap(({ at, resource: node, object }) =>
    kindKey(node) === '/Node' && object && wantsNode(spec, object) && milliseconds(at) <= since + SLACK_MS
      ? [
          {
            node,
            change: {
              at: milliseconds(at),
              verb: 'deleted',
              resource: node,
              fields: [],
              known: 'seen',
            } satisfies ObjectChange,
          },
        ]
      : [],
  );
  for (const { node, evidence } of lost)
    yield fromNode(
      situation,
      node,
      'NodeLabelChanged',
      `${titleOf(node)} has lost a label that ${titleOf(whole)} asks for`,
      evidence,
    );
  for (const { node, change } of gone)
    yield fromNode(
      situation,
      node,
      'NodeDeleted',
      `${titleOf(node)}, which alone had what ${titleOf(whole)} asks for, is gone`,
      [changeEvidence(change, since), state('it had the labels that are asked for', weights.state, node)],
    );
  const isExplained = lost.length + gone.length > 0;
  yield {
    subject: whole,
    reason: 'NoMatchingNode',
    summary: `${titleOf(whole)} asks for a node ${wantedLabels(spec)}, and there is none.`,
    evidence: [
      named(situation, 'selector', 'node-name'),
      state(`no node ${wantedLabels(spec)}`, isExplained ? 0 : weights.state, whole),
      ...(moved ? [changeEvidence(moved, since)] : []),
    ],
    path: downTo(symptom),
    remedy: {
      summary: 'Mend nodeSelector or affinity, or label a node.',
      commands: [
        `kubectl edit ${kubectlName(whole)}`,
        ...Object.entries(treeAt(spec, 'nodeSelector') ?? {})
          .slice(0, 1)
          .map(([key, value]) => `kubectl label nodes NODE ${key}=${value}`),
      ],
    },
  };
}

function hasSelector({ obstacles }: Assessed): boolean {
  return obstacles.some(({ type }) => type === 'selector');
}

function fromNode(
  situation: Situation,
  node: Resource,
  reason: string,
  summary: string,
  evidence: readonly Evidence[],
): Hypothesis {
  return {
    subject: node,
    reason,
    summary: `${summary}.`,
    evidence: [named(situation, 'selector'), ...evidence],
    path: [titleOf(node), 'FITS_ON', ...downTo(situation.symptom)],
    remedy: { summary: 'Give a node the labels that are asked for.', commands: ['kubectl get nodes --show-labels'] },
  };
}

/** A node that had the labels: seen so before, or a pod that asks for the same runs there. */
function labelLost(
  { known, symptom: { resource, whole, since } }: Situation,
  node: Resource,
): { readonly node: Resource; readonly evidence: readonly Evidence[] } | undefined {
  const spec = treeAt(known.object(resource.id), 'spec') ?? {};
  const versions = known.estate.versions(node.id);
  const lastFit = versions.findLastIndex(({ object }) => wantsNode(spec, object));
  const changed = fieldChange(known, node, since, /^metadata\.labels/);
  if (lastFit >= 0 && changed)
    return {
      node,
      evidence: [changeEvidence(changed, since), state('it had the labels that are asked for', weights.state, node)],
    };
  const runsThere = known.pods(whole).some(({ id }) => {
    const other = treeAt(known.object(id), 'spec');
    return other?.['nodeName'] === node.name && isSamePlace(other, spec);
  });
  return runsThere
    ? {
        node,
        evidence: [
          state(`a pod of ${titleOf(whole)} that asks for the same runs there`, weights.state + weights.usual, node),
        ],
      }
    : undefined;
}

function isSamePlace(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const place = (spec: typeof a): string =>
    JSON.stringify([spec['nodeSelector'], treeAt(spec['affinity'], 'nodeAffinity')]);
  return place(a) === place(b);
}

function wantedLabels(spec: Readonly<Record<string, unknown>>): string {
  const selector = Object.entries(treeAt(spec, 'nodeSelector') ?? {}).map(([key, value]) => `${key}=${value}`);
  return selector.length > 0 ? `with ${selector.join(', ')}` : 'that its affinity requires';
}

/** Whom a Service chooses: nobody, because its selector or their labels are wrong or nobody is left; or others than it should. */
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import { type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { selectorOf, templateLabels, workloadsBehind, workloadsIn } from '../services.ts';
import { changed } from './evidence.ts';
import { fieldChange } from './fields.ts';
import { inNamespace, kubectlName, SLACK_MS } from './mechanism.ts';
import type { Asked } from './service-faults.ts';

export function* choosesNobody(known: Case, asked: Asked): Iterable<Hypothesis> {
  const selector = selectorOf(known, asked.service);
  if (selector === undefined) return;
  const behind = workloadsBehind(known, asked.service);
  for (const workload of behind) if (!hasUnseenPods(known, workload)) yield withoutPods(known, asked, workload);
  if (behind.length > 0) return;
  yield* deletedBehind(known, asked);
  yield* labelsDiffer(known, asked, selector);
}

/** It says itself that pods of it are ready, though none was seen. */
function hasUnseenPods(known: Case, workload: Resource): boolean {
  const status = treeAt(known.object(workload.id), 'status');
  return Number(status?.['readyReplicas'] ?? status?.['numberReady'] ?? 0) > 0 && known.pods(workload).length === 0;
}

function withoutPods(known: Case, { service, since, evidence, path }: Asked, workload: Resource): Hypothesis {
  const replicas = treeAt(known.object(workload.id), 'spec')?.['replicas'];
  const way = [titleOf(workload), 'SELECTS', titleOf(service), ...path];
  if (replicas !== 0)
    return {
      subject: workload,
      reason: 'NoPods',
      summary: `${titleOf(workload)}, which answers for ${titleOf(service)}, has no pods.`,
      evidence: [
        ...evidence,
        { kind: 'state', text: `${titleOf(workload)} has no pods`, resource: workload, weight: weights.state },
      ],
      path: way,
      remedy: { summary: 'See why its pods are not made.', commands: [`kubectl describe ${kubectlName(workload)}`] },
      because: workload,
    };
  const change = fieldChange(known, workload, since, /^spec\.replicas$/, 'spec', 'replicas');
  return {
    subject: workload,
    reason: 'ScaledToZero',
    summary: `${titleOf(workload)}, which answers for ${titleOf(service)}, is scaled to zero.`,
    evidence: [
      ...evidence,
      { kind: 'state', text: 'spec.replicas is 0', resource: workload, weight: weights.state },
      ...changed(change, since),
    ],
    path: way,
    remedy: { summary: 'Scale it up again.', commands: [`kubectl scale ${kubectlName(workload)} --replicas=1`] },
  };
}

const MAKERS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function* deletedBehind(known: Case, { service, since, evidence, path }: Asked): Iterable<Hypothesis> {
  const gone = known.estate.deletions.findLast(
    ({ at, resource }) =>
      resource.cluster === service.cluster &&
      resource.namespace === service.namespace &&
      MAKERS.has(resource.kind) &&
      Date.parse(at) <= since + SLACK_MS &&
      related(service, resource),
  );
  if (gone === undefined) return;
  const { at, resource } = gone;
  yield {
    subject: resource,
    reason: 'WorkloadDeleted',
    summary: `${titleOf(resource)}, which answered for ${titleOf(service)}, was deleted.`,
    evidence: [
      ...evidence,
      {
        kind: 'change',
        at: Date.parse(at),
        text: `${titleOf(resource)} was deleted`,
        resource,
        weight: weights.changed + weights.usual,
      },
    ],
    path: [titleOf(resource), 'SELECTS', titleOf(service), ...path],
    remedy: {
      summary: 'Make it again.',
      commands: [`kubectl apply${inNamespace(service)} -f ${resource.name}.yaml`],
    },
  };
}

/** The selector and the labels of the pods that are meant differ: the side that was changed is at fault, the Service where none was seen to be. */
function* labelsDiffer(
  known: Case,
  { service, since, evidence, path }: Asked,
  selector: Readonly<Record<string, string>>,
): Iterable<Hypothesis> {
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const near = meantBy(known, service, selector);
  const own = fieldChange(known, service, since, /^spec\.selector/, 'spec', 'selector');
  const theirs = near && fieldChange(known, near, since, /^spec\.template\.metadata\.labels/);
  const culprit = near && theirs && theirs.at > (own?.at ?? 0) ? near : undefined;
  const subject = culprit ?? service;
  const change = culprit ? theirs : own;
  yield {
    subject,
    reason: culprit ? 'PodLabelsChanged' : 'SelectorMatchesNothing',
    summary: `${titleOf(service)} chooses pods with ${labels}, and there are none${near ? `, although ${titleOf(near)} seems meant` : ''}.`,
    evidence: [
      ...evidence,
      {
        kind: 'state',
        text: `no pod has ${labels}`,
        resource: service,
        weight: near || change ? weights.state : weights.usual,
      },
      ...changed(change, since),
    ],
    path: culprit ? [titleOf(culprit), 'SELECTS', titleOf(service), ...path] : [titleOf(service), ...path],
    remedy: {
      summary: 'Mend the selector, or the labels of the pods.',
      commands: [`kubectl edit ${kubectlName(subject)}`],
    },
  };
}

/** The workload that a Service that chooses nobody was probably made for: of its name, or with all labels but one. */
export function meantBy(
  known: Case,
  service: Resource,
  selector: Readonly<Record<string, string>>,
): Resource | undefined {
  const workloads = workloadsIn(known, service);
  const entries = Object.entries(selector);
  const differs = (workload: Resource): number => {
    const labels = (templateLabels(known, workload) ?? {}) as Readonly<Record<string, unknown>>;
    return entries.filter(([key, value]) => labels[key] !== value).length;
  };
  return (
    workloads.find(({ name }) => name === service.name) ??
    workloads.find((workload) => entries.length > 1 && differs(workload) === 1) ??
    workloads.find((workload) => related(service, workload))
  );
}

/** One name begins with the other. */
function related(a: Resource, b: Resource): boolean {
  return a.name === b.name || a.name.startsWith(`${b.name}-`) || b.name.startsWith(`${a.name}-`);
}

/** Pods of several workloads, since the selector was changed: some calls reach the wrong one. */
export function* choosesOthers(
  known: Case,
  { service, since, evidence, path }: Asked,
  pods: readonly Resource[],
): Iterable<Hypothesis> {
  const wholes = new Set(pods.map((pod) => known.whole(pod)));
  const change = fieldChange(known, service, since, /^spec\.selector/, 'spec', 'selector');
  if (change === undefined) return;
  const others = [...wholes].filter((whole) => !related(whole, service));
  if (wholes.size < 2 && others.length === 0) return;
  yield {
    subject: service,
    reason: 'SelectorTooBroad',
    summary: `${titleOf(service)} chooses pods of ${[...wholes].map(titleOf).join(', ')} since its selector was changed.`,
    evidence: [
      ...evidence,
      {
        kind: 'state',
        text: `it chooses pods of ${[...wholes].map(titleOf).join(', ')}`,
        resource: service,
        weight: weights.usual,
      },
      ...changed(change, since),
    ],
    path: [titleOf(service), ...path],
    remedy: { summary: 'Mend the selector.', commands: [`kubectl edit ${kubectlName(service)}`] },
  };
}

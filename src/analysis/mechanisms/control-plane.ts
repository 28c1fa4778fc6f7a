/**
 * Nobody does what the control plane does: pods that no scheduler looks at, workloads whose controller does not see what was asked. Nothing is said then; the
 * silence is the sign, with the leases that are not renewed. Source: kube-scheduler, kube-controller-manager, coordination.k8s.io/v1 Lease.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, text, treeAt } from '../case.ts';
import { conditionsIn } from '../containers.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { state } from './fields.ts';
import { downTo, kubectlName, SLACK_MS, saysSo } from './mechanism.ts';

export function* controlPlane(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.reason === 'NotScheduled') {
    const name = text(treeAt(known.object(symptom.resource.id), 'spec')?.['schedulerName']) || DEFAULT;
    if (name === DEFAULT) yield* silent(known, symptom, 'kube-scheduler', scheduledSince);
    else yield* unknownScheduler(known, symptom, name);
  } else if (/^(?:PodsNotMade|NotObserved)$/.test(symptom.reason))
    yield* silent(known, symptom, 'kube-controller-manager', madeSince);
}

const DEFAULT = 'default-scheduler';
const MINUTE = 60_000;

const WORDS: Readonly<Record<string, string>> = {
  'kube-scheduler': 'gives no pod a node',
  'kube-controller-manager': 'does not act on what is asked for',
};

/** A component of which nothing is heard, unless it is seen to have worked since. */
function* silent(
  known: Case,
  symptom: Symptom,
  name: string,
  worked: (known: Case, since: number) => string | undefined,
): Iterable<Hypothesis> {
  const { resource, since } = symptom;
  const { subject, isUnwell } = componentOf(known, resource, name);
  const sufferers = new Set(
    symptomsOf(known)
      .filter((one) => one.reason === symptom.reason)
      .map(({ whole }) => whole.id),
  ).size;
  // When something was last asked for is not always known; then only what was done just now counts.
  const sign = worked(known, symptom.reason === 'NotObserved' ? Math.max(since, known.now - 2 * MINUTE) : since);
  const lease = known.view.byName({
    cluster: resource.cluster,
    group: 'coordination.k8s.io',
    kind: 'Lease',
    namespace: 'kube-system',
    name,
  });
  const stale = lease && staleSince(known, lease);
  const evidence: Evidence[] = [
    saysSo(symptom, weights.state),
    // One workload alone may have been written down wrongly.
    state(`${titleOf(subject)} says nothing`, symptom.reason === 'NotObserved' ? weights.edge : weights.usual, subject),
  ];
  if (sufferers > 1) evidence.push(state(`${sufferers} workloads wait like this`, weights.usual, subject));
  if (stale !== undefined)
    evidence.push(state(`${titleOf(lease ?? resource)} is not renewed`, weights.state, lease, stale));
  if (isUnwell) evidence.push(state(`${titleOf(subject)} is not well`, weights.state, subject));
  if (sign !== undefined) evidence.push(state(sign, -weights.named, subject));
  yield {
    subject,
    reason: name === 'kube-scheduler' ? 'SchedulerDown' : 'ControllerManagerDown',
    summary: `${titleOf(subject)} ${WORDS[name]}.`,
    evidence,
    path: [titleOf(subject), ...downTo(symptom)],
    remedy: {
      summary: 'See whether it runs, and what it logs.',
      commands: [
        `kubectl get pods -n kube-system -l component=${name}`,
        `kubectl get lease -n kube-system ${name} -o yaml`,
      ],
    },
    ...(isUnwell && !('absent' in subject) && { because: subject }),
  };
}

/** The pod of a component: one that is not well first, one that was deleted, or as it would be called. */
function componentOf(
  known: Case,
  { cluster }: Resource,
  name: string,
): { readonly subject: Subject; readonly isUnwell: boolean } {
  const isIt = (pod: Resource): boolean => pod.cluster === cluster && pod.kind === 'Pod' && pod.name.startsWith(name);
  const pods = [...known.view.resources({ cluster, group: '', kind: 'Pod' })]
    .filter(isIt)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const unwell = pods.find(({ health }) => health.status !== 'healthy');
  if (unwell) return { subject: known.whole(unwell), isUnwell: true };
  const gone = known.estate.deletions.findLast(({ resource }) => isIt(resource));
  const [pod] = pods;
  if (pod) return { subject: known.whole(pod), isUnwell: false };
  return {
    subject: gone?.resource ?? absent({ cluster }, { group: '', kind: 'Pod', namespace: 'kube-system', name }),
    isUnwell: false,
  };
}

/** When a lease was last renewed, where that was too long ago as it was seen, or others have been renewed long since. */
function staleSince(known: Case, lease: Resource): number | undefined {
  const spec = treeAt(known.object(lease.id), 'spec');
  const renewed = milliseconds(spec?.['renewTime']);
  const patience = 4_000 * Number(spec?.['leaseDurationSeconds'] ?? 15);
  const { cluster, group, kind, namespace } = lease;
  const others = Array.from(known.view.resources({ cluster, group, kind, namespace }), ({ id }) =>
    milliseconds(treeAt(known.object(id), 'spec')?.['renewTime']),
  );
  const latest = Math.max(milliseconds(known.estate.versions(lease.id).at(-1)?.at), ...others);
  return renewed > 0 && latest - renewed > patience ? renewed : undefined;
}

/** The last that was seen of a component at work: a pod that got a node, a pod that was made. */
interface Sign {
  readonly at: number;
  readonly pod: Resource;
}

interface Signs {
  readonly placed: Sign | undefined;
  readonly made: Sign | undefined;
}

const signs = new WeakMap<Case, Signs>();

/** Looked for once: with a component down there may be very many who wait. */
function signsOf(known: Case): Signs {
  const found = signs.get(known) ?? lookForSigns(known);
  signs.set(known, found);
  return found;
}

function lookForSigns(known: Case): Signs {
  let placed: Sign | undefined;
  let made: Sign | undefined;
  for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
    const object = known.object(pod.id);
    const controller = object?.metadata.ownerReferences?.find((owner) => owner.controller)?.kind;
    if (controller === 'Node') continue;
    const scheduled = conditionsIn(treeAt(object, 'status')).find(
      ({ type, status }) => type === 'PodScheduled' && status === 'True',
    );
    const created = milliseconds(object?.metadata.creationTimestamp);
    if (scheduled && scheduled.at > (placed?.at ?? 0)) placed = { at: scheduled.at, pod };
    if (controller !== undefined && created > (made?.at ?? 0)) made = { at: created, pod };
  }
  return { placed, made };
}

/** A pod that got its node after others had begun to wait. */
function scheduledSince(known: Case, since: number): string | undefined {
  const { placed } = signsOf(known);
  return placed && placed.at > since + SLACK_MS ? `${titleOf(placed.pod)} got a node since` : undefined;
}

/** A pod that a controller made after others had begun to wait. */
function madeSince(known: Case, since: number): string | undefined {
  const { made } = signsOf(known);
  return made && made.at > since + SLACK_MS ? `${titleOf(made.pod)} was made since` : undefined;
}

/** It asks for a scheduler of which nothing is to be seen, or that does not work. */
function* unknownScheduler(known: Case, symptom: Symptom, name: string): Iterable<Hypothesis> {
  const { whole, resource } = symptom;
  const makers = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) =>
    [...known.view.resources({ cluster: resource.cluster, group: 'apps', kind })].filter(
      (one) => one.name === name || one.name.includes(name) || name.includes(one.name),
    ),
  );
  for (const maker of makers)
    if (maker.health.status !== 'healthy' || treeAt(known.object(maker.id), 'spec')?.['replicas'] === 0)
      yield {
        subject: maker,
        reason: 'SchedulerDown',
        summary: `${titleOf(maker)}, the scheduler that ${titleOf(whole)} asks for, is not well.`,
        evidence: [
          saysSo(symptom, weights.usual),
          state(`it asks for the scheduler ${name}`, weights.state, whole),
          state(maker.health.reason ?? 'not well', weights.usual, maker),
        ],
        path: [titleOf(maker), 'SCHEDULED_BY', ...downTo(symptom)],
        remedy: { summary: 'Bring the scheduler up.', commands: [`kubectl describe ${kubectlName(maker)}`] },
        because: maker,
      };
  if (makers.length > 0) return;
  yield {
    subject: whole,
    reason: 'SchedulerUnknown',
    summary: `${titleOf(whole)} asks for the scheduler ${name}, of which nothing is to be seen.`,
    evidence: [
      saysSo(symptom, weights.usual),
      state(`it asks for the scheduler ${name}`, weights.state + weights.usual, whole),
    ],
    path: downTo(symptom),
    remedy: { summary: 'Ask for a scheduler that runs.', commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

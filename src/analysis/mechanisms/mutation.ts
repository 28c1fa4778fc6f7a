/**
 * A pod that is not what its template asks for: something changed it as it was made. Who did leaves a mark (LimitRange, autoscaler, policy engine), or
 * is a mutating webhook, of which only is known whom it looks at. Sources: plugin/pkg/admission/limitranger, autoscaler vertical-pod-autoscaler.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, text, treeAt } from '../case.ts';
import { changesOf } from '../changes.ts';
import { absent, type Evidence, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changeEvidence, downTo, kubectlName, type Mechanism } from './mechanism.ts';
import { isSameAmount, type Tree, templateOf } from './template.ts';

/** A field that is otherwise than the template has it. */
export interface Difference {
  readonly container: string;
  readonly field: string;
  readonly asked: unknown;
  readonly got: unknown;
}

const RESOURCES = ['memory', 'cpu', 'ephemeral-storage'];

/** In what a pod differs from its template, of what can keep it from running. */
export function differencesOf(known: Case, pod: Resource): readonly Difference[] {
  const template = templateOf(known, pod);
  if (template === undefined) return [];
  const spec = treeAt(known.object(pod.id), 'spec');
  return ['containers', 'initContainers'].flatMap((list) => {
    const asked = new Map(listAt(template, list).map((one) => [text(one['name']), one]));
    return listAt(spec, list).flatMap((got) => {
      const name = text(got['name']);
      const before = asked.get(name);
      return before ? [...between(name, before, got)] : [];
    });
  });
}

function* between(container: string, asked: Tree, got: Tree): Iterable<Difference> {
  for (const kind of ['limits', 'requests']) {
    const [old, now] = [treeAt(asked['resources'], kind), treeAt(got['resources'], kind)];
    // Requests that are not asked for are those of the limits.
    const implied = kind === 'requests' ? treeAt(asked['resources'], 'limits') : undefined;
    for (const name of RESOURCES) {
      const wanted = old?.[name] ?? implied?.[name];
      if (now?.[name] !== undefined && !isSameAmount(wanted, now[name]))
        yield { container, field: `resources.${kind}.${name}`, asked: wanted, got: now[name] };
    }
  }
  for (const field of ['command', 'args', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (JSON.stringify(asked[field] ?? null) !== JSON.stringify(got[field] ?? null))
      yield { container, field, asked: asked[field], got: got[field] };
  }
  const [image, other] = [text(asked['image']), text(got['image'])];
  // The same image by its digest is the same image.
  if (image !== other && !other.startsWith(image.replace(/[:@][^/]*$/, '')))
    yield { container, field: 'image', asked: image, got: other };
  const env = new Map(listAt(got, 'env').map((one) => [text(one['name']), one['value']]));
  for (const { name, value } of listAt(asked, 'env'))
    if (typeof value === 'string' && env.has(text(name)) && env.get(text(name)) !== value)
      yield { container, field: `env[${name}]`, asked: value, got: env.get(text(name)) };
}

/** By symptom, which fields can be why. */
const RELEVANT: readonly (readonly [reason: RegExp, field: RegExp])[] = [
  [/OOM/, /limits\.memory/],
  [/^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/, /^image$/],
  [/^Unschedulable$/, /requests\./],
  [/^Evicted$/, /ephemeral-storage|memory/],
  [/^Unready$/, /Probe|^env|^args|^command|limits/],
  [
    /^(?:CrashLoopBackOff|Error|RunContainerError|StartError|ContainerCannotRun|CreateContainerError)$/,
    /^(?:command|args|image|env)|limits|Probe/,
  ],
];

/** Differences that can be why a pod suffers. */
export function relevantDifferences(known: Case, { resource, reason, fault }: Symptom): readonly Difference[] {
  const what = fault?.ended === 'OOMKilled' ? 'OOMKilled' : reason;
  const field = RELEVANT.find(([pattern]) => pattern.test(what))?.[1];
  if (field === undefined || resource.kind !== 'Pod') return [];
  return differencesOf(known, resource).filter(
    (one) => field.test(one.field) && (fault?.container === undefined || one.container === fault.container),
  );
}

export const mutation: Mechanism = function* (known, symptom) {
  const [difference] = relevantDifferences(known, symptom);
  if (difference === undefined) return;
  const { container, field, asked, got } = difference;
  const { whole, resource, fault } = symptom;
  const what = `${field} of container ${container} is ${shown(got)}, and its template asks for ${asked === undefined ? 'none' : shown(asked)}`;
  const state: Evidence = { kind: 'state', text: what, resource, weight: weights.state };
  const isOom = fault?.ended === 'OOMKilled';
  for (const { subject, reason, evidence } of authorsOf(known, resource, difference)) {
    yield {
      subject,
      reason,
      summary: `${titleOf(subject)} changes pods of ${titleOf(whole)} as they are made: ${what}.`,
      evidence: [
        state,
        ...(isOom ? [{ kind: 'state' as const, text: 'it is out of memory', resource, weight: weights.usual }] : []),
        ...evidence,
      ],
      path: [titleOf(subject), 'INTERCEPTS', ...downTo(symptom)],
      remedy: {
        summary: 'Let it leave these pods alone, or mend what it sets; then make the pods anew.',
        commands: [`kubectl get ${kubectlName(subject)} -o yaml`],
      },
    };
  }
};

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Author {
  readonly subject: Subject;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** Who may have made a difference. Whoever signs is the one; only then webhooks are asked. */
function* authorsOf(known: Case, pod: Resource, difference: Difference): Iterable<Author> {
  const marks = known.object(pod.id)?.metadata.annotations ?? {};
  const ofRange = marks['kubernetes.io/limit-ranger'] ?? '';
  if (/^resources/.test(difference.field) && ofRange.includes(`container ${difference.container}`)) {
    yield* rangesOf(known, pod, difference, ofRange);
    return;
  }
  const scaler = /^Pod resources updated by ([a-z0-9.-]+)/.exec(marks['vpaUpdates'] ?? '')?.[1];
  if (scaler !== undefined && /^resources/.test(difference.field)) {
    const kind = { group: 'autoscaling.k8s.io', kind: 'VerticalPodAutoscaler', namespace: pod.namespace, name: scaler };
    const subject = known.named(pod, kind.group, kind.kind, scaler) ?? absent(pod, kind);
    const said: Evidence = { kind: 'state', text: marks['vpaUpdates'] ?? '', resource: pod, weight: weights.state };
    yield { subject, reason: 'AutoscalerSetsResources', evidence: [said] };
    return;
  }
  const policy = /(?:^|\n)[\w-]+\.([\w-]+)\.kyverno\.io:/.exec(
    marks['policies.kyverno.io/last-applied-patches'] ?? '',
  )?.[1];
  const ofPolicy =
    policy &&
    (known.named(pod, 'kyverno.io', 'ClusterPolicy', policy) ?? known.named(pod, 'kyverno.io', 'Policy', policy));
  if (ofPolicy) {
    const said: Evidence = {
      kind: 'state',
      text: `its annotation names policy ${policy}`,
      resource: pod,
      weight: weights.state,
    };
    yield { subject: ofPolicy, reason: 'PolicyChangesPods', evidence: [said] };
    return;
  }
  yield* webhooksOf(known, pod);
}

/** LimitRanges of its namespace that have this as a default. */
function* rangesOf(known: Case, pod: Resource, { field, got }: Difference, mark: string): Iterable<Author> {
  const { cluster, namespace } = pod;
  const created = milliseconds(known.object(pod.id)?.metadata.creationTimestamp);
  const [, list = '', name = ''] = /^resources\.(limits|requests)\.(.+)$/.exec(field) ?? [];
  for (const range of known.view.resources({ cluster, group: '', kind: 'LimitRange', namespace })) {
    const items = listAt(treeAt(known.object(range.id), 'spec'), 'limits');
    const isIts = items.some((item) =>
      isSameAmount(treeAt(item, list === 'limits' ? 'default' : 'defaultRequest')?.[name], got),
    );
    if (!isIts) continue;
    const change = changesOf(known, range).find(({ at, verb }) => at <= created + 1_000 && verb !== 'deleted');
    yield {
      subject: range,
      reason: 'LimitRangeDefaultTooLow',
      evidence: [
        { kind: 'state', text: mark, resource: pod, weight: weights.usual },
        ...(change ? [changeEvidence(change, created)] : []),
      ],
    };
  }
}

/** Mutating webhooks that look at pods of this namespace as they are made. */
function* webhooksOf(known: Case, pod: Resource): Iterable<Author> {
  const { cluster } = pod;
  const created = milliseconds(known.object(pod.id)?.metadata.creationTimestamp);
  const group = 'admissionregistration.k8s.io';
  const hooks = [...known.view.resources({ cluster, group, kind: 'MutatingWebhookConfiguration' })].filter((hook) =>
    looksAt(known, hook, pod),
  );
  for (const hook of hooks) {
    const change = changesOf(known, hook).find(({ at, verb }) => at <= created + 1_000 && verb !== 'deleted');
    yield {
      subject: hook,
      reason: 'WebhookChangesPods',
      evidence: [
        {
          kind: 'edge',
          text: `${titleOf(hook)} looks at pods of namespace ${pod.namespace} as they are made`,
          resource: hook,
          weight: hooks.length === 1 ? weights.state : weights.edge,
        },
        ...(change ? [changeEvidence(change, created)] : []),
      ],
    };
  }
}

function looksAt(known: Case, hook: Resource, { namespace }: Resource): boolean {
  const isChosen = known
    .targets(hook.id, 'INTERCEPTS')
    .some(({ kind, name }) => kind === 'Namespace' && name === namespace);
  return listAt(known.object(hook.id), 'webhooks').some((webhook) => {
    const isForPods = listAt(webhook, 'rules').some(
      (rule) =>
        words(rule['resources']).some((one) => /^(?:pods|\*|\*\/\*|pods\/\*)$/.test(one)) &&
        words(rule['operations']).some((one) => /^(?:CREATE|\*)$/.test(one)),
    );
    const selector = treeAt(webhook, 'namespaceSelector');
    return isForPods && (isChosen || selector === undefined || Object.keys(selector).length === 0);
  });
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

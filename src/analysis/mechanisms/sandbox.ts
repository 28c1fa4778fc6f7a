/**
 * A pod for which not even the sandbox can be made: the container runtime, the network plugin or addresses are missing on its node, or the pod asks for a
 * runtime that is not there. Sources: pkg/kubelet/kuberuntime, containerd internal/cri/server, plugins of containernetworking.
 */
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { absent, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { providerFaults } from './cni.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, downTo, kubectlName, saysSo } from './mechanism.ts';
import { nodeOf, troubleOf } from './nodes.ts';

const SANDBOX = /^(?:FailedCreatePodSandBox|NetworkNotReady|ContainerCreating|InitStuck|FailedKillPod)$/;

type Why = 'handler' | 'attachment' | 'workload' | 'addresses' | 'network' | 'image' | 'runtime';

const WHYS: readonly (readonly [pattern: RegExp, why: Why])[] = [
  [/no runtime for "[^"]*" is configured|runtime handler|RuntimeHandler|runtimeclass/i, 'handler'],
  [/network-attachment-definition|NetworkAttachmentDefinition/i, 'attachment'],
  [/sysctl|OOM-killed|memory limit too low|invalid .*(?:hostname|spec)|must be less than/i, 'workload'],
  [
    /(?:assign|allocate|acquire|request)[^\n]*\bIPs?\b|no (?:available |free |more )?IP|IP addresses available|range is full|ipam|ip ?pool|insufficient (?:free )?addresses/i,
    'addresses',
  ],
  [
    /\bcni\b|network plugin|NetworkPluginNotReady|plugin type=|subnet\.env|calico|flannel|cilium|weave|setup network|networks found|network is not ready/i,
    'network',
  ],
  [/sandbox image|pause:/i, 'image'],
  [
    /containerd|dial unix|dockershim|cri-?o\b|shim|cgroup|runc|transport: Error|rpc error|reserve sandbox name|deadline exceeded/i,
    'runtime',
  ],
];

const NODE_REASONS: Readonly<Partial<Record<Why, readonly [reason: string, words: string]>>> = {
  addresses: ['PodAddressesExhausted', 'has no address left for pods'],
  network: ['NetworkPluginFailed', 'cannot give pods a network'],
  image: ['SandboxImageUnavailable', 'does not have the image that sandboxes are made of'],
  runtime: ['ContainerRuntimeDown', 'has no working container runtime'],
};

export function* sandbox(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!SANDBOX.test(symptom.reason) || symptom.resource.kind !== 'Pod') return;
  const said = saidOf(known, symptom);
  const why = WHYS.find(([pattern]) => pattern.test(said))?.[1];
  if (said === '' || why === undefined) return;
  if (why === 'handler' || why === 'workload') yield* ofWorkload(known, symptom, why);
  else if (why === 'attachment') yield* ofAttachment(known, symptom);
  else yield* ofNode(known, symptom, why);
}

/** What was last told of making the sandbox. */
function saidOf(known: Case, { resource, reason, message }: Symptom): string {
  const notice = known
    .notices(resource)
    .findLast(({ reason: one, isWarning }) => isWarning && /Sand[Bb]ox|NetworkNotReady/.test(one));
  return notice?.message ?? (/Sand[Bb]ox|NetworkNotReady/.test(reason) ? message : '');
}

function* ofWorkload(known: Case, symptom: Symptom, why: Why): Iterable<Hypothesis> {
  const { whole, resource, since } = symptom;
  const change = fieldChange(
    known,
    whole,
    since,
    why === 'handler' ? /runtimeClassName/ : /securityContext|resources|hostname/,
  );
  if (why === 'handler')
    for (const runtime of known.targets(resource.id, 'USES_RUNTIME'))
      yield {
        subject: runtime,
        reason: 'RuntimeHandlerMissing',
        summary: `The runtime of ${titleOf(runtime)} is not there on the node of ${titleOf(whole)}.`,
        evidence: [
          saysSo(symptom, weights.named),
          state('no node has its handler', change ? 0 : weights.usual, runtime),
        ],
        path: [titleOf(runtime), 'USES_RUNTIME', ...downTo(symptom)],
        remedy: {
          summary: 'Install the runtime, or use another class.',
          commands: [`kubectl get ${kubectlName(runtime)} -o yaml`],
        },
      };
  yield {
    subject: whole,
    reason: why === 'handler' ? 'RuntimeHandlerMissing' : 'SandboxCannotBeMade',
    summary: `The sandbox of ${titleOf(whole)} cannot be made as it asks for it.`,
    evidence: [
      saysSo(symptom, weights.named),
      ...(why === 'handler' ? [] : [state('it asks for what cannot be had', weights.usual, whole)]),
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    path: downTo(symptom),
    remedy: { summary: 'Mend what it asks for.', commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

function* ofAttachment(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole } = symptom;
  for (const { type, target } of known.dangling(resource.id)) {
    if (type !== 'USES_NETWORK') continue;
    const subject = absent(resource, target);
    yield {
      subject,
      reason: `${target.kind}Missing`,
      summary: `${titleOf(subject)}, to which ${titleOf(whole)} wants to be attached, does not exist.`,
      evidence: [saysSo(symptom, weights.named), state(`${titleOf(subject)} does not exist`, weights.missing, subject)],
      path: [titleOf(subject), type, ...downTo(symptom)],
      remedy: {
        summary: 'Make it, or name one that exists.',
        commands: [`kubectl get network-attachment-definitions -n ${target.namespace}`],
      },
    };
  }
}

function* ofNode(known: Case, symptom: Symptom, why: Why): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const node = nodeOf(known, resource);
  const [reason, words] = NODE_REASONS[why] ?? ['SandboxCannotBeMade', 'cannot make pods'];
  const isOfNetwork = why === 'network' || why === 'addresses';
  const isEverywhere = others(known, symptom).some((one) => nodeOf(known, one)?.id !== node?.id);
  if (isOfNetwork) yield* providerFaults(known, symptom, isEverywhere ? undefined : node);
  if (node === undefined) return;
  yield {
    subject: node,
    reason,
    summary: `${titleOf(node)}, where a pod of ${titleOf(whole)} is to run, ${words}.`,
    evidence: [
      saysSo(symptom, weights.named),
      state(words, isOfNetwork && isEverywhere ? -weights.usual : weights.usual, node),
      ...troubleOf(known, node, since),
    ],
    path: [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
    remedy: {
      summary: 'See what the runtime and the network plugin of the node say.',
      commands: [`kubectl describe node ${node.name}`],
    },
    ...(node.health.status === 'critical' && { because: node }),
  };
}

/** Other pods for which no sandbox can be made. */
function others(known: Case, { whole }: Symptom): readonly Resource[] {
  return symptomsOf(known)
    .filter((one) => one.whole.id !== whole.id && SANDBOX.test(one.reason) && saidOf(known, one) !== '')
    .flatMap(({ resource, alike }) => [resource, ...alike]);
}

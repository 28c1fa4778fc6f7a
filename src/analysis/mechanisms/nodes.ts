/**
 * A node that cannot do its work, and pods that suffer from that: lost with it, put off it, turned away by its kubelet. Sources: pkg/kubelet/nodestatus,
 * pkg/kubelet/eviction, pkg/kubelet/lifecycle, pkg/controller/nodelifecycle.
 */
import { quantity } from '../../model/quantity.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, text, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { providerFaults } from './cni.ts';
import { fieldChange, state, told } from './fields.ts';
import {
  changeBefore,
  changeEvidence,
  downTo,
  inNamespace,
  kubectlName,
  recency,
  SLACK_MS,
  saysSo,
} from './mechanism.ts';

export function* nodes(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.resource.kind === 'Node' && symptom.resource.group === '') yield* nodeItself(known, symptom);
  else if (symptom.reason === 'Evicted') yield* evicted(known, symptom);
  else yield* onBadNode(known, symptom);
}

/** What the kubelet, or who misses it, says of why a node is not well; the first that fits. */
const WHYS: readonly (readonly [pattern: RegExp, reason: string, words: string])[] = [
  [
    /network ?plugin|NetworkReady=false|cni (?:plugin|config)|NetworkUnavailable/i,
    'NetworkPluginNotReady',
    'has no network for pods',
  ],
  [
    /container runtime|PLEG|containerd|docker|cri-o|runtime is down|rpc error/i,
    'ContainerRuntimeDown',
    'has no working container runtime',
  ],
  [/stopped posting|NodeStatusUnknown|NodeStatusNeverUpdated/i, 'KubeletStopped', 'is not heard of any more'],
  [/shutting down/i, 'NodeShutDown', 'is shutting down'],
  [/MemoryPressure|InsufficientMemory/i, 'NodeMemoryPressure', 'has no memory left'],
  [/DiskPressure|disk pressure/i, 'NodeDiskPressure', 'has no disk space left'],
  [/PIDPressure|InsufficientPID/i, 'NodePIDPressure', 'has no process ids left'],
  [/ReadonlyFilesystem|read-only|XfsShutdown|Corrupt/i, 'NodeDiskBroken', 'has a broken disk'],
  [/KernelDeadlock/i, 'KernelDeadlock', 'hangs in its kernel'],
];

/** Events of a node that say what is wrong with it. */
const TROUBLE =
  /^(?:NodeNotReady|Rebooted|SystemOOM|OOMKilling|EvictionThresholdMet|FreeDiskSpaceFailed|ImageGCFailed|ContainerGCFailed|InvalidDiskCapacity|KubeletSetupFailed|Shutdown|KernelOops|TaskHung|FilesystemIsReadOnly|Ext4Error|IOError|NetworkNotReady|NodeHasDiskPressure|NodeHasInsufficientMemory|NodeHasInsufficientPID|ContainerdUnhealthy|KubeletUnhealthy)$/;
const TROUBLE_MS = 30 * 60_000;

/** The last that was told of trouble with a node around a time. */
export function troubleOf(known: Case, node: Resource, since: number): readonly Evidence[] {
  const notice = known
    .notices(node)
    .findLast(({ reason, last }) => TROUBLE.test(reason) && Math.abs(last - since) < TROUBLE_MS);
  return notice ? [told(`${notice.reason}: ${notice.message}`, weights.usual, node, notice.last)] : [];
}

function* nodeItself(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource: node, reason, message, since } = symptom;
  const [, why, words] = WHYS.find(([pattern]) => pattern.test(`${reason} ${message}`)) ?? [
    undefined,
    'NodeNotReady',
    'is not ready',
  ];
  if (why === 'NetworkPluginNotReady') yield* providerFaults(known, symptom, node);
  yield {
    subject: node,
    reason: why,
    summary: `${titleOf(node)} ${words}.`,
    evidence: [
      saysSo(symptom, weights.named),
      state(words, weights.usual, node, since),
      ...troubleOf(known, node, since),
    ],
    path: [titleOf(node)],
    remedy: {
      summary: 'See what the node says of itself, and its kubelet and runtime.',
      commands: [`kubectl describe node ${node.name}`],
    },
  };
}

/** A pod that is lost with its node, or that its kubelet turned away. */
function* onBadNode(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, reason, since } = symptom;
  const node = nodeOf(known, resource);
  if (resource.kind !== 'Pod') return;
  if (node === undefined) yield* nodeGone(known, symptom);
  if (node === undefined) return;
  if (
    /^(?:NodeAffinity|OutOf\w+|UnexpectedAdmissionError|NodeShutdown|Shutdown|Terminated|NodeLost)$/.test(reason) &&
    reason !== 'NodeLost'
  )
    yield* turnedAway(known, symptom, node);
  if (node.health.status !== 'critical') return;
  const condition = (node.health.reason ?? '') + (node.health.message ?? '');
  const [, why, words] = WHYS.find(([pattern]) => pattern.test(condition)) ?? [
    undefined,
    'NodeNotReady',
    'is not ready',
  ];
  const isLost = reason === 'NodeLost' || reason === 'StuckTerminating';
  yield {
    subject: node,
    reason: why,
    summary: `${titleOf(node)}, where a pod of ${titleOf(whole)} is, ${words}.`,
    evidence: [
      saysSo(symptom, isLost ? weights.state : weights.edge),
      state(`${titleOf(node)} ${words}`, isLost ? weights.named : weights.state, node),
      ...troubleOf(known, node, since),
    ],
    path: [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
    remedy: { summary: 'Bring the node back.', commands: [`kubectl describe node ${node.name}`] },
    because: node,
  };
}

/** The node is not there any more, and its pods are still said to run there. */
function* nodeGone(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const broken = known.dangling(resource.id).find(({ type }) => type === 'RUNS_ON');
  if (symptom.reason !== 'NodeLost' || broken === undefined) return;
  const gone = deletionOf(known, broken.target);
  const subject = gone?.resource ?? absent(resource, broken.target);
  yield {
    subject,
    reason: 'NodeDeleted',
    summary: `${titleOf(subject)}, where a pod of ${titleOf(whole)} was, does not exist any more.`,
    evidence: [
      saysSo(symptom, weights.state),
      state(`${titleOf(subject)} does not exist`, weights.missing, subject),
      ...(gone ? [changeEvidence(gone, since)] : []),
    ],
    path: [titleOf(subject), 'RUNS_ON', ...downTo(symptom)],
    remedy: { summary: 'Bring the node back, or delete its pods.', commands: ['kubectl get nodes'] },
  };
}

/** What a kubelet does not take although it was sent: labels that are not there any more, resources that are gone, a node that goes down. */
function* turnedAway(known: Case, symptom: Symptom, node: Resource): Iterable<Hypothesis> {
  const { whole, reason, since, resource } = symptom;
  const isDown = /^(?:NodeShutdown|Shutdown|Terminated)$/.test(reason) && /shut/i.test(`${reason} ${symptom.message}`);
  const isPinned =
    text(treeAt(treeAt(treeAt(known.object(whole.id), 'spec'), 'template'), 'spec')?.['nodeName']) !== '' ||
    whole.id === resource.id;
  const change = fieldChange(known, node, since, /^metadata\.labels|^spec\.taints/, 'metadata', 'labels');
  if (!/^(?:NodeAffinity|OutOf\w+|UnexpectedAdmissionError)$/.test(reason) && !isDown) return;
  if (isPinned && !isDown)
    yield {
      subject: whole,
      reason: reason === 'NodeAffinity' ? 'PlacementImpossible' : 'RequestsExceedNode',
      summary: `${titleOf(whole)} is put on ${titleOf(node)}, which does not take it.`,
      evidence: [saysSo(symptom, weights.named), state('it names the node itself', weights.usual, whole)],
      path: downTo(symptom),
      remedy: {
        summary: 'Leave the choice of a node to the scheduler.',
        commands: [`kubectl edit ${kubectlName(whole)}`],
      },
    };
  yield {
    subject: node,
    reason: isDown ? 'NodeShutDown' : reason === 'NodeAffinity' ? 'NodeLabelChanged' : 'NodeFull',
    summary: `${titleOf(node)} ${isDown ? 'was shut down' : `turned a pod of ${titleOf(whole)} away`}.`,
    evidence: [
      saysSo(symptom, weights.named),
      ...(change ? [changeEvidence(change, since)] : []),
      ...troubleOf(known, node, since),
    ],
    path: [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
    remedy: { summary: 'See what the node says of itself.', commands: [`kubectl describe node ${node.name}`] },
  };
}

const OWN_LIMIT =
  /exceeds the total limit of containers|exceeded its local ephemeral storage limit|Usage of EmptyDir volume/i;
const LOW = /low on resource: ([\w.-]+)|had condition: \[?([\w, ]+)/i;

function* evicted(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, resource, since, message } = symptom;
  if (OWN_LIMIT.test(message)) {
    const change = fieldChange(
      known,
      whole,
      since,
      /resources|sizeLimit|volumes|\.image$|\.args|\.command|env/,
      'spec',
      'template',
      'spec',
      'containers',
    );
    yield {
      subject: whole,
      reason: /EmptyDir/.test(message) ? 'EmptyDirLimitExceeded' : 'EphemeralStorageLimitExceeded',
      summary: `${titleOf(whole)} writes more to its local storage than its own limit allows.`,
      evidence: [
        saysSo(symptom, weights.named),
        state('the limit is its own', weights.state, whole),
        ...(change ? [changeEvidence(change, since)] : []),
      ],
      path: downTo(symptom),
      remedy: { summary: 'Raise the limit, or write less.', commands: [`kubectl edit ${kubectlName(whole)}`] },
    };
    return;
  }
  const [, resourceName = '', condition = ''] = LOW.exec(message) ?? [];
  const node = nodeOf(known, resource);
  if (node === undefined || (resourceName === '' && condition === '')) return;
  const what = /memory/i.test(resourceName + condition)
    ? 'NodeMemoryPressure'
    : /pid/i.test(resourceName + condition)
      ? 'NodePIDPressure'
      : 'NodeDiskPressure';
  const isNow = node.health.status !== 'healthy';
  yield {
    subject: node,
    reason: what,
    summary: `${titleOf(node)} ran out of ${resourceName || condition} and put a pod of ${titleOf(whole)} off.`,
    evidence: [
      saysSo(symptom, weights.named),
      state(`it was low on ${resourceName || condition}`, weights.state, node),
      ...troubleOf(known, node, since),
    ],
    path: [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
    remedy: {
      summary: 'Free space, let pods ask for what they use, or add nodes.',
      commands: [`kubectl describe node ${node.name}`, `kubectl get pods${inNamespace(whole)} -o wide`],
    },
    ...(isNow && { because: node }),
  };
  yield* greedy(known, symptom, node);
}

/** Who used far more than it asked for, and is new: it may have brought the node down. */
function* greedy(
  known: Case,
  { whole, message, since, resource, ...rest }: Symptom,
  node: Resource,
): Iterable<Hypothesis> {
  const [, used, asked] = /was using (\S+?),? request is (\S+?),/.exec(message) ?? [];
  const change = changeBefore(known, whole, since);
  if (used === undefined || change === undefined || recency(change.at, since) < 0.5 || change.at > since + SLACK_MS)
    return;
  if ((quantity(used) ?? 0) < 4 * Math.max(quantity(asked) ?? 0, 1)) return;
  yield {
    subject: whole,
    reason: 'UsesMoreThanItAsks',
    summary: `${titleOf(whole)} uses ${used} on ${titleOf(node)} and asks for ${asked}.`,
    evidence: [state(`used ${used}, asked for ${asked}`, weights.edge, whole), changeEvidence(change, since)],
    path: downTo({ whole, message, since, resource, ...rest }),
    remedy: { summary: 'Let it ask for what it uses.', commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

export function nodeOf(known: Case, pod: Resource): Resource | undefined {
  return known.targets(pod.id, 'RUNS_ON').find(({ kind }) => kind === 'Node');
}

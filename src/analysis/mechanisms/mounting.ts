/**
 * Volumes that a node cannot attach or mount: used on another node, a driver that is not there, a path or server that is wrong, data that is broken.
 * Sources: attachdetach/reconciler (Multi-Attach), operationexecutor, pkg/volume/csi, mount(8).
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, downTo, inNamespace, kubectlName, saysSo } from './mechanism.ts';

const MOUNTING = /^(?:FailedMount|FailedAttachVolume|FailedMapVolume|ContainerCreating)$/;

export function* mounting(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!MOUNTING.test(symptom.reason)) return;
  const said = messagesOf(known, symptom);
  yield* usedElsewhere(known, symptom, said);
  yield* noDriver(known, symptom, said);
  yield* cannotMount(known, symptom, said);
}

/** What was last told of volumes of the pod. */
function messagesOf(known: Case, { resource, message }: Symptom): string {
  const told = known
    .notices(resource)
    .filter(({ reason, isWarning }) => isWarning && /^Failed(?:Mount|AttachVolume|MapVolume)$/.test(reason));
  return [message, ...told.slice(-5).map((notice) => notice.message)].join('\n');
}

/** A volume that one node alone may have is asked for on a second one. */
function* usedElsewhere(known: Case, symptom: Symptom, said: string): Iterable<Hypothesis> {
  const [, name = ''] = /Multi-Attach error for volume "([^"]+)"/.exec(said) ?? [];
  if (name === '') return;
  const { resource, whole, since } = symptom;
  const volume = known.named(resource, '', 'PersistentVolume', name);
  const claims = volume ? known.targets(volume.id, 'BOUND_TO') : known.targets(resource.id, 'CLAIMS');
  const users = claims
    .flatMap((claim) => known.sources(claim.id, 'CLAIMS'))
    .filter(
      (pod) => pod.kind === 'Pod' && pod.id !== resource.id && nodeOf(known, pod)?.id !== nodeOf(known, resource)?.id,
    );
  const lost = users.map((pod) => nodeOf(known, pod)).find((node) => node?.health.status === 'critical');
  if (lost)
    yield {
      subject: lost,
      reason: 'NodeNotReady',
      summary: `${titleOf(lost)} is not ready and still has the volume of ${titleOf(whole)}.`,
      evidence: [saysSo(symptom, weights.named), state(`${titleOf(lost)} is not ready`, weights.state, lost)],
      path: [titleOf(lost), 'ATTACHED_TO', ...downTo(symptom)],
      remedy: {
        summary: 'Bring the node back, or tell Kubernetes that it is out of service.',
        commands: [`kubectl taint nodes ${lost.name} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`],
      },
      because: lost,
    };
  const change = fieldChange(known, whole, since, /^spec\.(?:replicas|strategy|template\.spec)/);
  const other = users.map((pod) => known.whole(pod)).find((one) => one.id !== whole.id);
  yield {
    subject: whole,
    reason: 'VolumeUsedOnTwoNodes',
    summary: `Pods of ${titleOf(whole)} want a volume that one node alone may have${other ? `, and ${titleOf(other)} has it` : ''}.`,
    evidence: [
      saysSo(symptom, weights.named),
      state('the volume is attached to another node', lost || other ? 0 : weights.state, volume ?? whole),
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    path: downTo(symptom),
    remedy: {
      summary: 'Run one replica with strategy Recreate, or use a volume that many nodes may have.',
      commands: [`kubectl get pods${inNamespace(whole)} -o wide`, `kubectl edit ${kubectlName(whole)}`],
    },
  };
}

function nodeOf(known: Case, pod: Resource): Resource | undefined {
  return known.targets(pod.id, 'RUNS_ON').find(({ kind }) => kind === 'Node');
}

/** The CSI driver does not run on the node: its DaemonSet is not well there, or not there at all. */
function* noDriver(known: Case, symptom: Symptom, said: string): Iterable<Hypothesis> {
  const [, driver = ''] = /driver name (\S+) not found in the list of registered CSI drivers/.exec(said) ?? [];
  if (driver === '') return;
  const { resource, whole, since } = symptom;
  const makers = [...known.view.resources({ cluster: resource.cluster, group: 'apps', kind: 'DaemonSet' })].filter(
    ({ id }) => JSON.stringify(treeAt(known.object(id), 'spec') ?? {}).includes(driver),
  );
  for (const maker of makers) {
    const change = fieldChange(known, maker, since, /^spec\./);
    yield {
      subject: maker,
      reason: 'CSIDriverDown',
      summary: `${titleOf(maker)}, which mounts volumes of ${driver}, does not run on the node of ${titleOf(whole)}.`,
      evidence: [
        saysSo(symptom, weights.named),
        state(`it is the driver ${driver}`, weights.state, maker),
        ...(change ? [changeEvidence(change, since)] : []),
      ],
      path: [titleOf(maker), 'USES_DRIVER', ...downTo(symptom)],
      remedy: {
        summary: 'See why the driver does not run on the node.',
        commands: [`kubectl get pods${inNamespace(maker)} -o wide`],
      },
      because: maker,
    };
  }
  const node = nodeOf(known, resource);
  if (makers.length === 0 && node)
    yield {
      subject: node,
      reason: 'CSIDriverMissing',
      summary: `${titleOf(node)} has no driver ${driver}, which the volume of ${titleOf(whole)} needs.`,
      evidence: [saysSo(symptom, weights.named), state(`no driver ${driver} is registered there`, weights.usual, node)],
      path: [titleOf(node), 'RUNS_ON', ...downTo(symptom)],
      remedy: { summary: 'Install the driver on the node.', commands: [`kubectl get csinode ${node.name} -o yaml`] },
    };
}

const BROKEN =
  /input\/output error|structure needs cleaning|wrong fs type|bad superblock|corrupt|fsck|unknown filesystem/i;
const UNREACHED =
  /timed out|connection refused|no route to host|unreachable|access denied by server|no such file|does not exist|permission denied|reported: stale|failed to resolve/i;

/** The volume itself is wrong: where it is, or what is in it. */
function* cannotMount(known: Case, symptom: Symptom, said: string): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  for (const [, name = '', why = ''] of said.matchAll(
    /(?:Mount|Map|Attach)Volume\.\w+(?: check)? (?:failed|initialization failed)[^"\n]* for volume "([^"]+)" : ([^\n]*)/g,
  )) {
    const volume = known.named(resource, '', 'PersistentVolume', name);
    const isHostPath = /hostPath type check failed/.test(why);
    // What is projected from objects is told by those that are missing.
    if (!isHostPath && /configmap|secret|not registered|token|service ?account/i.test(why)) continue;
    const isBroken = BROKEN.test(why);
    const own = ownVolume(known, resource, name);
    if (volume === undefined && own && !isHostPath && !isInline(own)) continue;
    // What is no volume of the pod is one that a claim of it is bound to, whether anybody may see it or not.
    const subject =
      volume ?? (own ? whole : absent(resource, { group: '', kind: 'PersistentVolume', namespace: '', name }));
    const change = volume
      ? fieldChange(known, volume, since, /^spec\./, 'spec')
      : fieldChange(known, whole, since, /volumes/);
    const evidence: Evidence[] = [
      saysSo(symptom, weights.named),
      state(why, isBroken || isHostPath || UNREACHED.test(why) ? weights.state : weights.edge, subject),
      ...(change ? [changeEvidence(change, since)] : []),
    ];
    yield {
      subject,
      reason: isHostPath ? 'HostPathWrong' : isBroken ? 'VolumeBroken' : 'VolumeCannotBeMounted',
      summary: `Volume ${name} of ${titleOf(whole)} cannot be mounted: ${why}.`,
      evidence,
      path: subject === whole ? downTo(symptom) : [titleOf(subject), 'BOUND_TO', ...downTo(symptom)],
      remedy: {
        summary: 'Mend where the volume is said to be, or what is there.',
        commands: [`kubectl get ${kubectlName(subject)} -o yaml`],
      },
    };
    return;
  }
}

type Volume = ReturnType<typeof listAt>[number];

/** What a pod says of a volume; undefined where it has none of that name. */
function ownVolume(known: Case, pod: Resource, name: string): Volume | undefined {
  return listAt(treeAt(known.object(pod.id), 'spec'), 'volumes').find((one) => text(one['name']) === name);
}

/** The pod itself describes it: NFS, iSCSI, a path of the host. */
function isInline(volume: Volume): boolean {
  return ['nfs', 'hostPath', 'iscsi', 'cephfs', 'rbd', 'csi', 'glusterfs', 'fc'].some((kind) => kind in volume);
}

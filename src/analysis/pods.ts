/**
 * What is wrong with a pod, read from its status the way people do: how far it came, and what is in the way. What is on its way, what has recovered and
 * what was replaced by another is not wrong (recovery.ts). Source: core/v1 PodStatus, kubelet pkg/kubelet.
 */
import type { Resource } from '../model/resource.ts';
import { type Case, listAt, milliseconds, type Notice, text, treeAt } from './case.ts';
import { type Container, conditionsIn, containersIn } from './containers.ts';
import { loopBegan } from './onset.ts';
import { orphaned } from './orphans.ts';
import { contradictedAt, isOutdated } from './outdated.ts';
import { goesOn, isBeginning, isComing, isReplaced, startsWithin } from './recovery.ts';

/** A state that needs an explanation. */
export interface PodFault {
  /** As Kubernetes says it where it does: `CrashLoopBackOff`, `Unschedulable`, `FailedMount`. */
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly severity: 'critical' | 'warning';
  /** The container that is in the way. */
  readonly container?: string;
  readonly init?: boolean;
  /** How it ended last. */
  readonly exitCode?: number;
  /** Reason of the last end: `OOMKilled`, `Error`, `StartError`. */
  readonly ended?: string;
  readonly restarts?: number;
  /** How long it ran before it ended last, in milliseconds. */
  readonly ran?: number;
}

type Tree = Readonly<Record<string, unknown>>;

/** A pod with what is asked of it again and again. */
export interface Look {
  readonly known: Case;
  readonly pod: Resource;
  readonly status: Tree;
  readonly spec: Tree | undefined;
  readonly containers: readonly Container[];
  readonly created: number;
  readonly notices: readonly Notice[];
  /** Containers that end are begun anew, whatever their exit code. */
  readonly isForever: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** So long a pod may take for its next step before that is a fault without anything else saying so. */
const PATIENCE_MS = 2 * MINUTE;
/** Images may be large, and nodes take long to come. */
const PULL_MS = 10 * MINUTE;
/** What was said so long ago says nothing of now. */
const RECENT_MS = 30 * MINUTE;
/** What ended in failure for good stays an incident for so long. */
const FAILED_MS = 60 * MINUTE;

/** Reasons for waiting that are no faults. */
const ON_ITS_WAY = new Set(['ContainerCreating', 'PodInitializing', '']);

/** What is wrong with a pod now; undefined when nothing is, or what was is over. */
export function podFault(known: Case, pod: Resource): PodFault | undefined {
  const object = known.object(pod.id);
  const status = treeAt(object, 'status');
  if (object === undefined || status === undefined) return undefined;
  const leaving = milliseconds(object.metadata.deletionTimestamp);
  if (leaving === 0 && runsUndisturbed(status)) return orphaned(known, pod) ?? contradicted(known, pod);
  if (isOutdated(known, pod)) return undefined;
  const spec = treeAt(object, 'spec');
  const look: Look = {
    known,
    pod,
    status,
    spec,
    containers: containersIn(status, spec),
    created: milliseconds(object.metadata.creationTimestamp) || known.begins,
    notices: known.notices(pod),
    isForever: (text(spec?.['restartPolicy']) || 'Always') === 'Always',
  };
  if (leaving > 0) return terminating(look, leaving);
  switch (status['phase']) {
    case 'Failed':
      return failed(look);
    case 'Succeeded':
      return undefined;
    default:
      return unscheduled(look) ?? orphaned(known, pod) ?? stuck(look);
  }
}

/** What most pods are: ready, and never restarted. */
function runsUndisturbed(status: Tree): boolean {
  return (
    status['phase'] === 'Running' &&
    listAt(status, 'conditions').some(({ type, status: value }) => type === 'Ready' && value === 'True') &&
    ['containerStatuses', 'initContainerStatuses'].every((list) =>
      listAt(status, list).every(({ restartCount }) => !restartCount),
    )
  );
}

/** It is not ready any more, which was not seen of itself. */
function contradicted(known: Case, pod: Resource): PodFault | undefined {
  const at = contradictedAt(known, pod);
  if (at === undefined || known.now - at < MINUTE / 2) return undefined;
  const probe = known.notices(pod).findLast(({ reason }) => reason === 'Unhealthy');
  const message = probe?.message ?? 'it is not counted among those that are ready';
  return { reason: 'Unready', message, since: at, severity: 'critical' };
}

function terminating(look: Look, leaving: number): PodFault | undefined {
  if (look.known.now - leaving < PATIENCE_MS) return undefined;
  if (isFinished(look.status)) return undefined;
  return {
    reason: nodeIsLost(look) ? 'NodeLost' : 'StuckTerminating',
    message: 'it should have gone',
    since: leaving,
    severity: 'warning',
  };
}

/** What has ended and is kept by a finalizer only keeps a name. */
function isFinished(status: Tree): boolean {
  return status['phase'] === 'Succeeded' || status['phase'] === 'Failed';
}

function failed(look: Look): PodFault | undefined {
  const { known, status, containers, created } = look;
  const bad = containers.filter(({ terminated }) => terminated !== undefined && terminated.exitCode !== 0);
  const [worst] = bad.sort((a, b) => (a.terminated?.at ?? 0) - (b.terminated?.at ?? 0));
  const end = worst?.terminated;
  const since = end?.at || Math.max(...conditionsIn(status).map(({ at }) => at), created);
  if (known.now - since > FAILED_MS || isReplaced(look, since)) return undefined;
  return {
    reason: text(status['reason']) || end?.reason || 'Failed',
    message: text(status['message']) || end?.message || '',
    since: end && end.startedAt > 0 && end.at - end.startedAt < MINUTE / 2 ? end.startedAt : since,
    severity: 'critical',
    ...(worst && end && { ...aboutOf(worst) }),
  };
}

function unscheduled({ known, status, created, notices, containers, pod }: Look): PodFault | undefined {
  const scheduled = conditionsIn(status).find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'True' || scheduled?.reason === 'SchedulingGated') return undefined;
  const since = scheduled?.at || created;
  // Room is being made for it.
  if (text(status['nominatedNodeName']) !== '' && known.now - since < PATIENCE_MS) return undefined;
  // A node is on its way (cluster-autoscaler, Karpenter).
  const coming = notices.findLast(({ reason }) => reason === 'TriggeredScaleUp' || reason === 'Nominated');
  if (coming && known.now - coming.last < PULL_MS) return undefined;
  if (scheduled?.reason === 'Unschedulable')
    return claimsCame(known, pod, scheduled.message)
      ? undefined
      : { reason: 'Unschedulable', message: scheduled.message, since, severity: 'critical' };
  const notice = notices.findLast(({ reason }) => reason === 'FailedScheduling');
  if (notice) return { reason: 'Unschedulable', message: notice.message, since: notice.first, severity: 'critical' };
  if (status['phase'] !== 'Pending' || scheduled || containers.length > 0) return undefined;
  if (known.now - created < MINUTE / 2) return undefined;
  return {
    reason: 'NotScheduled',
    message: 'no scheduler has said anything about it',
    since: created,
    severity: 'critical',
  };
}

/** It waited for claims that are bound by now, and will be looked at again. */
function claimsCame(known: Case, pod: Resource, message: string): boolean {
  if (!/unbound immediate PersistentVolumeClaims/i.test(message) || /Insufficient|affinity|taint/i.test(message))
    return false;
  const claims = known.targets(pod.id, 'CLAIMS');
  return (
    claims.length > 0 &&
    claims.every(({ id }) => treeAt(known.object(id), 'status')?.['phase'] === 'Bound') &&
    !known.dangling(pod.id).some(({ type }) => type === 'CLAIMS')
  );
}

function stuck(look: Look): PodFault | undefined {
  const { containers } = look;
  const init = containers.filter((one) => one.init && !one.sidecar);
  for (const container of [...init, ...containers.filter((one) => !init.includes(one))]) {
    const fault = containerFault(look, container);
    if (fault) return fault;
  }
  return preparing(look) ?? waits(look) ?? unready(look);
}

/** Reasons of Events about what keeps a container from being made. */
const PREPARING =
  /^(?:FailedMount|FailedAttachVolume|FailedMapVolume|FailedCreatePodSandBox|FailedCreatePodContainer|NetworkNotReady|FailedPrepareDynamicResources)$/;

/** Said once or twice as the pod began, it is a race that is won with the next try. */
function preparing(look: Look): PodFault | undefined {
  const { known, containers, notices, created } = look;
  const isPending =
    containers.length === 0 || containers.some(({ waiting }) => waiting && ON_ITS_WAY.has(waiting.reason));
  const notice = notices.findLast(({ reason, isWarning }) => isWarning && PREPARING.test(reason));
  if (!isPending || notice === undefined || known.now - notice.last > RECENT_MS) return undefined;
  if (notice.count < 3 && known.now - notice.first < 10 * SECOND && known.now - created < MINUTE) return undefined;
  if (isComing(look, notice.message)) return undefined;
  return { reason: notice.reason, message: notice.message, since: notice.first, severity: 'critical' };
}

type About = Omit<PodFault, 'reason' | 'message' | 'since' | 'severity'>;

function aboutOf({ name, init, sidecar, restarts, terminated, last }: Container): About {
  const end = terminated ?? last;
  return {
    container: name,
    restarts,
    ...(init && !sidecar && { init }),
    ...(end && { exitCode: end.exitCode, ended: end.reason }),
    ...(end && end.startedAt > 0 && { ran: end.at - end.startedAt }),
  };
}

function containerFault(look: Look, container: Container): PodFault | undefined {
  const { known, notices, created, pod } = look;
  const { name, init, waiting, terminated, last, ready, startedAt = 0, sidecar } = container;
  const ofIt = notices.filter(({ about: { fieldPath } }) => fieldPath.includes(`{${name}}`));
  const backOff = ofIt.findLast(({ reason, message }) => reason === 'BackOff' && !/pulling image/i.test(message));
  const began = (): number => loopBegan(known, pod, container, created, backOff);
  const about = aboutOf(container);
  if (waiting && !ON_ITS_WAY.has(waiting.reason)) {
    if (isComing(look, waiting.message) || isBeginning(look, container)) return undefined;
    const isLoop = waiting.reason === 'CrashLoopBackOff';
    // What the program said at its end says more than how long it will rest.
    const message = (isLoop && last?.message.trim()) || waiting.message || last?.message || '';
    const since = last && last.at > 0 ? began() : (ofIt.find(({ isWarning }) => isWarning)?.first ?? created);
    return { ...about, reason: waiting.reason, message, since, severity: 'critical' };
  }
  if (terminated && terminated.exitCode !== 0) {
    const isBegunAnew = look.isForever || sidecar;
    if (isBegunAnew && container.restarts === 0 && known.now - terminated.at < 10 * SECOND) return undefined;
    const reason =
      terminated.reason === 'OOMKilled' || !isBegunAnew ? terminated.reason || 'Error' : 'CrashLoopBackOff';
    return { ...about, reason, message: terminated.message, since: began(), severity: 'critical' };
  }
  if (startedAt > 0 && last && !isBeginning(look, container) && goesOn(look, container, ofIt))
    return {
      ...about,
      reason: last.reason === 'OOMKilled' ? 'OOMKilled' : 'CrashLoopBackOff',
      message: last.message,
      since: began(),
      severity: ready ? 'warning' : 'critical',
    };
  if (init && !sidecar && startedAt > 0 && !terminated && known.now - startedAt > PATIENCE_MS)
    return {
      ...about,
      reason: 'InitStuck',
      message: 'its init container does not end',
      since: startedAt,
      severity: 'critical',
    };
  return undefined;
}

/** Nothing says why it does not go on. */
function waits(look: Look): PodFault | undefined {
  const { known, containers, created, status, notices } = look;
  const scheduled = conditionsIn(status).find(({ type }) => type === 'PodScheduled');
  const waiting =
    containers.find(({ waiting: state, init }) => state !== undefined && !init) ??
    containers.find((one) => one.waiting);
  const isSilent = containers.length === 0 && status['phase'] === 'Pending' && scheduled?.status === 'True';
  if (!isSilent && (waiting?.waiting === undefined || waiting.waiting.reason === 'PodInitializing')) return undefined;
  const pulled = notices.findLast(({ reason }) => reason === 'Pulling' || reason === 'Pulled');
  const since = isSilent ? scheduled?.at || created : created;
  const patience = pulled?.reason === 'Pulling' ? PULL_MS : PATIENCE_MS;
  if (known.now - since < patience) return undefined;
  return {
    reason: isSilent && nodeIsLost(look) ? 'NodeLost' : 'ContainerCreating',
    message: waiting?.waiting?.message ?? '',
    since,
    severity: 'critical',
    ...(waiting && { container: waiting.name }),
  };
}

function unready(look: Look): PodFault | undefined {
  const { known, status, containers, notices, isForever } = look;
  const ready = conditionsIn(status).find(({ type }) => type === 'Ready');
  if (!/^(?:Running|Unknown)$/.test(text(status['phase'])) || ready === undefined || ready.status === 'True')
    return undefined;
  const isLost = nodeIsLost(look);
  // Whoever said that it is not ready was not its kubelet: its node was away, and is back.
  const isBack = conditionsIn(status).some(({ type, status: value }) => type === 'ContainersReady' && value === 'True');
  if (!isLost && isBack && listAt(look.spec, 'readinessGates').length === 0) return undefined;
  // Some of its containers have done their work.
  if (!isLost && !isForever && containers.some(({ terminated }) => terminated?.exitCode === 0)) return undefined;
  const slow = containers.find((one) => !one.ready && (!one.init || one.sidecar));
  const probe = notices.findLast(({ reason, message }) => reason === 'Unhealthy' && !/^Liveness/i.test(message));
  const started = slow?.startedAt ?? Math.max(...containers.map(({ startedAt = 0 }) => startedAt), 0);
  const isRecent = probe !== undefined && known.now - probe.last < RECENT_MS;
  const wasReady = started > 0 && ready.at > started + 2 * SECOND;
  if (!isLost && !wasReady && known.now - started < startsWithin(look, slow, isRecent ? probe : undefined))
    return undefined;
  return {
    reason: isLost ? 'NodeLost' : 'Unready',
    message: (isRecent ? probe.message : '') || ready.message,
    since: ready.at || started,
    severity: 'critical',
    ...(slow && { container: slow.name, restarts: slow.restarts }),
  };
}

function nodeIsLost({ known, pod }: Look): boolean {
  return known.targets(pod.id, 'RUNS_ON')[0]?.health.status === 'critical';
}

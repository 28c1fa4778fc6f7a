/** What is wrong with a pod, read from its status the way people do: how far it came, and what is in the way. Source: core/v1 PodStatus. */
import type { Resource } from '../model/resource.ts';
import { type Case, listAt, milliseconds, type Notice, text, treeAt } from './case.ts';

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
}

interface Container {
  readonly name: string;
  readonly init: boolean;
  readonly sidecar: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  readonly waiting?: { readonly reason: string; readonly message: string };
  readonly startedAt?: number;
  readonly terminated?: End;
  readonly last?: End;
}

interface End {
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number;
  readonly at: number;
  readonly startedAt: number;
}

type Tree = Readonly<Record<string, unknown>>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** So long a pod may take for its next step before that is a fault without anything else saying so. */
const PATIENCE_MS = 2 * MINUTE;
/** A container that has run for so long since its last restart has recovered. */
const RECOVERED_MS = 5 * MINUTE;
/** What ended in failure stays an incident for so long. */
const RECENT_MS = 30 * MINUTE;

/** Reasons for waiting that are no faults. */
const ON_ITS_WAY = new Set(['ContainerCreating', 'PodInitializing', '']);

/** What is wrong with a pod now; undefined when nothing is, or what was is over. */
export function podFault(known: Case, pod: Resource): PodFault | undefined {
  const object = known.object(pod.id);
  const status = treeAt(object, 'status');
  if (object === undefined || status === undefined) return undefined;
  const created = milliseconds(object.metadata.creationTimestamp) || known.begins;
  const leaving = milliseconds(object.metadata.deletionTimestamp);
  if (leaving > 0)
    return known.now - leaving < PATIENCE_MS
      ? undefined
      : { reason: 'StuckTerminating', message: 'it should have gone', since: leaving, severity: 'warning' };
  const notices = known.notices(pod);
  switch (status['phase']) {
    case 'Failed':
      return failed(known, status, created);
    case 'Succeeded':
      return undefined;
    default:
      return unscheduled(known, status, created, notices) ?? stuck(known, pod, object, status, created, notices);
  }
}

function failed(known: Case, status: Tree, created: number): PodFault | undefined {
  const containers = containersIn(status, undefined);
  const ended = containers.map(({ terminated }) => terminated).filter((end) => end !== undefined);
  const [worst] = ended.filter(({ exitCode }) => exitCode !== 0).sort((a, b) => a.at - b.at);
  const since = worst?.at || Math.max(...conditionsIn(status).map(({ at }) => at), created);
  if (known.now - since > RECENT_MS) return undefined;
  const container = containers.find(({ terminated }) => terminated === worst && worst !== undefined)?.name;
  return {
    reason: text(status['reason']) || worst?.reason || 'Failed',
    message: text(status['message']) || worst?.message || '',
    since,
    severity: 'critical',
    ...(worst && { exitCode: worst.exitCode, ended: worst.reason }),
    ...(container !== undefined && { container }),
  };
}

function unscheduled(known: Case, status: Tree, created: number, notices: readonly Notice[]): PodFault | undefined {
  const scheduled = conditionsIn(status).find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'True' || scheduled?.reason === 'SchedulingGated') return undefined;
  if (scheduled?.reason === 'Unschedulable')
    return {
      reason: 'Unschedulable',
      message: scheduled.message,
      since: scheduled.at || created,
      severity: 'critical',
    };
  const notice = notices.findLast(({ reason }) => reason === 'FailedScheduling');
  if (notice) return { reason: 'Unschedulable', message: notice.message, since: notice.first, severity: 'critical' };
  if (status['phase'] !== 'Pending' || scheduled || containersIn(status, undefined).length > 0) return undefined;
  if (known.now - created < MINUTE / 2) return undefined;
  return {
    reason: 'NotScheduled',
    message: 'no scheduler has said anything about it',
    since: created,
    severity: 'critical',
  };
}

/** Reasons of Events about what keeps a container from being made. */
const PREPARING =
  /^(?:FailedMount|FailedAttachVolume|FailedMapVolume|FailedCreatePodSandBox|FailedCreatePodContainer|NetworkNotReady|FailedPrepareDynamicResources)$/;

function stuck(
  known: Case,
  pod: Resource,
  object: Tree,
  status: Tree,
  created: number,
  notices: readonly Notice[],
): PodFault | undefined {
  const containers = containersIn(status, treeAt(object, 'spec'));
  const init = containers.filter((one) => one.init && !one.sidecar);
  for (const container of [...init, ...containers.filter((one) => !init.includes(one))]) {
    const fault = containerFault(known, container, created, notices);
    if (fault) return fault;
  }
  const pending =
    containers.length === 0 || containers.some(({ waiting }) => waiting && ON_ITS_WAY.has(waiting.reason));
  const preparing = notices.findLast(({ reason, isWarning }) => isWarning && PREPARING.test(reason));
  if (pending && preparing && known.now - preparing.last < RECENT_MS)
    return {
      reason: preparing.reason,
      message: preparing.message,
      since: preparing.first,
      severity: 'critical',
    };
  return waits(known, containers, created) ?? unready(known, pod, status, containers, notices);
}

function containerFault(
  known: Case,
  container: Container,
  created: number,
  notices: readonly Notice[],
): PodFault | undefined {
  const { name, init, restarts, waiting, terminated, last, ready, startedAt = 0 } = container;
  const end = terminated ?? last;
  const about = {
    container: name,
    restarts,
    ...(init && { init }),
    ...(end && { exitCode: end.exitCode, ended: end.reason }),
  };
  if (waiting && !ON_ITS_WAY.has(waiting.reason)) {
    const notice = notices.find(({ about: { fieldPath }, isWarning }) => isWarning && fieldPath.includes(`{${name}}`));
    const since = last ? last.startedAt || last.at : (notice?.first ?? created);
    return { ...about, reason: waiting.reason, message: waiting.message, since, severity: 'critical' };
  }
  if (terminated && terminated.exitCode !== 0)
    return {
      ...about,
      reason: terminated.reason === 'OOMKilled' ? 'OOMKilled' : 'CrashLoopBackOff',
      message: terminated.message,
      since: terminated.at,
      severity: 'critical',
    };
  const backOff = notices.findLast(
    ({ reason, about: { fieldPath } }) => reason === 'BackOff' && fieldPath.includes(`{${name}}`),
  );
  const runs = known.now - startedAt;
  const isAgain = restarts >= 3 || (backOff !== undefined && known.now - backOff.last < 2 * MINUTE);
  const ranBefore = last ? last.at - last.startedAt : 0;
  if (last && restarts > 0 && isAgain && runs < Math.max(RECOVERED_MS, 2 * ranBefore) && runs < RECENT_MS)
    return {
      ...about,
      reason: last.reason === 'OOMKilled' ? 'OOMKilled' : 'CrashLoopBackOff',
      message: last.message,
      since: last.startedAt || last.at,
      severity: ready ? 'warning' : 'critical',
    };
  if (init && startedAt > 0 && !terminated && !ready && runs > PATIENCE_MS && !container.sidecar)
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
function waits(known: Case, containers: readonly Container[], created: number): PodFault | undefined {
  const waiting =
    containers.find(({ waiting: state, init }) => state !== undefined && !init) ??
    containers.find((one) => one.waiting);
  if (
    waiting?.waiting === undefined ||
    waiting.waiting.reason === 'PodInitializing' ||
    known.now - created < PATIENCE_MS
  )
    return undefined;
  return {
    reason: 'ContainerCreating',
    message: waiting.waiting.message,
    since: created,
    severity: 'critical',
    container: waiting.name,
  };
}

function unready(
  known: Case,
  pod: Resource,
  status: Tree,
  containers: readonly Container[],
  notices: readonly Notice[],
): PodFault | undefined {
  const ready = conditionsIn(status).find(({ type }) => type === 'Ready');
  if (status['phase'] !== 'Running' || ready === undefined || ready.status === 'True') return undefined;
  const slow = containers.find((one) => !one.ready && !one.init);
  const probe = notices.findLast(({ reason }) => reason === 'Unhealthy');
  const started = Math.max(...containers.map(({ startedAt = 0 }) => startedAt), 0);
  const isRecent = probe !== undefined && known.now - probe.last < RECENT_MS;
  if (!isRecent && known.now - started < MINUTE) return undefined;
  // A first failure of a container that has just begun is no news.
  if (isRecent && probe.count < 3 && known.now - started < MINUTE / 2) return undefined;
  const node = known.targets(pod.id, 'RUNS_ON')[0];
  const isLost = node?.health.status === 'critical';
  return {
    reason: isLost ? 'NodeLost' : 'Unready',
    message: (isRecent ? probe.message : '') || ready.message,
    since: ready.at || started,
    severity: 'critical',
    ...(slow && { container: slow.name }),
  };
}

interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly at: number;
}

function conditionsIn(status: Tree): readonly PodCondition[] {
  return listAt(status, 'conditions').map((one) => ({
    type: text(one['type']),
    status: text(one['status']),
    reason: text(one['reason']),
    message: text(one['message']),
    at: milliseconds(one['lastTransitionTime']),
  }));
}

function containersIn(status: Tree, spec: Tree | undefined): readonly Container[] {
  const sidecars = new Set(
    listAt(spec, 'initContainers')
      .filter((one) => one['restartPolicy'] === 'Always')
      .map((one) => text(one['name'])),
  );
  const read = (list: readonly Tree[], init: boolean): readonly Container[] =>
    list.map((one) => {
      const state = treeAt(one, 'state');
      const waiting = treeAt(state, 'waiting');
      const running = treeAt(state, 'running');
      const terminated = endIn(treeAt(state, 'terminated'));
      const last = endIn(treeAt(treeAt(one, 'lastState'), 'terminated'));
      const name = text(one['name']);
      return {
        name,
        init,
        sidecar: sidecars.has(name),
        ready: one['ready'] === true,
        restarts: Number(one['restartCount'] ?? 0),
        ...(waiting && { waiting: { reason: text(waiting['reason']), message: text(waiting['message']) } }),
        ...(running && { startedAt: milliseconds(running['startedAt']) }),
        ...(terminated && { terminated }),
        ...(last && { last }),
      };
    });
  return [...read(listAt(status, 'initContainerStatuses'), true), ...read(listAt(status, 'containerStatuses'), false)];
}

function endIn(state: Tree | undefined): End | undefined {
  return (
    state && {
      reason: text(state['reason']),
      message: text(state['message']),
      exitCode: Number(state['exitCode'] ?? 0),
      at: milliseconds(state['finishedAt']),
      startedAt: milliseconds(state['startedAt']),
    }
  );
}

/**
 * What `kubectl get pods` shows of a pod, and its health. The READY, STATUS and RESTARTS columns follow the API server's own
 * printer (kubernetes pkg/printers/internalversion, printPod) case by case, sidecars included, so that people see what they know.
 */
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { condition } from './conditions.ts';
import type { Raw } from './kind.ts';

type Pod = Raw<V1Pod>;
type Status = Raw<V1ContainerStatus>;

export interface PodCells {
  readonly ready: string;
  readonly status: string;
  readonly restarts: number;
}

/** Counts of containers that run beside each other: ready, and restarted. */
interface Tally {
  readonly ready: number;
  readonly restarts: number;
}

export function podCells(pod: Pod): PodCells {
  const sidecars = sidecarsOf(pod);
  const init = initState(pod, sidecars);
  const total = (pod.spec?.containers?.length ?? 0) + sidecars.size;
  const initializing = init.status !== undefined && condition(pod, 'Initialized')?.status !== 'True';
  const main = initializing ? { ready: 0, restarts: 0 } : mainTally(pod);
  const status = initializing
    ? init.status
    : mainStatus(pod, init.status ?? waitingForScheduler(pod) ?? pod.status?.reason);
  return {
    ready: `${init.sidecars.ready + main.ready}/${total}`,
    status: deletionStatus(pod) ?? status ?? 'Unknown',
    restarts: initializing ? init.restarts : init.sidecars.restarts + main.restarts,
  };
}

/** Names of init containers that keep running (`restartPolicy: Always`, KEP-753). */
function sidecarsOf(pod: Pod): ReadonlySet<string> {
  const inits = pod.spec?.initContainers ?? [];
  return new Set(inits.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
}

function waitingForScheduler(pod: Pod): string | undefined {
  return condition(pod, 'PodScheduled')?.reason === 'SchedulingGated' ? 'SchedulingGated' : undefined;
}

function deletionStatus({ metadata, status }: Pod): string | undefined {
  if (metadata?.deletionTimestamp === undefined) return undefined;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return isFinished(status?.phase) ? undefined : 'Terminating';
}

function isFinished(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** The first init container that is neither done nor a started sidecar holds the pod up; those after it are not looked at. */
function initState(
  pod: Pod,
  sidecars: ReadonlySet<string>,
): { readonly status: string | undefined; readonly restarts: number; readonly sidecars: Tally } {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const tally = { ready: 0, restarts: 0 };
  let restarts = 0;
  for (const [index, status] of statuses.entries()) {
    const isSidecar = sidecars.has(status.name);
    restarts += status.restartCount ?? 0;
    if (isSidecar) tally.restarts += status.restartCount ?? 0;
    if (status.state?.terminated?.exitCode === 0) continue;
    if (isSidecar && status.started) {
      if (status.ready) tally.ready++;
      continue;
    }
    return { status: initStatus(status, index, pod.spec?.initContainers?.length ?? 0), restarts, sidecars: tally };
  }
  return { status: undefined, restarts, sidecars: tally };
}

function initStatus({ state }: Status, index: number, total: number): string {
  if (state?.terminated) return `Init:${endOf(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
}

function endOf({
  reason,
  signal,
  exitCode,
}: {
  readonly reason?: string;
  readonly signal?: number;
  readonly exitCode: number;
}): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

function mainTally(pod: Pod): Tally {
  const statuses = pod.status?.containerStatuses ?? [];
  return {
    ready: statuses.filter(({ ready, state }) => ready && state?.running).length,
    restarts: statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
  };
}

/** Containers are read last to first, so that the first one that waits or has ended gives its reason. */
function mainStatus(pod: Pod, otherwise: string | undefined): string | undefined {
  let reason = otherwise ?? pod.status?.phase;
  let error: string | undefined;
  let running = false;
  for (const { state, ready } of (pod.status?.containerStatuses ?? []).toReversed()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) {
      reason = endOf(state.terminated);
      if (state.terminated.exitCode !== 0) error = reason;
    } else if (ready && state?.running) running = true;
  }
  if (reason !== 'Completed') return reason;
  if (running && condition(pod, 'Ready')?.status === 'True') return 'Running';
  return error ?? (running ? 'NotReady' : reason);
}

/** Reasons of pods that are on their way; anything else that keeps a pod pending is a fault. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing', 'Pending', 'SchedulingGated']);

export function podHealth(pod: Pod): Health {
  const { status } = podCells(pod);
  switch (pod.status?.phase) {
    case 'Succeeded':
      return { status: 'healthy', reason: 'Completed' };
    case 'Failed':
      return { status: 'critical', reason: status, ...messageOf(pod) };
    case 'Running':
      return runningHealth(pod, status);
    case 'Pending':
      return pendingHealth(pod, status);
    case undefined:
      return { status: 'unknown' };
    default:
      return { status: 'unknown', reason: status };
  }
}

function runningHealth(pod: Pod, status: string): Health {
  const ready = condition(pod, 'Ready');
  if (ready?.status === 'True') return { status: 'healthy' };
  if (['Running', 'Completed', 'NotReady', 'Terminating'].includes(status) || STARTING.has(status))
    return { status: 'warning', reason: 'NotReady', ...withMessage(ready?.message) };
  return { status: 'critical', reason: status, ...messageOf(pod) };
}

function pendingHealth(pod: Pod, status: string): Health {
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason !== 'SchedulingGated')
    return { status: 'critical', reason: scheduled.reason ?? 'Unschedulable', ...withMessage(scheduled.message) };
  if (STARTING.has(status) || status === 'Terminating' || /^Init:\d/.test(status))
    return { status: 'warning', reason: status };
  return { status: 'critical', reason: status, ...messageOf(pod) };
}

/** The most telling message: of the pod itself, else of a container that waits or has ended badly. */
function messageOf(pod: Pod): { message?: string } {
  const states = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = states.find(({ state }) => state?.waiting?.message)?.state?.waiting?.message;
  const ended = states.find(({ state }) => state?.terminated?.message)?.state?.terminated?.message;
  return withMessage(pod.status?.message ?? waiting ?? ended);
}

function withMessage(message: string | undefined): { message?: string } {
  return message ? { message } : {};
}

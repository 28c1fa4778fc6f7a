/** `status` of a pod as the kubelet reports it, in each of the states that a cluster is full of. */
import { minuteMs, timestamp } from './names.ts';
import type { Body } from './object.ts';
import type { Container, PodSpec } from './pod-template.ts';

export type PodState =
  | 'Running'
  | 'NotReady'
  | 'CrashLoopBackOff'
  | 'ImagePullBackOff'
  | 'Pending'
  | 'Succeeded'
  | 'Failed';

export interface PodStatusInput {
  readonly state: PodState;
  readonly spec: PodSpec;
  readonly podIp: string;
  readonly hostIp: string;
  readonly startedAt: number;
  readonly restarts: number;
  /** Hex digits that make container ids and image digests of this pod its own. */
  readonly digest: string;
}

export function podStatus(input: PodStatusInput): Body {
  const { state, spec, podIp, hostIp, startedAt } = input;
  const conditionsAt = timestamp(startedAt + minuteMs);
  if (state === 'Pending') {
    const reason = { reason: 'Unschedulable', message: '0/248 nodes are available: 248 Insufficient memory.' };
    return {
      phase: 'Pending',
      conditions: [{ ...condition('PodScheduled', false, conditionsAt), ...reason }],
      qosClass: 'Burstable',
    };
  }
  const done = state === 'Succeeded' || state === 'Failed';
  const ready = state === 'Running';
  return {
    phase: done ? state : state === 'ImagePullBackOff' ? 'Pending' : 'Running',
    conditions: [
      condition('PodReadyToStartContainers', !done, conditionsAt),
      condition('Initialized', true, conditionsAt),
      condition('Ready', ready, conditionsAt),
      condition('ContainersReady', ready, conditionsAt),
      condition('PodScheduled', true, conditionsAt),
    ],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime: timestamp(startedAt),
    containerStatuses: spec.containers.map((container, index) => containerStatus(input, container, index)),
    qosClass: 'Burstable',
  };
}

function condition(type: string, holds: boolean, at: string): Body {
  return { type, status: holds ? 'True' : 'False', lastProbeTime: null, lastTransitionTime: at };
}

function containerStatus(
  { state, startedAt, restarts, digest }: PodStatusInput,
  { name, image }: Container,
  index: number,
): Body {
  const affected = index === 0;
  const started = timestamp(startedAt + minuteMs);
  const finished = {
    exitCode: state === 'Succeeded' ? 0 : 1,
    startedAt: started,
    finishedAt: timestamp(startedAt + 3 * minuteMs),
  };
  const ended = {
    ...finished,
    reason: state === 'Succeeded' ? 'Completed' : 'Error',
    containerID: `containerd://${digest.slice(7)}`,
  };
  const states: Readonly<Record<string, Body>> = {
    Succeeded: { terminated: ended },
    Failed: { terminated: ended },
    ...(affected && state === 'CrashLoopBackOff'
      ? { [state]: waiting(state, `back-off 5m0s restarting failed container=${name}`) }
      : {}),
    ...(affected && state === 'ImagePullBackOff'
      ? { [state]: waiting(state, `Back-off pulling image "${image}"`) }
      : {}),
  };
  const running = states[state] === undefined;
  return {
    name,
    state: states[state] ?? { running: { startedAt: started } },
    lastState: affected && restarts > 0 ? { terminated: { ...ended, exitCode: 137, reason: 'OOMKilled' } } : {},
    ready: running && !(affected && state === 'NotReady'),
    restartCount: affected ? restarts : 0,
    image,
    imageID: `${image.slice(0, image.lastIndexOf(':'))}@${digest}`,
    containerID: `containerd://${digest.slice(7 + index)}${'0'.repeat(index)}`,
    started: running,
  };
}

function waiting(reason: string, message: string): Body {
  return { waiting: { reason, message } };
}

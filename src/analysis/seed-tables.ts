/**
 * What two earlier rankers of events know of reasons: how well one reason explains another, 0..1. Data only; the numbers are theirs and are kept as they
 * are, so that scores can be compared with what such systems gave.
 */
import type { Severity } from '../model/change.ts';

/** What tables look at. */
export interface Wording {
  readonly reason: string;
  readonly message: string;
  readonly severity: Severity;
}

type Test = (said: Wording) => boolean;

/** The first row whose cause and effect both fit decides. */
type Row = readonly [cause: Test, effect: Test, score: number];

export interface Table {
  readonly rows: readonly Row[];
  readonly otherwise: number;
}

const is =
  (...reasons: readonly string[]): Test =>
  ({ reason }) =>
    reasons.includes(reason);
const has =
  (part: string): Test =>
  ({ reason }) =>
    reason.includes(part);
const says =
  (pattern: RegExp): Test =>
  ({ message }) =>
    pattern.test(message);
const isError: Test = ({ severity }) => severity === 'error';
const any: Test = () => true;

/** The ranker of the graph builder. */
export const seedTable: Table = {
  rows: [
    [is('KubePodCrashLooping'), is('KubePodNotReady'), 0.85],
    [is('NodeClockNotSynchronising'), is('PrometheusMissingRuleEvaluations'), 0.85],
    [is('KubePodNotReady'), is('KubePodCrashLooping'), 0.8],
    [is('KubePodCrashLooping'), is('KubePodCrashLooping'), 0.75],
    [has('OOMKilled'), has('CrashLoop'), 0.95],
    [has('ImagePull'), has('FailedScheduling'), 0.9],
    [has('NodeNotReady'), has('Evicted'), 0.9],
    [says(/connection refused|timeout/i), isError, 0.7],
    [says(/database|deadlock/), says(/api|service/), 0.65],
    [isError, isError, 0.5],
  ],
  otherwise: 0.4,
};

/** Its later, larger variant. */
export const enhancedTable: Table = {
  rows: [
    // What there is too little of.
    [is('OOMKilled'), is('BackOff', 'Failed', 'Killing'), 0.95],
    [is('OOMKilled'), is('Evicted'), 0.9],
    [is('MemoryPressure'), is('OOMKilled', 'Evicted'), 0.88],
    [is('DiskPressure'), is('Evicted', 'Failed'), 0.85],
    [is('PIDPressure'), is('Failed', 'BackOff'), 0.82],
    // Images.
    [has('ImagePull'), is('BackOff'), 0.9],
    [is('ImagePullBackOff'), is('Failed'), 0.92],
    [has('ImagePull'), is('Failed'), 0.9],
    [is('ErrImagePull'), is('ImagePullBackOff'), 0.93],
    [is('InvalidImageName'), has('ImagePull'), 0.88],
    [is('RegistryUnavailable'), has('ImagePull'), 0.87],
    // Probes.
    [is('Unhealthy'), is('Killing', 'Failed', 'BackOff'), 0.88],
    [is('ProbeWarning'), is('Unhealthy'), 0.85],
    [is('LivenessProbe'), is('Killing', 'BackOff'), 0.87],
    [is('ReadinessProbe'), is('Unhealthy'), 0.83],
    // Placement.
    [is('FailedScheduling'), is('Pending', 'Failed'), 0.9],
    [is('Unschedulable'), is('FailedScheduling'), 0.88],
    [is('NodeAffinity'), is('FailedScheduling', 'Pending'), 0.86],
    [is('Taints'), is('FailedScheduling', 'Pending'), 0.85],
    [is('InsufficientResources'), is('FailedScheduling'), 0.89],
    // Volumes.
    [is('FailedMount'), is('Failed', 'ContainerCreating'), 0.88],
    [is('VolumeFailure'), is('FailedMount', 'Failed'), 0.87],
    [is('FailedAttachVolume'), is('FailedMount'), 0.9],
    [is('VolumeNotFound'), is('FailedMount', 'Failed'), 0.86],
    // Networks.
    [is('NetworkNotReady'), is('Failed', 'Pending'), 0.85],
    [is('FailedCreatePodSandBox'), is('Failed', 'BackOff'), 0.87],
    [is('CNIFailed'), is('NetworkNotReady'), 0.88],
    [is('IPAllocationFailed'), is('Failed', 'Pending'), 0.86],
    [is('DNSConfigForming'), is('Failed', 'BackOff'), 0.82],
    // Programs that end.
    [is('Error'), is('BackOff', 'Failed', 'CrashLoopBackOff'), 0.87],
    [is('Completed'), is('BackOff'), 0.75],
    [is('CrashLoopBackOff'), is('Failed'), 0.85],
    [has('Exit'), is('BackOff', 'Failed'), 0.8],
    // Configuration and rights.
    [is('FailedCreate'), is('Failed', 'BackOff'), 0.84],
    [is('Forbidden'), is('Failed', 'FailedCreate'), 0.88],
    [is('Unauthorized'), is('Failed', 'Forbidden'), 0.87],
    [is('InvalidConfiguration'), is('Failed', 'BackOff'), 0.86],
    [is('ConfigMapNotFound'), is('Failed', 'BackOff'), 0.85],
  ],
  otherwise: 0.3,
};

export function scoreIn({ rows, otherwise }: Table, cause: Wording, effect: Wording): number {
  return rows.find(([isCause, isEffect]) => isCause(cause) && isEffect(effect))?.[2] ?? otherwise;
}

const MINUTE_MS = 60_000;

/** How long after a cause of a reason the larger variant looks for effects. */
export const windows: readonly (readonly [cause: Test, ms: number])[] = [
  [is('OOMKilled', 'Killing', 'Error'), 2 * MINUTE_MS],
  [has('ImagePull'), 5 * MINUTE_MS],
  [is('FailedScheduling', 'FailedMount'), 15 * MINUTE_MS],
  [any, 10 * MINUTE_MS],
];

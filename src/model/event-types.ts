/**
 * One vocabulary for what happens: canonical types, whatever Kubernetes, collectors, rankers and alert rules call them, and what each is about (`intent`).
 * Data and pure functions. A type is lower case with underscores; what the table does not know keeps its own name in that form, so nothing is lost.
 */
import type { Json, Severity } from './change.ts';

/** What a happening is about, whoever tells of it. */
export type Intent =
  | 'memory_exhaustion'
  | 'cpu_exhaustion'
  | 'disk_exhaustion'
  | 'quota_exhaustion'
  | 'network_failure'
  | 'dns_failure'
  | 'certificate_failure'
  | 'access_denied'
  | 'authentication_failure'
  | 'database_failure'
  | 'image_failure'
  | 'configuration_error'
  | 'scheduling_failure'
  | 'storage_failure'
  | 'node_failure'
  | 'health_check_failure'
  | 'application_crash'
  | 'configuration_change'
  | 'rollout'
  | 'scaling';

/** Attribute of occurrences that this program derived from objects: whoever sees the objects knows it already. */
export const DERIVED = 'derived';

interface EventType {
  readonly intent?: Intent;
  /** Reasons of Kubernetes, types of other systems, names of alerts; case and separators do not count. */
  readonly also: string;
}

/** Canonical types. The first name of each concept that the systems before this one agree on is the one that is kept. */
export const eventTypes = {
  // pods and containers
  pod_restart: {
    intent: 'application_crash',
    also: 'pod_restarted container_restart container_restarted restarted ContainerRestarted KubePodRestarting',
  },
  pod_failed: {
    intent: 'application_crash',
    also: 'pod_crash pod_crashed container_died ContainerDied container_failed PodFailed LOG_PANIC LOG_FATAL KubePodFailed',
  },
  pod_crash_loop: {
    intent: 'application_crash',
    also: 'crash_loop crash_loop_back_off CrashLoopBackOff LOG_CRASHLOOP KubePodCrashLooping crash_loop_backoff container_crash_loop',
  },
  pod_not_ready: { intent: 'health_check_failure', also: 'PodNotReady KubePodNotReady ContainersNotReady' },
  pod_ready: { also: 'PodReady' },
  pod_evicted: { also: 'Evicted Eviction EvictedByVPA TaintManagerEviction DeletionByTaintManager eviction' },
  pod_preempted: { also: 'Preempted Preempting PreemptContainer' },
  pod_created: { also: 'SuccessfulCreate' },
  pod_deleted: { also: 'SuccessfulDelete' },
  pod_creation_failed: { also: 'FailedCreate FailedCreatePodContainer ReplicaFailure' },
  pod_scheduled: { also: 'Scheduled' },
  scheduling_failed: {
    intent: 'scheduling_failure',
    also: 'FailedScheduling Unschedulable FailedPlacement NotTriggerScaleUp pod_unschedulable InsufficientResources',
  },
  container_started: { also: 'Started ContainerStarted container_start' },
  container_created: { also: 'Created ContainerCreated' },
  container_stopped: { also: 'Killing ExceededGracePeriod container_stop container_killed' },
  container_start_failed: {
    intent: 'configuration_error',
    also: 'RunContainerError CreateContainerError StartError ContainerCannotRun FailedPostStartHook FailedPreStopHook kubelet_container_terminated',
  },
  container_config_failed: {
    intent: 'configuration_error',
    also: 'CreateContainerConfigError InvalidConfiguration ConfigMapNotFound InvalidEnvironmentVariableNames',
  },
  container_oom_killed: {
    intent: 'memory_exhaustion',
    also: 'OOMKilled OOMKilling SystemOOM oom_kill oom_killed pod_oom_killed container_oom LOG_OOM_KILLED memory_oom KubeContainerOOMKilled',
  },
  sandbox_failed: {
    intent: 'network_failure',
    also: 'FailedCreatePodSandBox SandboxChanged NetworkNotReady CNIFailed FailedPodSandBoxStatus IPAllocationFailed cni_failed',
  },
  image_pull_failed: {
    intent: 'image_failure',
    also: 'ErrImagePull ImagePullBackOff ErrImageNeverPull InvalidImageName ImageInspectError RegistryUnavailable FailedToPullImage image_pull_error LOG_IMAGE_PULL_FAIL',
  },
  image_pulled: { also: 'Pulled' },
  image_pulling: { also: 'Pulling' },
  probe_failed: {
    intent: 'health_check_failure',
    also: 'Unhealthy ProbeWarning ProbeError LivenessProbe ReadinessProbe health_check_failed readiness_failed liveness_failed LOG_READINESS_FAIL LOG_LIVENESS_FAIL',
  },
  // nodes
  node_not_ready: {
    intent: 'node_failure',
    also: 'NodeNotReady NodeStatusUnknown KubeNodeNotReady KubeNodeUnreachable NodeUnreachable node_unreachable node_down',
  },
  node_ready: { also: 'NodeReady' },
  node_restarted: { intent: 'node_failure', also: 'Rebooted node_rebooted' },
  node_cordoned: { also: 'NodeNotSchedulable node_unschedulable' },
  node_uncordoned: { also: 'NodeSchedulable' },
  memory_pressure: {
    intent: 'memory_exhaustion',
    also: 'NodeHasInsufficientMemory MemoryPressure node_memory_pressure KubeNodeMemoryPressure EvictionThresholdMet node_pressure',
  },
  disk_pressure: {
    intent: 'disk_exhaustion',
    also: 'NodeHasDiskPressure DiskPressure node_disk_pressure FreeDiskSpaceFailed ImageGCFailed NodeFilesystemAlmostOutOfSpace NodeFilesystemSpaceFillingUp storage_full KubePersistentVolumeFillingUp',
  },
  pid_pressure: { intent: 'node_failure', also: 'NodeHasInsufficientPID PIDPressure' },
  cpu_throttling: { intent: 'cpu_exhaustion', also: 'CPUThrottlingHigh cpu_throttled' },
  // configuration
  config_changed: {
    intent: 'configuration_change',
    also: 'config_change configmap_changed configmap_modified configmap_updated ConfigMapChanged',
  },
  secret_changed: {
    intent: 'configuration_change',
    also: 'secret_change secret_modified secret_updated SecretChanged secret_rotated',
  },
  workload_changed: {
    intent: 'rollout',
    also: 'deployment deployment_changed deployment_updated DeploymentUpdated rollout rollout_started deploy release deployed',
  },
  resource_changed: { also: 'modified updated changed object_changed' },
  resource_created: { also: 'added object_created' },
  resource_deleted: { also: 'deleted removed object_deleted' },
  rolled_back: { intent: 'rollout', also: 'DeploymentRollback rollback' },
  rollout_failed: {
    intent: 'rollout',
    also: 'ProgressDeadlineExceeded KubeDeploymentRolloutStuck KubeDeploymentGenerationMismatch rolling_update_failure',
  },
  scaled: {
    intent: 'scaling',
    also: 'ScalingReplicaSet SuccessfulRescale ScaledUp ScaledDown TriggeredScaleUp scale_up scale_down',
  },
  scaling_failed: {
    intent: 'scaling',
    also: 'FailedRescale FailedGetResourceMetric FailedComputeMetricsReplicas FailedGetScale FailedUpdateScale KubeHpaReplicasMismatch',
  },
  // services
  service_unavailable: {
    intent: 'network_failure',
    also: 'service_down service_disruption no_endpoints NoEndpoints ServiceUnavailable KubeServiceDown service_failed',
  },
  service_available: { also: 'service_up service_recovered' },
  connection_failed: {
    intent: 'network_failure',
    also: 'connection_error connection_refused connection_timeout network_error network_failure TargetDown BlackboxProbeFailed',
  },
  endpoints_failed: {
    intent: 'network_failure',
    also: 'FailedToUpdateEndpoint FailedToUpdateEndpointSlices FailedToCreateEndpoint',
  },
  load_balancer_failed: {
    intent: 'network_failure',
    also: 'SyncLoadBalancerFailed CreatingLoadBalancerFailed UnAvailableLoadBalancer',
  },
  request_failed: { intent: 'network_failure', also: 'http_error http_5xx HighErrorRate error_spike api_error' },
  // storage
  mount_failed: { intent: 'storage_failure', also: 'FailedMount VolumeFailure FailedMapVolume mount_error' },
  attach_failed: { intent: 'storage_failure', also: 'FailedAttachVolume FailedDetachVolume' },
  provisioning_failed: {
    intent: 'storage_failure',
    also: 'ProvisioningFailed FailedBinding ClaimLost VolumeNotFound VolumeResizeFailed KubePersistentVolumeErrors ClaimMisbound',
  },
  write_failed: { intent: 'disk_exhaustion', also: 'write_error io_error' },
  // jobs, rights, limits
  job_failed: {
    intent: 'application_crash',
    also: 'BackoffLimitExceeded DeadlineExceeded FailedJob KubeJobFailed PodFailurePolicy',
  },
  job_completed: { also: 'Completed JobCompleted SawCompletedJob' },
  quota_exceeded: {
    intent: 'quota_exhaustion',
    also: 'FailedQuota ExceededQuota KubeQuotaExceeded KubeQuotaFullyUsed',
  },
  access_denied: { intent: 'access_denied', also: 'Forbidden PolicyViolation FailedValidation admission_denied' },
  authentication_failed: {
    intent: 'authentication_failure',
    also: 'Unauthorized auth_failure FailedToRetrieveImagePullSecret',
  },
  certificate_failed: {
    intent: 'certificate_failure',
    also: 'certificate_expired CertificateExpired CertManagerCertExpirySoon',
  },
  // what programs say
  log_error: { also: 'LOG_ERROR' },
  log_warning: { also: 'LOG_WARNING' },
  log_info: { also: 'LOG_INFO' },
} as const satisfies Record<string, EventType>;

export type KnownEventType = keyof typeof eventTypes;

/** A type of the table, or the name that its teller has for it, in the same form. */
export type EventTypeName = string;

const table: ReadonlyMap<string, EventType> = new Map(Object.entries(eventTypes));

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Canonical type by every name of it. */
const byName: ReadonlyMap<string, KnownEventType> = new Map(
  Object.entries(eventTypes).flatMap(([type, { also }]) =>
    [type, ...also.split(' ')].map((name) => [plain(name), type as KnownEventType] as const),
  ),
);

/** What is told of a happening. */
export interface Told {
  /** What its teller says it is: `type` of a collector's event. */
  readonly type?: string | undefined;
  readonly source: string;
  readonly severity?: Severity | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly attributes?: Readonly<Record<string, Json>> | undefined;
}

/** Reasons that mean several things: the message tells which. The first that fits; without one the last. */
const AMBIGUOUS: ReadonlyMap<string, readonly (readonly [RegExp, KnownEventType])[]> = new Map([
  [
    'backoff',
    [
      [/pulling image|imagepull/i, 'image_pull_failed'],
      [/^/, 'pod_crash_loop'],
    ],
  ],
  [
    'failed',
    [
      [/image|manifest unknown/i, 'image_pull_failed'],
      [/configmap|secret|couldn't find key|runAsNonRoot/i, 'container_config_failed'],
      [/^Error: |container|exec|command/i, 'container_start_failed'],
      [/^/, 'pod_failed'],
    ],
  ],
  [
    'failedsync',
    [
      [/image/i, 'image_pull_failed'],
      [/^/, 'container_start_failed'],
    ],
  ],
  ['error', [[/^/, 'pod_failed']]],
  [
    'failedcreate',
    [
      [/exceeded quota/i, 'quota_exceeded'],
      [/forbidden|denied/i, 'access_denied'],
      [/^/, 'pod_creation_failed'],
    ],
  ],
]);

/** What messages say whoever tells them, for those whose reason says nothing. */
const SAID: readonly (readonly [RegExp, KnownEventType])[] = [
  [/\boom[- ]?kill|out of memory\b/i, 'container_oom_killed'],
  [/back-off restarting failed|crashloopbackoff/i, 'pod_crash_loop'],
  [/failed to pull image|errimagepull|imagepullbackoff|manifest unknown/i, 'image_pull_failed'],
  [/(?:readiness|liveness|startup) probe failed/i, 'probe_failed'],
  [/no space left on device|disk full/i, 'write_failed'],
  [/exceeded quota|quota exceeded/i, 'quota_exceeded'],
  [
    /connection (?:refused|reset|timed out|timeout)|no route to host|i\/o timeout|network is unreachable/i,
    'connection_failed',
  ],
  [/x509:|certificate (?:has expired|is not|signed by)|tls handshake (?:failed|error)/i, 'certificate_failed'],
];

const NAMES_MAX = 5_000;
const ownNames = new Map<string, string>();

/** `FailedToLift` → `failed_to_lift`; at most sixty characters. */
function ownName(name: string): string {
  const known = ownNames.get(name);
  if (known !== undefined) return known;
  const made = name
    .slice(0, 60)
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase();
  if (ownNames.size >= NAMES_MAX) ownNames.clear();
  ownNames.set(name, made);
  return made;
}

/** The canonical type of a name that another system has for it; undefined when no such name is known. */
export function eventTypeNamed(name: string): KnownEventType | undefined {
  return byName.get(plain(name));
}

/** What happened: by what its teller calls it, by its reason, by what is said. Total and the same every time. */
export function eventTypeOf(told: Told): EventTypeName {
  const { type = '', reason = '', message = '', source, severity } = told;
  if (type !== '' && !/^(?:normal|warning)$/i.test(type)) return eventTypeNamed(type) ?? ownName(type);
  if (reason !== '') {
    const key = plain(reason);
    const [, meant] = AMBIGUOUS.get(key)?.find(([pattern]) => pattern.test(message)) ?? [];
    const known = meant ?? byName.get(key);
    if (known) return known;
  }
  const [, said] = source === 'change' ? [] : (SAID.find(([pattern]) => pattern.test(message)) ?? []);
  if (said && (reason === '' || severity !== 'info')) return said;
  if (reason !== '') return ownName(reason);
  if (source === 'probe') return 'probe_failed';
  if (source === 'trace') return 'request_failed';
  if (source === 'change') return 'resource_changed';
  const level = severity === 'error' || severity === 'critical' ? 'error' : severity === 'warning' ? 'warning' : 'info';
  return source === 'log' ? `log_${level}` : `${ownName(source) || 'other'}_${level}`;
}

/** What messages are about; the most telling first. */
const MEANT: readonly (readonly [RegExp, Intent, confidence: number])[] = [
  [/\boom[- ]?kill|out of memory|memory cgroup|cannot allocate memory|java heap space/i, 'memory_exhaustion', 0.95],
  [/no space left on device|disk full|disk quota exceeded/i, 'disk_exhaustion', 0.9],
  [/exceeded quota|quota exceeded/i, 'quota_exhaustion', 0.9],
  [/no such host|could not resolve|name resolution|dns lookup failed/i, 'dns_failure', 0.9],
  [/x509:|certificate (?:has expired|is not|signed by)|tls handshake/i, 'certificate_failure', 0.9],
  [/password authentication|authentication failed|\bunauthorized\b|\b401\b/i, 'authentication_failure', 0.85],
  [/\bforbidden\b|permission denied|access denied|\b403\b/i, 'access_denied', 0.85],
  [/deadlock|too many connections|connection pool|duplicate key|constraint violation/i, 'database_failure', 0.85],
  [
    /connection (?:refused|reset|timed out|timeout)|no route to host|i\/o timeout|network (?:is )?unreachable|bad gateway|gateway time-?out|\b50[234]\b/i,
    'network_failure',
    0.85,
  ],
  [/failed to pull image|errimagepull|imagepullbackoff|manifest unknown/i, 'image_failure', 0.9],
  [/(?:readiness|liveness|startup) probe failed/i, 'health_check_failure', 0.85],
  [/panic:|segmentation fault|segfault|core dumped|fatal error/i, 'application_crash', 0.85],
];

/** Of a type that says what it is about. */
const OF_TYPE = 0.9;
const HTTP_ERRORS: ReadonlySet<string> = new Set(['502', '503', '504']);

export interface Meaning {
  readonly intent: Intent;
  /** 0..1 */
  readonly confidence: number;
}

/** What a happening is about; undefined where nothing tells. What is said is more exact than what it is called. */
export function intentOf({ message = '', attributes }: Told, type: EventTypeName): Meaning | undefined {
  const [, intent, confidence] = MEANT.find(([pattern]) => pattern.test(message)) ?? [];
  if (intent && confidence) return { intent, confidence };
  const own = table.get(type)?.intent;
  if (own) return { intent: own, confidence: OF_TYPE };
  const status = attributes?.['status_code'] ?? attributes?.['http.status_code'] ?? attributes?.['statusCode'];
  return HTTP_ERRORS.has(String(status)) ? { intent: 'network_failure', confidence: 0.85 } : undefined;
}

const CRITICAL = /^(?:OOMKilled|CrashLoopBackOff|Error)$/;
const ERROR =
  /^(?:FailedScheduling|FailedMount|FailedAttachVolume|ImagePullBackOff|ErrImagePull|InvalidImageName|ImageGCFailed|FailedCreatePodContainer|NodeNotReady|NodePressure|Evicted|OOMKilling|SystemOOM)$/;

/** Kubernetes knows Normal and Warning; how bad a warning is follows from its reason, as collectors of Events have it. */
export function severityOfEvent({
  type,
  reason = '',
  message = '',
}: Pick<Told, 'type' | 'reason' | 'message'>): Severity {
  if (type !== 'Warning') return 'info';
  if (CRITICAL.test(reason) || (reason === 'Failed' && /\bpod\b/i.test(message))) return 'critical';
  if (ERROR.test(reason) || (/^(?:Unhealthy|ProbeWarning)$/.test(reason) && /liveness/i.test(message))) return 'error';
  return 'warning';
}

/** What is wrong with a pod, as its status says; nothing is concluded from what a pod merely has (a probe, a Secret). */
import type { KubeObject } from '../../../model/change.ts';
import type { Time } from '../../../model/time.ts';
import type { Symptom } from './observed.ts';

interface Ended {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly signal?: number;
  readonly finishedAt?: string | null;
  readonly message?: string;
}

interface State {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string | null };
  readonly terminated?: Ended;
}

export interface ContainerStatus {
  readonly name?: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly state?: State;
  readonly lastState?: State;
}

export interface Container {
  readonly name?: string;
  readonly readinessProbe?: object;
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string>>;
    readonly requests?: Readonly<Record<string, string>>;
  };
}

export interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
}

export interface Pod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  };
}

export const sections = {
  crash: 'Crash loops and restarts',
  image: 'Images that cannot be pulled',
  memory: 'Out of memory',
  missing: 'Missing ConfigMaps and Secrets',
  start: 'Containers that cannot start',
  ready: 'Not ready',
  schedule: 'Not scheduled',
  failed: 'Failed and evicted pods',
} as const;

const IMAGE_REASONS = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
]);
/** Waiting for what is on its way. */
const ON_ITS_WAY = new Set(['ContainerCreating', 'PodInitializing']);

export function statusesOf({ status }: Pod): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

export function conditionOf(
  { status }: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Symptoms of a pod at one instant. `happened` says whether an instant is of the interval asked for. */
export function* podSymptoms(pod: Pod, happened: (time: Time) => boolean): Iterable<Symptom> {
  for (const status of statusesOf(pod)) {
    yield* waiting(status);
    yield* ended(status, happened);
  }
  yield* notReady(pod);
  yield* notScheduled(pod);
  yield* failed(pod);
}

function* waiting({ name = '', state, restartCount = 0, lastState }: ContainerStatus): Iterable<Symptom> {
  const { reason = '', message } = state?.waiting ?? {};
  if (reason === '' || ON_ITS_WAY.has(reason)) return;
  const why = message === undefined ? '' : `: ${message}`;
  const section = sectionOf(reason, message);
  // Backing off and trying again alternate; together they are one state.
  const key = section === sections.image || section === sections.missing ? name : `${name} ${reason}`;
  const before =
    reason === 'CrashLoopBackOff' ? `, restart count ${restartCount}${exitText(lastState?.terminated)}` : '';
  yield { section, key, text: `container ${name} waits in ${reason}${why}${before}` };
}

/** The kubelet tells a missing ConfigMap, Secret, or key of one, when it makes a container's environment. */
export const MISSING =
  /\b(?:configmap|secret)s? "?[\w./-]+"? not found|couldn't find key|references non-existent (?:config|secret) key/i;

function sectionOf(reason: string, message = ''): string {
  if (IMAGE_REASONS.has(reason)) return sections.image;
  if (reason === 'CrashLoopBackOff') return sections.crash;
  if (reason === 'CreateContainerConfigError' && MISSING.test(message)) return sections.missing;
  return sections.start;
}

function exitText(end: Ended | undefined): string {
  if (end === undefined) return '';
  const at = typeof end.finishedAt === 'string' ? ` at ${end.finishedAt}` : '';
  return `, last exit ${end.exitCode ?? end.signal ?? '?'}${end.reason ? ` (${end.reason})` : ''}${at}`;
}

/** How containers ended within the interval: state `terminated` until it runs again, `lastState` afterwards. */
function* ended(
  { name = '', state, lastState, restartCount = 0 }: ContainerStatus,
  happened: (time: Time) => boolean,
): Iterable<Symptom> {
  for (const end of [state?.terminated, lastState?.terminated]) {
    if (end === undefined || typeof end.finishedAt !== 'string' || !happened(end.finishedAt)) continue;
    if (end.reason === 'OOMKilled')
      yield {
        section: sections.memory,
        key: `${name} ${end.finishedAt}`,
        text: `container ${name} was OOMKilled`,
        at: end.finishedAt,
      };
    else if (restartCount > 0 && end.exitCode !== 0)
      yield {
        section: sections.crash,
        key: `${name} ${end.finishedAt}`,
        text: `container ${name} ended${exitText({ ...end, finishedAt: null })}, restart count ${restartCount}`,
        at: end.finishedAt,
      };
  }
}

/** Was ready and is no more, or runs and has not become ready. */
function* notReady(pod: Pod): Iterable<Symptom> {
  const ready = conditionOf(pod, 'Ready');
  if (pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) return;
  if (ready?.status !== 'False' || ready.reason === 'PodCompleted') return;
  const since = ready.lastTransitionTime ?? undefined;
  for (const { name = '', ready, state } of pod.status?.containerStatuses ?? []) {
    if (ready !== false || state?.running === undefined) continue;
    const started = state.running.startedAt ?? undefined;
    const wasReady = since !== undefined && started !== undefined && since > started;
    const probe = pod.spec?.containers?.some((container) => container.name === name && container.readinessProbe)
      ? ', its readiness probe does not succeed'
      : '';
    yield wasReady
      ? { section: sections.ready, key: name, text: `container ${name} runs and is no longer ready${probe}`, since }
      : {
          section: sections.ready,
          key: `${STARTING}${name}`,
          text: `container ${name} runs and has not become ready${probe}`,
          since: started,
        };
  }
}

/** Begins the key of what is wrong only when it lasts. */
export const STARTING = 'starting ';

function* notScheduled(pod: Pod): Iterable<Symptom> {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason === 'SchedulingGated') return;
  yield {
    section: sections.schedule,
    key: 'scheduled',
    text: `${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? ''}`,
    since: scheduled.lastTransitionTime ?? undefined,
  };
}

function* failed(pod: Pod): Iterable<Symptom> {
  const { phase, reason = 'Failed', message } = pod.status ?? {};
  if (phase !== 'Failed') return;
  const exits = statusesOf(pod).flatMap(({ name, state }) =>
    state?.terminated && state.terminated.exitCode !== 0 ? [`container ${name}${exitText(state.terminated)}`] : [],
  );
  const what = [...(message === undefined ? [] : [message]), ...exits].join('; ');
  yield { section: sections.failed, key: 'failed', text: what === '' ? reason : `${reason}: ${what}` };
}

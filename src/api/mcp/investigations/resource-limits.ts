/** check_resource_limits: where memory, CPU, quotas or room on nodes ran out. */
import type { KubeObject } from '../../../model/change.ts';
import type { Time } from '../../../model/time.ts';
import { eventsIn, type ToldEvent } from './events.ts';
import { type Investigation, namespaceArgument } from './investigation.ts';
import { type Course, coursesIn, type Episode, episodesOf, isWithin, type Symptom } from './observed.ts';
import { type Condition, type Container, conditionOf, type Pod, podSymptoms, sections } from './pod-symptoms.ts';
import { episodeText, eventText, inOrder, report } from './report.ts';
import type { Scene } from './window.ts';

const QUOTA = 'Quotas and limit ranges that refused';
const FULL = 'Quotas that are used up';
const EVICTED = 'Evictions and preemptions';
const UNSCHEDULABLE = 'Not scheduled for lack of resources';
const SCALING = 'Autoscalers at their limit';
const CPU = 'CPU limits of those that struggled (throttling is likely where they are low)';

const KINDS = [
  { group: '', kind: 'Pod' },
  { group: '', kind: 'ResourceQuota' },
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  { group: 'apps', kind: 'ReplicaSet' },
  { group: 'apps', kind: 'StatefulSet' },
  { group: 'apps', kind: 'DaemonSet' },
  { group: 'batch', kind: 'Job' },
];

/** How admission words its refusals (kubernetes plugin/pkg/admission/resourcequota and limitranger). */
const REFUSED =
  /exceeded quota|must specify (?:limits|requests|memory|cpu)|(?:maximum|minimum) (?:cpu|memory|storage|ephemeral-storage) usage per|failed quota/i;
/** How the scheduler words what nodes lack (kubernetes pkg/scheduler/framework/plugins/noderesources). */
const INSUFFICIENT = /Insufficient [\w./-]+|Too many pods|exceed(?:s|ed)? .*(?:cpu|memory)/i;
const EVICTIONS = new Set(['Evicted', 'Preempted', 'Preempting', 'EvictionThresholdMet', 'TaintManagerEviction']);
const MEMORY_EVENTS = new Set(['OOMKilling', 'SystemOOM']);

export const resourceLimits: Investigation = {
  name: 'check_resource_limits',
  title: 'Check resource limits',
  description:
    'Finds containers that were killed for memory, pods that were refused by a quota, evicted, preempted or not scheduled for lack of CPU or memory, quotas ' +
    'that are used up, autoscalers at their limit, and the limits of those concerned, in an interval of the past.',
  arguments: { namespace: namespaceArgument },
  async investigate(scene) {
    const happened = (time: Time): boolean => isWithin(scene.window, time);
    const { courses, cut } = await coursesIn(scene, {
      kinds: KINDS,
      symptomsOf: (object) => symptomsOf(object, happened),
      keep: containersOf,
    });
    const { events, cut: eventsCut } = await eventsIn(scene);
    const found = courses.map((course) => ({ course, episodes: episodesOf(course) }));
    const episodes = inOrder(found.flatMap(({ episodes }) => episodes));
    const linesOf = (section: string): readonly string[] =>
      episodes.filter((one) => one.section === section).map((episode) => episodeText(episode, scene));
    const told = (wanted: (event: ToldEvent) => boolean): readonly string[] =>
      events.filter(wanted).map((event) => eventText(event, scene));
    return report(scene, {
      title: 'Resource limits',
      nothing: 'No trouble with resource limits was found',
      sections: [
        {
          title: sections.memory,
          lines: [
            ...found.flatMap((one) => memoryLines(one, scene)),
            ...told(({ reason }) => MEMORY_EVENTS.has(reason)),
          ],
        },
        {
          title: QUOTA,
          lines: [...linesOf(QUOTA), ...told(({ isWarning, message }) => isWarning && REFUSED.test(message))],
        },
        { title: FULL, lines: linesOf(FULL) },
        { title: EVICTED, lines: [...linesOf(EVICTED), ...told(({ reason }) => EVICTIONS.has(reason))] },
        {
          title: UNSCHEDULABLE,
          lines: [
            ...linesOf(UNSCHEDULABLE),
            ...told(({ reason, message }) => reason === 'FailedScheduling' && INSUFFICIENT.test(message)),
          ],
        },
        { title: SCALING, lines: linesOf(SCALING) },
        { title: CPU, lines: found.flatMap(({ course, episodes }) => [...cpuLines(course, episodes, events, scene)]) },
      ],
      cut: cut || eventsCut,
    });
  },
};

function symptomsOf(object: KubeObject, happened: (time: Time) => boolean): Iterable<Symptom> {
  switch (object.kind) {
    case 'Pod':
      return podTrouble(object as Pod, happened);
    case 'ResourceQuota':
      return quotaUse(object);
    default:
      return conditionsOf(object);
  }
}

function* podTrouble(pod: Pod, happened: (time: Time) => boolean): Iterable<Symptom> {
  for (const symptom of podSymptoms(pod, happened)) {
    if (symptom.section === sections.memory || symptom.section === sections.crash || symptom.section === sections.ready)
      yield symptom;
    else if (symptom.section === sections.schedule && INSUFFICIENT.test(symptom.text))
      yield { ...symptom, section: UNSCHEDULABLE };
    else if (symptom.section === sections.failed && EVICTIONS.has(pod.status?.reason ?? ''))
      yield { ...symptom, section: EVICTED };
  }
  const disrupted = conditionOf(pod, 'DisruptionTarget');
  if (disrupted?.status === 'True')
    yield {
      section: EVICTED,
      key: 'target',
      text: `${disrupted.reason ?? ''}: ${disrupted.message ?? ''}`,
      since: disrupted.lastTransitionTime ?? undefined,
    };
}

interface Quota {
  readonly hard?: Readonly<Record<string, string>>;
  readonly used?: Readonly<Record<string, string>>;
}

/** Resources of which nothing is left. */
function* quotaUse(object: KubeObject): Iterable<Symptom> {
  const { hard = {}, used = {} } = (object['status'] ?? {}) as Quota;
  for (const [name, limit] of Object.entries(hard)) {
    const [most, taken] = [quantity(limit), quantity(used[name] ?? '0')];
    if (most !== undefined && taken !== undefined && most > 0 && taken >= most)
      yield { section: FULL, key: name, text: `${name}: ${used[name]} of ${limit} are used` };
  }
}

function* conditionsOf(object: KubeObject): Iterable<Symptom> {
  const { conditions = [] } = (object['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  for (const { type = '', status, reason = '', message = '', lastTransitionTime } of conditions) {
    const since = lastTransitionTime ?? undefined;
    if (status === 'True' && type === 'ReplicaFailure' && REFUSED.test(message))
      yield { section: QUOTA, key: type, text: `${reason}: ${message}`, since };
    if (status === 'True' && type === 'ScalingLimited' && reason === 'TooManyReplicas')
      yield { section: SCALING, key: type, text: `${reason}: ${message}`, since };
  }
}

/** Kills for memory, with what the container may use. */
function memoryLines(
  { course, episodes }: { readonly course: Course<Containers>; readonly episodes: readonly Episode[] },
  scene: Scene,
): readonly string[] {
  return episodes
    .filter(({ section }) => section === sections.memory)
    .map((episode) => `${episodeText(episode, scene)}${limitsText(containerOf(course.kept, episode.text))}`);
}

/** Containers of a pod, and of nothing else. */
interface Containers {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
}

function containersOf(object: KubeObject): Containers {
  const { containers = [], initContainers = [] } = (object.kind === 'Pod' && (object as Pod).spec) || {};
  return { containers, initContainers };
}

function containerOf({ containers, initContainers }: Containers, text: string): Container | undefined {
  return [...containers, ...initContainers].find(({ name }) => text.includes(`container ${name} `));
}

function limitsText(container: Container | undefined): string {
  const { limits = {}, requests = {} } = container?.resources ?? {};
  const told = Object.entries({ limit: limits, request: requests }).flatMap(([word, values]) =>
    Object.entries(values).map(([name, value]) => `${name} ${word} ${value}`),
  );
  return told.length === 0 ? '; it has no limits' : `; ${told.join(', ')}`;
}

/** Containers with a CPU limit that crashed, were not ready or failed a probe. */
function* cpuLines(
  { of, kept: { containers } }: Course<Containers>,
  episodes: readonly Episode[],
  events: readonly ToldEvent[],
  scene: Scene,
): Iterable<string> {
  const struggled =
    episodes.some(({ section }) => section === sections.ready || section === sections.crash) ||
    events.some(({ reason, about }) => reason === 'Unhealthy' && about.uid === of.uid);
  for (const { name, resources } of struggled ? containers : [])
    if (resources?.limits?.['cpu'] !== undefined)
      yield `${scene.title(of)}: container ${name} has a CPU limit of ${resources.limits['cpu']}`;
}

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity of the API (`500m`, `2Gi`, `1e3`) as a number; undefined when it is none. */
export function quantity(text: string): number | undefined {
  const [, number, suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text.trim()) ?? [];
  const factor = FACTORS[suffix];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

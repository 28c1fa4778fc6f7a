/** check_pod_issues: pods that crash, cannot start, are not ready or were not scheduled, from their status and their Events. */
import type { KubeObject } from '../../../model/change.ts';
import type { Time } from '../../../model/time.ts';
import { eventsIn, type ToldEvent } from './events.ts';
import { type Investigation, namespaceArgument } from './investigation.ts';
import { coursesIn, type Episode, episodesOf, isWithin, type Symptom } from './observed.ts';
import { type Condition, MISSING, type Pod, podSymptoms, STARTING, sections } from './pod-symptoms.ts';
import { episodeText, eventText, inOrder, report, type Section } from './report.ts';
import type { Scene } from './window.ts';

/** What is on its way for less than this is no issue. */
const STARTING_MS = 60_000;

const PODS = [{ group: '', kind: 'Pod' }];
const WORKLOADS = ['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({ group: 'apps', kind }));
const JOBS = [{ group: 'batch', kind: 'Job' }];
/** Kinds whose warnings are about their pods. */
const ABOUT_PODS = new Set(['Pod', ...[...WORKLOADS, ...JOBS].map(({ kind }) => kind)]);

const REPLICAS = 'Workloads that lack replicas';
const PROBES = 'Failing probes';

export const podIssues: Investigation = {
  name: 'check_pod_issues',
  title: 'Check pod issues',
  description:
    'Finds pods that crash or restart, run out of memory, cannot pull their image, lack a ConfigMap or Secret, fail their probes, are not ready, ' +
    'were not scheduled or have failed, in an interval of the past: with reasons, times and restarts, from status and Events.',
  arguments: { namespace: namespaceArgument },
  async investigate(scene) {
    const happened = (time: Time): boolean => isWithin(scene.window, time);
    const kinds = [...PODS, ...WORKLOADS, ...JOBS];
    const { courses, cut } = await coursesIn(scene, {
      kinds,
      symptomsOf: (object) => symptomsOf(object, happened),
      keep: () => undefined,
    });
    const { events, cut: eventsCut } = await eventsIn(scene);
    const episodes = courses.flatMap(episodesOf);
    const lasting = episodes.filter((episode) => !isOnItsWay(episode, scene));
    return report(scene, {
      title: 'Pod issues',
      nothing: 'No pod issues were found',
      sections: sectionsOf(
        scene,
        lasting,
        events.filter(({ isWarning, about }) => isWarning && ABOUT_PODS.has(about.kind)),
      ),
      cut: cut || eventsCut,
    });
  },
};

function isOnItsWay({ key, from, to }: Episode, { window }: Scene): boolean {
  return key.startsWith(STARTING) && Date.parse(to ?? window.to) - Date.parse(from) < STARTING_MS;
}

function symptomsOf(object: KubeObject, happened: (time: Time) => boolean): Iterable<Symptom> {
  return object.kind === 'Pod' ? podSymptoms(object as Pod, happened) : workloadSymptoms(object);
}

/** Conditions by which controllers say that they cannot have the pods they want. */
function* workloadSymptoms(object: KubeObject): Iterable<Symptom> {
  const { conditions = [] } = (object['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  for (const { type = '', status, reason = '', message = '', lastTransitionTime } of conditions) {
    const isFault =
      (type === 'ReplicaFailure' && status === 'True') ||
      (type === 'Available' && status === 'False') ||
      (type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded') ||
      (type === 'Failed' && status === 'True');
    if (isFault)
      yield { section: REPLICAS, key: type, text: `${reason}: ${message}`, since: lastTransitionTime ?? undefined };
  }
}

function sectionsOf(scene: Scene, episodes: readonly Episode[], warnings: readonly ToldEvent[]): readonly Section[] {
  const bySection = Map.groupBy(inOrder(episodes), ({ section }) => section);
  const isMissing = ({ reason, message }: ToldEvent): boolean => reason === 'FailedMount' && MISSING.test(message);
  const linesOf = (section: string): readonly string[] =>
    (bySection.get(section) ?? []).map((episode) => episodeText(episode, scene));
  const told = (events: readonly ToldEvent[]): readonly string[] => events.map((event) => eventText(event, scene));
  const missing = told(warnings.filter(isMissing));
  const probes = warnings.filter(({ reason }) => reason === 'Unhealthy');
  const others = warnings.filter((event) => event.reason !== 'Unhealthy' && !isMissing(event));
  return [
    ...Object.values(sections).map((title) => ({
      title,
      lines: [...linesOf(title), ...(title === sections.missing ? missing : [])],
    })),
    { title: PROBES, lines: told(probes) },
    { title: REPLICAS, lines: linesOf(REPLICAS) },
    { title: 'Other warning Events', lines: told(others) },
  ];
}

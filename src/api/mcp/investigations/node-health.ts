/** check_node_health: when nodes were not ready, under pressure, cordoned or tainted, came and went, and what Events tell of them. */
import type { KubeObject } from '../../../model/change.ts';
import { eventsIn } from './events.ts';
import type { Investigation } from './investigation.ts';
import { type Course, coursesIn, episodesOf, isWithin, type Symptom } from './observed.ts';
import { type Condition, conditionOf } from './pod-symptoms.ts';
import { episodeText, eventText, inOrder, moment, report } from './report.ts';
import type { Scene } from './window.ts';

interface Node extends KubeObject {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key?: string; readonly value?: string; readonly effect?: string }[];
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

const NODES = [{ group: '', kind: 'Node' }];

const NOT_READY = 'Not ready';
const PRESSURE = 'Conditions';
const CORDONED = 'Cordoned and tainted';

/** News about nodes that are no warnings. */
const NEWS = new Set([
  'NodeReady',
  'NodeNotReady',
  'NodeNotSchedulable',
  'NodeSchedulable',
  'Rebooted',
  'Starting',
  'RegisteredNode',
  'RemovingNode',
  'Shutdown',
]);
/** Taints that say again what a condition or a cordon says. */
const CONSEQUENCES = /^node\.kubernetes\.io\//;
/** Conditions that are good when True: Ready, and what monitors call so. */
const GOOD = /(?:Ready|Healthy)$/;

export const nodeHealth: Investigation = {
  name: 'check_node_health',
  title: 'Check node health',
  description:
    'Tells when nodes were not ready, under memory, disk or PID pressure, cordoned or tainted in an interval of the past, which joined or left, and what ' +
    'Events tell of them.',
  async investigate(scene) {
    const { courses, cut } = await coursesIn(scene, {
      kinds: NODES,
      whole: NODES,
      symptomsOf: nodeSymptoms,
      keep: ({ metadata }) => metadata.creationTimestamp,
    });
    const { events, cut: eventsCut } = await eventsIn(scene);
    const episodes = inOrder(courses.flatMap(episodesOf));
    const linesOf = (section: string): readonly string[] =>
      episodes.filter((one) => one.section === section).map((episode) => episodeText(episode, scene));
    return report(scene, {
      title: 'Node issues',
      nothing: 'No node issues were found',
      sections: [
        ...[NOT_READY, PRESSURE, CORDONED].map((title) => ({ title, lines: linesOf(title) })),
        { title: 'Joined and left', lines: courses.flatMap((course) => [...comings(course, scene)]) },
        {
          title: 'Node Events',
          lines: events
            .filter(({ about, isWarning, reason }) => about.kind === 'Node' && (isWarning || NEWS.has(reason)))
            .map((event) => eventText(event, scene)),
        },
      ],
      cut: cut || eventsCut,
    });
  },
};

function* nodeSymptoms(object: KubeObject): Iterable<Symptom> {
  const node = object as Node;
  const ready = conditionOf(node, 'Ready');
  if (ready !== undefined && ready.status !== 'True')
    yield {
      section: NOT_READY,
      key: 'ready',
      text: `Ready is ${ready.status ?? 'Unknown'} (${ready.reason ?? 'no reason'}: ${ready.message ?? ''})`,
      since: ready.lastTransitionTime ?? undefined,
    };
  for (const { type = '', status, reason = '', message = '', lastTransitionTime } of node.status?.conditions ?? []) {
    if (type === 'Ready' || status !== (GOOD.test(type) ? 'False' : 'True')) continue;
    yield {
      section: PRESSURE,
      key: type,
      text: `${type} is ${status} (${reason}: ${message})`,
      since: lastTransitionTime ?? undefined,
    };
  }
  if (node.spec?.unschedulable)
    yield { section: CORDONED, key: 'cordoned', text: 'cordoned: no new pods are scheduled to it' };
  for (const { key = '', value = '', effect = '' } of node.spec?.taints ?? [])
    if (!CONSEQUENCES.test(key))
      yield {
        section: CORDONED,
        key: `${key} ${effect}`,
        text: `tainted ${key}${value === '' ? '' : `=${value}`}:${effect}`,
      };
}

/** That a node joined or left within the interval; one that is merely seen for the first time may be old. */
function* comings({ of, steps, kept: created }: Course<string | undefined>, scene: Scene): Iterable<string> {
  for (const { verb, at } of steps) {
    if (verb === 'create' && created !== undefined && isWithin(scene.window, created))
      yield `${scene.title(of)} joined at ${moment(created)}`;
    if (verb === 'delete') yield `${scene.title(of)} left (its Node was deleted) at ${moment(at)}`;
  }
}

/** investigate_pod_startup: how one pod came up, step by step, and what it waited for. */
import { nearest } from '../../../lib/nearest.ts';
import type { Existence, Version } from '../../../model/history.ts';
import { compareTime, type Time, timeFrom } from '../../../model/time.ts';
import type { ToolAnswer } from '../tool.ts';
import { eventsIn, type ToldEvent } from './events.ts';
import type { Investigation } from './investigation.ts';
import { isWithin, versionsIn } from './observed.ts';
import { conditionOf, type Pod, statusesOf } from './pod-symptoms.ts';
import { clipped, instant, moment, report } from './report.ts';
import { requiredText, type Scene, selectionOf } from './window.ts';

const POD = [{ group: '', kind: 'Pod' }];
/** Incarnations of one name that are told: those of a StatefulSet bear it one after another. */
const INCARNATIONS_MAX = 3;
const NAMES_MAX = 2_000;

export const podStartup: Investigation = {
  name: 'investigate_pod_startup',
  title: 'Investigate pod startup',
  description:
    'Tells how one pod came up: when it was created, scheduled, when images were pulled, containers created, started and ready, and what it waited for or ' +
    'failed at, from its versions and Events. Give an interval in which it started.',
  arguments: {
    pod_name: { description: 'name of the pod', required: true },
    namespace: { description: 'its namespace', required: true },
  },
  async investigate(scene, input) {
    const name = requiredText(input, 'pod_name');
    const namespace = requiredText(input, 'namespace');
    const { history, window } = scene;
    const all = await history.existences({ kinds: POD, names: [name], ...selectionOf(scene) }, INCARNATIONS_MAX * 4);
    const there = all.filter(
      ({ since, until }) =>
        compareTime(since, window.to) <= 0 && (until === undefined || compareTime(until, window.from) >= 0),
    );
    if (there.length === 0) return unknown(scene, namespace, name, all);
    const { events, cut } = await eventsIn(scene, { about: { names: [name], kinds: ['Pod'] } });
    const lifetime = { ...scene, window: { ...window, from: '1970-01-01T00:00:00Z' } };
    const sections = await Promise.all(
      there
        .slice(0, INCARNATIONS_MAX)
        .reverse()
        .map(async ({ of }) => {
          const choice = { kinds: POD, names: [name], uids: [of.uid] };
          const { items } = await versionsIn(lifetime, choice, (version) => version);
          const own = events.filter(({ about }) => about.uid === of.uid && about.name === name);
          return { title: `${scene.title(of)}: ${outcome(items)}`, lines: timeline(items, own, scene) };
        }),
    );
    return report(scene, { title: 'Startup of a pod', nothing: `Nothing was observed of Pod ${name}`, sections, cut });
  },
};

/** A sentence, with names that are near. */
async function unknown(scene: Scene, namespace: string, name: string, all: readonly Existence[]): Promise<ToolAnswer> {
  const { history, window } = scene;
  const [latest] = all;
  const known = await history.existences({ kinds: POD, ...selectionOf(scene) }, NAMES_MAX);
  const names = [...new Set(known.map(({ of }) => of.name))];
  const near = [...names.filter((each) => each.startsWith(name)), ...nearest(name, names, 5)].slice(0, 5);
  const hint = latest
    ? ` It was there from ${moment(latest.since)}${latest.until ? ` to ${moment(latest.until)}` : ''}.`
    : near.length > 0
      ? ` Did you mean ${near.join(' or ')}?`
      : ' analyze_recent_changes with resource_types=pods lists those that came and went.';
  return {
    text: `Pod ${name} was not seen in namespace ${namespace} between ${moment(window.from)} and ${moment(window.to)}.${hint}`,
  };
}

/** How it stands at the end: `ready after 12.3 s`, `not ready: container api waits in …`. */
function outcome(versions: readonly Version[]): string {
  const created = timeFrom(versions[0]?.object.metadata.creationTimestamp);
  const first = versions.find(({ object }) => conditionOf(object as Pod, 'Ready')?.status === 'True');
  const last = versions.at(-1);
  if (first !== undefined) {
    const at = timeFrom(conditionOf(first.object as Pod, 'Ready')?.lastTransitionTime) ?? first.at;
    const seconds = created === undefined ? undefined : (Date.parse(at) - Date.parse(created)) / 1000;
    return seconds === undefined ? 'became ready' : `ready ${seconds} s after it was created`;
  }
  const pod = last?.object as Pod | undefined;
  if (pod?.status?.phase === 'Succeeded') return 'has done its work';
  const waits = pod
    ? statusesOf(pod).flatMap(({ name, state }) =>
        state?.waiting
          ? [
              `container ${name} waits in ${state.waiting.reason}${state.waiting.message ? `: ${state.waiting.message}` : ''}`,
            ]
          : [],
      )
    : [];
  const end = last?.verb === 'delete' ? 'was deleted before it was ready' : 'not ready at the end of the interval';
  return clipped([end, ...waits].join('; '));
}

interface Step {
  readonly at: Time;
  readonly text: string;
}

function timeline(versions: readonly Version[], events: readonly ToldEvent[], { window }: Scene): readonly string[] {
  const steps = [...stepsOf(versions), ...events.flatMap(stepsOfEvent)];
  const inTime = steps.filter(({ at }) => compareTime(at, window.to) <= 0).sort((a, b) => compareTime(a.at, b.at));
  const distinct = inTime.filter(
    ({ at, text }, index) => !inTime.slice(0, index).some((other) => other.at === at && other.text === text),
  );
  return distinct.map(
    ({ at, text }) => `${instant(at)} ${clipped(text)}${isWithin(window, at) ? '' : ' (before the interval)'}`,
  );
}

function stepsOfEvent({ first, last, count, reason, message, isWarning, by }: ToldEvent): Step[] {
  const text = `${isWarning ? 'Warning ' : ''}${reason}${by === '' ? '' : ` (${by})`}: ${message}`;
  return [{ at: first, text: count > 1 ? `${text} (${count} times until ${moment(last)})` : text }];
}

/** What each version says that the one before did not. */
function* stepsOf(versions: readonly Version[]): Iterable<Step> {
  let known = new Set<string>();
  for (const { at, verb, object } of versions) {
    if (verb === 'delete') {
      yield { at, text: 'the pod was deleted' };
      continue;
    }
    const facts = [...factsOf(object as Pod, at)];
    for (const { key, ...step } of facts) if (!known.has(key)) yield step;
    known = new Set(facts.map(({ key }) => key));
  }
}

interface Fact extends Step {
  readonly key: string;
}

const CONDITIONS: Readonly<Record<string, string>> = {
  PodScheduled: 'scheduled',
  PodReadyToStartContainers: 'sandbox and network are ready',
  Initialized: 'initialized',
  ContainersReady: 'all containers ready',
  Ready: 'ready',
};

function* factsOf(pod: Pod, at: Time): Iterable<Fact> {
  const { creationTimestamp, deletionTimestamp } = pod.metadata;
  yield { key: 'created', at: timeFrom(creationTimestamp) ?? at, text: 'created' };
  for (const { type = '', status = '', reason, message, lastTransitionTime } of pod.status?.conditions ?? []) {
    const word = CONDITIONS[type] ?? type;
    const time = timeFrom(lastTransitionTime) ?? at;
    if (status === 'True')
      yield {
        key: `${type} True ${time}`,
        at: time,
        text: `${word}${type === 'PodScheduled' && pod.spec?.nodeName ? ` to node ${pod.spec.nodeName}` : ''}`,
      };
    else if (message)
      yield { key: `${type} ${reason} ${message}`, at: time, text: `not ${word}: ${reason ?? ''}: ${message}` };
  }
  for (const { name, state, restartCount = 0, ready } of statusesOf(pod)) {
    const { waiting, running, terminated } = state ?? {};
    if (waiting)
      yield {
        key: `${name} waits ${waiting.reason} ${waiting.message}`,
        at,
        text: `container ${name} waits: ${waiting.reason ?? ''}${waiting.message ? `: ${waiting.message}` : ''}`,
      };
    if (running)
      yield {
        key: `${name} runs ${running.startedAt}`,
        at: timeFrom(running.startedAt) ?? at,
        text: `container ${name} runs${restartCount > 0 ? ` (restart ${restartCount})` : ''}`,
      };
    if (running && ready) yield { key: `${name} ready ${running.startedAt}`, at, text: `container ${name} is ready` };
    if (terminated)
      yield {
        key: `${name} ended ${terminated.finishedAt}`,
        at: timeFrom(terminated.finishedAt) ?? at,
        text: `container ${name} ended: ${terminated.reason ?? ''}, exit ${terminated.exitCode ?? '?'}${terminated.message ? `: ${terminated.message}` : ''}`,
      };
  }
  if (deletionTimestamp !== undefined) yield { key: 'deleting', at, text: 'deletion was asked for' };
}

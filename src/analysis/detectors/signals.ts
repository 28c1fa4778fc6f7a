/** What several detectors look at: ends of containers, errors by application, who uses a piece of configuration, each found once. */
import { edgeInfo } from '../../model/edges.ts';
import { kindKey } from '../../model/groups.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import { type Case, milliseconds, push } from '../case.ts';
import { isComplaint } from '../complaints.ts';
import type { Told } from '../estate.ts';
import { type PodFault, podFault } from '../pods.ts';
import { appOf } from '../services.ts';
import { labelsOf } from '../subjects.ts';
import { symptomsOf } from '../symptoms.ts';
import type { Clue } from './detection.ts';
import type { Restart } from './restarts.ts';

const faults = new WeakMap<Case, ReadonlyMap<ResourceId, PodFault>>();

/** What is wrong with a pod now, as far as it is a symptom: what recovered, or was replaced by another, is none. Looked for once. */
export function faultOf(known: Case, pod: Resource): PodFault | undefined {
  let table = faults.get(known);
  if (table === undefined) {
    const suffering = symptomsOf(known).flatMap(({ fault, resource, alike }) => (fault ? [resource, ...alike] : []));
    table = new Map(
      suffering.flatMap((one) => {
        const fault = podFault(known, one);
        return fault ? [[one.id, fault] as const] : [];
      }),
    );
    faults.set(known, table);
  }
  return table.get(pod.id);
}

/** Whether a run was ended for want of memory. */
export function isOutOfMemory({ reason }: Pick<Restart, 'reason'>): boolean {
  return reason === 'OOMKilled';
}

/** How a run ended. */
export function endedClue({ at, container, reason, exitCode, pod, message }: Restart): Clue {
  const how = reason === '' ? 'ended' : `ended: ${reason}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`;
  const said = message === '' ? '' : `, ${firstLine(message)}`;
  return { kind: 'state', at, text: `container ${container} of ${pod.name} ${how}${said}`, resource: pod };
}

export function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** Something that somebody complained of. */
export interface Complaint {
  readonly at: number;
  /** How often; templates of logs are counted. */
  readonly count: number;
  readonly told: Told;
  readonly app: Resource;
}

const complaints = new WeakMap<Case, ReadonlyMap<ResourceId, readonly Complaint[]>>();

/** Complaints by the application that they are about, the earliest first. */
export function complaintsByApp(known: Case): ReadonlyMap<ResourceId, readonly Complaint[]> {
  let table = complaints.get(known);
  if (table === undefined) {
    const made = new Map<ResourceId, Complaint[]>();
    for (const told of known.estate.occurrences) {
      if (!isComplaint(told)) continue;
      const app = appOf(known, known.subjects.of(told));
      push(made, app.id, { at: milliseconds(told.at), count: countOf(told), told, app });
    }
    for (const list of made.values()) list.sort((a, b) => a.at - b.at);
    table = made;
    complaints.set(known, table);
  }
  return table;
}

function countOf({ occurrence: { attributes } }: Told): number {
  const count = Number(attributes?.['count'] ?? 1);
  return Number.isFinite(count) && count >= 1 ? count : 1;
}

export function complaintClue({ at, count, told: { occurrence }, app }: Complaint): Clue {
  const { source, message, reason = '' } = occurrence;
  const often = count > 1 ? ` (${count} times)` : '';
  return {
    kind: source === 'alert' ? 'alert' : 'log',
    at,
    text: `${firstLine(message || reason)}${often}`,
    resource: app,
  };
}

/** The answer of HTTP that a complaint tells; 0 where it tells none. */
export function statusCodeOf({ told: { occurrence } }: Complaint): number {
  const labels = labelsOf(occurrence.attributes);
  const told =
    labels['http.status_code'] ?? labels['http.response.status_code'] ?? labels['status_code'] ?? labels['code'];
  const said = /\b(?:HTTP\/\d(?:\.\d)?"? |status(?:[ _]?code)?[=: ]+"?|returned |responded (?:with )?)(5\d\d)\b/i.exec(
    occurrence.message ?? '',
  )?.[1];
  return Number(told ?? said ?? 0) || 0;
}

/** Pods that use a ConfigMap or Secret, whose workload may restart for it. */
export function usersOf(known: Case, resource: Resource): readonly Resource[] {
  const users = new Map<ResourceId, Resource>();
  known.view.scan(
    resource.id,
    'in',
    (_, other) => {
      if (kindKey(other) === '/Pod') users.set(other.id, other);
      else for (const pod of known.pods(other)) users.set(pod.id, pod);
    },
    (type) => edgeInfo(type).family === 'configuration',
  );
  return [...users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The node of a pod. */
export function nodeOf(known: Case, pod: Resource): Resource | undefined {
  return known.targets(pod.id, 'RUNS_ON').find(({ kind }) => kind === 'Node');
}

/** Each once, in their order. */
export function distinct(resources: readonly Resource[]): readonly Resource[] {
  return [...new Map(resources.map((one) => [one.id, one])).values()];
}

const PAUSE_MS = 30_000;

/** Whether what came again and again still does: silence for five times as long as it used to pause is its end, as is the longest that it may pause. */
export function stillComes(events: readonly { readonly at: number }[], now: number, longestMs: number): boolean {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) return false;
  const pause = events.length < 2 ? longestMs : Math.max(PAUSE_MS, (5 * (last.at - first.at)) / (events.length - 1));
  return now - last.at <= Math.min(longestMs, pause);
}

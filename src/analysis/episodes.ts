/**
 * What happened, as the graph's window holds it: Kubernetes' Events and occurrences of every source, in one form. An episode is about one resource; one
 * about what is not (or no longer) there has a stand-in for it, under its name.
 */
import type { Severity } from '../model/change.ts';
import { isEvent } from '../model/groups.ts';
import type { Resource } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';
import type { View } from '../model/view.ts';
import { milliseconds, text } from './case.ts';
import type { Episode } from './seed-ranker.ts';

/** Everything of the window, or of one resource. In no order. */
export function* episodesIn(view: View, about?: Resource): Iterable<Episode> {
  if (about) {
    for (const { from } of view.in(about.id, 'ABOUT')) {
      const resource = view.get(from);
      if (resource && isEpisode(resource)) yield told(resource, about);
    }
    return;
  }
  for (const kind of ['Event', 'Occurrence'])
    for (const resource of view.resources({ group: '', kind })) yield episodeOf(view, resource);
}

/** Whether a resource is something that happened. */
export function isEpisode(resource: Pick<Resource, 'group' | 'kind'>): boolean {
  return isEvent(resource) || (resource.kind === 'Occurrence' && resource.group === '');
}

/** The episode that an Event or an occurrence is. */
export function episodeOf(view: View, resource: Resource): Episode {
  const [about] = view.out(resource.id, 'ABOUT');
  return told(resource, (about && view.get(about.to)) ?? standIn(resource));
}

function told(resource: Resource, subject: Resource): Episode {
  const { id, summary, createdAt } = resource;
  const reason = text(summary['reason']);
  const message = text(summary['message']);
  const last = milliseconds(summary['lastSeen'] ?? createdAt);
  const first = milliseconds(createdAt);
  const severity = severityOf(resource, reason, message);
  return {
    id,
    subject,
    reason,
    message,
    severity,
    at: last || first,
    ...(first > 0 && first < last && { since: first }),
  };
}

/** The name by which whoever sent it knows it: the uid of an Event, the id of an occurrence. */
export function episodeId({ kind, uid, name, summary }: Resource): string {
  const source = `${text(summary['source'])}:`;
  if (kind === 'Event') return uid === '' ? name : uid;
  return name.startsWith(source) ? name.slice(source.length) : name;
}

/** The episode of an id: that of the graph, the uid of an Event, the id that an occurrence came with; of an instant, the last that happened then. */
export function episodeNamed(view: View, wanted: string): Resource | undefined {
  for (const id of [wanted, ...view.clusters.map((cluster) => `${cluster}/${wanted}`)]) {
    const found = view.get(id);
    if (found && isEpisode(found)) return found;
  }
  for (const resource of view.resources({ group: '', kind: 'Occurrence' }))
    if (resource.name === wanted || episodeId(resource) === wanted) return resource;
  return lastOf(view, wanted);
}

function lastOf(view: View, instant: Time): Resource | undefined {
  const ms = milliseconds(instant);
  if (ms === 0 || !/^\d{4}-\d\d-\d\dT/.test(instant)) return undefined;
  let found: Resource | undefined;
  for (const kind of ['Event', 'Occurrence'])
    for (const resource of view.resources({ group: '', kind })) {
      const at = text(resource.summary['lastSeen'] ?? resource.createdAt);
      if (milliseconds(at) !== ms) continue;
      if (found === undefined || compareTime(found.id, resource.id) < 0) found = resource;
    }
  return found;
}

const FATAL = /^(?:OOMKilled|CrashLoopBackOff|Error)$/;
const ERROR =
  /^(?:FailedScheduling|FailedMount|FailedAttachVolume|ImagePullBackOff|ErrImagePull|InvalidImageName|ImageGCFailed|FailedCreatePodContainer|NodeNotReady|NodePressure|Evicted|OOMKilling)$/;

/** Kubernetes knows Normal and Warning; how bad a warning is follows from its reason, as collectors of Events have it. */
function severityOf({ summary, health }: Resource, reason: string, message: string): Severity {
  const said = summary['severity'];
  if (typeof said === 'string' && said in RANKS) return said as Severity;
  if (health.status === 'healthy' || health.status === 'unknown') return 'info';
  if (FATAL.test(reason) || (reason === 'Failed' && /\bpod\b/i.test(message))) return 'critical';
  if (ERROR.test(reason) || (/^(?:Unhealthy|ProbeWarning)$/.test(reason) && /liveness/i.test(message))) return 'error';
  return 'warning';
}

/** From the least to the worst. */
export const RANKS: Readonly<Record<Severity, number>> = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };

/** Whom an Event is about, as far as its columns tell: `pod/web-1`. */
function standIn({ cluster, namespace, summary, kind: own }: Resource): Resource {
  const [word = '', ...rest] = text(summary['object']).split('/');
  const kind = word === '' ? '' : (KINDS.get(word) ?? `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  const name = rest.join('/');
  return {
    id: `${cluster}/=/${kind}/${namespace}/${name || own}`,
    cluster,
    group: '',
    kind: kind || 'Unknown',
    namespace,
    name,
    uid: '',
    pseudo: true,
    labels: {},
    summary: {},
    health: { status: 'unknown' },
  };
}

const KINDS: ReadonlyMap<string, string> = new Map(
  [
    'ReplicaSet',
    'StatefulSet',
    'DaemonSet',
    'CronJob',
    'ConfigMap',
    'PersistentVolumeClaim',
    'PersistentVolume',
    'HorizontalPodAutoscaler',
  ].map((kind) => [kind.toLowerCase(), kind]),
);

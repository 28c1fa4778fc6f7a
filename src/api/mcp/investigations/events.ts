/**
 * Kubernetes Events of an interval, by the time that they themselves tell, those that repeat as one. They may be observed later than they happened:
 * a first list holds the last hour.
 */
import type { KubeObject } from '../../../model/change.ts';
import { compareTime, type Time, timeFrom } from '../../../model/time.ts';
import { type Choice, versionsIn } from './observed.ts';
import type { Scene } from './window.ts';

export interface ToldEvent {
  readonly first: Time;
  readonly last: Time;
  readonly count: number;
  readonly isWarning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly about: {
    readonly cluster: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  /** What told it: `kubelet`, `default-scheduler`. */
  readonly by: string;
}

interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly note?: string;
  readonly count?: number;
  readonly deprecatedCount?: number;
  readonly firstTimestamp?: string | null;
  readonly deprecatedFirstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly involvedObject?: Partial<ToldEvent['about']>;
  readonly regarding?: Partial<ToldEvent['about']>;
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
  readonly reportingController?: string;
}

/** How long Events are kept by an API server, as it is set by default: one that is observed may be as old. */
const KEPT_MS = 3_600_000;

/**
 * Events that happened in the scene's interval, the earliest first; of those that are about something, others may be among them. Of nodes and
 * other cluster-scoped objects only without a namespace.
 */
export async function eventsIn(
  scene: Scene,
  choice: Pick<Choice, 'about'> = {},
): Promise<{ readonly events: readonly ToldEvent[]; readonly cut: boolean }> {
  const { window } = scene;
  const to = new Date(Date.parse(window.to) + KEPT_MS).toISOString();
  const { items, cut } = await versionsIn(
    scene,
    { kinds: [{ group: '', kind: 'Event' }], to, ...choice },
    (version) => ({
      of: version.of,
      verb: version.verb,
      event: eventOf(version.object as EventObject, version.at, version.of.cluster),
    }),
  );
  const events = new Map<string, ToldEvent>();
  for (const { of, event, verb } of items) {
    if (verb === 'delete') continue;
    const known = events.get(of.id);
    if (compareTime(event.last, window.from) < 0 || compareTime(event.first, window.to) > 0) continue;
    // The state within the interval, or the first after it, which tells that it began before.
    if (known === undefined || compareTime(event.last, window.to) <= 0) events.set(of.id, event);
  }
  return { events: [...events.values()].sort((a, b) => compareTime(a.first, b.first)), cut };
}

function eventOf(event: EventObject, at: Time, cluster: string): ToldEvent {
  const { type, reason = '', message, note, series, source, reportingComponent, reportingController, metadata } = event;
  const about = event.involvedObject ?? event.regarding ?? {};
  const created = timeFrom(metadata.creationTimestamp) ?? at;
  const first =
    timeFrom(event.firstTimestamp) ?? timeFrom(event.deprecatedFirstTimestamp) ?? timeFrom(event.eventTime) ?? created;
  const last =
    timeFrom(series?.lastObservedTime) ??
    timeFrom(event.lastTimestamp) ??
    timeFrom(event.deprecatedLastTimestamp) ??
    first;
  return {
    first,
    last,
    count: series?.count ?? event.count ?? event.deprecatedCount ?? 1,
    isWarning: type === 'Warning',
    reason,
    message: (message ?? note ?? '').trim().replaceAll(/\s*\n\s*/g, ' '),
    about: {
      cluster,
      kind: about.kind ?? '',
      namespace: about.namespace ?? '',
      name: about.name ?? '',
      uid: about.uid ?? '',
    },
    by: reportingComponent || reportingController || source?.component || '',
  };
}

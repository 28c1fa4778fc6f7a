/**
 * Event: what a component noticed about an object. Source: core/v1 and events.k8s.io/v1, which show the same objects with other field names.
 * An Event is about the object of that uid; one about a predecessor of the same name is not about its successor.
 */
import type { CoreV1Event, EventsV1Event } from '@kubernetes/client-node';
import { eventTypeOf, intentOf, severityOfEvent } from '../model/event-types.ts';
import type { Target } from '../model/reference.ts';
import { type Found, kind, type Outcome, type Raw } from './kind.ts';
import { FIELD_MIRROR } from './pod.ts';
import { Node, Pod } from './refs.ts';
import { groupIn, names, relation, textAt } from './relations.ts';

type AnyEvent = Raw<Partial<Omit<CoreV1Event, 'series'>> & Partial<Omit<EventsV1Event, 'series'>>> & {
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
};

export const event = kind<CoreV1Event>({
  group: '',
  name: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  seenAt: lastSeen,
  summary: (e: AnyEvent) => {
    const about = e.involvedObject ?? e.regarding;
    const { type, intent, severity } = meaningOf(e);
    return {
      lastSeen: lastSeen(e),
      type,
      intent,
      severity,
      level: e.type,
      reason: e.reason,
      object: about?.kind && [about.kind.toLowerCase(), about.name].filter(Boolean).join('/'),
      message: (e.message ?? e.note)?.trim(),
      count: e.series?.count ?? e.count ?? e.deprecatedCount ?? 1,
      source: e.source?.component || e.deprecatedSource?.component || e.reportingComponent || e.reportingController,
    };
  },
  health: ({ type, reason }) => ({
    status: type === 'Warning' ? 'warning' : 'healthy',
    ...(reason && { reason }),
  }),
  relations: [
    relation(
      'ABOUT',
      '{involvedObject,regarding}',
      'any',
      { note: 'by uid where there is one; static pods by the uid that their kubelet knows' },
      objectOf,
    ),
    relation('RELATES_TO', 'related', 'any', { note: 'the secondary object, by uid where there is one' }, objectOf),
    names('REPORTED_FROM', '{source,deprecatedSource}.host', Node, {
      confidence: 'naming',
      note: 'the host of the component, which for a kubelet is its node',
    }),
  ],
});

/** Columns that Events share with occurrences; what kubectl calls TYPE (Normal, Warning) is `level`. */
function meaningOf(e: AnyEvent) {
  const message = e.message ?? e.note;
  const severity = severityOfEvent({ type: e.type, reason: e.reason, message });
  const told = { type: e.type, source: 'event', severity, reason: e.reason, message };
  const type = eventTypeOf(told);
  return { type, intent: intentOf(told, type)?.intent, severity };
}

function lastSeen(e: AnyEvent): string | undefined {
  return e.series?.lastObservedTime ?? e.lastTimestamp ?? e.deprecatedLastTimestamp ?? e.eventTime ?? e.firstTimestamp;
}

/** Kubelets call a static pod by a digest of its manifest; the API server's mirror of it has a uid of its own and carries the digest. */
const STATIC_POD_UID = /^[0-9a-f]{32}$/;

/** An object that is gone is no breakage of its Events: they outlive what they tell of. */
function objectOf({ value, lookup }: Found): Outcome | undefined {
  const name = textAt(value, 'name');
  const kindName = textAt(value, 'kind');
  if (name === undefined || kindName === undefined) return undefined;
  const ref = lookup(groupIn(value), kindName);
  const namespace = ref.namespaced ? (textAt(value, 'namespace') ?? '') : '';
  const fieldPath = textAt(value, 'fieldPath');
  return {
    target: targetOf({ ...ref, namespace, name }, textAt(value, 'uid')),
    optional: true,
    ...(fieldPath !== undefined && { attributes: { fieldPath } }),
  };
}

interface Named {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

function targetOf({ group, kind: kindName, namespace, name }: Named, uid: string | undefined): Target {
  const isPod = group === Pod.group && kindName === Pod.kind;
  if (isPod && uid !== undefined && STATIC_POD_UID.test(uid)) {
    const selector = [{ key: FIELD_MIRROR, operator: 'In', values: [uid] }] as const;
    return { by: 'labels', group, kind: kindName, selector, namespaces: { type: 'names', names: [namespace] } };
  }
  // Some components put a node's name where its uid belongs.
  if (uid === undefined || uid === name) return { by: 'name', group, kind: kindName, namespace, name };
  return { by: 'id', uid, group, kind: kindName, namespace, name };
}

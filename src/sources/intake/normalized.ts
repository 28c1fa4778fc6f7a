/**
 * Events, logs and alerts of the topics `events.normalized`, `logs.normalized` and `alerts.enriched`: one form,
 * `{event_id, event_time, etype, severity, reason, message, subject: {kind, uid, ns, name}}`, with what each adds.
 */
import type { Occurrence } from '../../model/change.ts';
import { isRecord } from '../change-from-json.ts';
import {
  attributesOf,
  contentId,
  type Fields,
  type Format,
  fieldsOf,
  type IntakeContext,
  occur,
  present,
  refused,
  type Said,
  severityIn,
  textIn,
  textsOf,
  timeIn,
} from './format.ts';
import { kubernetesEvent } from './kubernetes-event.ts';

/** Sources by `etype`. */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ['k8s.event', 'event'],
  ['k8s.log', 'log'],
  ['prom.alert', 'alert'],
]);

/** Alerts of the receiver before this one are told to be over in words alone. */
const RESOLVED = /^\W*(?:alert \S+ is )?resolved\b/i;

function normalized(record: unknown, otherwise: string, context: IntakeContext): Said {
  if (!isRecord(record)) return refused('not a JSON object');
  const { subject: told, severity: word } = record;
  const kubernetes = fieldsOf(record['kubernetes']);
  const subject = subjectFrom(fieldsOf(told), kubernetes);
  if (subject === undefined) return refused('the subject needs a kind and a name');
  const known = severityIn(word, 'info');
  if (known === undefined) return refused(`severity ${JSON.stringify(word)} is not known`);
  const etype = textIn(record, 'etype') ?? otherwise;
  const source = SOURCES.get(etype) ?? etype;
  const reason = textIn(record, 'reason');
  const message = textIn(record, 'message');
  const isAlert = source === 'alert';
  const isOver = isAlert && RESOLVED.test(message ?? '');
  return occur(
    context.clusterOf(textIn(record, 'cluster', 'client_id')),
    present({
      id: textIn(record, 'event_id'),
      source,
      subject,
      severity: isOver ? 'info' : known,
      reason,
      message,
      occurredAt: timeIn(record['event_time'], context),
      attributes: attributesOf({
        ...(isAlert && {
          alertname: reason,
          status: isOver ? 'resolved' : 'firing',
          fingerprint: contentId([reason, subject.kind, subject.namespace, subject.name]),
        }),
        ...textsOf(record['source']),
        ...containerIn(kubernetes),
        ...groupIn(fieldsOf(record['enrichment'])),
        client: textIn(record, 'client_id'),
      }),
    }),
    context,
  );
}

function subjectFrom(told: Fields, kubernetes: Fields): Occurrence['subject'] | undefined {
  const kind = textIn(told, 'kind') ?? (textIn(kubernetes, 'pod_name') && 'Pod');
  const name = textIn(told, 'name') ?? textIn(kubernetes, 'pod_name');
  if (!kind || name === undefined) return undefined;
  const namespace = textIn(told, 'ns', 'namespace') ?? textIn(kubernetes, 'pod_namespace', 'namespace_name');
  const uid = textIn(told, 'uid') ?? (kind === 'Pod' ? textIn(kubernetes, 'pod_uid', 'pod_id') : undefined);
  const written = kind.slice(0, 1).toUpperCase() + kind.slice(1);
  return { kind: written, name, ...present({ namespace, uid }) } as Occurrence['subject'];
}

function containerIn(kubernetes: Fields): object {
  return { container: textIn(kubernetes, 'container_name'), node: textIn(kubernetes, 'pod_node_name', 'host') };
}

/** What the enricher adds that says more than the graph does: who belongs together by name and time. */
function groupIn(enrichment: Fields): object {
  return { groupId: textIn(enrichment, 'group_id'), groupCount: textIn(enrichment, 'group_count') };
}

/** Raw Kubernetes Events come in this topic as well. */
export const eventsNormalized: Format = {
  name: 'events.normalized',
  title: 'Messages of the topic events.normalized, and Kubernetes Events in it',
  adapt: (record, context) =>
    isRecord(record) && isRecord(record['involvedObject'] ?? record['regarding'])
      ? kubernetesEvent.adapt(record, context)
      : normalized(record, 'k8s.event', context),
};

export const logsNormalized: Format = {
  name: 'logs.normalized',
  title: 'Messages of the topic logs.normalized',
  adapt: (record, context) => normalized(record, 'k8s.log', context),
};

export const alertsEnriched: Format = {
  name: 'alerts.enriched',
  title: 'Messages of the topic alerts.enriched',
  adapt: (record, context) => normalized(record, 'prom.alert', context),
};

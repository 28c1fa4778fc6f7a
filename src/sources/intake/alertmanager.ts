/**
 * Alerts: the webhook of Alertmanager (payload version 4, Grafana's likewise), and the bare list that Prometheus sends to an Alertmanager
 * (`POST /api/v2/alerts`). An alert is known by its fingerprint and when it began, so that what is sent again is one, and what is told to be over
 * takes the place of what fires.
 */
import type { Severity } from '../../model/change.ts';
import { compareTime } from '../../model/time.ts';
import { isRecord } from '../change-from-json.ts';
import {
  attributesOf,
  contentId,
  type Fields,
  type Format,
  fieldsOf,
  type IntakeContext,
  occur,
  refused,
  type Said,
  severityIn,
  textIn,
  textsOf,
  timeIn,
} from './format.ts';
import { subjectIn } from './subjects.ts';

export const alertmanager: Format = {
  name: 'alertmanager',
  title: 'Webhook of Alertmanager or Grafana, and alerts as Prometheus sends them',
  records(document) {
    if (isRecord(document) && Array.isArray(document['alerts'])) {
      const { alerts, ...group } = document;
      return (alerts as readonly unknown[]).map((alert) => ({ ...group, alerts: [alert] }));
    }
    if (isRecord(document) && isRecord(document['labels'])) return [document];
    return { reason: 'neither a webhook of Alertmanager ("alerts" is missing) nor an alert ("labels" is missing)' };
  },
  adapt(record, context): Said {
    const fields = fieldsOf(record);
    const list = fields['alerts'];
    const alert: unknown = Array.isArray(list) ? list[0] : record;
    if (!isRecord(alert) || !isRecord(alert['labels'])) return refused('the alert has no labels');
    return alertFrom(alert, fields, context);
  },
};

function alertFrom(alert: Fields, group: Fields, context: IntakeContext): Said {
  const labels = textsOf(alert['labels']);
  const annotations = textsOf(alert['annotations']);
  const name = labels['alertname'];
  if (name === undefined || name === '') return refused('the alert has no label alertname');
  const startsAt = timeIn(alert['startsAt'], context);
  const endsAt = timeIn(alert['endsAt'], { now: '9999-12-31T23:59:59Z' });
  const isOver = isResolved(alert, endsAt, context);
  const message = annotations['description'] || annotations['message'] || annotations['summary'] || '';
  const fingerprint = textIn(alert, 'fingerprint') ?? contentId(Object.entries(labels).sort());
  const occurredAt = isOver ? (endsAt ?? context.now) : startsAt;
  return occur(
    context.clusterOf(labels['cluster']),
    {
      id: `${fingerprint}:${startsAt ?? ''}`,
      source: 'alert',
      subject: subjectIn(labels) ?? {
        kind: 'Alert',
        name,
        ...(labels['namespace'] && { namespace: labels['namespace'] }),
      },
      severity: isOver ? 'info' : severityOf(labels['severity']),
      reason: name,
      message: isOver ? `Resolved: ${message || name}` : message || name,
      ...(occurredAt !== undefined && { occurredAt }),
      attributes: attributesOf({
        status: isOver ? 'resolved' : 'firing',
        fingerprint,
        startsAt,
        ...(isOver && { endsAt: endsAt ?? context.now }),
        labels,
        annotations,
        generatorURL: textIn(alert, 'generatorURL'),
        receiver: textIn(group, 'receiver'),
        groupKey: textIn(group, 'groupKey'),
      }),
    },
    context,
  );
}

/** Prometheus gives every alert a time at which it ends unless it is sent again; one that lies behind says that it is over. */
function isResolved({ status }: Fields, endsAt: string | undefined, { now }: IntakeContext): boolean {
  if (typeof status === 'string') return status.toLowerCase() === 'resolved';
  return endsAt !== undefined && compareTime(endsAt, now) <= 0;
}

/** Whoever writes a rule means something by it, whatever he calls its severity. */
function severityOf(word: string | undefined): Severity {
  return severityIn(word, 'warning') ?? 'warning';
}

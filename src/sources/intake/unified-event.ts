/** UnifiedEvent: what the pipeline of those collectors makes of a RawEvent, with the entity or the Kubernetes context that it is about. */
import type { Occurrence } from '../../model/change.ts';
import { isRecord } from '../change-from-json.ts';
import {
  attributesOf,
  type Fields,
  type Format,
  fieldsOf,
  occur,
  present,
  refused,
  type Said,
  severityIn,
  textIn,
  textsOf,
  timeIn,
} from './format.ts';

export const unifiedEvent: Format = {
  name: 'unified-event',
  title: 'UnifiedEvent, with an entity or a Kubernetes context',
  adapt(record, context): Said {
    if (!isRecord(record)) return refused('not a JSON object');
    const k8s = fieldsOf(record['k8s_context'] ?? record['K8sContext'] ?? record['k8sContext'] ?? record['kubernetes']);
    const subject = subjectIn(k8s) ?? subjectIn(fieldsOf(record['entity'] ?? record['Entity']));
    if (subject === undefined) return refused('neither k8s_context nor entity names whom it is about');
    const severity = severityIn(record['severity'] ?? record['Severity'], 'info');
    if (severity === undefined)
      return refused(`severity "${String(record['severity'] ?? record['Severity'])}" is not known`);
    const type = textIn(record, 'type', 'Type');
    const semantic = fieldsOf(record['semantic']);
    return occur(
      context.clusterOf(textIn(k8s, 'cluster_name', 'ClusterName')),
      present({
        id: textIn(record, 'id', 'ID'),
        source: textIn(record, 'source', 'Source') ?? 'collector',
        subject,
        severity,
        reason: textIn(k8s, 'reason') ?? textIn(record, 'reason') ?? type,
        message: textIn(record, 'message', 'Message'),
        occurredAt: timeIn(record['timestamp'] ?? record['Timestamp'], context),
        attributes: attributesOf({
          type,
          category: textIn(record, 'category'),
          intent: textIn(semantic, 'intent'),
          node: textIn(k8s, 'node_name', 'NodeName'),
          ...textsOf(record['metadata'] ?? record['Metadata']),
          ...textsOf(record['attributes']),
        }),
      }),
      context,
    );
  },
};

/** As the documents write it, or as Go does. */
function subjectIn(fields: Fields): Occurrence['subject'] | undefined {
  const kind = textIn(fields, 'kind', 'Kind', 'type', 'Type', 'object_kind');
  const name = textIn(fields, 'name', 'Name', 'object');
  if (kind === undefined || name === undefined) return undefined;
  const namespace = textIn(fields, 'namespace', 'Namespace');
  const uid = textIn(fields, 'uid', 'UID', 'object_uid');
  const apiVersion = textIn(fields, 'api_version', 'APIVersion');
  const written = kind.slice(0, 1).toUpperCase() + kind.slice(1);
  return { kind: written, name, ...present({ namespace, uid, apiVersion }) } as Occurrence['subject'];
}

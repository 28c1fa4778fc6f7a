/**
 * Kubernetes Events as kubernetes-event-exporter sends them (resmoio, opsgenie: the Event with more about its object, and the cluster's name), as the API
 * serves them in both groups, and as watch events. Each is the Event object that it was, so that who sees it here and by watching sees one.
 */
import type { KubeObject } from '../../model/change.ts';
import { isRecord } from '../change-from-json.ts';
import { type Fields, type Format, fieldsOf, refused, type Said, textIn } from './format.ts';

export const kubernetesEvent: Format = {
  name: 'kubernetes-event',
  title: 'Kubernetes Events, as kubernetes-event-exporter or the API has them',
  adapt(record, context): Said {
    const watched = fieldsOf(record);
    const isWatched = typeof watched['type'] === 'string' && isRecord(watched['object']);
    const event: unknown = isWatched ? watched['object'] : record;
    if (!isRecord(event)) return refused('not a JSON object');
    if (typeof event['kind'] === 'string' && event['kind'] !== 'Event')
      return refused(`a ${event['kind']} is no Event`);
    const object = objectFrom(event);
    if (typeof object === 'string') return refused(object);
    const cluster = context.clusterOf(textIn(event, 'clusterName'));
    const isGone = (isWatched && watched['type'] === 'DELETED') || event['deleted'] === true;
    return { changes: [{ type: isGone ? 'delete' : 'apply', at: context.now, cluster, object }] };
  },
};

/** The Event itself, or what it lacks. */
function objectFrom(event: Fields): KubeObject | string {
  const { clusterName: _, apiVersion, metadata, ...rest } = event;
  const name = textIn(fieldsOf(metadata), 'name');
  if (name === undefined) return 'the Event has no metadata.name';
  const isNew = isRecord(event['regarding']);
  const key = isNew ? 'regarding' : 'involvedObject';
  const about = fieldsOf(event[key]);
  if (textIn(about, 'kind') === undefined || textIn(about, 'name') === undefined)
    return `the Event's ${key} needs a kind and a name`;
  const {
    labels: _labels,
    annotations: _annotations,
    ownerReferences: _owners,
    deleted: _deleted,
    ...reference
  } = about;
  return {
    ...rest,
    apiVersion: typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : isNew ? 'events.k8s.io/v1' : 'v1',
    kind: 'Event',
    metadata: withoutNull(metadata) as never,
    [key]: reference,
  };
}

/** Go writes null for times that there are none. */
function withoutNull(value: unknown): Fields {
  return Object.fromEntries(Object.entries(fieldsOf(value)).filter(([, each]) => each !== null));
}

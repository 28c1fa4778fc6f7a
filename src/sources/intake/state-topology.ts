/**
 * Messages of the topic `state.k8s.topology`: `{op, at, cluster, id, from, to, type}`, an edge that somebody else derived. The graph derives its own edges
 * from objects, and one that no object supports has no place among them; so each message is an object of kind TopologyLink, which relates to both ends
 * and tells the type. No value, or op DELETE, deletes.
 */
import { type KubeObject, objectRef } from '../../model/change.ts';
import { isRecord } from '../change-from-json.ts';
import { type Format, fieldsOf, present, refused, type Said, textIn } from './format.ts';
import { isGone, keyedFrom } from './keyed.ts';
import { kindFrom } from './state-resource.ts';

export const stateTopology: Format = {
  name: 'state.k8s.topology',
  title: 'Messages of the topic state.k8s.topology',
  adapt(record, context): Said {
    const { key, value } = keyedFrom(record, context);
    if (value !== null && value !== '' && !isRecord(value)) return refused('not a JSON object');
    const fields = fieldsOf(value);
    const from = endFrom(textIn(fields, 'from'));
    const to = endFrom(textIn(fields, 'to'));
    const id = textIn(fields, 'id') ?? key ?? (from && to && `edge:${textIn(fields, 'from')}->${textIn(fields, 'to')}`);
    if (id === undefined) return refused('neither id nor a key names the edge');
    const at = { at: context.now, cluster: context.clusterOf(textIn(fields, 'cluster', 'client_id')) };
    const ref = {
      ...objectRef({ group: GROUP, kind: 'TopologyLink', namespace: '', name: id, uid: '' }),
      apiVersion: VERSION,
    };
    if (isGone(value)) return { changes: [{ type: 'delete', ...at, object: ref }] };
    const type = textIn(fields, 'type');
    if (type === undefined) return refused('the edge has no type');
    if (from === undefined || to === undefined)
      return refused(`${from === undefined ? 'from' : 'to'} is no reference like pod:NAMESPACE:NAME or node:NAME`);
    const object = { ...ref, spec: { type, from, to } } as unknown as KubeObject;
    return { changes: [{ type: 'apply', ...at, object }] };
  },
};

export const GROUP = 'kube-kg.dev';
export const VERSION = `${GROUP}/v1`;

/** `pod:shop:web-1`, `node:n1`, `node::n1`, `Pod/shop/web-1`. */
function endFrom(text: string | undefined): object | undefined {
  const [word, ...names] = (text ?? '').split(text?.includes('/') ? '/' : ':');
  const named = kindFrom(word);
  const [first = '', second] = names;
  if (named === undefined || names.length === 0 || names.length > 2) return undefined;
  if (second !== undefined) return second === '' ? undefined : present({ ...named, namespace: first, name: second });
  return first !== '' && CLUSTER_SCOPED.has(named.kind) ? { ...named, name: first } : undefined;
}

const CLUSTER_SCOPED = new Set(['Node', 'Namespace', 'PersistentVolume', 'StorageClass', 'IngressClass']);

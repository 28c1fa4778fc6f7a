/**
 * What Prometheus watches and by which rules: messages of the topics `state.prom.targets` and `state.prom.rules`, and the answers of its own API
 * (`/api/v1/targets`, `/api/v1/rules`). Each target and each rule is an object, of kind PromTarget and PromRule. No value, or op DELETE, deletes.
 */
import { type KubeObject, objectRef } from '../../model/change.ts';
import { isRecord } from '../change-from-json.ts';
import { type Fields, type Format, fieldsOf, present, refused, type Said, textIn, textsOf } from './format.ts';
import { isGone, keyedFrom } from './keyed.ts';
import { GROUP, VERSION } from './state-topology.ts';

type Texts = Readonly<Record<string, string>>;

/** The object that a message is about, as far as kinds of messages differ. */
interface Row {
  readonly kind: string;
  /** Its name, where no key says it; undefined: it has none. */
  readonly name: (fields: Fields, labels: Texts) => string | undefined;
  readonly spec: (fields: Fields, labels: Texts) => object;
  readonly status: (fields: Fields) => object;
}

const adapterFor =
  ({ kind, name, spec, status }: Row): Format['adapt'] =>
  (record, context): Said => {
    const { key, value } = keyedFrom(record, context);
    if (value !== null && value !== '' && !isRecord(value)) return refused('not a JSON object');
    const fields = fieldsOf(value);
    const labels = textsOf(fields['labels']);
    const named = key ?? name(fields, labels);
    if (named === undefined) return refused(`neither a key nor its content names the ${kind}`);
    const at = { at: context.now, cluster: context.clusterOf(textIn(fields, 'cluster', 'client_id')) };
    const ref = { ...objectRef({ group: GROUP, kind, namespace: '', name: named, uid: '' }), apiVersion: VERSION };
    if (isGone(value)) return { changes: [{ type: 'delete', ...at, object: ref }] };
    const object = {
      ...ref,
      spec: present(spec(fields, labels)),
      status: present(status(fields)),
    } as unknown as KubeObject;
    return { changes: [{ type: 'apply', ...at, object }] };
  };

/** The Service and the pod that labels name; where no Service is named, the job is mostly called like it. */
function aboutIn({ namespace, service, job, pod }: Texts): object {
  return { namespace, service: service || job, pod };
}

export const prometheusTargets: Format = {
  name: 'state.prom.targets',
  title: 'Targets of Prometheus, from the topic or its API',
  records(document) {
    const active = fieldsOf(fieldsOf(document)['data'])['activeTargets'];
    return Array.isArray(active) ? active : [document];
  },
  adapt: adapterFor({
    kind: 'PromTarget',
    name: (fields, { job = '', namespace = '', service = '', instance = '' }) =>
      instance === '' && job === ''
        ? undefined
        : [textIn(fields, 'cluster') ?? '', job, namespace, service, instance].join('|'),
    spec: (fields, labels) => ({
      scrapeUrl: textIn(fields, 'scrapeUrl'),
      job: labels['job'],
      instance: labels['instance'],
      ...aboutIn(labels),
      labels,
    }),
    status: (fields) => ({
      health: textIn(fields, 'health')?.toLowerCase(),
      lastScrape: textIn(fields, 'lastScrape'),
      lastError: textIn(fields, 'lastError'),
    }),
  }),
};

export const prometheusRules: Format = {
  name: 'state.prom.rules',
  title: 'Rules of Prometheus, from the topic or its API',
  records(document) {
    const groups = fieldsOf(fieldsOf(document)['data'])['groups'];
    if (!Array.isArray(groups)) return [document];
    return groups.map(fieldsOf).flatMap(({ name, rules }) => {
      const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
      return list.map((rule) => (isRecord(rule) ? { group: name, ...rule } : rule));
    });
  },
  adapt: adapterFor({
    kind: 'PromRule',
    name: (fields) => {
      const rule = textIn(fields, 'rule', 'alert', 'name', 'record');
      return rule === undefined ? undefined : [textIn(fields, 'group') ?? '', rule].join('|');
    },
    spec: (fields, labels) => ({
      group: textIn(fields, 'group'),
      rule: textIn(fields, 'rule', 'alert', 'name', 'record'),
      type: textIn(fields, 'type')?.toLowerCase(),
      expr: textIn(fields, 'expr', 'query'),
      ...aboutIn(labels),
      labels,
      annotations: textsOf(fields['annotations']),
    }),
    status: (fields) => ({
      state: textIn(fields, 'state'),
      health: textIn(fields, 'health'),
      lastError: textIn(fields, 'lastError'),
    }),
  }),
};

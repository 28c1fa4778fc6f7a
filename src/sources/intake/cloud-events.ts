/**
 * CloudEvents 1.0 (JSON format; one, a batch, or in binary mode, whose headers become the same form). Their data may be an occurrence of our own, a
 * Kubernetes object (as Knative's ApiServerSource sends them), or anything: then the event is an occurrence of what its attributes say.
 */
import { groupOf, type KubeObject, type Occurrence } from '../../model/change.ts';
import { canonicalKind, isEvent } from '../../model/groups.ts';
import { isRecord } from '../change-from-json.ts';
import {
  attributesOf,
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
import { occurrences } from './occurrences.ts';
import { subjectFromTitle, subjectIn } from './subjects.ts';

const OBJECT_TYPE = /^dev\.knative\.apiserver\.resource\.(add|update|delete)$/;

export const cloudEvents: Format = {
  name: 'cloudevents',
  title: 'CloudEvents 1.0: structured, batched or binary',
  adapt(record, context): Said {
    if (!isRecord(record)) return refused('not a JSON object');
    const { specversion } = record;
    if (typeof specversion !== 'string' || !specversion.startsWith('1.'))
      return refused(`specversion is ${JSON.stringify(specversion ?? null)}; CloudEvents 1.0 are taken`);
    const id = textIn(record, 'id');
    const source = textIn(record, 'source');
    const type = textIn(record, 'type');
    if (id === undefined || source === undefined || type === undefined)
      return refused('a CloudEvent needs id, source and type');
    const data = dataOf(record);
    if (data === undefined) return refused('data_base64 is no base64 of JSON or text');
    const about = { id: `${source}#${id}`, source, type };
    if (isRecord(data)) {
      if (typeof data['source'] === 'string' && data['subject'] !== undefined)
        return occurrences.adapt({ time: record['time'], ...data, id: about.id }, context);
      if (typeof data['apiVersion'] === 'string' && isRecord(data['metadata'])) return objectFrom(data, type, context);
    }
    return occurrenceFrom(record, data, about, context);
  },
};

/** `data`, or what `data_base64` holds; null where there is none. */
function dataOf({ data, data_base64: encoded }: Fields): unknown {
  if (typeof encoded !== 'string') return data ?? null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  if (text.includes('\uFFFD')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function objectFrom(object: Fields, type: string, context: IntakeContext): Said {
  const { apiVersion, kind } = object;
  if (isEvent(canonicalKind(groupOf(String(apiVersion)), String(kind)))) return kubernetesEvent.adapt(object, context);
  const [, verb] = OBJECT_TYPE.exec(type) ?? [];
  if (verb === undefined)
    return refused(`data is a ${String(kind)}, and type "${type}" does not say what became of it`);
  const change = {
    type: verb === 'delete' ? 'delete' : 'apply',
    at: context.now,
    cluster: context.clusterOf(undefined),
  } as const;
  return { changes: [{ ...change, object: object as unknown as KubeObject }] };
}

const CORE = new Set('specversion id source type subject time datacontenttype dataschema data data_base64'.split(' '));

function occurrenceFrom(
  record: Fields,
  data: unknown,
  { id, source, type }: Readonly<Record<'id' | 'source' | 'type', string>>,
  context: IntakeContext,
): Said {
  const fields = fieldsOf(data);
  const extensions = Object.fromEntries(Object.entries(record).filter(([name]) => !CORE.has(name)));
  const said = textIn(fields, 'severity', 'level') ?? textIn(extensions, 'severity', 'level');
  const occurredAt = timeIn(record['time'], context);
  return occur(
    context.clusterOf(textIn(fields, 'cluster') ?? textIn(extensions, 'cluster')),
    present({
      id,
      source,
      subject: subjectOf(record, fields, source),
      severity: severityIn(said, 'info') ?? 'info',
      reason: textIn(fields, 'reason') ?? type,
      message: typeof data === 'string' ? data : textIn(fields, 'message', 'text', 'description', 'summary'),
      occurredAt,
      attributes: attributesOf({ eventType: type, ...extensions, ...textsOf(fields) }),
    }),
    context,
  );
}

function subjectOf({ subject }: Fields, data: Fields, source: string): Occurrence['subject'] {
  const told = data['subject'];
  const own = fieldsOf(told);
  if (typeof own['kind'] === 'string' && typeof own['name'] === 'string')
    return present(textsOf({ ...own, labels: undefined })) as never;
  for (const text of [told, subject]) {
    const named = typeof text === 'string' ? (subjectFromTitle(text) ?? subjectFromPath(text)) : undefined;
    if (named) return named;
  }
  return (
    subjectIn(textsOf(data)) ?? { kind: 'Unknown', name: typeof subject === 'string' && subject ? subject : source }
  );
}

const PLURALS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pods: 'Pod',
    services: 'Service',
    nodes: 'Node',
    namespaces: 'Namespace',
    configmaps: 'ConfigMap',
    secrets: 'Secret',
    deployments: 'Deployment',
    statefulsets: 'StatefulSet',
    daemonsets: 'DaemonSet',
    replicasets: 'ReplicaSet',
    jobs: 'Job',
    cronjobs: 'CronJob',
    ingresses: 'Ingress',
    persistentvolumeclaims: 'PersistentVolumeClaim',
  }),
);

/** An address of the API: `/apis/v1/namespaces/shop/pods/web-1`. */
function subjectFromPath(path: string): Occurrence['subject'] | undefined {
  const [, namespace, plural = '', name] =
    /^\/apis?\/(?:[\w.-]+\/)?v\w+\/(?:namespaces\/([\w.-]+)\/)?([a-z]+)\/([\w.-]+)$/.exec(path) ?? [];
  const kind = PLURALS.get(plural);
  return kind === undefined || name === undefined ? undefined : { kind, name, ...(namespace && { namespace }) };
}

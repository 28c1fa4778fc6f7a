/**
 * RawEvent: what collectors of kubelets, eBPF, CNI and configuration send, with data of their own inside. Fields as the documents write them
 * (`timestamp`) or as Go does (`Timestamp`), data as JSON, as its text, or as base64 of it. Each type of collector is a row: what of the data it is about
 * and what that means.
 */
import type { Json, Occurrence, Severity } from '../../model/change.ts';
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
import { subjectIn } from './subjects.ts';

export const rawEvent: Format = {
  name: 'raw-event',
  title: 'RawEvent of collectors (kubelet, eBPF, CNI, configuration)',
  records(document) {
    if (!isRecord(document)) return [document];
    const data = document['data'] ?? document['Data'];
    return typeof data === 'string' ? [{ ...document, data: decoded(data) }] : [document];
  },
  adapt(record, context): Said {
    if (!isRecord(record)) return refused('not a JSON object');
    const type = textIn(record, 'type', 'Type');
    if (type === undefined) return refused('the event has no type');
    const data = record['data'] ?? record['Data'];
    if (data !== undefined && data !== null && !isRecord(data))
      return refused('data is not a JSON object, nor base64 or text of one');
    const metadata = textsOf(record['metadata'] ?? record['Metadata']);
    const fields = fieldsOf(data);
    const meaning = meaningOf(type, fields);
    const subject = subjectOf(meaning, fields, metadata);
    if (subject === undefined) return refused(`nothing in data or metadata names whom the ${type} is about`);
    const occurredAt = timeIn(record['timestamp'] ?? record['Timestamp'], context);
    return occur(
      context.clusterOf(metadata['cluster'] ?? metadata['cluster_name']),
      present({
        source: textIn(record, 'source', 'Source') ?? metadata['collector'] ?? metadata['source'] ?? 'collector',
        subject,
        severity: meaning.severity,
        reason: meaning.reason,
        message: meaning.message,
        occurredAt,
        attributes: attributesOf({
          type: meaning.type,
          rawType: type,
          node: metadata['node'],
          peer: meaning.peer,
          traceId: textIn(record, 'trace_id', 'traceId', 'TraceID'),
          spanId: textIn(record, 'span_id', 'spanId', 'SpanID'),
          ...meaning.attributes,
          data: fields as Json,
        }),
      }),
      context,
    );
  },
};

/** JSON, written as text or as base64 of it; the text itself where it is neither. */
function decoded(text: string): unknown {
  for (const json of [text, Buffer.from(text, 'base64').toString('utf8')])
    try {
      return JSON.parse(json);
    } catch {}
  return text;
}

interface Meaning {
  /** Canonical type of what happened. */
  readonly type: string;
  readonly severity: Severity;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** Whom it is about, where a collector's type tells it. */
  readonly about?: Occurrence['subject'] | undefined;
  /** The Service at the other end of a connection. */
  readonly peer?: string | undefined;
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** Types of collectors, in lower case without separators. */
const meanings: ReadonlyMap<string, (data: Fields) => Meaning> = new Map(
  Object.entries({
    podstatusupdate: podStatus,
    podready: (data) => ({ type: 'pod_ready', severity: 'info', reason: 'PodReady', about: podIn(data) }),
    networkconnection: connection,
    networkpolicy: (data) => ({
      type: 'network_policy_violation',
      severity: 'warning',
      reason: textIn(data, 'reason') ?? 'NetworkPolicyViolation',
      message:
        textIn(data, 'message') ??
        `${textIn(data, 'src_pod', 'pod') ?? 'traffic'} was blocked by ${textIn(data, 'policy', 'network_policy') ?? 'a network policy'}`,
      about: podIn(data),
      peer: peerIn(data),
    }),
    configmapupdate: (data) => changed('config_changed', 'ConfigMap', data),
    secretupdate: (data: Fields) => changed('secret_changed', 'Secret', data),
  } satisfies Record<string, (data: Fields) => Meaning>),
);

function meaningOf(rawType: string, data: Fields): Meaning {
  const row = meanings.get(rawType.toLowerCase().replaceAll(/[^a-z]/g, ''));
  if (row) return row(data);
  const said = textIn(data, 'severity', 'level');
  return {
    type: rawType,
    severity: severityIn(said, textIn(data, 'reason') === 'OOMKilled' ? 'critical' : 'info') ?? 'info',
    reason: textIn(data, 'reason') ?? rawType,
    message: textIn(data, 'message', 'error', 'text'),
  };
}

function podStatus(data: Fields): Meaning {
  const pod = textIn(data, 'pod', 'name') ?? 'pod';
  const reason = textIn(data, 'reason');
  const containers = Array.isArray(data['containers']) ? data['containers'].map(fieldsOf) : [];
  const ended = containers.map((one) => fieldsOf(fieldsOf(one['lastState'])['terminated']));
  const oom = reason === 'OOMKilled' || ended.some((one) => one['reason'] === 'OOMKilled');
  const restarted = containers.find((one) => Number(one['restartCount']) > 0);
  const about = podIn(data);
  const exitCode = ended.map((one) => one['exitCode']).find((code) => typeof code === 'number');
  const attributes = { ...(typeof exitCode === 'number' && { exitCode }) };
  if (data['phase'] === 'Failed')
    return {
      type: 'pod_failed',
      severity: oom ? 'critical' : 'error',
      reason: reason ?? 'PodFailed',
      message: `Pod ${pod} failed: ${reason ?? 'no reason was given'}`,
      about,
      attributes,
    };
  if (restarted)
    return {
      type: 'pod_restart',
      severity: 'warning',
      reason:
        reason ?? textIn(ended.find((one) => one['reason'] !== undefined) ?? {}, 'reason') ?? 'ContainerRestarted',
      message: `Container ${textIn(restarted, 'name') ?? 'of the pod'} restarted ${String(restarted['restartCount'])} times`,
      about,
      attributes: { ...attributes, restartCount: Number(restarted['restartCount']) },
    };
  return { type: 'pod_status', severity: 'info', reason: reason ?? textIn(data, 'phase') ?? 'PodStatusUpdate', about };
}

function connection(data: Fields): Meaning {
  const state = textIn(data, 'state') ?? '';
  const isOpen = /established|connected|closed|^ok$/i.test(state);
  const without = /no.?endpoints|service.?unavailable/i.test(state);
  const peer = peerIn(data);
  const attempts = data['attempts'];
  const count = typeof attempts === 'number' ? `, ${attempts} attempts` : '';
  return {
    type: isOpen ? 'connection_open' : without ? 'service_unavailable' : 'connection_failed',
    severity: isOpen ? 'info' : 'error',
    reason: isOpen ? 'ConnectionOpen' : without ? 'ServiceUnavailable' : 'ConnectionFailed',
    message: `${textIn(data, 'protocol') ?? 'TCP'} to ${peer ?? 'its peer'}: ${state.replaceAll('_', ' ') || 'no connection'}${count}`,
    about:
      without && peer !== undefined
        ? { kind: 'Service', name: peer, ...namespaceIn(data, 'dst_namespace') }
        : podIn(data),
    peer,
  };
}

function changed(type: string, kind: string, data: Fields): Meaning {
  const name = textIn(data, 'name', kind.toLowerCase(), 'config_map', 'configmap', 'secret');
  return {
    type,
    severity: 'info',
    reason: textIn(data, 'reason') ?? `${kind}Changed`,
    message: textIn(data, 'message') ?? `${kind} ${name ?? ''} was modified`,
    about: name === undefined ? undefined : { kind, name, ...namespaceIn(data, 'namespace') },
  };
}

function namespaceIn(data: Fields, ...names: readonly string[]): { readonly namespace?: string } {
  const namespace = textIn(data, ...names, 'namespace');
  return namespace === undefined ? {} : { namespace };
}

function podIn(data: Fields): Occurrence['subject'] | undefined {
  const name = textIn(data, 'pod', 'src_pod', 'pod_name', 'name');
  const uid = textIn(data, 'pod_uid', 'uid');
  return name === undefined
    ? undefined
    : { kind: 'Pod', name, ...namespaceIn(data, 'src_namespace'), ...(uid && { uid }) };
}

function peerIn(data: Fields): string | undefined {
  return textIn(data, 'dst_service', 'dst_pod', 'dst', 'destination');
}

/** Whom the data names, by any of the names that labels have; or the node that tells of it. */
function subjectOf(
  { about }: Meaning,
  data: Fields,
  metadata: Readonly<Record<string, string>>,
): Occurrence['subject'] | undefined {
  if (about)
    return about.namespace === undefined && metadata['namespace']
      ? { ...about, namespace: metadata['namespace'] }
      : about;
  const named = textIn(data, 'kind') && textIn(data, 'name');
  if (named) return { kind: String(data['kind']), name: String(data['name']), ...namespaceIn(data, 'namespace') };
  return (
    subjectIn({
      ...textsOf(data),
      ...(data['namespace'] === undefined && metadata['namespace'] ? { namespace: metadata['namespace'] } : {}),
    }) ??
    (metadata['pod']
      ? { kind: 'Pod', name: metadata['pod'], ...(metadata['namespace'] && { namespace: metadata['namespace'] }) }
      : undefined) ??
    (metadata['node'] ? { kind: 'Node', name: metadata['node'] } : undefined)
  );
}

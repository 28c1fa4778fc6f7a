/**
 * OTLP/HTTP logs, ExportLogsServiceRequest of opentelemetry-proto v1: JSON as it is written (lowerCamelCase, 64-bit integers as text), or what
 * otlp-protobuf.ts makes of the other encoding. A log record is a record; resource and scope go with each.
 */
import type { Json, Occurrence, Severity } from '../../model/change.ts';
import { severityFrom, severityFromNumber } from '../../model/severity.ts';
import { type Time, timeOfMicroseconds } from '../../model/time.ts';
import { earlier, isRecord } from '../change-from-json.ts';
import { severityOfText } from '../logs/severity.ts';
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
  textIn,
} from './format.ts';
import { subjectIn } from './subjects.ts';

export const otlpLogs: Format = {
  name: 'otlp-logs',
  title: 'Logs of OpenTelemetry, OTLP/HTTP in JSON or protobuf',
  records(document) {
    if (!isRecord(document)) return { reason: 'not an ExportLogsServiceRequest' };
    const { resourceLogs = [] } = document;
    return Array.isArray(resourceLogs) ? recordsIn(resourceLogs) : { reason: '"resourceLogs" is not a list' };
  },
  adapt(record, context): Said {
    const [of] = listIn(fieldsOf(record), 'resourceLogs');
    const [scope] = listIn(fieldsOf(of), 'scopeLogs');
    const [log] = listIn(fieldsOf(scope), 'logRecords');
    if (!isRecord(log)) return refused('the log record is not an object');
    return occurrenceFrom(log, fieldsOf(fieldsOf(of)['resource']), fieldsOf(fieldsOf(scope)['scope']), context);
  },
};

function* recordsIn(resourceLogs: readonly unknown[]): Iterable<unknown> {
  for (const each of resourceLogs) {
    const { resource } = fieldsOf(each);
    for (const inner of listIn(fieldsOf(each), 'scopeLogs')) {
      const { scope } = fieldsOf(inner);
      for (const logRecord of listIn(fieldsOf(inner), 'logRecords'))
        yield { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [logRecord] }] }] };
    }
  }
}

function listIn(fields: Fields, name: string): readonly unknown[] {
  const list = fields[name];
  return Array.isArray(list) ? list : [];
}

type Attributes = Readonly<Record<string, Json>>;

function occurrenceFrom(log: Fields, resource: Fields, scope: Fields, context: IntakeContext): Said {
  const own = attributesIn(log['attributes']);
  const { values, texts } = resourceOf(resource);
  const body = jsonOf(log['body']);
  const message = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body);
  const labels = { ...texts, ...scalars(own) };
  const subject = subjectOf(labels);
  if (subject === undefined)
    return refused(
      'neither resource nor attributes name who logs: k8s.pod.name, service.name or another of them is needed',
    );
  const reason = textIn(log, 'eventName') ?? textIn(own, 'event.name', 'k8s.event.reason', 'exception.type');
  const occurredAt = nanoseconds(log['timeUnixNano'], context) ?? nanoseconds(log['observedTimeUnixNano'], context);
  return occur(
    context.clusterOf(labels['k8s.cluster.name']),
    {
      id: textIn(own, 'log.record.uid') ?? contentId([subject, log]),
      source: 'log',
      subject,
      severity: severityOf(log, message),
      ...(reason !== undefined && { reason }),
      message,
      ...(occurredAt !== undefined && { occurredAt }),
      attributes: attributesOf({
        ...own,
        resource: values,
        scope: textIn(scope, 'name'),
        traceId: textIn(log, 'traceId'),
        spanId: textIn(log, 'spanId'),
      }),
    },
    context,
  );
}

/** Who logs; for Events that a collector reads, the object that they are about. */
function subjectOf(labels: Readonly<Record<string, string>>): Occurrence['subject'] | undefined {
  const {
    'k8s.object.kind': kind,
    'k8s.object.name': name,
    'k8s.object.uid': uid,
    'k8s.namespace.name': namespace,
  } = labels;
  if (kind && name) return { kind, name, ...(namespace && { namespace }), ...(uid && { uid }) };
  return subjectIn(labels, { podFirst: true });
}

/** A number says more exactly what a text means; without both, the words of the message do. */
function severityOf({ severityNumber, severityText }: Fields, message: string): Severity {
  const byNumber = typeof severityNumber === 'string' ? SEVERITY_NAMES.get(severityNumber) : Number(severityNumber);
  const said = typeof severityText === 'string' ? severityFrom(severityText) : undefined;
  return severityFromNumber(byNumber ?? 0) ?? said ?? severityOfText(message).severity;
}

/** Enumerations are numbers in OTLP's JSON; some write the names. */
const SEVERITY_NAMES: ReadonlyMap<string, number> = new Map(
  ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((word, of) =>
    [1, 2, 3, 4].map((step) => [`SEVERITY_NUMBER_${word}${step === 1 ? '' : step}`, 4 * of + step] as const),
  ),
);

/** An instant in nanoseconds since 1970, as text or number. */
function nanoseconds(value: unknown, { now }: IntakeContext): Time | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const us = Math.floor(Number(value) / 1000);
  return us > 0 && us < 8.64e18 / 1000 ? earlier(timeOfMicroseconds(us), now) : undefined;
}

interface ResourceSaid {
  readonly values: Attributes;
  readonly texts: Readonly<Record<string, string>>;
}

/** What resources say, read once for all records of each. */
const resources = new WeakMap<object, ResourceSaid>();

function resourceOf(resource: Fields): ResourceSaid {
  const known = resources.get(resource);
  if (known) return known;
  const values = attributesIn(resource['attributes']);
  const said = { values, texts: scalars(values) };
  resources.set(resource, said);
  return said;
}

function scalars(attributes: Attributes): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes))
    if (typeof value !== 'object' && value !== '') texts[key] = String(value);
  return texts;
}

function attributesIn(list: unknown): Attributes {
  const attributes: Record<string, Json> = {};
  if (!Array.isArray(list)) return attributes;
  for (const item of list) {
    const { key, value } = fieldsOf(item);
    if (typeof key === 'string' && key !== '__proto__') attributes[key] = jsonOf(value);
  }
  return attributes;
}

const DEPTH_MAX = 20;

/** An AnyValue as JSON. */
function jsonOf(value: unknown, depth = 0): Json {
  const any = fieldsOf(value);
  if (typeof any['stringValue'] === 'string') return any['stringValue'];
  if (typeof any['boolValue'] === 'boolean') return any['boolValue'];
  if (any['intValue'] !== undefined) return integer(any['intValue']);
  if (typeof any['doubleValue'] === 'number') return any['doubleValue'];
  if (typeof any['bytesValue'] === 'string') return any['bytesValue'];
  if (depth > DEPTH_MAX) return null;
  if (isRecord(any['arrayValue'])) return listIn(any['arrayValue'], 'values').map((one) => jsonOf(one, depth + 1));
  if (!isRecord(any['kvlistValue'])) return null;
  const entries = listIn(any['kvlistValue'], 'values').map((item) => {
    const { key, value: inner } = fieldsOf(item);
    return [String(key), jsonOf(inner, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** Beyond what a number holds exactly, the text. */
function integer(value: unknown): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

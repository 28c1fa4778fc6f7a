/**
 * One line of a recording → Change. Total: what is not a change gives a reason, never an exception.
 * Format: docs/reference/recording.md. Fields that are not known are counted by the caller, not dropped silently.
 */
import type { Change, Coverage, KubeObject, Scope } from '../model/change.ts';
import { severityFrom } from '../model/severity.ts';
import { compareTime, type Time, timeFrom } from '../model/time.ts';

/** The version of the format that this program writes. */
export const FORMAT_VERSION = 1;

/** First line of a recording or of a part of one, optional. */
export interface RecordingHeader {
  readonly type: 'recording';
  readonly version: number;
  readonly cluster?: string;
  readonly startedAt?: string;
  readonly producer?: string;
  /** Which part of a recording the file is, from 0. */
  readonly part: number;
}

export type Parsed =
  | { readonly is: 'change'; readonly change: Change; readonly unknownFields: readonly string[] }
  | { readonly is: 'header'; readonly header: RecordingHeader; readonly unknownFields: readonly string[] }
  | { readonly is: 'ignored'; readonly type: string }
  | { readonly is: 'bad'; readonly reason: string };

const bad = (reason: string): Parsed => ({ is: 'bad', reason });

/** Whether a JSON value is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const headerFields: readonly string[] = ['type', 'version', 'cluster', 'startedAt', 'producer', 'part'];
const fields: Readonly<Record<Change['type'], readonly string[]>> = {
  apply: ['type', 'at', 'cluster', 'object'],
  delete: ['type', 'at', 'cluster', 'object'],
  reset: ['type', 'at', 'cluster', 'scope', 'objects'],
  occur: ['type', 'at', 'cluster', 'occurrence'],
  relate: ['type', 'at', 'cluster', 'of', 'relations'],
  observe: ['type', 'at', 'cluster', 'scope', 'coverage', 'message', 'since', 'resumed'],
};

const coverages: ReadonlySet<unknown> = new Set<Coverage>([
  'loading',
  'ready',
  'forbidden',
  'excluded',
  'absent',
  'broken',
]);

/** Reads a parsed JSON value. `cluster` is taken for changes that name none. */
export function changeFromJson(value: unknown, cluster: string): Parsed {
  if (!isRecord(value)) return bad('not a JSON object');
  const { type } = value;
  if (typeof type !== 'string') return bad('no "type"');
  if (type !== 'recording' && !Object.hasOwn(fields, type)) return { is: 'ignored', type };
  const fault = badText(value, ['cluster', 'message']);
  if (fault !== undefined) return bad(fault);
  if (type === 'recording') return headerFrom(value);
  const at = timeFrom(value['at']);
  if (at === undefined) return bad('"at" is not an RFC 3339 time');
  const change = contentFrom(type as Change['type'], value, at, (value['cluster'] as string | undefined) || cluster);
  if (typeof change === 'string') return bad(change);
  return { is: 'change', change, unknownFields: unknownOf(value, fields[change.type]) };
}

function headerFrom(header: Record<string, unknown>): Parsed {
  const { version = FORMAT_VERSION, part = 0 } = header;
  const fault = badText(header, ['startedAt', 'producer']);
  if (fault !== undefined) return bad(`header: ${fault}`);
  if (!Number.isInteger(version)) return bad('header: "version" is not a whole number');
  if (!Number.isInteger(part)) return bad('header: "part" is not a whole number');
  return {
    is: 'header',
    header: { ...header, version, part } as unknown as RecordingHeader,
    unknownFields: unknownOf(header, headerFields),
  };
}

function unknownOf(value: object, known: readonly string[]): readonly string[] {
  return Object.keys(value).filter((field) => !known.includes(field));
}

/** Says which of these optional fields is there and no text. */
function badText(value: Readonly<Record<string, unknown>>, names: readonly string[], where = ''): string | undefined {
  const wrong = names.find(
    (name) => value[name] !== undefined && value[name] !== null && typeof value[name] !== 'string',
  );
  return wrong === undefined ? undefined : `"${where}${wrong}" is not text`;
}

/** The change, or the reason why it is none. */
function contentFrom(type: Change['type'], value: Record<string, unknown>, at: Time, cluster: string): Change | string {
  const { object, objects, scope, occurrence, coverage, message, resumed } = value;
  const since = timeFrom(value['since']);
  switch (type) {
    case 'apply':
    case 'delete':
      return isRecord(object)
        ? { type, at, cluster, object: object as unknown as KubeObject }
        : '"object" is not an object';
    case 'reset':
      if (!isScope(scope)) return '"scope" needs a group and a kind';
      if (!Array.isArray(objects) || !objects.every(isRecord)) return '"objects" is not a list of objects';
      return { type, at, cluster, scope: scopeFrom(scope), objects: objects.map((one) => itemOf(scope, one)) };
    case 'occur':
      return occurrenceFrom(occurrence, at, cluster);
    case 'relate':
      return relationsFrom(value, at, cluster);
    case 'observe':
      if (!isScope(scope)) return '"scope" needs a group and a kind';
      if (value['since'] !== undefined && since === undefined) return '"since" is not an RFC 3339 time';
      if (!coverages.has(coverage)) return `"coverage" is none of ${[...coverages].join(', ')}`;
      return {
        type,
        at,
        cluster,
        scope,
        coverage: coverage as Coverage,
        ...(typeof message === 'string' && { message }),
        ...(since !== undefined && { since }),
        ...(resumed === true && { resumed }),
      };
    default:
      return type satisfies never;
  }
}

function relationsFrom(
  { of, relations }: Readonly<Record<string, unknown>>,
  at: Time,
  cluster: string,
): Change | string {
  if (typeof of !== 'string' || of === '') return '"of" is not the id of a resource';
  if (!Array.isArray(relations)) return '"relations" is not a list';
  const isRelation = (one: unknown): boolean =>
    isRecord(one) && typeof one['edge'] === 'string' && EDGE.test(one['edge']) && typeof one['target'] === 'string';
  if (!relations.every(isRelation)) return 'each of "relations" needs an edge (A_TYPE) and the id of a target';
  return { type: 'relate', at, cluster, of, relations: relations as never };
}

const EDGE = /^[A-Z][A-Z0-9_]{0,63}$/;

function isScope(scope: unknown): scope is { group: string; kind: string; namespace?: string } {
  return isRecord(scope) && typeof scope['group'] === 'string' && typeof scope['kind'] === 'string';
}

/** An empty namespace means the same as none. */
function scopeFrom({ group, kind, namespace }: Scope): Scope {
  return { group, kind, ...(namespace && { namespace }) };
}

/** Items of a list do not repeat what they are; the scope says it. */
function itemOf({ group, kind }: Scope, item: Record<string, unknown>): KubeObject {
  return { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, ...item } as unknown as KubeObject;
}

/** The change that an occurrence of unknown shape is, or what is wrong with it. */
export function occurrenceFrom(occurrence: unknown, at: Time, cluster: string): Change | string {
  if (!isRecord(occurrence)) return '"occurrence" is not an object';
  const { source, subject, severity, attributes } = occurrence;
  if (typeof source !== 'string' || source === '') return 'the occurrence names no source';
  if (!isRecord(subject) || typeof subject['kind'] !== 'string' || typeof subject['name'] !== 'string') {
    return "the occurrence's subject needs a kind and a name";
  }
  const fault =
    badText(occurrence, ['id', 'reason', 'message', 'severity'], 'occurrence.') ??
    badText(subject, ['namespace', 'uid', 'apiVersion', 'cluster'], 'occurrence.subject.');
  if (fault !== undefined) return fault;
  if (attributes !== undefined && attributes !== null && !isRecord(attributes))
    return '"occurrence.attributes" is not an object';
  const level = typeof severity === 'string' ? severityFrom(severity) : 'info';
  if (level === undefined) return `severity "${String(severity)}" is not known`;
  const present = withoutNull({ ...occurrence, subject: withoutNull(subject), severity: level });
  const { occurredAt } = present;
  if (occurredAt !== undefined) {
    const time = timeFrom(occurredAt);
    if (time === undefined) return '"occurrence.occurredAt" is not an RFC 3339 time';
    present['occurredAt'] = earlier(time, at);
  }
  return { type: 'occur', at, cluster, occurrence: present as never };
}

/** Nothing is observed before it happened: clocks differ. */
export function earlier(time: Time, at: Time): Time {
  return compareTime(time, at) < 0 ? time : at;
}

/** Other programs write null where they have nothing to say. */
function withoutNull(value: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(value).includes(null)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
}

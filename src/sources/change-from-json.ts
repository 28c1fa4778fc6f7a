/**
 * One line of a recording → Change. Total: what is not a change gives a reason, never an exception.
 * Format: docs/reference/recording.md. Fields that are not known are counted by the caller, not dropped silently.
 */
import type { Change, Coverage, KubeObject, Scope, Severity } from '../model/change.ts';
import { type Time, timeFrom } from '../model/time.ts';

/** First line of a recording, optional. */
export interface RecordingHeader {
  readonly type: 'recording';
  readonly version: number;
  readonly cluster?: string;
  readonly startedAt?: string;
  readonly producer?: string;
}

export type Parsed =
  | { readonly is: 'change'; readonly change: Change; readonly unknownFields: readonly string[] }
  | { readonly is: 'header'; readonly header: RecordingHeader }
  | { readonly is: 'ignored'; readonly type: string }
  | { readonly is: 'bad'; readonly reason: string };

const bad = (reason: string): Parsed => ({ is: 'bad', reason });
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fields: Readonly<Record<Change['type'], readonly string[]>> = {
  apply: ['type', 'at', 'cluster', 'object'],
  delete: ['type', 'at', 'cluster', 'object'],
  reset: ['type', 'at', 'cluster', 'scope', 'objects'],
  occur: ['type', 'at', 'cluster', 'occurrence'],
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

/** Severity names of other systems, all in lower case. */
const severities: Readonly<Record<string, Severity>> = {
  trace: 'debug',
  debug: 'debug',
  low: 'info',
  normal: 'info',
  info: 'info',
  information: 'info',
  notice: 'info',
  medium: 'warning',
  warn: 'warning',
  warning: 'warning',
  high: 'error',
  err: 'error',
  error: 'error',
  fatal: 'critical',
  crit: 'critical',
  critical: 'critical',
  emergency: 'critical',
  alert: 'critical',
};

/** Reads a parsed JSON value. `cluster` is taken for changes that name none. */
export function changeFromJson(value: unknown, cluster: string): Parsed {
  if (!isRecord(value)) return bad('not a JSON object');
  const { type } = value;
  if (typeof type !== 'string') return bad('no "type"');
  if (type === 'recording') return { is: 'header', header: value as unknown as RecordingHeader };
  if (!Object.hasOwn(fields, type)) return { is: 'ignored', type };
  const at = timeFrom(value['at']);
  if (at === undefined) return bad('"at" is not an RFC 3339 time');
  const change = contentFrom(
    type as Change['type'],
    value,
    at,
    typeof value['cluster'] === 'string' ? value['cluster'] : cluster,
  );
  if (typeof change === 'string') return bad(change);
  const known = fields[change.type];
  return { is: 'change', change, unknownFields: Object.keys(value).filter((field) => !known.includes(field)) };
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
    case 'observe':
      if (!isScope(scope)) return '"scope" needs a group and a kind';
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

function occurrenceFrom(occurrence: unknown, at: Time, cluster: string): Change | string {
  if (!isRecord(occurrence)) return '"occurrence" is not an object';
  const { source, subject, severity } = occurrence;
  if (typeof source !== 'string' || source === '') return 'the occurrence names no source';
  if (!isRecord(subject) || typeof subject['kind'] !== 'string' || typeof subject['name'] !== 'string') {
    return "the occurrence's subject needs a kind and a name";
  }
  const word = typeof severity === 'string' ? severity.toLowerCase() : 'info';
  const level = Object.hasOwn(severities, word) ? severities[word] : undefined;
  if (level === undefined) return `severity "${String(severity)}" is not known`;
  return { type: 'occur', at, cluster, occurrence: { ...(occurrence as never as object), severity: level } as never };
}

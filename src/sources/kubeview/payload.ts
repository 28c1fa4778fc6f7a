/**
 * What KubeView says of an object, read and made fit to leave this folder.
 * Invariant: a version of an object has one form, whichever way it was told. KubeView hides the values of Secrets and ConfigMaps where it lists
 * them and shows them where it streams them, and it leaves out `managedFields` where it lists: told both ways, an object would seem to change
 * with every look. So values under `data` are always `UNSEEN`, which every redaction leaves as it is, and `managedFields` are always left out.
 */
import type { ServerEvent } from '../../lib/event-stream.ts';
import { groupOf, type KubeObject } from '../../model/change.ts';
import { kindKey } from '../../model/groups.ts';
import { isRecord } from '../change-from-json.ts';
import { keyOf, type RawObject } from '../raw-object.ts';
import type { Redact } from '../redact.ts';
import type { ToldKind } from './kinds.ts';

/** Stands where the fingerprint of a value would be, had it been looked at. */
export const UNSEEN = 'redacted:0000000000000000';

/** What the stream says of an object. */
export interface Update {
  readonly type: 'apply' | 'delete';
  readonly object: RawObject;
}

const MEANINGS: ReadonlyMap<unknown, 'apply' | 'delete'> = new Map([
  ['add', 'apply'],
  ['update', 'apply'],
  ['delete', 'delete'],
  ['ADDED', 'apply'],
  ['MODIFIED', 'apply'],
  ['DELETED', 'delete'],
]);

/**
 * What an event of the stream means, the object bare or wrapped as `{type, object}`. `unreadable`: something happened, and nobody knows what.
 * Undefined for an event that means nothing to us.
 */
export function updateFrom({ type, data }: ServerEvent): Update | 'ping' | 'unreadable' | undefined {
  if (type === 'ping') return type;
  if (type === 'error') return 'unreadable';
  const said = MEANINGS.get(type);
  if (said === undefined && type !== 'message') return undefined;
  const value = data === undefined ? undefined : parsed(data);
  const meaning = isWrapped(value) ? (MEANINGS.get(value.type) ?? said) : said;
  const object = unwrapped(value);
  return meaning === undefined || object?.kind === undefined ? 'unreadable' : { type: meaning, object };
}

/** The object itself, of one that may be wrapped; undefined when it is none. */
export function unwrapped(value: unknown): RawObject | undefined {
  if (isWrapped(value)) return value.object;
  return isRecord(value) ? value : undefined;
}

/** Only what is no object itself: a Secret, too, has a `type`. */
function isWrapped(value: unknown): value is { readonly type?: unknown; readonly object: RawObject } {
  return isRecord(value) && value['kind'] === undefined && isRecord(value['object']);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an object is known by in its namespace: by its uid, or its kind and name where it has none. */
export function keyInNamespace(object: RawObject): string {
  const { apiVersion = '', kind = '' } = object;
  return keyOf(object, kindKey({ group: groupOf(apiVersion), kind }));
}

/** The same object with the apiVersion and kind of its list, where it says none itself. */
export function named(object: RawObject | undefined, { apiVersion, kind }: ToldKind): RawObject {
  return object?.apiVersion !== undefined && object.kind !== undefined ? object : { ...object, apiVersion, kind };
}

/** How an object leaves this folder: in its one form, and redacted. */
export function preparing(redact: Redact): (object: RawObject) => KubeObject {
  return (object) => redact(oneForm(object) as KubeObject);
}

function oneForm(object: RawObject): RawObject {
  const { metadata } = object;
  const copy: Record<string, unknown> = { ...object };
  if (isRecord(metadata)) {
    const { managedFields: _, ...rest }: Record<string, unknown> = metadata;
    copy['metadata'] = rest;
  }
  const hides = object.apiVersion === 'v1' && (object.kind === 'Secret' || object.kind === 'ConfigMap');
  if (hides && isRecord(copy['data']))
    copy['data'] = Object.fromEntries(Object.keys(copy['data']).map((key) => [key, UNSEEN]));
  return copy;
}

/** -1, 0 or 1; undefined where the versions cannot be compared. Kubernetes' own are whole numbers that grow (KEP-5504). */
export function compareVersions(left: string | undefined, right: string | undefined): -1 | 0 | 1 | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (left === right) return 0;
  if (!NUMBER.test(left) || !NUMBER.test(right)) return undefined;
  return left.length < right.length || (left.length === right.length && left < right) ? -1 : 1;
}

const NUMBER = /^[1-9]\d*$/;

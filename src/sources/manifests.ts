/**
 * Kubernetes objects as kubectl prints and takes them → changes, so that a recording is not the only thing that can be looked at:
 * one object, a list of them (`kubectl get -o json`), watch events (`--output-watch-events`), YAML documents. They say what is there, not when:
 * the caller gives the time.
 */
import { parseAllDocuments } from 'yaml';
import type { Change, KubeObject } from '../model/change.ts';
import type { Time } from '../model/time.ts';
import { isRecord } from './change-from-json.ts';

type Json = Readonly<Record<string, unknown>>;

/** Type of a watch event (`metav1.WatchEvent`) → what it means; a bookmark and an error say nothing of an object. */
const watchEvents: Readonly<Record<string, 'apply' | 'delete' | 'nothing'>> = {
  ADDED: 'apply',
  MODIFIED: 'apply',
  DELETED: 'delete',
  BOOKMARK: 'nothing',
  ERROR: 'nothing',
};

/** The changes that a value says, or undefined when it is none of the forms that kubectl writes. */
export function changesFromManifest(value: unknown, at: Time, cluster: string): readonly Change[] | undefined {
  if (!isRecord(value)) return undefined;
  const { type, object } = value;
  const meaning = typeof type === 'string' && Object.hasOwn(watchEvents, type) ? watchEvents[type] : undefined;
  if (meaning !== undefined && isRecord(object)) {
    if (meaning === 'nothing') return [];
    return objectsOf(object)?.map((one) => ({ type: meaning, at, cluster, object: one }));
  }
  return objectsOf(value)?.map((one) => ({ type: 'apply', at, cluster, object: one }));
}

/** The object itself, or the items of a list; those of a typed list (`PodList`) do not repeat what they are. */
function objectsOf(value: Json): readonly KubeObject[] | undefined {
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  if (!kind.endsWith('List') || !Array.isArray(items)) return [value as unknown as KubeObject];
  const each = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.filter(isRecord).map((item) => ({ ...each, ...item }) as unknown as KubeObject);
}

/**
 * What a whole text says: JSON over many lines, or YAML documents. Undefined when no document in it is a Kubernetes object; then it is
 * something else, for example a damaged recording. Throws Error with line and column when the text is YAML with a mistake.
 */
export function changesFromText(text: string, at: Time, cluster: string): readonly Change[] | undefined {
  const values = valuesIn(text);
  const said = values.map((value) => changesFromManifest(value, at, cluster));
  return said.some((changes) => changes !== undefined) ? said.flatMap((changes) => changes ?? []) : undefined;
}

function valuesIn(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    // YAML, then, which holds all of JSON but is read much more slowly.
  }
  if (!/^\s*["']?apiVersion["']?\s*:/m.test(text)) return [];
  return [...parseAllDocuments(text, { uniqueKeys: false })].map((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw new Error(fault.message.split('\n', 1)[0]?.replace(/:$/, ''));
    return document.toJS() as unknown;
  });
}

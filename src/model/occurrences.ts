/**
 * An occurrence as a resource shows it, and the way back: analysis is given what was told, also where the subject is not known. Attributes are kept as
 * labels, as many and as long as a window of them has room for.
 */
import type { Json, Occurrence, Severity } from './change.ts';
import { eventTypeOf, intentOf } from './event-types.ts';
import type { Resource, Scalar } from './resource.ts';

/** Attribute of an occurrence that is worse than it said, since it came again and again: what it said. */
export const ORIGINAL_SEVERITY = 'originalSeverity';

/** Columns of an occurrence: what happened in the words of everybody, then what was told. `namespace` is that of the resource made of it. */
export function summaryOf(occurrence: Occurrence, namespace: string): Readonly<Record<string, Scalar>> {
  const { source, subject, severity, reason = '', message = '', attributes } = occurrence;
  const named = attributes?.['type'];
  const told = { ...occurrence, type: typeof named === 'string' ? named : undefined };
  const type = eventTypeOf(told);
  const intent = intentOf(told, type)?.intent;
  return {
    type,
    ...(intent && { intent }),
    severity,
    reason,
    object: `${subject.kind}/${subject.name}`,
    message,
    source,
    ...(subject.uid && { objectUid: subject.uid }),
    ...(subject.apiVersion && { objectVersion: subject.apiVersion }),
    ...(subject.namespace && subject.namespace !== namespace && { objectNamespace: subject.namespace }),
  };
}

/** Attributes that hold labels of their own, which alerts and collectors nest. */
const HOLDERS: ReadonlySet<string> = new Set(['labels', 'commonLabels', 'annotations', 'resource', 'status']);
const LABELS_MAX = 32;
const VALUE_MAX = 256;
const nothing = {};

/** Scalars as `key`, those of a holder as `holder.key`; the first ones, cut where they are long. */
export function labelsOf(attributes: Occurrence['attributes']): Readonly<Record<string, string>> {
  if (attributes === undefined) return nothing;
  const labels: Record<string, string> = {};
  let count = 0;
  const take = (key: string, value: Json): void => {
    if (value === null || typeof value === 'object' || count >= LABELS_MAX) return;
    labels[key.slice(0, VALUE_MAX)] = String(value).slice(0, VALUE_MAX);
    count++;
  };
  for (const [key, value] of Object.entries(attributes)) {
    if (!HOLDERS.has(key) || typeof value !== 'object' || value === null) take(key, value);
    else for (const [inner, one] of Object.entries(value)) take(`${key}.${inner}`, one as Json);
  }
  return labels;
}

/** The occurrence that a resource of kind Occurrence was made of, as far as it is kept. */
export function occurrenceOf({ name, namespace: place, labels, summary }: Resource): Occurrence {
  const text = (key: string): string => String(summary[key] ?? '');
  const [kind = '', ...named] = text('object').split('/');
  const namespace = text('objectNamespace') || place;
  const source = text('source');
  return {
    id: name.slice(source.length + 1),
    source,
    severity: (labels[ORIGINAL_SEVERITY] ?? text('severity')) as Severity,
    reason: text('reason'),
    message: text('message'),
    subject: {
      kind,
      name: named.join('/'),
      ...(namespace !== '' && { namespace }),
      ...(summary['objectUid'] !== undefined && { uid: text('objectUid') }),
      ...(summary['objectVersion'] !== undefined && { apiVersion: text('objectVersion') }),
    },
    attributes: attributesFrom(labels),
  };
}

function attributesFrom(labels: Readonly<Record<string, string>>): Readonly<Record<string, Json>> {
  const attributes: Record<string, Json> = {};
  for (const [key, value] of Object.entries(labels)) {
    const dot = key.indexOf('.');
    const holder = key.slice(0, Math.max(0, dot));
    if (!HOLDERS.has(holder)) attributes[key] ??= value;
    else
      attributes[holder] = { ...(attributes[holder] as Record<string, Json> | undefined), [key.slice(dot + 1)]: value };
  }
  return attributes;
}

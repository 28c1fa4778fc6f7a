/**
 * What a format is: how what was sent falls into records, and what a record says. Pure and total: a record that is none gives a reason, never an
 * exception. A record is itself something that could have been sent, so that one that was turned down can be corrected and sent again.
 */
import { hash } from 'node:crypto';
import type { Change, Json, Occurrence, Severity } from '../../model/change.ts';
import { severityFrom } from '../../model/severity.ts';
import { type Time, timeFrom } from '../../model/time.ts';
import { earlier, isRecord } from '../change-from-json.ts';

/** What an adapter may know besides the record. */
export interface IntakeContext {
  /** When the record came. */
  readonly now: Time;
  /** The cluster that is meant by what the record names, if it names one; `` when nobody can tell. */
  clusterOf(named: unknown): string;
  /** Key of the message. */
  readonly key?: string | undefined;
}

/** What a record says, or why it says nothing that can be used. No changes: it is understood, and of no use. */
export type Said = { readonly changes: readonly Change[] } | { readonly reason: string };

export interface Format {
  readonly name: string;
  readonly title: string;
  /** The records of a document; the document itself, when nothing is said. A reason: it is not of this format as a whole. */
  readonly records?: (document: unknown) => Iterable<unknown> | { readonly reason: string };
  readonly adapt: (record: unknown, context: IntakeContext) => Said;
}

export const refused = (reason: string): Said => ({ reason });
export const nothing: Said = { changes: [] };

export type Fields = Readonly<Record<string, unknown>>;

/** An object, or one without fields. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** The first of these fields that holds a text that is not empty, or a number. */
export function textIn(fields: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

/** Fields that hold text or numbers, as text: labels, metadata. */
export function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  if (isRecord(value))
    for (const [name, one] of Object.entries(value))
      if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') texts[name] = String(one);
  return texts;
}

/** The severity that a field holds, or what is taken where it says none; undefined for a word that nobody uses so. */
export function severityIn(value: unknown, otherwise: Severity): Severity | undefined {
  if (value === undefined || value === null || value === '') return otherwise;
  return typeof value === 'string' ? severityFrom(value) : undefined;
}

/** When something happened, as far as it is told; not after it came. The year 1 is how Go writes no time. */
export function timeIn(value: unknown, { now }: Pick<IntakeContext, 'now'>): Time | undefined {
  const time = timeFrom(value);
  return time === undefined || time.startsWith('0001-') ? undefined : earlier(time, now);
}

type Told = Omit<Occurrence, 'id'> & { readonly id?: string | undefined };

/** An occurrence as a change. One without an id gets one of its content: told twice, it is one. */
export function occur(cluster: string, told: Told, { now }: Pick<IntakeContext, 'now'>): Said {
  const id = told.id || contentId(told);
  return { changes: [{ type: 'occur', at: now, cluster, occurrence: { ...told, id } }] };
}

/** Says the same of the same content. */
export function contentId(content: unknown): string {
  return hash('sha1', JSON.stringify(content)).slice(0, 24);
}

/** An object whose fields are those that are there. */
export function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined && value !== null && value !== '') kept[name] = value;
  return kept as never;
}

/** Attributes from whatever was sent: JSON has no others. */
export const attributesOf = (fields: object): Readonly<Record<string, Json>> => present(fields) as never;

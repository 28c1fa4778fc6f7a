/** What happened to objects, as answers tell it: versions with the fields that changed, edges won and lost, Events, and when nobody looked. */
import { z } from 'zod';
import { describer } from '../../kinds/index.ts';
import type { EdgeType } from '../../model/edges.ts';
import { edgeInfo } from '../../model/edges.ts';
import { type FieldChange, fieldChanges } from '../../model/field-changes.ts';
import { isEvent } from '../../model/groups.ts';
import type { EdgeChange, Existence, Version } from '../../model/history.ts';
import { type Health, type Resource, resourceTitle } from '../../model/resource.ts';
import type { Time } from '../../model/time.ts';
import type { Gap } from '../../model/view.ts';
import { healthStatus } from './schemas.ts';

export const nameSchema = z
  .object({
    cluster: z.string(),
    group: z.string(),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
  })
  .meta({ id: 'PastResourceName', description: 'Names one existence of an object, which may be gone.' });

export const fieldChangeSchema = z
  .object({
    path: z.string().describe('`spec.template.spec.containers[name=web].image`'),
    before: z.unknown().optional().describe('absent for what was added'),
    after: z.unknown().optional().describe('absent for what was removed'),
    by: z
      .object({
        manager: z.string().describe('the program that wrote it, as metadata.managedFields has it'),
        operation: z.string(),
        subresource: z.string().optional(),
        time: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: 'FieldChange', description: 'A field that changed between two versions, and who changed it.' });

export const happeningSchema = z
  .object({
    at: z.string().describe('when it was observed'),
    notBefore: z
      .string()
      .optional()
      .describe('nobody looked since then: it happened at some time between this and `at`'),
    type: z.enum(['created', 'changed', 'deleted', 'edge-added', 'edge-removed', 'event', 'unobserved']),
    resource: nameSchema.optional(),
    text: z.string().describe('one sentence'),
    changes: z.array(fieldChangeSchema).optional(),
    health: z.object({ from: healthStatus, to: healthStatus, reason: z.string().optional() }).optional(),
    edge: z.object({ type: z.string(), direction: z.enum(['out', 'in']), other: nameSchema }).optional(),
    until: z.string().optional().describe('end of an interval; absent while it lasts'),
  })
  .meta({ id: 'Happening', description: 'Something that was observed to happen.' });

export type Happening = z.output<typeof happeningSchema>;
type PastName = z.output<typeof nameSchema>;

export function nameOf({ cluster, group, kind, namespace, name, uid }: Version['of']): PastName {
  return { cluster, group, kind, namespace, name, uid };
}

/** Fields named in a sentence; the rest are counted. */
const NAMED_MAX = 3;

/** What a version tells; undefined when nothing changed but noise. Needs the version before. */
export function happeningOf(version: Version, { noise = false } = {}): Happening | undefined {
  const { at, notBefore, of, object, before, verb } = version;
  const base = { at, ...(notBefore !== undefined && { notBefore }), resource: nameOf(of) };
  if (isEvent(of)) return verb === 'delete' ? undefined : { ...base, type: 'event', text: eventText(version) };
  const { health } = described(of.cluster, object);
  if (verb === 'create')
    return { ...base, type: 'created', text: `${resourceTitle(of)} was ${createdText(version)}${healthText(health)}` };
  if (verb === 'delete') return { ...base, type: 'deleted', text: `${resourceTitle(of)} was deleted` };
  const changes = fieldChanges(before, object, { noise });
  if (changes.length === 0) return undefined;
  const was = before === undefined ? undefined : described(of.cluster, before).health;
  const turned = was &&
    was.status !== health.status && {
      from: was.status,
      to: health.status,
      ...(health.reason && { reason: health.reason }),
    };
  return {
    ...base,
    type: 'changed',
    text: `${resourceTitle(of)}: ${changesText(changes)}${turned ? `; ${turned.from} → ${turned.to}${turned.reason ? ` (${turned.reason})` : ''}` : ''}`,
    changes: [...changes],
    ...(turned && { health: turned }),
  };
}

/** `created`, or `first seen` when it was there before anybody looked. */
function createdText({ at, object }: Version): string {
  const before = new Date(Date.parse(at) - 60_000).toISOString();
  return wasThere(object, before) ? `first seen, created ${object.metadata.creationTimestamp}` : 'created';
}

/** Whether an object was there at an instant as it says itself, to the second. */
export function wasThere({ metadata: { creationTimestamp } }: Version['object'], instant: Time): boolean {
  return creationTimestamp !== undefined && Date.parse(creationTimestamp) + 1_000 <= Date.parse(instant);
}

function healthText({ status, reason }: Health): string {
  return status === 'unknown' || status === 'healthy' ? '' : `, ${status}${reason === undefined ? '' : ` (${reason})`}`;
}

/** `spec.replicas 2 → 3 by kubectl-scale and 2 more`. */
export function changesText(changes: readonly FieldChange[]): string {
  const shown = changes.slice(0, NAMED_MAX).map(({ path, before, after }) => {
    if (before === undefined) return `${path} added${after === undefined ? '' : ` (${valueText(after)})`}`;
    if (after === undefined) return `${path} removed (was ${valueText(before)})`;
    return `${path} ${pairText(before, after, VALUE_MAX).join(' → ')}`;
  });
  const authors = [...new Set(changes.flatMap(({ by }) => (by ? [by.manager] : [])))];
  const more = changes.length > NAMED_MAX ? ` and ${changes.length - NAMED_MAX} more` : '';
  return `${shown.join(', ')}${more}${authors.length > 0 ? ` by ${authors.join(', ')}` : ''}`;
}

const VALUE_MAX = 60;
/** What stands before a difference, so that one sees where it is. */
const LEAD = 12;

function valueText(value: unknown): string {
  return clipped(plainText(value), VALUE_MAX);
}

/** A value as people read it: text as it is, everything else as JSON. */
export function plainText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Two values in so many characters each at most: what both begin with gives way first, so that what is different is seen. */
export function pairText(before: unknown, after: unknown, max: number): readonly [before: string, after: string] {
  const [old, now] = [plainText(before), plainText(after)];
  const excess = Math.max(old.length, now.length) - max;
  if (excess <= 0) return [old, now];
  let alike = 0;
  while (alike < old.length && old[alike] === now[alike]) alike++;
  const start = Math.min(alike - LEAD, excess + 1);
  const shown = (text: string): string => clipped(start > 0 ? `…${text.slice(start)}` : text, max);
  return [shown(old), shown(now)];
}

function clipped(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

function eventText({ of, object }: Version): string {
  const { resource } = described(of.cluster, object);
  const { level = '', reason = '', message = '', count = 1, object: about = 'something' } = resource?.summary ?? {};
  const times = Number(count) > 1 ? ` (${count} times)` : '';
  return `${about}: ${level === 'Warning' ? 'Warning ' : ''}${reason}${times}: ${message}`;
}

function described(
  cluster: string,
  object: Version['object'],
): { readonly health: Health; readonly resource?: Resource } {
  const description = describer.object(cluster, object);
  if ('reason' in description) return { health: { status: 'unknown' } };
  return { health: description.resource.health, resource: description.resource };
}

/** That an edge came or went. */
export function edgeHappening({ of }: Existence, { change, at, type, direction, other }: EdgeChange): Happening {
  const { sentence } = edgeInfo(type as EdgeType);
  const [a, b] = direction === 'out' ? [of, other] : [other, of];
  const words = `${resourceTitle(a)} ${sentence} ${resourceTitle(b)}`;
  const told =
    change === 'added'
      ? ({ type: 'edge-added', text: `now ${words}` } as const)
      : ({ type: 'edge-removed', text: `no longer ${words}` } as const);
  return { at, ...told, resource: nameOf(of), edge: { type, direction, other: nameOf(other) } };
}

/** That nobody looked. */
export function gapHappening({ cluster, kind, namespace, from, to }: Gap): Happening {
  const what = `${kind === '*' ? 'anything' : kind}${namespace === '' ? '' : ` in ${namespace}`} of cluster ${cluster}`;
  return {
    at: from,
    type: 'unobserved',
    text: `nobody watched ${what} ${to === undefined ? `since ${from}` : `from ${from} to ${to}`}`,
    ...(to !== undefined && { until: to }),
  };
}

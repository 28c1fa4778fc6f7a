/** What somebody did, as answers tell it: one version with what it is about, who did it, and who depends on it. Pure over a version and a view. */
import { z } from 'zod';
import {
  type ChangeClass,
  canBreak,
  classesIn,
  classified,
  classNames,
  classOfKind,
  isDerived,
} from '../../analysis/change-classes.ts';
import { edgeInfo } from '../../model/edges.ts';
import { authorText, type FieldAuthor, makerOf } from '../../model/field-authors.ts';
import { fieldChanges } from '../../model/field-changes.ts';
import { kindKey } from '../../model/groups.ts';
import type { Version } from '../../model/history.ts';
import { compareText } from '../../model/order.ts';
import { type Resource, type ResourceId, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { changesText, fieldChangeSchema, nameOf, nameSchema, wasThere } from './happenings.ts';

export const classSchema = z.enum(classNames as [ChangeClass, ...ChangeClass[]]);

const authorSchema = z.object({
  manager: z.string().describe('the program that wrote it, as metadata.managedFields has it'),
  operation: z.string(),
  subresource: z.string().optional(),
  time: z.string().optional(),
});

const dependentSchema = z.object({
  cluster: z.string(),
  group: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  via: z.string().describe('the edge by which it depends: `READS`, `MOUNTS`, `SELECTS` …'),
});

export const changeSchema = z
  .object({
    at: z.string().describe('when it was observed; of several the last'),
    notBefore: z.string().optional().describe('nobody looked since then: it happened at some time in between'),
    verb: z.enum(['created', 'changed', 'deleted']),
    resource: nameSchema,
    classes: z.array(classSchema).describe('what it is about, what breaks most first'),
    by: authorSchema.optional().describe('who did it, where something tells'),
    text: z.string().describe('one sentence'),
    fields: z.array(fieldChangeSchema.extend({ class: classSchema })).describe('empty for what came or went as a whole'),
    breaks: z.array(z.object({ class: classSchema, text: z.string() })).describe('what it can break'),
    affects: z
      .object({ count: z.int(), resources: z.array(dependentSchema) })
      .describe('who depends on it, as the graph is now, or was at `at`'),
    times: z.int().optional().describe('how often the same was done by the same in a row, where more than once'),
    since: z.string().optional().describe('when it was done first, where more than once'),
  })
  .meta({ id: 'Change', description: 'Something that somebody did to an object, and what it can break.' });

export type Told = z.output<typeof changeSchema>;

/** What a version tells of somebody's deed; undefined when it only follows from others, or nobody knows when it came. Needs the version before. */
export function changeOf(version: Version): Omit<Told, 'affects'> | undefined {
  const { at, notBefore, of, object, before, verb } = version;
  if (of.pseudo || isDerived(of)) return undefined;
  const base = { at, ...(notBefore !== undefined && { notBefore }), resource: nameOf(of) };
  if (verb !== 'update') {
    const isFirst = verb === 'create' && wasThere(object, new Date(Date.parse(at) - 60_000).toISOString());
    if (isFirst || isMade(object)) return undefined;
    const by = verb === 'create' ? makerOf(object) : undefined;
    const done = verb === 'create' ? ('created' as const) : ('deleted' as const);
    const classes = [classOfKind(of)];
    const text = `${resourceTitle(of)} was ${done}${by ? ` by ${authorText(by)}` : ''}`;
    return { ...base, verb: done, classes, ...(by && { by }), text, fields: [], breaks: breaksOf(classes) };
  }
  const fields = classified(of, fieldChanges(before, object));
  if (fields.length === 0) return undefined;
  const classes = classesIn(fields);
  const by = authorOf(fields.map((field) => field.by));
  const text = `${resourceTitle(of)}: ${changesText(fields)}`;
  return {
    ...base,
    verb: 'changed',
    classes: [...classes],
    ...(by && { by }),
    text,
    fields: fields.map((field) => ({ ...field })),
    breaks: breaksOf(classes),
  };
}

/** A controller made it, and makes it again. */
function isMade({ metadata: { ownerReferences = [] } }: Version['object']): boolean {
  return ownerReferences.some(({ controller }) => controller === true);
}

function breaksOf(classes: readonly ChangeClass[]): Told['breaks'] {
  return classes.map((name) => ({ class: name, text: canBreak(name) }));
}

/** Who wrote the most of them. */
function authorOf(authors: readonly (FieldAuthor | undefined)[]): FieldAuthor | undefined {
  const known = authors.filter((author) => author !== undefined);
  const groups = [...Map.groupBy(known, authorText).values()].sort((a, b) => b.length - a.length);
  return groups[0]?.[0];
}

/** So much later the same is another deed. */
const FOLD_MS = 10 * 60_000;

/** The same done by the same to the same again and again is told once: with the values before the first and after the last. `items`: newest first. */
export function folded<T extends Omit<Told, 'affects'>>(items: readonly T[]): T[] {
  const latest = new Map<string, T>();
  const kept: T[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const later = item.verb === 'changed' ? latest.get(key) : undefined;
    if (later && Date.parse(later.since ?? later.at) - Date.parse(item.at) <= FOLD_MS) {
      later.times = (later.times ?? 1) + 1;
      later.since = item.at;
      later.fields = later.fields.map((field, index) => withBefore(field, item.fields[index]));
      later.text = `${resourceTitle(later.resource)}: ${changesText(later.fields)} (${later.times} times)`;
      continue;
    }
    latest.set(key, item);
    kept.push(item);
  }
  return kept;
}

function withBefore(field: Told['fields'][number], earlier: Told['fields'][number] | undefined): Told['fields'][number] {
  const { before: _, ...rest } = field;
  return earlier?.before === undefined ? rest : { ...rest, before: earlier.before };
}

function keyOf({ resource, verb, by, fields }: Omit<Told, 'affects'>): string {
  return JSON.stringify([resource.cluster, resource.uid, resource.name, verb, by?.manager, fields.map(({ path }) => path)]);
}

const DEPENDENTS_MAX = 20;
/** Parts of others, which say nothing more. */
const PARTS = new Set(['/Pod', 'apps/ReplicaSet', 'batch/Job', '/Endpoints', 'discovery.k8s.io/EndpointSlice', '/Event']);

/** Who depends on a resource by one edge, parts as their whole; of a key of a ConfigMap or Secret, those who may read that key. */
export function dependentsOf(view: View, { resource, fields }: Omit<Told, 'affects'>): Told['affects'] {
  const known = view.byName(resource);
  if (known === undefined) return missedBy(view, resource);
  const keys = fields.map(({ path }) => /^(?:data|stringData|binaryData)(?:\.([\w-]+)|\["(.+)"\])$/.exec(path)).map((match) => match?.[1] ?? match?.[2]);
  const found = new Map<ResourceId, { readonly resource: Resource; readonly via: string }>();
  const add = (other: Resource | undefined, via: string): void => {
    const whole = other && wholeOf(view, other);
    if (whole && !whole.pseudo && whole.id !== known.id && !found.has(whole.id)) found.set(whole.id, { resource: whole, via });
  };
  for (const { type, from, detail } of view.stored(known.id, 'in')) {
    const { against, family } = edgeInfo(type);
    if (against === undefined || family === 'ownership' || family === 'containment') continue;
    const own = detail.attributes?.['key'];
    if (own !== undefined && detail.more === undefined && keys.length > 0 && !keys.includes(undefined) && !keys.includes(String(own))) continue;
    add(view.get(from), type);
  }
  for (const { type, to } of view.stored(known.id, 'out')) {
    const { along, family, sentence } = edgeInfo(type);
    if (family === 'policy' || family === 'selection' || (along !== undefined && family !== 'ownership' && sentence !== ''))
      add(view.get(to), type);
  }
  return shown([...found.values()]);
}

/** Who refers to what is gone. */
function missedBy(view: View, { cluster, group, kind, namespace, name }: Told['resource']): Told['affects'] {
  const found = new Map<ResourceId, { readonly resource: Resource; readonly via: string }>();
  for (const { type, from, target } of view.dangling()) {
    if (target.kind !== kind || target.name !== name || target.namespace !== namespace || target.group !== group) continue;
    const other = view.get(from);
    const whole = other && wholeOf(view, other);
    if (whole && whole.cluster === cluster && !found.has(whole.id)) found.set(whole.id, { resource: whole, via: type });
  }
  return shown([...found.values()]);
}

function shown(all: readonly { readonly resource: Resource; readonly via: string }[]): Told['affects'] {
  const sorted = all.toSorted((a, b) => compareText(resourceTitle(a.resource), resourceTitle(b.resource)));
  return {
    count: sorted.length,
    resources: sorted.slice(0, DEPENDENTS_MAX).map(({ resource: { cluster, group, kind, namespace, name }, via }) => ({
      cluster,
      group,
      kind,
      namespace,
      name,
      via,
    })),
  };
}

/** The workload of a pod. */
function wholeOf(view: View, resource: Resource): Resource {
  let whole = resource;
  for (let steps = 0; steps < 5 && PARTS.has(kindKey(whole)); steps++) {
    const [owns] = view.in(whole.id, 'OWNS');
    const owner = owns && view.get(owns.from);
    if (owner === undefined || owner.namespace !== whole.namespace) break;
    whole = owner;
  }
  return whole;
}

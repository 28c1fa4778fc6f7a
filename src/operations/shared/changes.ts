/** What somebody did, as answers tell it: one version with what it is about, who did it, and who depends on it. Pure over a version and a view. */
import { z } from 'zod';
import {
  type ChangeClass,
  type ClassifiedField,
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
import type { Time } from '../../model/time.ts';
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
    fields: z
      .array(fieldChangeSchema.extend({ class: classSchema }))
      .describe('empty for what came or went as a whole'),
    breaks: z.array(z.object({ class: classSchema, text: z.string() })).describe('what it can break'),
    affects: z
      .object({ count: z.int(), resources: z.array(dependentSchema) })
      .describe('who depends on it, as the graph is now, or was at `at`'),
    times: z.int().optional().describe('how often the same was done by the same in a row, where more than once'),
    since: z.string().optional().describe('when it was done first, where more than once'),
  })
  .meta({ id: 'Change', description: 'Something that somebody did to an object, and what it can break.' });

type Told = z.output<typeof changeSchema>;

/** Something that somebody did. */
export interface Deed extends Pick<Told, 'verb' | 'resource' | 'text'> {
  readonly at: Time;
  readonly notBefore?: Time;
  readonly classes: readonly ChangeClass[];
  readonly by?: FieldAuthor;
  readonly fields: readonly ClassifiedField[];
  /** How often, and since when, where more than once. */
  readonly times?: number;
  readonly since?: Time;
}

/** A deed as answers tell it. */
export function toldOf(view: View, deed: Deed): Told {
  const { fields, classes, ...rest } = deed;
  return {
    ...rest,
    classes: [...classes],
    fields: [...fields],
    breaks: classes.map((name) => ({ class: name, text: canBreak(name) })),
    affects: dependentsOf(view, deed),
  };
}

/** What a version tells of somebody's deed; undefined when it only follows from others, or nobody knows when it came. Needs the version before. */
export function deedOf(version: Version): Deed | undefined {
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
    return { ...base, verb: done, classes, ...(by && { by }), text, fields: [] };
  }
  const changed = classified(of, fieldChanges(before, object));
  const fields = isMade(object) ? changed.filter(({ by }) => isByHand(object, by)) : changed;
  if (fields.length === 0) return undefined;
  const by = authorOf(fields.map((field) => field.by));
  const text = `${resourceTitle(of)}: ${changesText(fields)}`;
  return { ...base, verb: 'changed', classes: classesIn(fields), ...(by && { by }), text, fields };
}

/** A controller made it, and makes it again. */
function isMade({ metadata: { ownerReferences = [] } }: Version['object']): boolean {
  return ownerReferences.some(({ controller }) => controller === true);
}

/** Programs that write what follows from others. */
const CONTROLLERS = /^(?:kube-controller-manager|kube-scheduler|kubelet|k3s|cloud-controller-manager|kube-apiserver)$/;

/** Of what a controller made: whether someone else wrote a field. Where nothing tells who wrote, it may be. */
function isByHand({ metadata }: Version['object'], by: FieldAuthor | undefined): boolean {
  return by === undefined
    ? metadata.managedFields === undefined && metadata.deletionTimestamp === undefined
    : !CONTROLLERS.test(by.manager);
}

/** Who wrote the most of them. */
function authorOf(authors: readonly (FieldAuthor | undefined)[]): FieldAuthor | undefined {
  const known = authors.filter((author) => author !== undefined);
  const groups = [...Map.groupBy(known, authorText).values()].sort((a, b) => b.length - a.length);
  return groups[0]?.[0];
}

/** So much later the same is another deed. */
const FOLD_MS = 10 * 60_000;

/** The same done by the same to the same again and again is told once: with the values before the first and after the last. `deeds`: newest first. */
export function folded(deeds: readonly Deed[]): readonly Deed[] {
  const places = new Map<string, number>();
  const kept: Deed[] = [];
  for (const deed of deeds) {
    const key = keyOf(deed);
    const place = deed.verb === 'changed' ? places.get(key) : undefined;
    const later = place === undefined ? undefined : kept[place];
    if (
      place === undefined ||
      later === undefined ||
      Date.parse(later.since ?? later.at) - Date.parse(deed.at) > FOLD_MS
    )
      places.set(key, kept.push(deed) - 1);
    else kept[place] = joined(deed, later);
  }
  return kept;
}

function joined(earlier: Deed, later: Deed): Deed {
  const times = (later.times ?? 1) + 1;
  const fields = later.fields.map(({ before: _, ...field }, index) => {
    const before = earlier.fields[index]?.before;
    return before === undefined ? field : { ...field, before };
  });
  const text = `${resourceTitle(later.resource)}: ${changesText(fields)} (${times} times)`;
  return { ...later, times, since: earlier.at, fields, text };
}

function keyOf({ resource, verb, by, fields }: Deed): string {
  const { cluster, uid, name } = resource;
  return JSON.stringify([cluster, uid, name, verb, by?.manager, fields.map(({ path }) => path)]);
}

const DEPENDENTS_MAX = 20;
/** Parts of others, which say nothing more. */
const PARTS = new Set([
  '/Pod',
  'apps/ReplicaSet',
  'batch/Job',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  '/Event',
]);

/** Who depends on a resource by one edge, parts as their whole; of a key of a ConfigMap or Secret, those who may read that key. */
function dependentsOf(view: View, { resource, fields }: Deed): Told['affects'] {
  const known = view.byName(resource);
  if (known === undefined) return missedBy(view, resource);
  const keys = fields
    .map(({ path }) => /^(?:data|stringData|binaryData)(?:\.([\w-]+)|\["(.+)"\])$/.exec(path))
    .map((match) => match?.[1] ?? match?.[2]);
  const found = new Map<ResourceId, { readonly resource: Resource; readonly via: string }>();
  const add = (other: Resource | undefined, via: string): void => {
    const whole = other && wholeOf(view, other);
    if (whole && !whole.pseudo && whole.id !== known.id && !found.has(whole.id))
      found.set(whole.id, { resource: whole, via });
  };
  for (const { type, from, detail } of view.stored(known.id, 'in')) {
    const { against, family } = edgeInfo(type);
    if (against === undefined || family === 'ownership' || family === 'containment') continue;
    const own = detail.attributes?.['key'];
    if (
      own !== undefined &&
      detail.more === undefined &&
      keys.length > 0 &&
      !keys.includes(undefined) &&
      !keys.includes(String(own))
    )
      continue;
    add(view.get(from), type);
  }
  for (const { type, to } of view.stored(known.id, 'out')) {
    const { along, family, sentence } = edgeInfo(type);
    if (
      family === 'policy' ||
      family === 'selection' ||
      (along !== undefined && family !== 'ownership' && sentence !== '')
    )
      add(view.get(to), type);
  }
  return shown([...found.values()]);
}

/** Who refers to what is gone. */
function missedBy(view: View, { cluster, group, kind, namespace, name }: Told['resource']): Told['affects'] {
  const found = new Map<ResourceId, { readonly resource: Resource; readonly via: string }>();
  for (const { type, from, target } of view.dangling()) {
    if (target.kind !== kind || target.name !== name || target.namespace !== namespace || target.group !== group)
      continue;
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

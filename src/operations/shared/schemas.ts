/** Shapes that answers share. Named shapes (`id`) become components of the OpenAPI document. */
import { z } from 'zod';
import { nearest } from '../../lib/nearest.ts';
import type { Edge } from '../../model/edge.ts';
import { edgeInfo } from '../../model/edges.ts';
import { type Resource, type ResourceId, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import type { Context } from '../operation.ts';
import { type Outage, outagesOf, outageText } from './reach.ts';
import { standing } from './standing.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const healthStatus = z.enum(['healthy', 'warning', 'critical', 'unknown']);

export const resourceSchema = z
  .object({
    id: z.string().describe('`cluster/uid`; pseudo resources `cluster/~Kind/namespace/name`'),
    cluster: z.string(),
    group: z.string().describe('API group, empty for core'),
    kind: z.string(),
    namespace: z.string().describe('empty for what is cluster-scoped'),
    name: z.string(),
    uid: z.string(),
    pseudo: z.boolean().describe('true for what is only named and is no Kubernetes object: images, hosts, actors'),
    labels: z.record(z.string(), z.string()),
    createdAt: z.string().optional(),
    summary: z.record(z.string(), scalar).describe('the columns of `kubectl get`'),
    health: z.object({ status: healthStatus, reason: z.string().optional(), message: z.string().optional() }),
  })
  .meta({ id: 'Resource', description: 'What is known of one object.' });

export const briefSchema = z
  .object({
    id: z.string(),
    cluster: z.string(),
    group: z.string(),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    health: healthStatus,
  })
  .meta({ id: 'ResourceName', description: 'Names one object and says how it is.' });

export const missingShape = {
  missing: z.literal(true).optional().describe('it does not exist: others refer to it, and this tells who'),
};

export const evidenceSchema = z
  .object({
    rule: z.string().describe('id of the rule, see the `relations` operation'),
    field: z.string().describe('path of the field that says so'),
    class: z.enum(['exact', 'selector', 'naming', 'heuristic']),
    confidence: z.number().min(0).max(1),
    value: z.string().optional(),
    via: z.literal('template').optional(),
    more: z.number().int().optional().describe('how many more statements say the same'),
    attributes: z.record(z.string(), scalar).optional(),
    optional: z.boolean().optional().describe('the target may be missing'),
    since: z.string().optional().describe('when the edge came to be, as far as observed'),
  })
  .meta({ id: 'Evidence', description: 'Why we say so.' });

export const edgeSchema = z
  .object({ type: z.string(), from: z.string(), to: z.string(), detail: evidenceSchema })
  .meta({ id: 'Edge', description: 'Reads `from TYPE to` as an active sentence.' });

export const danglingSchema = z
  .object({
    type: z.string(),
    from: z.string(),
    target: z.object({
      group: z.string(),
      kind: z.string(),
      namespace: z.string(),
      name: z.string(),
      uid: z.string().optional(),
    }),
    detail: evidenceSchema.extend({ reason: z.enum(['missing', 'refused', 'stale']), optional: z.boolean() }),
  })
  .meta({ id: 'Dangling', description: 'A reference without a usable target.' });

export const incompleteSchema = z
  .object({
    cluster: z.string(),
    group: z.string(),
    kind: z.string(),
    namespace: z.string(),
    coverage: z.enum(['loading', 'forbidden', 'broken', 'excluded']),
    message: z.string().optional(),
  })
  .meta({ id: 'Incomplete', description: 'A kind that is not fully observed: the answer may lack it.' });

/** Most kinds that an answer lists as not fully observed: without rights in the whole cluster there is one for each kind and namespace. */
const INCOMPLETE_MAX = 200;

/** What every answer about the graph carries. */
export const stampShape = {
  revision: z.string().describe('position in the change feed, `epoch:number`'),
  at: z.string().optional().describe('time of the last change seen'),
  asOf: z.string().optional().describe('the instant of the past that was asked for'),
  incomplete: z.array(incompleteSchema).describe('kinds not fully observed; empty when the answer is complete'),
  incompleteLeft: z.int().optional().describe(`how many more, when they are more than ${INCOMPLETE_MAX}`),
  hints: z
    .array(z.string())
    .optional()
    .describe('names in the question that nothing bears, with the nearest that something does; clusters out of reach'),
};

export const warningSchema = z.object({ code: z.string(), message: z.string() });

interface Stamp {
  revision: string;
  at?: string;
  asOf?: string;
  incomplete: z.input<typeof incompleteSchema>[];
  incompleteLeft?: number;
  hints?: string[];
}

export interface About {
  readonly clusters?: readonly string[] | undefined;
  readonly kinds?: readonly { readonly group?: string | undefined; readonly kind: string }[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
}

/**
 * Revision, time and gaps in what the answer rests on. `about` leaves out kinds, clusters and namespaces that do not matter to it; `asked` are
 * the names in the question. A kind that is left out by configuration is reported when it was asked for.
 */
export function stamp(
  context: Context,
  about: About = {},
  asked: Pick<About, 'clusters' | 'namespaces'> = about,
): Stamp {
  const { view, epoch = '', asOf } = context;
  const outages = outagesOf(view);
  const incomplete = incompleteOf(view, about, outages);
  const old = [...outages.values()].filter(({ cluster }) => about.clusters?.includes(cluster) ?? true);
  const hints = [...old.map(outageText), ...hintsFor(context, asked)];
  return {
    revision: asOf ? `past:${asOf.moment}` : `${epoch}:${view.revision}`,
    ...(view.at !== undefined && { at: view.at }),
    ...(asOf && { asOf: asOf.instant }),
    incomplete: incomplete.slice(0, INCOMPLETE_MAX),
    ...(incomplete.length > INCOMPLETE_MAX && { incompleteLeft: incomplete.length - INCOMPLETE_MAX }),
    ...(hints.length > 0 && { hints }),
  };
}

function* hintsFor({ view, clusters: meant = [] }: Context, asked: Pick<About, 'clusters' | 'namespaces'>) {
  const clusters = new Set([...view.clusters, ...meant]);
  for (const name of asked.clusters ?? []) if (!clusters.has(name)) yield unknownName('cluster', name, clusters);
  const empty = (asked.namespaces ?? []).filter(
    (namespace) => namespace !== '' && view.resources({ namespace })[Symbol.iterator]().next().done,
  );
  if (empty.length === 0) return;
  const namespaces = new Set<string>();
  for (const { namespace } of view.resources()) if (namespace !== '') namespaces.add(namespace);
  for (const name of empty) yield unknownName('namespace', name, namespaces);
}

/** `nothing is known of a namespace "shp"; did you mean shop?` */
export function unknownName(what: string, name: string, known: ReadonlySet<string>): string {
  const near = nearest(name, known, 3);
  const some = known.size === 0 ? 'none is known yet' : `known are ${[...known].sort().slice(0, 10).join(', ')}`;
  return `nothing is known of a ${what} "${name}"; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : some}`;
}

/** A server that cannot be reached is the scope of all groups and kinds, a group whose own server is down that of all its kinds. */
function covers(scope: string, name: string): boolean {
  return scope === name || scope === '*';
}

/** Of a cluster that is out of reach, that is said instead of each of its kinds. */
function incompleteOf(
  view: View,
  { clusters, kinds, namespaces }: About,
  outages: ReadonlyMap<string, Outage>,
): Stamp['incomplete'] {
  const incomplete: Stamp['incomplete'] = [];
  for (const { cluster, group, kind, namespace, coverage, message } of view.coverage()) {
    if (coverage === 'ready' || coverage === 'absent') continue;
    if (clusters && !clusters.includes(cluster)) continue;
    if (coverage === 'excluded' && !kinds) continue;
    if (coverage === 'broken' && group !== '*' && outages.has(cluster)) continue;
    if (kinds && !kinds.some((known) => covers(group, known.group ?? group) && covers(kind, known.kind))) continue;
    if (namespaces && namespace !== '' && !namespaces.includes(namespace)) continue;
    incomplete.push({ cluster, group, kind, namespace, coverage, ...(message !== undefined && { message }) });
  }
  return incomplete;
}

/** Name and health of a resource. */
export function briefOf(view: View, resource: Resource): z.input<typeof briefSchema> {
  const { id, cluster, group, kind, namespace, name, health } = standing(view, resource);
  return { id, cluster, group, kind, namespace, name, health: health.status };
}

/** Name and health of a resource by id. Ends of edges always exist; should one not, its id stands for it. */
export function briefById(view: View, id: ResourceId): z.input<typeof briefSchema> {
  const resource = view.get(id);
  if (resource) return briefOf(view, resource);
  return { id, cluster: '', group: '', kind: '', namespace: '', name: id, health: 'unknown' };
}

/** The edge as a sentence: `Pod/shop/web-1 mounts ConfigMap/shop/settings`. */
export function sentenceOf(view: View, { type, from, to }: Pick<Edge, 'type' | 'from' | 'to'>): string {
  return `${titleById(view, from)} ${edgeInfo(type).sentence} ${titleById(view, to)}`;
}

function titleById(view: View, id: ResourceId): string {
  const resource = view.get(id);
  return resource ? resourceTitle(resource) : id;
}

/** Inputs that operations share, each declared once so that every interface words them alike. */
import { z } from 'zod';
import { nearest } from '../../lib/nearest.ts';
import { type EdgeType, edgeInfo, edges, type Family } from '../../model/edges.ts';
import { isEvent, kindKey } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import type { HealthStatus, Resource } from '../../model/resource.ts';
import type { Context } from '../operation.ts';
import { kindsFrom } from './kind-names.ts';
import { standing } from './standing.ts';

/** A list of at most `max` values, that text interfaces may write with commas. */
export function commaList<T extends z.ZodType>(item: T, max = 1_000): z.ZodArray<T> {
  return z.array(item).max(max).meta({ 'x-separator': ',' });
}

const resourceHelp =
  'an id, a uid, `Kind/namespace/name`, `Kind/name` for cluster-scoped ones; the kind also as plural, short name or with its group';

export const resourceInput = z.string().min(1).describe(`the resource: ${resourceHelp}`);

export const clustersInput = commaList(z.string()).optional().describe('only these clusters');
export const namespacesInput = commaList(z.string()).optional().describe('only these namespaces');
export const kindsInput = commaList(z.string())
  .optional()
  .describe('only these kinds: Kind, plural or short name, with or without group (`apps/Deployment`)');
export const healthInput = commaList(z.enum(['healthy', 'warning', 'critical', 'unknown']))
  .optional()
  .describe('only resources in these states');

export const directionInput = z
  .enum(['both', 'out', 'in'])
  .default('both')
  .describe('`out` follows edges from → to, `in` the other way');

const families = [...new Set(Object.values(edges).map(({ family }) => family as Family))].sort();

export const edgeInputs = {
  types: commaList(z.string()).optional().describe('only edges of these types, for example OWNS,SELECTS'),
  families: commaList(z.enum(families as [Family, ...Family[]]))
    .optional()
    .describe('only edges of these families'),
};

export interface EdgeChoice {
  readonly types?: readonly string[] | undefined;
  readonly families?: readonly Family[] | undefined;
}

/** Whether edges of a type are among those chosen; undefined when all are. */
export function edgeFilter({ types, families }: EdgeChoice): ((type: EdgeType) => boolean) | undefined {
  if (!types && !families) return undefined;
  for (const type of types ?? []) checkType(type);
  const wantedTypes = types && new Set(types);
  const wantedFamilies = families && new Set(families);
  return (type) =>
    (!wantedTypes || wantedTypes.has(type)) && (!wantedFamilies || wantedFamilies.has(edgeInfo(type).family));
}

export interface ResourceChoice {
  readonly clusters?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly health?: readonly HealthStatus[] | undefined;
}

/** Whether a resource is among those chosen. Without `kinds`, Events and pseudo resources are not: they come in masses. */
export function resourceFilter(context: Context, choice: ResourceChoice): (resource: Resource) => boolean {
  const { clusters, namespaces, health } = choice;
  const kinds = choice.kinds && kindSet(context, choice.kinds);
  return (resource) =>
    (kinds ? kinds.has(kindKey(resource)) : !resource.pseudo && !isEvent(resource)) &&
    (!clusters || clusters.includes(resource.cluster)) &&
    (!namespaces || namespaces.includes(resource.namespace)) &&
    (!health || health.includes(standing(context.view, resource).health.status));
}

/** The resources chosen, as they stand. Walks only the kinds that matter. */
export function* chosen(context: Context, choice: ResourceChoice): Iterable<Resource> {
  const isChosen = resourceFilter(context, choice);
  const scans = choice.kinds ? kindsFrom(context, choice.kinds) : [{}];
  for (const { group, kind } of scans as readonly { group?: string; kind?: string }[]) {
    const filter = { ...(group !== undefined && { group }), ...(kind !== undefined && { kind }) };
    for (const resource of context.view.resources(filter))
      if (isChosen(resource)) yield standing(context.view, resource);
  }
}

/** Types of users' relations files are not in the table, so only what looks like a misspelt type of the table is refused. */
function checkType(type: string): void {
  if (Object.hasOwn(edges, type)) return;
  const [near] = nearest(type, Object.keys(edges));
  if (near === undefined) return;
  throw new Problem('invalid-input', `no edge type is called "${type}"; did you mean ${near}?`);
}

function kindSet(context: Context, words: readonly string[]): ReadonlySet<string> {
  return new Set(kindsFrom(context, words).map(kindKey));
}

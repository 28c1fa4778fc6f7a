/** Incidents as answers tell them: a row of the list from the graph, the whole from the object, wherever that is kept. */
import { z } from 'zod';
import type { Filed, IncidentObject } from '../../analysis/incidents.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import type { Context } from '../operation.ts';

export const stateSchema = z.enum(['open', 'acknowledged', 'resolved']);

export const incidentRow = z
  .object({
    name: z.string(),
    cluster: z.string(),
    id: z.string().describe('id of the resource in the graph'),
    state: stateSchema,
    severity: z.enum(['critical', 'warning']),
    title: z.string(),
    startedAt: z.string(),
    endedAt: z.string().optional(),
    symptoms: z.int().describe('how many suffer'),
    cause: z.string().optional().describe('the most probable: `Kind/namespace/name`; absent when it is not known'),
    reason: z.string().optional().describe('what is wrong with it'),
    confidence: z.number().optional(),
    acknowledgedBy: z.string().optional(),
    mergedInto: z.string().optional().describe('name of the incident that it turned out to be part of'),
  })
  .meta({ id: 'IncidentRow' });

export type IncidentRow = z.output<typeof incidentRow>;

export function rowOf({ id, cluster, name, summary }: Resource): IncidentRow {
  const text = (key: string): string | undefined => (summary[key] === undefined ? undefined : String(summary[key]));
  const optional = Object.fromEntries(
    (['endedAt', 'cause', 'reason', 'acknowledgedBy', 'mergedInto'] as const).flatMap((key) => {
      const value = text(key);
      return value ? [[key, value]] : [];
    }),
  );
  return {
    name,
    cluster,
    id,
    state: (text('state') ?? 'open') as IncidentRow['state'],
    severity: text('severity') === 'critical' ? 'critical' : 'warning',
    title: text('title') ?? name,
    startedAt: text('startedAt') ?? '',
    symptoms: Number(summary['symptoms'] ?? 0),
    ...(summary['confidence'] !== undefined && { confidence: Number(summary['confidence']) }),
    ...optional,
  };
}

/** The incidents of a graph. */
export function* incidentsIn(view: View): Iterable<Resource> {
  for (const resource of view.resources({ group: '', kind: 'Incident' })) if (resource.pseudo) yield resource;
}

/** The incident of a name, at the instant of the context. Throws `not-found`. */
export async function incidentNamed(context: Context, name: string): Promise<Filed & { readonly resource: Resource }> {
  const { view, incidents, past, history = past?.history, asOf } = context;
  const resource = Iterator.from(incidentsIn(view)).find((one) => one.name === name);
  if (resource === undefined)
    throw new Problem('not-found', `no incident is called "${name}"; "incidents" lists those there are`);
  const known = asOf ? undefined : incidents?.get(name);
  if (known) return { ...known, resource };
  const at = asOf?.instant ?? view.at ?? '';
  const [course] = history ? await history.courses([resource], { from: at, to: at }) : [];
  const object = course?.versions.at(-1)?.object as IncidentObject | undefined;
  if (object === undefined)
    throw new Problem('unsupported', `nothing but its name is known of incident "${name}": no history is kept here`);
  return { cluster: resource.cluster, object, resource };
}

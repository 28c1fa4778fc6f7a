/**
 * Incidents as root-cause APIs over a knowledge graph list them: by number of the page, with their field names. At the same address as ours, so who asks
 * in their words (`page`, `page_size`, `status`, `resource_id`) is answered in them.
 */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Context, validInput } from '../../operations/operation.ts';
import { inputFromStrings } from '../../operations/shared/from-strings.ts';
import { incidentsIn, rowOf, stateSchema } from '../../operations/shared/incidents.ts';
import { ROOT } from '../rest.ts';
import type { Route } from '../routes.ts';
import { withKgErrors } from './kg-errors.ts';

const THEIRS = ['page', 'page_size', 'status', 'resource_id'] as const;

export const kgIncidentsInput = z.strictObject({
  page: z.int().min(1).default(1),
  page_size: z.int().min(1).max(100).default(20),
  status: stateSchema.optional(),
  severity: z.enum(['ERROR', 'FATAL', 'WARNING']).optional(),
  resource_id: z
    .string()
    .optional()
    .describe('`kind:uid`, `kind:namespace:name`, or a uid: only incidents that affect it'),
});

/** The routes, of which that of incidents understands their words too. */
export function withKgIncidents(routes: readonly Route[], context: () => Context): Route[] {
  return routes.map((route) => {
    if (route.method !== 'GET' || route.url !== `${ROOT}/incidents`) return route;
    const theirs = withKgErrors((request) => listed(context().view, request));
    const isTheirs = ({ query }: FastifyRequest): boolean =>
      THEIRS.some((name) => Object.hasOwn(query as object, name));
    return {
      ...route,
      handler: (request, reply) => (isTheirs(request) ? theirs(request, reply) : route.handler(request, reply)),
    };
  });
}

function listed(view: View, request: FastifyRequest): unknown {
  const operation = { name: 'incidents', input: kgIncidentsInput };
  const asked = inputFromStrings(operation as never, request.query as Readonly<Record<string, string>>);
  const { page, page_size, status, severity, resource_id } = validInput(operation, asked);
  const all = Array.from(incidentsIn(view), (resource) => ({ resource, row: rowOf(resource) }))
    .filter(({ row }) => status === undefined || row.state === status)
    .filter(({ row }) => severity === undefined || (severity === 'WARNING') === (row.severity === 'warning'))
    .filter(
      ({ resource }) => resource_id === undefined || affected(view, resource).some((one) => isMeant(one, resource_id)),
    )
    .sort((a, b) => (a.row.startedAt < b.row.startedAt ? 1 : -1));
  return {
    data: all.slice((page - 1) * page_size, page * page_size).map(({ resource }) => told(view, resource)),
    pagination: { page, page_size, total_pages: Math.ceil(all.length / page_size), total_count: all.length },
  };
}

function affected(view: View, { id }: Resource): readonly Resource[] {
  return Array.from(view.out(id, 'AFFECTS'), ({ to }) => view.get(to)).filter((one) => one !== undefined);
}

const ridOf = ({ kind, uid, namespace, name }: Resource): string =>
  uid === '' ? `${kind.toLowerCase()}:${namespace}:${name}` : `${kind.toLowerCase()}:${uid}`;

function isMeant(one: Resource, wanted: string): boolean {
  const { kind, namespace, name, uid } = one;
  return (
    [ridOf(one), uid, `${kind.toLowerCase()}:${namespace}:${name}`].includes(wanted.toLowerCase()) || uid === wanted
  );
}

function told(view: View, resource: Resource): object {
  const { name, state, severity, title, startedAt, endedAt, cause, reason, confidence, acknowledgedBy } =
    rowOf(resource);
  const [first] = affected(view, resource);
  return {
    incident_id: name,
    status: state,
    severity: severity === 'critical' ? 'FATAL' : 'WARNING',
    title,
    resource_id: first ? ridOf(first) : null,
    window_start: startedAt,
    window_end: endedAt ?? null,
    event_count: [...view.in(resource.id, 'PART_OF')].length,
    created_at: resource.createdAt ?? startedAt,
    acknowledged_by: acknowledgedBy ?? null,
    root_cause: cause === undefined ? null : { resource: cause, reason, confidence },
  };
}

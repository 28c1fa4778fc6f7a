/** What there is and what happened, as clients of a knowledge-graph API ask: statistics, a timeline, one resource, its surroundings, events and health. */
import { z } from 'zod';
import { isEvent } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { getVersion } from '../../operations/get-version.ts';
import { listEpisodes } from '../../operations/list-episodes.ts';
import { type Context, perform } from '../../operations/operation.ts';
import { incidentsIn, rowOf } from '../../operations/shared/incidents.ts';
import { resourceFrom } from '../../operations/shared/resolve.ts';
import { standing } from '../../operations/shared/standing.ts';
import { tally } from '../../operations/shared/tally.ts';
import { topology } from '../../operations/topology.ts';
import { Explanations } from './explained.ts';
import { eventInfo, eventOf, infoOf, resourceInfo, type SeverityName, severitiesOf } from './kg-shapes.ts';

const counts = z.record(z.string(), z.int());

export const statsShape = z
  .object({
    timestamp: z.string(),
    resources: z.int().describe('without Events, other occurrences and what is only named'),
    episodic_events: z.int(),
    incidents: z.int(),
    edges: z.int(),
    resources_by_kind: counts,
    edges_by_type: counts,
    events_by_severity: counts,
    oldest_event: z.string().optional(),
    newest_event: z.string().optional().describe('also names the event itself in questions about one'),
    graph: z.object({
      resources: z.object({ total: z.int(), by_kind: counts }),
      events: z.object({ total: z.int(), by_severity: counts }),
      incidents: z.object({ total: z.int(), open: z.int(), acknowledged: z.int(), resolved: z.int() }),
      edges: z.object({ total: z.int(), by_type: counts }),
    }),
  })
  .meta({ id: 'KgStats' });

type Episodes = z.output<typeof listEpisodes.output>;

/** `now`: RFC 3339. */
export async function stats(context: Context, now: string): Promise<z.input<typeof statsShape>> {
  const { view } = context;
  const { total, severities, oldest, newest } = (await perform(listEpisodes, context, { limit: 1 })) as Episodes;
  const resources = Iterator.from(view.resources()).filter(isCounted);
  const byKind = sorted(tally(resources, ({ kind }) => kind));
  const byType = sorted(edgeTypes(view));
  const bySeverity: Record<SeverityName, number> = {
    INFO: severities.debug + severities.info,
    WARNING: severities.warning,
    ERROR: severities.error,
    FATAL: severities.critical,
  };
  const incidents = incidentStates(view);
  const [resourceTotal, edgeTotal] = [byKind, byType].map((map) =>
    Object.values(map).reduce((sum, one) => sum + one, 0),
  );
  return {
    timestamp: now,
    resources: resourceTotal ?? 0,
    episodic_events: total,
    incidents: incidents.total,
    edges: edgeTotal ?? 0,
    resources_by_kind: byKind,
    edges_by_type: byType,
    events_by_severity: bySeverity,
    ...(oldest !== undefined && { oldest_event: oldest }),
    ...(newest !== undefined && { newest_event: newest }),
    graph: {
      resources: { total: resourceTotal ?? 0, by_kind: byKind },
      events: { total, by_severity: bySeverity },
      incidents,
      edges: { total: edgeTotal ?? 0, by_type: byType },
    },
  };
}

function isCounted(resource: Resource): boolean {
  return !resource.pseudo && !isEvent(resource);
}

function sorted(map: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(map).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

function edgeTypes(view: View): Record<string, number> {
  const types = new Map<string, number>();
  for (const { id } of view.resources())
    view.scan(id, 'out', (type) => {
      types.set(type, (types.get(type) ?? 0) + 1);
    });
  return Object.fromEntries(types);
}

function incidentStates(view: View): { total: number; open: number; acknowledged: number; resolved: number } {
  const states = { total: 0, open: 0, acknowledged: 0, resolved: 0 };
  for (const resource of incidentsIn(view)) {
    states.total++;
    states[rowOf(resource).state]++;
  }
  return states;
}

export const eventsInput = {
  start_time: z.string().optional().describe('RFC 3339, or how long ago (`15m`, `2d`)'),
  end_time: z.string().optional(),
  severity: z.string().optional().describe('INFO, WARNING, ERROR, FATAL, separated by commas'),
};

export const timelineInput = z.object({
  ...eventsInput,
  namespaces: z.string().optional().describe('separated by commas'),
  limit: z.int().min(1).max(1_000).default(1_000).describe('of our own'),
  include_incidents: z.boolean().default(false),
});

export const timelineShape = z
  .object({
    start_time: z.string(),
    end_time: z.string(),
    events: z.array(z.object({ ...eventInfo.shape, incident_id: z.string().optional() })).describe('the latest first'),
    total: z.int(),
  })
  .meta({ id: 'KgTimeline' });

export async function timeline(
  context: Context,
  { start_time, end_time, severity, namespaces, limit, include_incidents }: z.output<typeof timelineInput>,
): Promise<z.input<typeof timelineShape>> {
  const found = (await perform(listEpisodes, context, {
    ...(start_time !== undefined && { from: start_time }),
    ...(end_time !== undefined && { to: end_time }),
    ...(namespaces !== undefined && { namespaces: namespaces.split(',').filter(Boolean) }),
    ...(severity !== undefined && { severities: severitiesOf(severity) }),
    limit,
  })) as Episodes;
  const explanations = new Explanations(context);
  const events = await Promise.all(
    found.items.map(async (item) => {
      const { incident } = include_incidents ? await explanations.about(item.resource.id) : {};
      return { ...eventOf(item), ...(incident && { incident_id: incident.id }) };
    }),
  );
  return {
    start_time: found.from ?? found.oldest ?? '',
    end_time: found.to ?? found.newest ?? '',
    events,
    total: found.total,
  };
}

export const resourceShape = z
  .object({
    ...resourceInfo.shape,
    status: z
      .record(z.string(), z.unknown())
      .describe('with a history that of the object, else its columns and its health'),
    spec: z.record(z.string(), z.unknown()).optional(),
    health: z.object({ status: z.string(), reason: z.string().optional(), message: z.string().optional() }),
    created_at: z.string().optional(),
    updated_at: z.string().optional(),
  })
  .meta({ id: 'KgResourceDetail' });

export async function resource(context: Context, uid: string): Promise<z.input<typeof resourceShape>> {
  const found = standing(context.view, resourceFrom(context, uid));
  const { health, summary, createdAt } = found;
  const version = context.past ? await versionOf(context, found) : undefined;
  const { spec, status } = (version?.object ?? {}) as {
    spec?: Record<string, unknown>;
    status?: Record<string, unknown>;
  };
  return {
    ...infoOf(found),
    status: status ?? { ...summary },
    ...(spec && { spec }),
    health: { ...health },
    ...(createdAt !== undefined && { created_at: createdAt }),
    ...(version && { updated_at: version.at }),
  };
}

/** What history holds of it; nothing where it holds nothing yet. */
async function versionOf(context: Context, { id }: Resource): Promise<z.output<typeof getVersion.output> | undefined> {
  try {
    return (await perform(getVersion, context, { resource: id })) as z.output<typeof getVersion.output>;
  } catch {
    return undefined;
  }
}

export const surroundingsShape = z
  .object({
    resource: resourceInfo,
    relationships: z.array(
      z.object({
        target: resourceInfo,
        path: z.array(z.string()).describe('types of the edges from the resource to it'),
      }),
    ),
    depth: z.int(),
    truncated: z.boolean(),
  })
  .meta({ id: 'KgTopology' });

export async function surroundings(
  context: Context,
  uid: string,
  depth: number,
): Promise<z.input<typeof surroundingsShape>> {
  const middle = resourceFrom(context, uid);
  const picture = (await perform(topology, context, { around: middle.id, depth, limit: 1_000 })) as z.output<
    typeof topology.output
  >;
  const nodes = new Map(picture.nodes.map((node) => [node.id, node]));
  const paths = new Map<string, readonly string[]>([[middle.id, []]]);
  const beside = Map.groupBy(
    picture.edges.flatMap(({ type, from, to }) => [
      { from, to, type },
      { from: to, to: from, type },
    ]),
    ({ from }) => from,
  );
  const queue = [middle.id];
  for (const from of queue)
    for (const { to, type } of beside.get(from) ?? []) {
      if (paths.has(to)) continue;
      paths.set(to, [...(paths.get(from) ?? []), type]);
      queue.push(to);
    }
  const relationships = [...paths].flatMap(([id, path]) => {
    const node = nodes.get(id);
    return node && id !== middle.id ? [{ target: infoOf(node), path: [...path] }] : [];
  });
  return { resource: infoOf(middle), relationships, depth, truncated: picture.truncated };
}

export const eventsShape = z
  .object({ resource_uid: z.string(), events: z.array(eventInfo), total_count: z.int() })
  .meta({ id: 'KgEvents' });

interface EventsChoice {
  readonly start_time?: string | undefined;
  readonly end_time?: string | undefined;
  readonly severity?: string | undefined;
  readonly limit: number;
}

export async function eventsOf(
  context: Context,
  uid: string,
  { start_time, end_time, severity, limit }: EventsChoice,
): Promise<z.input<typeof eventsShape>> {
  const about = resourceFrom(context, uid);
  const { items, total } = (await perform(listEpisodes, context, {
    resource: about.id,
    ...(start_time !== undefined && { from: start_time }),
    ...(end_time !== undefined && { to: end_time }),
    ...(severity !== undefined && { severities: severitiesOf(severity) }),
    limit,
  })) as Episodes;
  return { resource_uid: about.uid || about.id, events: items.map(eventOf), total_count: total };
}

const checkStatus = z.enum(['ok', 'warning', 'critical']);

export const healthShape = z
  .object({
    resource_uid: z.string(),
    health_score: z
      .int()
      .min(0)
      .max(100)
      .describe('100, less 15 an incident, 20 a FATAL event, 10 an ERROR, 5 a WARNING of the last day'),
    status: z
      .enum(['healthy', 'degraded', 'critical'])
      .describe('by the score (80 and 50), and no better than the state of the object itself'),
    checks: z.array(
      z.object({
        name: z.string(),
        status: checkStatus,
        value: z.number(),
        threshold: z.number(),
        message: z.string().optional(),
      }),
    ),
    recent_incidents: z.int(),
    last_error: z.string().optional(),
  })
  .meta({ id: 'KgResourceHealth' });

const levels = ['healthy', 'degraded', 'critical'] as const;

export async function healthOf(context: Context, uid: string): Promise<z.input<typeof healthShape>> {
  const about = standing(context.view, resourceFrom(context, uid));
  const { severities } = (await perform(listEpisodes, context, {
    resource: about.id,
    from: '24h',
    limit: 1,
  })) as Episodes;
  const worst = { severities: ['error', 'critical'], resource: about.id, from: '24h', limit: 1 };
  const [last] = ((await perform(listEpisodes, context, worst)) as Episodes).items;
  const { incident } = await new Explanations(context).about(about.id);
  const incidents = incident ? 1 : 0;
  const { critical, error, warning } = severities;
  const score = Math.max(0, 100 - 15 * incidents - 20 * critical - 10 * error - 5 * warning);
  const byScore = score >= 80 ? 0 : score >= 50 ? 1 : 2;
  const { health } = about;
  const byState = health.status === 'critical' ? 2 : health.status === 'warning' ? 1 : 0;
  const lastError = last && [last.reason, last.message].filter(Boolean).join(': ');
  return {
    resource_uid: about.uid || about.id,
    health_score: score,
    status: levels[Math.max(byScore, byState)] ?? 'critical',
    checks: [
      {
        name: 'state',
        status: checkOf(byState),
        value: byState,
        threshold: 1,
        ...((health.message ?? health.reason) !== undefined && { message: health.message ?? health.reason }),
      },
      { name: 'incidents', status: checkOf(incidents > 0 ? 2 : 0), value: incidents, threshold: 1 },
      { name: 'fatal_events', status: checkOf(critical > 0 ? 2 : 0), value: critical, threshold: 1 },
      { name: 'error_events', status: checkOf(error >= 5 ? 2 : error > 0 ? 1 : 0), value: error, threshold: 5 },
      { name: 'warning_events', status: checkOf(warning > 0 ? 1 : 0), value: warning, threshold: 1 },
    ],
    recent_incidents: incidents,
    ...(lastError && { last_error: lastError }),
  };
}

function checkOf(level: number): z.input<typeof checkStatus> {
  return (['ok', 'warning', 'critical'] as const)[level] ?? 'critical';
}

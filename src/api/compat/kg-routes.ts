/** The routes of a knowledge-graph RCA API, each with what the OpenAPI document says of it. What is not theirs says so. */
import { setImmediate } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import { getResource } from '../../operations/get-resource.ts';
import { listEpisodes } from '../../operations/list-episodes.ts';
import { type Context, perform } from '../../operations/operation.ts';
import { resourceFrom } from '../../operations/shared/resolve.ts';
import type { ApiOptions } from '../options.ts';
import { PROBLEM_TYPE } from '../problems.ts';
import { ROOT } from '../rest.ts';
import type { Route, RouteDocument } from '../routes.ts';
import { Explanations } from './explained.ts';
import { bodyOf, queryOf, withKgErrors } from './kg-errors.ts';
import * as graph from './kg-graph.ts';
import * as search from './kg-search.ts';
import { severitiesOf, severityName } from './kg-shapes.ts';
import { batchInput, update, updateInput, updateShape } from './kg-updates.ts';
import { analyse, type RcaResult, rcaOptions, rcaResult } from './rca.ts';

const rcaInput = z.strictObject({
  event_id: z
    .string()
    .min(1)
    .optional()
    .describe(
      'the uid of an Event, the id that an occurrence was sent with, or an instant, for the last that happened then',
    ),
  resource_uid: z
    .string()
    .min(1)
    .optional()
    .describe('instead of an event: the last of the resource that was no good news'),
  ...rcaOptions,
});
const rcaQuery = z.strictObject({ event_id: z.string().min(1), ...rcaOptions });
const rcaResourceInput = z.strictObject({
  resource_uid: z.string().min(1),
  time_window_hours: z.number().positive().max(8_760).default(24),
  severity: z.array(severityName).optional().describe('default: all'),
  min_confidence: rcaOptions.min_confidence,
});
const BULK_MAX = 100;
const rcaBulkInput = z.strictObject({
  event_ids: z.array(z.string().min(1)).max(BULK_MAX),
  min_confidence: rcaOptions.min_confidence,
});
const uidInput = {
  uid: z.string().min(1).describe('a uid, or any other name of a resource: `Pod/shop/web-1`, `pod:shop:web-1`'),
};
const topologyInput = z.strictObject({ ...uidInput, depth: z.int().min(1).max(6).default(2) });
const eventsQuery = z.strictObject({
  ...uidInput,
  ...graph.eventsInput,
  limit: z.int().min(1).max(1_000).default(100),
});

const rcaResourceShape = z
  .object({ resource_uid: z.string(), analysis_count: z.int(), analyses: z.array(rcaResult) })
  .meta({ id: 'KgRcaResource' });
const rcaBulkShape = z
  .object({
    total: z.int().describe('how many were asked for'),
    results: z.array(rcaResult),
    not_found: z.array(z.string()).describe('of our own: ids that nothing bears'),
  })
  .meta({ id: 'KgRcaBulk' });

interface Row<P extends z.ZodObject = z.ZodObject, B extends z.ZodObject = z.ZodObject> {
  readonly method: 'GET' | 'POST';
  /** Below the root, in OpenAPI's notation. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: P;
  readonly body?: { readonly schema: B; readonly example: Readonly<Record<string, unknown>> };
  readonly answer: z.ZodType;
  /** It adds to the graph: who sends may have a token of their own. */
  readonly writes?: true;
  readonly run: (asked: {
    readonly context: Context;
    readonly now: () => number;
    readonly intake: ApiOptions['intake'];
    readonly body: z.output<B>;
    readonly query: z.output<P>;
  }) => unknown;
}

/** Keeps the types of a row together while it is written down. */
function row<P extends z.ZodObject, B extends z.ZodObject>(definition: Row<P, B>): Row {
  return definition as unknown as Row;
}

/** A demo's event, which is there as long as its window holds it. */
const EVENT = '2026-11-21T14:30:30Z';

const UPDATES =
  'What is followed in its cluster is known better and stays as it is; each record that cannot be taken is a dead letter. See `POST /api/v1/intake/{format}`.';
const UPDATE = {
  timestamp: '2026-11-22T10:00:00Z',
  resources: [
    {
      action: 'UPDATE',
      kind: 'Pod',
      uid: 'abc-123',
      name: 'my-pod',
      namespace: 'default',
      labels: { app: 'web' },
      status: { phase: 'Running' },
    },
  ],
  events: [
    {
      action: 'CREATE',
      event_id: 'e1',
      event_time: '2026-11-22T10:00:00Z',
      severity: 'ERROR',
      reason: 'OOMKilled',
      message: 'killed',
      subject_uid: 'abc-123',
    },
  ],
};

const rows: readonly Row[] = [
  row({
    method: 'POST',
    path: '/rca',
    operationId: 'rca',
    summary: 'Root cause of one event',
    description:
      'Earlier events that may have led to it, ranked by the formula of such services, and what `explain` says of its subject.',
    body: { schema: rcaInput, example: { event_id: EVENT, min_confidence: 0.5 } },
    answer: rcaResult,
    run: async ({ context, body: { event_id, resource_uid, ...options } }) =>
      analyse(context, event_id ?? (await lastBadEvent(context, resource_uid)), options),
  }),
  row({
    method: 'GET',
    path: '/rca/{event_id}',
    operationId: 'rcaOfEvent',
    summary: 'Root cause of one event',
    parameters: rcaQuery,
    answer: rcaResult,
    run: ({ context, query: { event_id, ...options } }) => analyse(context, event_id, options),
  }),
  row({
    method: 'POST',
    path: '/rca/resource',
    operationId: 'rcaOfResource',
    summary: 'Root causes of the events of a resource',
    description: `The latest ${50} of the time window.`,
    body: {
      schema: rcaResourceInput,
      example: { resource_uid: 'Deployment/payments/payments-api', time_window_hours: 24 },
    },
    answer: rcaResourceShape,
    run: ({ context, body }) => ofResource(context, body),
  }),
  row({
    method: 'POST',
    path: '/rca/bulk',
    operationId: 'rcaOfMany',
    summary: `Root causes of up to ${BULK_MAX} events`,
    body: { schema: rcaBulkInput, example: { event_ids: [EVENT], min_confidence: 0.5 } },
    answer: rcaBulkShape,
    run: ({ context, body }) => ofMany(context, body.event_ids, body.min_confidence),
  }),
  row({
    method: 'GET',
    path: '/graph/stats',
    operationId: 'graphStats',
    summary: 'How much of what there is',
    answer: graph.statsShape,
    run: ({ context }) => graph.stats(context, new Date().toISOString()),
  }),
  row({
    method: 'GET',
    path: '/graph/timeline',
    operationId: 'graphTimeline',
    summary: 'What happened in an interval',
    parameters: graph.timelineInput,
    answer: graph.timelineShape,
    run: ({ context, query }) => graph.timeline(context, query),
  }),
  row({
    method: 'GET',
    path: '/graph/resource/{uid}',
    operationId: 'graphResource',
    summary: 'One resource',
    parameters: z.strictObject(uidInput),
    answer: graph.resourceShape,
    run: ({ context, query: { uid } }) => graph.resource(context, uid),
  }),
  row({
    method: 'GET',
    path: '/graph/topology/{uid}',
    operationId: 'graphTopology',
    summary: 'What surrounds a resource',
    parameters: topologyInput,
    answer: graph.surroundingsShape,
    run: ({ context, query: { uid, depth } }) => graph.surroundings(context, uid, depth),
  }),
  row({
    method: 'GET',
    path: '/graph/events/{uid}',
    operationId: 'graphEvents',
    summary: 'What happened to a resource',
    parameters: eventsQuery,
    answer: graph.eventsShape,
    run: ({ context, query: { uid, ...choice } }) => graph.eventsOf(context, uid, choice),
  }),
  row({
    method: 'POST',
    path: '/search/similar',
    operationId: 'searchSimilar',
    summary: 'Events like one',
    body: { schema: search.similarInput, example: { event_id: EVENT, top_k: 5 } },
    answer: search.similarShape,
    run: ({ context, body }) => search.similar(context, body),
  }),
  row({
    method: 'POST',
    path: '/search/semantic',
    operationId: 'searchSemantic',
    summary: 'Events like words',
    description: 'By words, canonical types and what they are about; no embeddings.',
    body: { schema: search.semanticInput, example: { query: 'readiness probe failed', top_k: 5 } },
    answer: search.semanticShape,
    run: ({ context, body, now }) => search.semantic(context, body, now),
  }),
  row({
    method: 'POST',
    path: '/search/causal',
    operationId: 'searchCausal',
    summary: 'Chains of events that led to those like words',
    body: { schema: search.causalInput, example: { query: 'back-off restarting failed container' } },
    answer: search.causalShape,
    run: ({ context, body }) => search.causal(context, body),
  }),
  ...['/updates', '/graph/updates'].map((path) =>
    row({
      method: 'POST',
      path,
      operationId: path === '/updates' ? 'update' : 'graphUpdate',
      summary: 'Takes resources, edges and events from outside',
      description: UPDATES,
      body: { schema: updateInput, example: UPDATE },
      answer: updateShape,
      writes: true,
      run: ({ intake, context, body }) => update(intake, context.view, [body]),
    }),
  ),
  row({
    method: 'POST',
    path: '/updates/batch',
    operationId: 'updateBatch',
    summary: 'Takes several updates, in order',
    description: UPDATES,
    body: { schema: batchInput, example: { updates: [UPDATE] } },
    answer: updateShape,
    writes: true,
    run: ({ intake, context, body }) => update(intake, context.view, body.updates),
  }),
];

const HEALTH = `${ROOT}/resources/{uid}/health`;

const ERRORS = `Errors are \`{"error": {"code", "message", "details", "timestamp"}}\`, as clients of such an API expect; with \`Accept: ${PROBLEM_TYPE}\` they are problems.`;

/** What the OpenAPI document says of these routes. */
export const kgDocuments: readonly RouteDocument[] = [
  ...rows.map(
    ({ method, path, operationId, summary, description, parameters = z.object({}), body, answer }): RouteDocument => ({
      method,
      path: `${ROOT}${path}`,
      operationId,
      summary,
      description: description === undefined ? ERRORS : `${description} ${ERRORS}`,
      parameters,
      ...(body && { body }),
      answer,
      headers: {},
    }),
  ),
  {
    path: HEALTH,
    operationId: 'resourceHealth',
    summary: 'How well a resource is, as a score',
    description: ERRORS,
    parameters: z.object(uidInput),
    answer: graph.healthShape,
    headers: {},
  },
];

export function kgRoutes({ context, now, intake }: Pick<ApiOptions, 'context' | 'now' | 'intake'>): Route[] {
  const own = rows.map(
    ({ method, path, parameters, body, writes, run }): Route => ({
      method,
      url: urlOf(path),
      ...(writes && intake?.token !== undefined && { token: intake.token }),
      handler: withKgErrors((request) =>
        run({
          context: context(),
          now,
          intake,
          body: body ? bodyOf(body.schema, request) : {},
          query: queryOf(parameters ?? z.strictObject({}), named(request, path)),
        }),
      ),
    }),
  );
  return [
    ...own,
    {
      method: 'GET',
      url: `${ROOT}/resources/:uid/health`,
      handler: withKgErrors((request) => health(context(), request)),
    },
  ];
}

/** A name in the path may hold slashes: `/rca/log/web`. */
function urlOf(path: string): string {
  return `${ROOT}${path.replace(/\{\w+\}$/, '*')}`;
}

function named({ params, query }: FastifyRequest, path: string): Pick<FastifyRequest, 'params' | 'query'> {
  const [, name] = /\{(\w+)\}$/.exec(path) ?? [];
  const { '*': rest } = params as Readonly<Record<string, string>>;
  return { query, params: name === undefined ? {} : { [name]: rest } };
}

/** `/resources/Namespace/health` may be the Namespace of that name. */
async function health(context: Context, request: FastifyRequest): Promise<unknown> {
  const { uid } = queryOf(z.looseObject(uidInput) as unknown as z.ZodObject<typeof uidInput>, request);
  try {
    resourceFrom(context, uid);
  } catch (error) {
    if (isUnknown(error) && /^[A-Za-z]+$/.test(uid))
      return await perform(getResource, context, { resource: `${uid}/health` });
    throw error;
  }
  return graph.healthOf(context, uid);
}

function isUnknown(error: unknown): boolean {
  return error instanceof Problem && error.code === 'not-found';
}

type Episodes = z.output<typeof listEpisodes.output>;

/** The last event of a resource that was no good news, else the last. Throws `invalid-input` without a resource, `not-found` without an event. */
async function lastBadEvent(context: Context, uid: string | undefined): Promise<string> {
  if (uid === undefined)
    throw new Problem('invalid-input', 'event_id: is required, or resource_uid for the last event of a resource');
  const { id } = resourceFrom(context, uid);
  for (const severities of [['warning', 'error', 'critical'], undefined]) {
    const input = { resource: id, limit: 1, ...(severities && { severities }) };
    const [last] = ((await perform(listEpisodes, context, input)) as Episodes).items;
    if (last) return last.id;
  }
  throw new Problem('not-found', `nothing is known to have happened to ${uid}`);
}

/** Events of a resource that are analysed, the latest. */
const ANALYSES_MAX = 50;

async function ofResource(
  context: Context,
  { resource_uid, time_window_hours, severity, min_confidence }: z.output<typeof rcaResourceInput>,
): Promise<z.input<typeof rcaResourceShape>> {
  const { items } = (await perform(listEpisodes, context, {
    resource: resourceFrom(context, resource_uid).id,
    from: `${time_window_hours}h`,
    ...(severity && { severities: severitiesOf(severity) }),
    limit: ANALYSES_MAX,
  })) as Episodes;
  const { results } = await ofMany(
    context,
    items.map(({ id }) => id),
    min_confidence,
  );
  return { resource_uid, analysis_count: results.length, analyses: results };
}

async function ofMany(
  context: Context,
  events: readonly string[],
  min_confidence: number,
): Promise<z.input<typeof rcaBulkShape>> {
  const explanations = new Explanations(context);
  const options = { ...z.object(rcaOptions).parse({}), min_confidence };
  const results: RcaResult[] = [];
  const missing: string[] = [];
  for (const event of events) {
    // Others have their turn.
    await setImmediate();
    try {
      results.push(await analyse(context, event, options, explanations));
    } catch (error) {
      if (!isUnknown(error)) throw error;
      missing.push(event);
    }
  }
  return { total: events.length, results, not_found: missing };
}

/**
 * Two plain questions of an event pipeline's query API: why a pod is not well, and whom a Service's failure would touch. Lists of texts; a missing
 * parameter is 400 and a name that nothing bears 404, both in plain text. What that pipeline made up (times) is what was observed here.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { kindKey } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import { type Resource, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Explanation, explainOperation } from '../../operations/explain.ts';
import { findImpact } from '../../operations/find-impact.ts';
import { listEpisodes } from '../../operations/list-episodes.ts';
import { type Context, perform } from '../../operations/operation.ts';
import { resourceFrom } from '../../operations/shared/resolve.ts';
import { standing } from '../../operations/shared/standing.ts';
import type { ApiOptions } from '../options.ts';
import { PROBLEM_TYPE, problemFromError } from '../problems.ts';
import { ROOT } from '../rest.ts';
import type { Route, RouteDocument } from '../routes.ts';
import { suggestionsOf } from './rca.ts';

const namespaceInput = z.string().default('default');

const whyInput = z.object({ pod: z.string().min(1), namespace: namespaceInput });
const whyShape = z
  .object({
    pod: z.string(),
    namespace: z.string(),
    root_cause: z.string().describe('one sentence; empty when nothing is wrong'),
    timeline: z
      .array(z.object({ timestamp: z.string(), event: z.string(), details: z.string() }))
      .describe('the earliest first'),
    impact: z.array(z.string()).describe('`Kind/namespace/name`: who suffers with it'),
    suggestions: z.array(z.string()),
  })
  .meta({ id: 'Why' });

const impactInput = z.object({ service: z.string().min(1), namespace: namespaceInput });
const impactShape = z
  .object({
    service: z.string(),
    namespace: z.string(),
    affected_pods: z.array(z.string()).describe('names of the pods that it sends to'),
    affected_apps: z.array(z.string()).describe('`Kind/namespace/name` of their workloads'),
    downstream_dependencies: z.array(z.string()).describe('`Kind/namespace/name`: who suffers when it fails'),
    severity: z
      .enum(['critical', 'high', 'medium', 'low'])
      .describe('critical: nobody serves it now; high: others break with it; medium: others degrade; low: nobody'),
  })
  .meta({ id: 'ServiceImpact' });

const healthShape = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    timestamp: z.string(),
    services: z.record(z.string(), z.string()),
  })
  .meta({ id: 'ServiceHealth' });

const PLAIN = `Faults (400) and names that nothing bears (404) are plain text; with \`Accept: ${PROBLEM_TYPE}\` they are problems.`;

/** What the OpenAPI document says of these routes. */
export const whyDocuments: readonly RouteDocument[] = [
  {
    path: `${ROOT}/why`,
    operationId: 'why',
    summary: 'Why a pod is not well',
    description: `What \`explain\` says of one pod, as plain texts. ${PLAIN}`,
    parameters: whyInput,
    answer: whyShape,
    headers: {},
  },
  {
    path: `${ROOT}/impact`,
    operationId: 'serviceImpact',
    summary: "Whom a Service's failure would touch",
    description: `What \`impact\` says of one Service, as plain texts. With \`resource\` instead of \`service\` it is that question itself. ${PLAIN}`,
    parameters: impactInput,
    answer: impactShape,
    headers: {},
  },
  {
    path: `${ROOT}/health`,
    operationId: 'servicesHealth',
    summary: 'Whether what this process depends on can be reached',
    description: '`/health` in the form of an event pipeline.',
    parameters: z.object({}),
    answer: healthShape,
    headers: {},
  },
];

/** `own`: the routes of operations; that of `impact` by query, which these share, is among them and left out of the rest. */
export function whyRoutes(options: ApiOptions, own: readonly Route[]): readonly Route[] {
  const { context } = options;
  const otherwise = own.find(({ method, url }) => method === 'GET' && url === IMPACT);
  return [
    ...own.filter((route) => route !== otherwise),
    { method: 'GET', url: `${ROOT}/why`, handler: plainly(({ query }) => why(context(), query as Texts)) },
    {
      method: 'GET',
      url: IMPACT,
      handler: (request, reply) => {
        const texts = request.query as Texts;
        return otherwise &&
          texts['service'] === undefined &&
          (texts['resource'] !== undefined || texts['namespace'] === undefined)
          ? otherwise.handler(request, reply)
          : plainly(() => serviceImpact(context(), texts))(request, reply);
      },
    },
    { method: 'GET', url: `${ROOT}/health`, handler: () => health(options) },
  ];
}

const IMPACT = `${ROOT}/impact`;

type Texts = Readonly<Record<string, string | readonly string[] | undefined>>;
type Episodes = z.output<typeof listEpisodes.output>;
type Impact = z.output<typeof findImpact.output>;

async function why(context: Context, texts: Texts): Promise<z.input<typeof whyShape>> {
  const { pod: name, namespace } = inputFrom(whyInput, texts, 'pod');
  const pod = resourceFrom(context, `Pod/${namespace}/${name}`);
  const { incidents } = (await perform(explainOperation, context, { resource: pod.id, limit: 10 })) as Explanation;
  const [incident] = incidents;
  const [cause] = incident?.causes ?? [];
  const { items } = (await perform(listEpisodes, context, { resource: pod.id, limit: 100 })) as Episodes;
  const said = items.map(({ at, reason, message }) => ({ timestamp: at, event: reason, details: message }));
  const evidence = (cause?.evidence ?? []).flatMap(({ at, kind, text }) =>
    at === undefined || kind === 'event'
      ? []
      : [{ timestamp: at, event: `${cause?.reason ?? ''} (${kind})`, details: text }],
  );
  return {
    pod: name,
    namespace,
    root_cause: cause?.summary ?? (incident ? `${incident.title}; the cause is not known` : ''),
    timeline: [...said, ...evidence].sort((a, b) =>
      a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0,
    ),
    impact: (await impactOf(context, pod)).map(({ resource }) => resourceTitle(resource)),
    suggestions: suggestionsOf(cause, incident),
  };
}

async function impactOf(context: Context, { id }: Resource): Promise<Impact['impacted']> {
  return ((await perform(findImpact, context, { resource: id, limit: 200 })) as Impact).impacted;
}

async function serviceImpact(context: Context, texts: Texts): Promise<z.input<typeof impactShape>> {
  const { service: name, namespace } = inputFrom(impactInput, texts, 'service');
  const { view } = context;
  const service = standing(view, resourceFrom(context, `Service/${namespace}/${name}`));
  const pods = targets(view, service, 'out', 'SELECTS').filter((pod) => kindKey(pod) === '/Pod');
  const apps = new Map(pods.map((pod) => workloadOf(view, pod)).map((app) => [app.id, resourceTitle(app)]));
  const impacted = await impactOf(context, service);
  const breaks = impacted.some(({ effect }) => effect === 'breaks');
  return {
    service: name,
    namespace,
    affected_pods: pods.map((pod) => pod.name).sort(),
    affected_apps: [...apps.values()].sort(),
    downstream_dependencies: impacted.map(({ resource }) => resourceTitle(resource)),
    severity:
      service.health.status === 'critical' ? 'critical' : breaks ? 'high' : impacted.length > 0 ? 'medium' : 'low',
  };
}

function targets(view: View, { id }: Resource, direction: 'in' | 'out', wanted: string): readonly Resource[] {
  const found: Resource[] = [];
  view.scan(
    id,
    direction,
    (_, other) => {
      found.push(other);
    },
    (type) => type === wanted,
  );
  return found;
}

/** Who owns it, and who owns that. */
function workloadOf(view: View, pod: Resource): Resource {
  let whole = pod;
  for (let steps = 0; steps < 4; steps++) {
    const [owner] = targets(view, whole, 'in', 'OWNS').filter(({ namespace }) => namespace === pod.namespace);
    if (owner === undefined) break;
    whole = owner;
  }
  return whole;
}

async function health({ dependencies }: ApiOptions): Promise<z.input<typeof healthShape>> {
  const states = Object.entries(await dependencies());
  return {
    status: states.every(([, isReachable]) => isReachable) ? 'healthy' : 'degraded',
    timestamp: new Date().toISOString(),
    services: Object.fromEntries(states.map(([name, isReachable]) => [name, isReachable ? 'healthy' : 'unhealthy'])),
  };
}

/** Throws `invalid-input` for what is missing and for what nothing knows. */
function inputFrom<I extends z.ZodObject>(schema: I, texts: Texts, required: string): z.output<I> {
  const known = Object.keys(schema.shape);
  for (const [name, value] of Object.entries(texts)) {
    if (!known.includes(name))
      throw new Problem('invalid-input', `there is no parameter "${name}"; there are ${known.join(', ')}`);
    if (typeof value !== 'string') throw new Problem('invalid-input', `${name}: give it once`);
  }
  const parsed = schema.safeParse(texts);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-input', `Missing required parameter: ${required}`);
}

/** Faults of the question as plain text, unless problems are asked for. */
function plainly(
  answer: (request: FastifyRequest) => Promise<unknown>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    try {
      return await answer(request);
    } catch (error) {
      const { message, status } = problemFromError(error);
      if (status >= 500 || request.headers.accept?.includes(PROBLEM_TYPE)) throw error;
      return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
    }
  };
}

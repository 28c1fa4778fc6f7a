/** The OpenAPI 3.1 document, made from the table of operations: what is not in the table is listed here by hand, and nothing else. */
import { z } from 'zod';
import { compareText } from '../model/order.ts';
import type { Operation } from '../operations/operation.ts';
import { kgDocuments } from './compat/kg-routes.ts';
import { watchEventDocuments } from './compat/watch-events.ts';
import { whyDocuments } from './compat/why.ts';
import { feedMessageSchema } from './feed-messages.ts';
import { intakeDocuments } from './intake.ts';
import { MCP_PATH, mcpDocument } from './mcp/http.ts';
import { PROBLEM_TYPE, problemSchema } from './problems.ts';
import { ROOT, routeShape } from './rest.ts';
import type { RouteDocument } from './routes.ts';

type JsonObject = { [key: string]: unknown };

/** The document. `secured`: every request needs the bearer token. */
export function openApiDocument(operations: readonly Operation[], version: string, secured: boolean): JsonObject {
  const schemas = new Schemas();
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    const { method, path } = routeShape(operation);
    const url = `${ROOT}${path}`;
    paths[url] = { ...paths[url], [method.toLowerCase()]: operationObject(operation, schemas) };
  }
  for (const route of [...watchEventDocuments, ...intakeDocuments, ...kgDocuments, ...whyDocuments])
    paths[route.path] = { ...paths[route.path], [(route.method ?? 'GET').toLowerCase()]: routeObject(route, schemas) };
  Object.assign(paths, otherPaths(schemas));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kube-KG',
      version,
      description:
        'A Kubernetes estate as a live graph that answers questions. Errors are RFC 9457 problems with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.keys(tags).map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components(),
      ...(secured && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }),
    },
    ...(secured && { security: [{ bearer: [] }] }),
  };
}

/** JSON schemas, with named ones collected as components. */
class Schemas {
  readonly #components: Record<string, JsonObject> = {};

  of(schema: z.ZodType): JsonObject {
    const {
      $defs = {},
      $schema: _,
      ...own
    } = z.toJSONSchema(schema, { io: 'input', override: plain }) as JsonObject & { $defs?: JsonObject };
    for (const [name, definition] of Object.entries($defs)) this.#components[name] = rebased(definition) as JsonObject;
    const { id, ...rest } = rebased(own) as JsonObject;
    if (typeof id !== 'string') return rest;
    this.#components[id] = rest;
    return { $ref: `#/components/schemas/${id}` };
  }

  components(): JsonObject {
    return Object.fromEntries(Object.entries(this.#components).sort(([a], [b]) => compareText(a, b)));
  }
}

/** The bounds of safe integers say nothing to a reader. */
function plain({ jsonSchema }: { jsonSchema: { minimum?: number; maximum?: number } }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

/** References into `$defs` lead to the components instead. */
function rebased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : rebased(inner),
    ]),
  );
}

function operationObject(operation: Operation, schemas: Schemas): JsonObject {
  const { name, title, description, input, output, examples } = operation;
  const { method, parameters } = routeShape(operation);
  const { properties = {}, required = [] } = schemas.of(input) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  const inBody = (property: string): boolean => method !== 'GET' && !parameters.includes(property);
  const listed = Object.entries(properties).filter(([property]) => !inBody(property));
  return {
    operationId: name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [tagOf(name)],
    summary: title,
    description: `${description}${exampleLinks(operation)}`,
    parameters: listed.map(([property, schema]) =>
      parameterObject(property, schema, parameters.includes(property), required.includes(property), examples),
    ),
    ...(method !== 'GET' && { requestBody: bodyObject(properties, required, inBody, examples) }),
    responses: responses(jsonContent(schemas.of(output)), schemas),
  };
}

function routeObject(route: RouteDocument, schemas: Schemas): JsonObject {
  const { operationId, summary, description, path, body } = route;
  const { properties = {}, required = [] } = schemas.of(route.parameters) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  const headers = Object.entries(route.headers).map(([name, meaning]) => [
    name,
    { description: meaning, schema: { type: 'string' } },
  ]);
  return {
    operationId,
    tags: [tagOf(operationId)],
    summary,
    description,
    parameters: Object.entries(properties).map(([name, schema]) =>
      parameterObject(name, schema, path.includes(`{${name}}`), required.includes(name), []),
    ),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemas.of(body.schema), example: body.example } },
      },
    }),
    responses: responses({ ...jsonContent(schemas.of(route.answer)), headers: Object.fromEntries(headers) }, schemas),
  };
}

type Examples = Operation['examples'];

/** What an operation is about, for those who look for one. An operation that is not named here stands under "More". */
const tags: Readonly<Record<string, readonly string[]>> = {
  'What there is': ['resources', 'resource', 'counts', 'kinds', 'clusters', 'relations'],
  'What is wrong': [
    'explain',
    'causes',
    'incidents',
    'incident',
    'incident-change',
    'detect',
    'predict',
    'anomalies',
    'remediate',
    'remediations',
    'trouble',
    'findings',
    'dangling',
    'rejections',
    'dead-letters',
  ],
  'What if': ['impact', 'what-if'],
  'How it is connected': ['paths', 'neighbours', 'topology', 'cluster-topology', 'resource-topology'],
  'What happened': [
    'timeline',
    'changes',
    'logs',
    'episodes',
    'similar',
    'diff',
    'object',
    'history',
    'watchEvents',
    'objectHistory',
  ],
  'What others send': [
    'sendOccurrences',
    'sendAlerts',
    'sendPrometheusAlerts',
    'sendWebhook',
    'sendLogs',
    'send',
    'intakeFormats',
    'replay',
    'discard',
  ],
  'Interfaces of other systems': [
    'rca',
    'rcaOfEvent',
    'rcaOfResource',
    'rcaOfMany',
    'graphStats',
    'graphTimeline',
    'graphResource',
    'graphTopology',
    'graphEvents',
    'resourceHealth',
    'searchSimilar',
    'searchSemantic',
    'searchCausal',
    'update',
    'graphUpdate',
    'updateBatch',
    'why',
    'serviceImpact',
    'servicesHealth',
  ],
  'The whole graph': ['query', 'export', 'feed'],
  Service: [],
};

function tagOf(name: string): string {
  return Object.entries(tags).find(([, names]) => names.includes(name))?.[0] ?? 'More';
}

/** An example as an address below the root of the server: its inputs in the path and in the query. */
export function exampleAddress({ route }: Pick<Operation, 'route'>, input: Readonly<Record<string, unknown>>): string {
  const [method, template = ''] = route.split(' ');
  const rest = { ...input };
  const path = template.replace(/\{(\w+)(?:\.\.\.)?\}/g, (_, key: string) => {
    const value = String(rest[key]);
    delete rest[key];
    return value;
  });
  if (method !== 'GET') return `${ROOT}${path}`;
  const query = Object.entries(rest).map(
    ([key, value]) => `${key}=${encodeURI(String(value)).replaceAll(/[&#+]/g, encodeURIComponent)}`,
  );
  return `${ROOT}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** Whole examples: values of several of them in one form would ask for what nothing is. */
function exampleLinks(operation: Operation): string {
  if (!operation.route.startsWith('GET')) return '';
  const links = operation.examples.map(({ title, input }) => `- [${title}](<${exampleAddress(operation, input)}>)`);
  return `\n\nExamples, about the recording of the demo:\n\n${links.join('\n')}`;
}

/** The first example's value stands in the form where one is required. */
function parameterObject(
  name: string,
  schema: JsonObject,
  inPath: boolean,
  required: boolean,
  examples: Examples,
): JsonObject {
  const { 'x-separator': separator, description, ...rest } = schema;
  const example = required ? (examples[0]?.input as JsonObject | undefined)?.[name] : undefined;
  return {
    name,
    in: inPath ? 'path' : 'query',
    required: inPath || required,
    ...(description !== undefined && { description }),
    ...(rest['type'] === 'array' && { style: 'form', explode: separator === undefined }),
    schema: rest,
    ...(example !== undefined && { example }),
  };
}

/** Component and example names may hold letters, digits, dots, dashes and underscores. */
function exampleKey(title: string): string {
  return title.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}

function bodyObject(
  properties: Record<string, JsonObject>,
  required: readonly string[],
  inBody: (property: string) => boolean,
  examples: Examples,
): JsonObject {
  const own = Object.entries(properties)
    .filter(([property]) => inBody(property))
    .map(([property, { 'x-separator': _, ...schema }]) => [property, schema] as const);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(own),
    required: required.filter(inBody),
    additionalProperties: false,
  };
  return {
    required: true,
    content: {
      'application/json': {
        schema,
        examples: Object.fromEntries(
          examples.map(({ title, input }) => [exampleKey(title), { summary: title, value: input }]),
        ),
      },
    },
  };
}

function jsonContent(schema: JsonObject): JsonObject {
  return { content: { 'application/json': { schema } } };
}

function responses(success: JsonObject, schemas: Schemas, status = '200', description = 'The answer'): JsonObject {
  return {
    [status]: { description, ...success },
    default: {
      description: 'A problem, by its `code`',
      content: { [PROBLEM_TYPE]: { schema: schemas.of(problemSchema) } },
    },
  };
}

const feedParameters: readonly (readonly [name: string, description: string, schema: JsonObject])[] = [
  ['from', 'revision to go on from, `epoch:number`; the header `Last-Event-ID` wins', { type: 'string' }],
  [
    'snapshot',
    'begin with the whole graph (default), or with what happens from now on',
    { type: 'boolean', default: true },
  ],
  ['clusters', 'only these clusters, separated by commas', { type: 'string' }],
  ['namespaces', 'only these namespaces, separated by commas', { type: 'string' }],
  ['kinds', 'only these kinds, separated by commas', { type: 'string' }],
  ['access_token', 'the bearer token, where a browser cannot send headers', { type: 'string' }],
];

const FEED = `Follows the graph. The first messages are \`snapshot\` parts, or, where the revision asked for is still kept, the \`diff\` since then; where it is not, \`gone\` and then a snapshot.
Apply a message as: \`gone\` and a snapshot's part 1 forget everything; put what is listed, by id or by type, from and to; take out what is \`removed\`, known or not. \`at\` only moves the revision.
A slow follower gets fewer, larger diffs. Until the last part of a snapshot (\`more: false\`) came, ends of edges may be missing.`;

function otherPaths(schemas: Schemas): Record<string, JsonObject> {
  const parameters = feedParameters.map(([name, description, schema]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema,
  }));
  const message = schemas.of(feedMessageSchema);
  const text = (id: string, summary: string, answer: JsonObject, status = '200', open = true): JsonObject => ({
    operationId: id,
    tags: ['Service'],
    summary,
    ...(open && { security: [] }),
    responses: responses(jsonContent(answer), schemas, status),
  });
  const state = { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] };
  return {
    [`${ROOT}/feed`]: {
      get: {
        operationId: 'followFeed',
        tags: [tagOf('feed')],
        summary: 'Change feed as server-sent events',
        description: `${FEED}\n\nThe event's name is the message's type, its id the revision, its data the message as JSON.`,
        parameters,
        responses: responses({ content: { 'text/event-stream': { schema: message } } }, schemas),
      },
    },
    [`${ROOT}/feed/ws`]: {
      get: {
        operationId: 'followFeedWebSocket',
        tags: [tagOf('feed')],
        summary: 'Change feed as a WebSocket',
        description: `${FEED}\n\nOne message a frame, as JSON. Nothing need be sent.`,
        parameters,
        responses: responses({}, schemas, '101', 'Switching protocols; frames as in `FeedMessage`'),
      },
    },
    '/health': {
      get: text(
        'health',
        'Whether everything this process depends on can be reached',
        {
          ...state,
          properties: {
            ...state.properties,
            dependencies: { type: 'object', additionalProperties: { type: 'string' } },
            history: { type: 'object', description: 'How full it is, as of the last look for what is to go' },
            warnings: { type: 'array', items: { type: 'string' } },
          },
        },
        '200',
        false,
      ),
    },
    '/healthz/live': { get: text('live', 'Whether the process lives', state) },
    '/healthz/ready': {
      get: text('ready', 'Whether the first lists are complete, and what is missing', {
        ...state,
        properties: { ...state.properties, missing: { type: 'array', items: { type: 'string' } } },
      }),
    },
    '/refresh': {
      post: text(
        'refresh',
        'Lists the clusters again, or reads the recording again, and takes every object anew',
        state,
        '202',
        false,
      ),
    },
    [MCP_PATH]: { post: { ...mcpDocument, responses: responses(jsonContent({ type: 'object' }), schemas) } },
    [`${ROOT}/openapi.json`]: { get: text('openapi', 'This document', { type: 'object' }) },
    [ROOT]: { get: text('index', 'What there is', { type: 'object' }, '200', false) },
    [`${ROOT}/problems/{code}`]: {
      get: {
        ...text('problem', 'What the code of a problem means', { type: 'object' }, '200', false),
        parameters: [{ name: 'code', in: 'path', required: true, schema: { type: 'string' } }],
      },
    },
  };
}

/**
 * The HTTP server: the table of operations, the feed, health and documentation behind one set of access rules.
 * Invariants: no answer without passing `access.ts`; every error is a problem; every route a program would use is in the OpenAPI document.
 */
import websocket from '@fastify/websocket';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { Problem, type ProblemCode, problems } from '../model/problem.ts';
import { operations } from '../operations/index.ts';
import { checkListen, guard } from './access.ts';
import { withKgIncidents } from './compat/kg-incidents.ts';
import { kgRoutes } from './compat/kg-routes.ts';
import { watchEventRoutes } from './compat/watch-events.ts';
import { whyRoutes } from './compat/why.ts';
import { docsRoutes } from './docs.ts';
import { FeedHub } from './feed-hub.ts';
import { healthRoutes } from './health.ts';
import { intakeRoutes } from './intake.ts';
import { MCP_PATH, mcpRoute } from './mcp/http.ts';
import { openApiDocument } from './openapi.ts';
import { type ApiLimits, type ApiOptions, defaultApiLimits } from './options.ts';
import { answerClientError, problemFromError, sendProblem } from './problems.ts';
import { operationRoutes, ROOT } from './rest.ts';
import { addRoutes, type Route } from './routes.ts';
import { sseRoute } from './sse.ts';
import { addWebSocket, INCOMING_BYTES_MAX } from './websocket.ts';

export interface Api {
  readonly app: FastifyInstance;
  /** Followers of the feed now. */
  readonly followers: () => number;
  /** Starts to listen and returns the address, `http://127.0.0.1:8080`. Throws `invalid-config` when the port is taken. */
  listen(): Promise<string>;
  /** Ends every connection. Safe to call twice. */
  close(): Promise<void>;
}

/** The server, not yet listening. Throws `invalid-config` when it would serve other machines without authentication. */
export async function createApi(options: ApiOptions): Promise<Api> {
  checkListen(options);
  const limits: ApiLimits = { ...defaultApiLimits, ...options.limits };
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4_096 },
    frameworkErrors: (error, _, reply) => sendProblem(reply as unknown as FastifyReply, problemFromError(error)),
    clientErrorHandler: answerClientError,
  });
  // Before the guard: a connection that the guard refuses must be known as a WebSocket to be ended.
  await app.register(websocket, { options: { maxPayload: INCOMING_BYTES_MAX, perMessageDeflate: false } });
  guard(app, options);
  // Bodies are JSON whatever they are called: curl -d says they are a form. Cross-site forms are refused by their Origin.
  app.addContentTypeParser('*', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.setErrorHandler((error, _, reply) => {
    const problem = problemFromError(error);
    if (problem.status >= 500 && !problem.retryable)
      options.log.error({ code: problem.code, err: problem.message }, 'a request failed');
    return sendProblem(reply, problem);
  });
  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'cache-control': reply.getHeader('cache-control') ?? 'no-store',
    });
  });
  const hub =
    options.feed &&
    new FeedHub({ feed: options.feed, view: () => options.context().view, now: options.now, beatMs: limits.beatMs });
  await app.register(async (scope) => {
    if (hub) addWebSocket(scope, hub, options.context, limits.followers);
  });
  addRoutes(app, routes(options, hub, limits));
  app.addHook('onClose', async () => hub?.close());
  return { app, followers: () => hub?.size ?? 0, listen: () => listen(app, options), close: () => close(app) };
}

/** Every route but that of WebSockets. */
export function routes(options: ApiOptions, hub: FeedHub | undefined, limits: ApiLimits): Route[] {
  const document = openApiDocument(operations, options.version, options.token !== undefined);
  return [
    ...withKgIncidents(
      whyRoutes(
        options,
        operationRoutes(
          operations,
          () => ({ exportMax: limits.exportResources, ...options.context() }),
          limits.exports,
        ),
      ),
      options.context,
    ),
    ...kgRoutes(options),
    ...watchEventRoutes(options.context, limits.watchEvents),
    ...intakeRoutes(options),
    ...healthRoutes(options),
    ...docsRoutes(),
    mcpRoute(options),
    ...(hub ? [sseRoute(hub, options.context, limits.followers)] : []),
    { method: 'GET', url: `${ROOT}/openapi.json`, open: true, handler: () => document },
    { method: 'GET', url: ROOT, handler: () => index(options.version) },
    { method: 'GET', url: '/', open: true, handler: (_, reply) => reply.redirect('/api/docs') },
    {
      method: 'GET',
      url: `${ROOT}/problems/:code`,
      handler: (request) => problemClass((request.params as { code: string }).code),
    },
  ];
}

/** What there is, for those who come with nothing but curl. */
function index(version: string): object {
  return {
    name: 'kube-kg',
    version,
    docs: '/api/docs',
    openapi: `${ROOT}/openapi.json`,
    feed: { serverSentEvents: `${ROOT}/feed`, webSocket: `${ROOT}/feed/ws` },
    modelContextProtocol: MCP_PATH,
    operations: operations.map(({ name, title, route }) => ({ name, title, route: route.replace(' ', ` ${ROOT}`) })),
  };
}

function problemClass(code: string): object {
  if (!Object.hasOwn(problems, code))
    throw new Problem('not-found', `no problem has the code "${code}"`, { details: Object.keys(problems) });
  const { status, retryable, title } = problems[code as ProblemCode];
  return { code, title, status, retryable };
}

/** Milliseconds that followers get to close their end. */
const FAREWELL_MS = 500;

/** Says goodbye to followers, and does not wait for those who do not listen. */
async function close(app: FastifyInstance): Promise<void> {
  const end = setTimeout(() => {
    for (const socket of app.websocketServer.clients) socket.terminate();
  }, FAREWELL_MS);
  await app.close();
  clearTimeout(end);
}

/** Why an address cannot be listened on, and what to do. */
const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; choose another with --port (0 takes a free one)',
  EACCES: 'the port needs privileges; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'that is no address of this machine; choose another with --host',
  ENOTFOUND: 'no machine has that name; choose another with --host',
};

async function listen(app: FastifyInstance, { host, port }: ApiOptions): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      (code === undefined ? undefined : refusals[code]) ?? (error instanceof Error ? error.message : String(error));
    throw new Problem('invalid-config', `cannot listen on ${host}:${port}: ${why}`, { cause: error });
  }
}

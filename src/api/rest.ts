/** The table of operations as REST routes: path and query parameters, or the body of a POST, become the input; the answer is JSON. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { inputFromStrings } from '../operations/from-strings.ts';
import { type Context, JsonText, type Operation, perform } from '../operations/operation.ts';
import type { Route } from './routes.ts';

export const ROOT = '/api/v1';

/** An operation's route taken apart: `GET /impact/{resource...}`. */
export interface RouteShape {
  readonly method: 'GET' | 'POST';
  /** Below the root, in OpenAPI's notation: `/impact/{resource}`. */
  readonly path: string;
  readonly parameters: readonly string[];
  /** The parameter that takes the rest of the path. */
  readonly rest: string | undefined;
}

export function routeShape({ route }: Pick<Operation, 'route'>): RouteShape {
  const [method, pattern = ''] = route.split(' ');
  const parameters = [...pattern.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, name = '']) => name);
  return {
    method: method === 'POST' ? 'POST' : 'GET',
    path: pattern.replaceAll('...', ''),
    parameters,
    rest: /\{(\w+)\.\.\.\}$/.exec(pattern)?.[1],
  };
}

/** The routes of all operations. What takes a resource in its path takes it as a query parameter too: `/impact?resource=Pod/shop/web-1`. */
export function operationRoutes(operations: readonly Operation[], context: () => Context): Route[] {
  const own = operations.map((operation): Route => {
    const shape = routeShape(operation);
    return { method: shape.method, url: routerUrl(shape), handler: handlerOf(operation, shape, context) };
  });
  const taken = new Set(own.map(({ url }) => url));
  const byQuery = own
    .filter(({ url }) => url.endsWith('/*'))
    .map((route): Route => ({ ...route, url: route.url.slice(0, -'/*'.length) }))
    .filter(({ url }) => !taken.has(url));
  return [...own, ...byQuery];
}

function routerUrl({ path, rest }: RouteShape): string {
  const url = rest === undefined ? path : path.replace(`{${rest}}`, '*');
  return `${ROOT}${url.replaceAll(/\{(\w+)\}/g, ':$1')}`;
}

function handlerOf(operation: Operation, { rest }: RouteShape, context: () => Context): Route['handler'] {
  return async (request, reply) => {
    const answer = await perform(operation, context(), inputOf(operation, request, rest));
    if (!(answer instanceof JsonText)) return answer;
    return sendText(reply, answer);
  };
}

type Texts = Readonly<Record<string, string | readonly string[]>>;

function inputOf(operation: Operation, request: FastifyRequest, rest: string | undefined): unknown {
  const { '*': tail, ...parameters } = request.params as Readonly<Record<string, string>>;
  const path: Texts = rest !== undefined && tail !== undefined ? { ...parameters, [rest]: tail } : parameters;
  const texts = inputFromStrings(operation, { ...(request.query as Texts), ...path });
  if (request.method !== 'POST') return texts;
  const { body } = request;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, ...texts } : (body ?? texts);
}

/** The pieces are taken from the view at once, before anything else can change it, and sent at the pace of the client. */
function sendText(reply: FastifyReply, { pieces }: JsonText): FastifyReply {
  const chunks = Array.from(pieces, (piece) => Buffer.from(piece));
  return reply.type('application/json; charset=utf-8').send(Readable.from(chunks));
}

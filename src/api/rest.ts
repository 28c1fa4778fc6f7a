/** The table of operations as REST routes: path and query parameters, or the body of a POST, become the input; the answer is JSON. */
import { finished, Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../model/problem.ts';
import { type Context, JsonText, type Operation, perform } from '../operations/operation.ts';
import { inputFromStrings } from '../operations/shared/from-strings.ts';
import type { Route } from './routes.ts';

export const ROOT = '/api/v1';

/** An operation's route taken apart: `GET /impact/{resource...}`. */
export interface RouteShape {
  readonly method: 'GET' | 'POST' | 'PATCH';
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
    method: method === 'POST' || method === 'PATCH' ? method : 'GET',
    path: pattern.replaceAll('...', ''),
    parameters,
    rest: /\{(\w+)\.\.\.\}$/.exec(pattern)?.[1],
  };
}

/** The routes of all operations. What takes a resource in its path takes it as a query parameter too: `/impact?resource=Pod/shop/web-1`. */
export function operationRoutes(operations: readonly Operation[], context: () => Context, exportsMax: number): Route[] {
  const exports = new Exports(exportsMax);
  const own = operations.map((operation): Route => {
    const shape = routeShape(operation);
    const handler: Route['handler'] = async (request, reply) => {
      const answer = await perform(operation, context(), inputOf(operation, request, shape.rest));
      return answer instanceof JsonText ? exports.send(reply, answer) : answer;
    };
    return { method: shape.method, url: routerUrl(shape), handler };
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

type Texts = Readonly<Record<string, string | readonly string[]>>;

function inputOf(operation: Operation, request: FastifyRequest, rest: string | undefined): unknown {
  const { '*': tail, ...parameters } = request.params as Readonly<Record<string, string>>;
  const path: Texts = rest !== undefined && tail !== undefined ? { ...parameters, [rest]: tail } : parameters;
  const texts = inputFromStrings(operation, { ...(request.query as Texts), ...path });
  if (request.method !== 'POST' && request.method !== 'PATCH') return texts;
  const { body } = request;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, ...texts } : (body ?? texts);
}

/** Large answers: no more at once than allowed, since each is held until its client has read it. */
class Exports {
  readonly #max: number;
  #sending = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** The pieces are taken from the view at once, before anything else can change it, and sent at the pace of the client. Throws `limit-reached`. */
  send(reply: FastifyReply, { pieces }: JsonText): FastifyReply {
    if (this.#sending >= this.#max)
      throw new Problem('limit-reached', `${this.#sending} exports are being sent, no more at once; try again later`);
    const chunks = Array.from(pieces, (piece) => Buffer.from(piece));
    this.#sending++;
    finished(reply.raw, () => this.#sending--);
    return reply.type('application/json; charset=utf-8').send(Readable.from(chunks));
  }
}

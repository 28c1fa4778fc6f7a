/** Routes as data on their way to the server: so that every path answers every method, with 405 where it is not offered. */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import { Problem } from '../model/problem.ts';
import { sendProblem } from './problems.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** `/impact/*` as the router writes it. */
  readonly url: string;
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
  /** Answered without a token: tells nothing of the estate to those who show none. */
  readonly open?: true;
  /** The answer never ends, so that its head cannot be asked for alone. */
  readonly endless?: true;
  /** The body comes as bytes, whatever it is called, up to so many. */
  readonly bytesMax?: number;
  /** Another token that opens it; where one is set, nothing opens it but that and the server's own. */
  readonly token?: string | undefined;
}

/** What the OpenAPI document says of a route that no operation makes. */
export interface RouteDocument {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'PATCH';
  /** In OpenAPI's notation. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** Those of the path and of the query. */
  readonly parameters: z.ZodObject;
  readonly answer: z.ZodType;
  /** What a POST sends, as JSON, with an example. */
  readonly body?: { readonly schema: z.ZodObject; readonly example: Readonly<Record<string, unknown>> };
  /** Headers of the answer and what they say. */
  readonly headers: Readonly<Record<string, string>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly open?: boolean;
    readonly token?: string | undefined;
  }
}

const methods: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Adds the routes, 405 for other methods on their paths, and 404 with the nearest path for everything else. */
export function addRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  for (const { method, url, handler, endless, open = false, token, bytesMax } of routes) {
    const route = { method, url, handler, exposeHeadRoute: !endless, config: { open, token } };
    if (bytesMax === undefined) app.route(route);
    else
      app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bytesMax }, (_, body, done) =>
          done(null, body),
        );
        scope.route({ ...route, bodyLimit: bytesMax });
      });
  }
  for (const [url, same] of Map.groupBy(routes, (route) => route.url)) {
    const offered: readonly HTTPMethods[] = same.map(({ method }) => method);
    const heads: readonly HTTPMethods[] = same.some(({ method, endless }) => method === 'GET' && !endless)
      ? []
      : ['HEAD'];
    app.route({
      method: [...methods, ...heads].filter((method) => !offered.includes(method)),
      url,
      handler: (request, reply) => {
        reply.header('allow', offered.join(', '));
        throw new Problem('method-not-allowed', `${request.method} is not offered here; use ${offered.join(' or ')}`);
      },
    });
  }
  const urls = routes.map(({ url }) => url);
  app.setNotFoundHandler((request, reply) => {
    if (!methods.includes(request.method) && request.method !== 'HEAD')
      return sendProblem(reply, new Problem('method-not-allowed', `${request.method} is not offered anywhere here`));
    const path = request.url.split('?')[0] ?? '';
    const near = nearest(path, urls, 3);
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : '/api/v1 lists what there is';
    return sendProblem(reply, new Problem('not-found', `nothing is offered at ${path}; ${hint}`, { details: near }));
  });
}

/** The change feed as server-sent events. Resumes from `Last-Event-ID`, as EventSource sends it by itself. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../operations/operation.ts';
import type { FeedHub } from './feed-hub.ts';
import { FeedSession } from './feed-session.ts';
import { sessionOptions } from './follow.ts';
import { ROOT } from './rest.ts';
import type { Route } from './routes.ts';

export function sseRoute(hub: FeedHub, context: () => Context, followersMax: number): Route {
  return {
    method: 'GET',
    url: `${ROOT}/feed`,
    endless: true,
    handler: (request, reply) => {
      const options = sessionOptions(request, hub, context(), followersMax);
      follow(request, reply, (outlet) => new FeedSession(hub, outlet, options));
      return reply;
    },
  };
}

/** Takes the response over from the framework and hands it to a session until either side ends it. */
function follow(
  request: FastifyRequest,
  reply: FastifyReply,
  open: (outlet: ConstructorParameters<typeof FeedSession>[1]) => FeedSession,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write('retry: 2000\n\n');
  const session = open({
    send: ({ event }) => raw.write(event),
    beat: () => void (raw.writableNeedDrain || raw.write(': beat\n\n')),
  });
  raw.on('drain', () => session.drained());
  raw.on('error', () => session.close());
  request.raw.on('close', () => session.close());
}

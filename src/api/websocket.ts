/** The change feed as a WebSocket: one message a frame. Nothing that a client sends means anything. */
import type { Writable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../model/problem.ts';
import type { Context } from '../operations/operation.ts';
import type { FeedHub, Packet } from './feed-hub.ts';
import { FeedSession, type Outlet } from './feed-session.ts';
import { sessionOptions } from './follow.ts';
import { ROOT } from './rest.ts';

/** Largest message that a client may send, in bytes. */
export const INCOMING_BYTES_MAX = 65_536;
/** Heartbeats without an answer or any progress after which a connection counts as dead. */
const SILENT_BEATS_MAX = 4;

export function addWebSocket(app: FastifyInstance, hub: FeedHub, context: () => Context, followersMax: number): void {
  app.route({
    method: 'GET',
    url: `${ROOT}/feed/ws`,
    exposeHeadRoute: false,
    /** Faults are answered over HTTP, before the protocol switches. */
    preHandler: async (request) => {
      if (request.ws) sessionOptions(request, hub, context(), followersMax);
    },
    handler: (_, reply) => {
      reply.headers({ upgrade: 'websocket', connection: 'upgrade' }).code(426);
      throw new Problem(
        'invalid-input',
        'this is a WebSocket; open it with ws://, or use /api/v1/feed for server-sent events',
      );
    },
    wsHandler: (socket, request) => {
      const connection = request.raw.socket;
      const outlet = new SocketOutlet(socket, connection);
      const session = new FeedSession(hub, outlet, sessionOptions(request, hub, context(), followersMax + 1));
      connection.on('drain', () => session.drained());
      socket.on('close', () => session.close());
      socket.on('error', () => session.close());
    },
  });
}

/** Messages go straight to the connection: a frame made once costs a follower one write, and the connection's own limit says who is slow. */
class SocketOutlet implements Outlet {
  readonly #socket: WebSocket;
  readonly #connection: Writable;
  #silentBeats = 0;
  #buffered = 0;

  constructor(socket: WebSocket, connection: Writable) {
    this.#socket = socket;
    this.#connection = connection;
    socket.on('pong', () => {
      this.#silentBeats = 0;
    });
  }

  /** Nothing may follow a closing frame. */
  send({ frame }: Packet): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#connection.write(frame);
  }

  beat(): void {
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount < this.#buffered) this.#silentBeats = 0;
    this.#buffered = bufferedAmount;
    if (this.#silentBeats++ >= SILENT_BEATS_MAX) this.#socket.terminate();
    else this.#socket.ping();
  }
}

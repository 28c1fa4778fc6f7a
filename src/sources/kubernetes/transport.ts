/**
 * HTTP to one server, below any meaning: kept connections, TLS, proxies, time limits, bodies with a limit.
 * HTTP/1.1 with one connection a watch, on purpose: a connection's own flow control is what makes back-pressure and stall detection exact.
 */
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { Problem } from '../../model/problem.ts';
import type { RequestAuth, TlsMaterial } from './credentials.ts';
import type { KubeCluster } from './kubeconfig.ts';

export type Response = http.IncomingMessage;

export interface Request {
  readonly path: string;
  readonly stop: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; with it the request is a POST. */
  readonly body?: string | undefined;
  /** Never compressed: every event must come when it happens. */
  readonly plain: boolean;
  /** How long the answer may take to begin, and its body to go on. */
  readonly timeoutMs: number;
}

export interface Transport {
  /** Resolves with the headers of the answer; rejects with what the network says. */
  send(request: Request, auth: RequestAuth): Promise<Response>;
  close(): void;
}

const TCP_KEEP_ALIVE_MS = 15_000;
const STALE_SOCKET_RETRIES = 3;

export function createTransport(cluster: KubeCluster): Transport {
  const base = new URL(cluster.server);
  const prefix = base.pathname.replace(/\/$/, '');
  const protocol = base.protocol === 'https:' ? https : http;
  const encoding = cluster['disable-compression'] || isLoopback(base.hostname) ? 'identity' : 'gzip';
  let kept: { readonly tls: TlsMaterial; readonly agent: http.Agent } | undefined;

  const agentFor = (tls: TlsMaterial): http.Agent => {
    if (kept?.tls !== tls) {
      if (kept !== undefined) retire(kept.agent);
      kept = { tls, agent: createAgent(base.protocol, tls, cluster['proxy-url'] ?? undefined) };
    }
    return kept.agent;
  };

  return {
    send({ path, stop, headers, body, plain, timeoutMs }, auth) {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options: https.RequestOptions = {
        host: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port,
        path: prefix + path,
        method: body === undefined ? 'GET' : 'POST',
        agent: agentFor(auth.tls),
        signal: stop,
        timeout: timeoutMs,
        headers: { ...headers, 'accept-encoding': plain ? 'identity' : encoding, ...length, ...auth.headers },
      };
      return sendFresh(protocol, options, body);
    },
    close: () => kept && retire(kept.agent),
  };
}

/** A kept connection that the server closed meanwhile is not an error: another is taken. */
async function sendFresh(
  protocol: typeof http | typeof https,
  options: https.RequestOptions,
  body: string | undefined,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    let waiting: { destroy(error: Error): unknown };
    const request = protocol.request(options, (response) => {
      waiting = response;
      response.socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      resolve(response);
    });
    waiting = request;
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection was closed')));
    request.on('timeout', () => waiting.destroy(new Error(`nothing came for ${(options.timeout ?? 0) / 1000} s`)));
    request.end(body);
    try {
      return await promise;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
      if (!stale || attempt > STALE_SOCKET_RETRIES) throw error;
    }
  }
}

function createAgent(protocol: string, tls: TlsMaterial, proxy: string | undefined): http.Agent {
  if (proxy !== undefined && !/^https?:/.test(proxy)) {
    throw new Problem('unsupported', `proxy-url ${proxy}: only http and https proxies are supported`);
  }
  const options = {
    keepAlive: true,
    keepAliveMsecs: TCP_KEEP_ALIVE_MS,
    maxFreeSockets: 32,
    scheduling: 'lifo',
    ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
  } as const;
  if (protocol !== 'https:') return new http.Agent(options);
  // One context for all connections: making one for each reads the certificates each time.
  return new https.Agent({ ...options, ...tls, secureContext: createSecureContext(tls) });
}

/** Closes idle connections now and the others when they become idle; what is under way goes on. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/** The whole body, or undefined when it is longer than the limit. Rejects with what the network says. */
export async function readBody(response: Response, bytesMax: number): Promise<Buffer | undefined> {
  const body: Readable = response.headers['content-encoding'] === 'gzip' ? gunzipped(response) : response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      response.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}

function gunzipped(response: Response): Readable {
  const gunzip = createGunzip();
  response.on('error', (error) => gunzip.destroy(error));
  return response.pipe(gunzip);
}

/** Compression costs the server more time than a fast network saves (kubernetes issue 112296). */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

/**
 * HTTP to one server, below any meaning: kept connections, TLS, proxies, time limits, bodies with a limit.
 * HTTP/1.1 with one connection a watch, on purpose: a connection's own flow control is what makes back-pressure and stall detection exact.
 */
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { createGunzip } from 'node:zlib';
import type { RequestAuth, TlsMaterial } from './credentials.ts';
import type { KubeCluster } from './kubeconfig.ts';

export type Response = http.IncomingMessage;
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Request {
  readonly path: string;
  readonly stop: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  /** GET, or POST where there is a body, when it is not said. */
  readonly method?: 'PATCH' | 'DELETE' | undefined;
  /** JSON. */
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

/** `environment` gives the proxy where the cluster names none (`HTTPS_PROXY`, `NO_PROXY`). */
export function createTransport(cluster: KubeCluster, environment: Environment): Transport {
  const base = new URL(cluster.server);
  const prefix = base.pathname.replace(/\/$/, '');
  const protocol = base.protocol === 'https:' ? https : http;
  const encoding = cluster['disable-compression'] || isLoopback(base.hostname) ? 'identity' : 'gzip';
  let kept: { readonly tls: TlsMaterial; readonly agent: http.Agent } | undefined;

  const agentFor = (tls: TlsMaterial): http.Agent => {
    if (kept?.tls !== tls) {
      if (kept !== undefined) retire(kept.agent);
      kept = { tls, agent: createAgent(base.protocol, tls, proxyFor(cluster, base, environment)) };
    }
    return kept.agent;
  };

  return {
    send({ path, stop, headers, method, body, plain, timeoutMs }, auth) {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options: https.RequestOptions = {
        host: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port,
        path: prefix + path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
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

/** As client-go: the cluster's own, or the environment's unless the server is on this machine. */
function proxyFor(cluster: KubeCluster, { hostname }: URL, environment: Environment): Environment | undefined {
  const own = cluster['proxy-url'];
  if (own) return { HTTP_PROXY: own, HTTPS_PROXY: own };
  if (isLoopback(hostname)) return undefined;
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
  const set = names.filter((name) => environment[name]);
  return set.length === 0 ? undefined : Object.fromEntries(set.map((name) => [name, environment[name]]));
}

function createAgent(protocol: string, tls: TlsMaterial, proxyEnv: Environment | undefined): http.Agent {
  const options = {
    keepAlive: true,
    keepAliveMsecs: TCP_KEEP_ALIVE_MS,
    maxFreeSockets: 32,
    scheduling: 'lifo',
    ...(proxyEnv !== undefined && { proxyEnv }),
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

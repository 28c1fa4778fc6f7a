/**
 * Who may ask. Three rules: only loopback without authentication; with a token, every request shows it but those for open routes (what others send may
 * have a token of its own, which opens nothing else); and no web
 * page of another origin reaches a server behind a browser, neither by DNS rebinding (Host) nor by a cross-site WebSocket or POST (Origin),
 * unless it is named.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../model/problem.ts';
import type { ApiOptions } from './options.ts';

/** Refuses, before anything is opened, to serve other machines without authentication. Throws `invalid-config`. */
export function checkListen({ host, token, insecure }: Pick<ApiOptions, 'host' | 'token' | 'insecure'>): void {
  if (isLoopback(host) || token !== undefined || insecure) return;
  throw new Problem(
    'invalid-config',
    `listening on ${host} would let everybody who can reach it read the estate; set a token (server.token, KG_SERVER_TOKEN), ` +
      'listen on 127.0.0.1, or say --insecure if something in front of it authenticates',
  );
}

/** Installs the checks in front of every route. */
export function guard(app: FastifyInstance, options: ApiOptions): void {
  const { host, token, allowedHosts = [], origins = [] } = options;
  const hosts = new Set([host, ...allowedHosts].map((name) => name.toLowerCase()));
  const checksHost = isLoopback(host) || token === undefined || allowedHosts.length > 0;
  app.addHook('onRequest', async (request, reply) => {
    if (checksHost) checkHost(request, hosts);
    const preflight = checkOrigin(request, reply, origins);
    if (preflight) return reply.code(204).send();
    const { open, token: another } = request.routeOptions.config ?? {};
    if (!open) checkToken(request, token, another);
    return undefined;
  });
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The name in a Host header, without its port. */
function hostName(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase();
}

/** Addresses pass: only a name can be rebound. */
function checkHost({ headers }: FastifyRequest, hosts: ReadonlySet<string>): void {
  const name = hostName(headers.host ?? '');
  if (isLoopback(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || hosts.has(name)) return;
  throw new Problem(
    'forbidden',
    `this server is not called "${name}"; add the name to server.allowedHosts if it is meant`,
  );
}

/** Lets named origins in, and refuses what a page of another origin must not do. True for a preflight that is answered. */
function checkOrigin(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): boolean {
  const { origin, host, upgrade } = request.headers;
  if (origin === undefined) return false;
  if (origins.includes(origin)) {
    reply.headers({ 'access-control-allow-origin': origin, vary: 'origin' });
    if (request.method !== 'OPTIONS') return false;
    reply.headers({
      'access-control-allow-methods': 'GET, POST, PATCH',
      'access-control-allow-headers': 'authorization, x-api-key, content-type, last-event-id, mcp-protocol-version',
      'access-control-max-age': '600',
    });
    return true;
  }
  const sameOrigin = origin === `http://${host}` || origin === `https://${host}`;
  const harmless = (request.method === 'GET' || request.method === 'HEAD') && upgrade === undefined;
  if (sameOrigin || harmless) return false;
  throw new Problem('forbidden', `pages of ${origin} may not do this here; add it to server.origins if it is meant`);
}

function checkToken(request: FastifyRequest, token: string | undefined, another: string | undefined): void {
  if (another === undefined ? mayRead(request, token) : [token, another].some((one) => shows(request, one))) return;
  const what = tokenOf(request) === undefined ? 'no token was given' : 'the token is not the right one';
  throw new Problem('unauthorized', `${what}; send "Authorization: Bearer <token>"`);
}

/** Whether a request shows the token, where there is one. */
export function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  return token === undefined || shows(request, token);
}

function shows(request: FastifyRequest, token: string | undefined): boolean {
  const given = tokenOf(request);
  return token !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** `Authorization: Bearer …`, `X-API-Key` as other systems have it, or `access_token` in the query where a browser cannot set headers (EventSource, WebSocket). */
function tokenOf(request: FastifyRequest): string | undefined {
  const { authorization = '', 'x-api-key': key } = request.headers;
  return /^Bearer +(.+)$/i.exec(authorization)?.[1] ?? (typeof key === 'string' ? key : followerToken(request));
}

function followerToken({ url, query }: FastifyRequest): string | undefined {
  const token = url.startsWith('/api/v1/feed')
    ? (query as Readonly<Record<string, unknown>>)['access_token']
    : undefined;
  return typeof token === 'string' ? token : undefined;
}

/** Equal lengths, so that comparing tells nothing about the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

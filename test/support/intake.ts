/** A server that takes in what others send, beside a small cluster that a script tells of. */
import type { Change } from '../../src/model/change.ts';
import type { Config } from '../../src/program/config.ts';
import { load } from '../../src/program/config.ts';
import type { Input } from '../../src/program/inputs.ts';
import { rulesOf } from '../../src/program/live-relations.ts';
import { startServer } from '../../src/program/server.ts';

export const CLUSTER = 'c';
export const NOW = Date.parse('2026-11-22T10:10:00Z');

const at = '2026-11-22T09:00:00Z';
const apply = (apiVersion: string, kind: string, name: string, uid: string, more: object = {}): Change => ({
  type: 'apply',
  at,
  cluster: CLUSTER,
  object: { apiVersion, kind, metadata: { namespace: 'shop', name, uid }, ...more } as never,
});
const ready = (group: string, kind: string): Change => ({
  type: 'observe',
  at,
  cluster: CLUSTER,
  scope: { group, kind },
  coverage: 'ready',
});

/** Pods, Deployments and Services are followed; Events are not. */
export const shop: readonly Change[] = [
  ready('', 'Pod'),
  ready('', 'Service'),
  ready('apps', 'Deployment'),
  apply('v1', 'Pod', 'web-1', 'uid-web-1', { status: { phase: 'Running' } }),
  apply('v1', 'Service', 'web', 'uid-web'),
  apply('apps/v1', 'Deployment', 'web', 'uid-deployment'),
];

/** What was answered, of whatever shape: tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: an assertion on the wrong field fails all the same
export type Answer = any;

export interface Sending extends AsyncDisposable {
  readonly url: string;
  ask<T = Record<string, unknown>>(path: string): Promise<T>;
  send(
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: Answer; readonly headers: Headers }>;
  cypher(query: string): Promise<readonly (readonly unknown[])[]>;
}

export interface Serving {
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly input?: Partial<Input>;
  readonly now?: () => number;
}

export async function sending({ overrides = {}, input = {}, now = () => NOW }: Serving = {}): Promise<Sending> {
  const config: Config = load({
    environment: {},
    overrides: { 'server.port': 0, 'history.enabled': false, 'log.level': 'silent', ...overrides },
  });
  const stop = new AbortController();
  const scripted: Input = {
    name: 'scripted',
    cluster: CLUSTER,
    async *changes(end) {
      yield shop;
      await new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }));
    },
    ...input,
  };
  const server = await startServer(config, { sources: [scripted], rules: rulesOf(config) }, { now, stop: stop.signal });
  const send: Sending['send'] = async (path, body, headers = {}) => {
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'application/json', ...headers },
    });
    const text = await response.text();
    const answer: Answer = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body: answer };
  };
  return {
    url: server.url,
    send,
    ask: async <T>(path: string) => (await fetch(`${server.url}${path}`)).json() as Promise<T>,
    cypher: async (query) => ((await send('/api/v1/query', { query })).body as { rows: readonly unknown[][] }).rows,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
    },
  };
}

/**
 * A small HTTP server that answers as a test tells it to. It stands in for a Kubernetes API server where a real one will not do on command what
 * must be survived: half a line and then nothing, a storm of bookmarks, a 410 between two pages, an answer that never ends.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  /** Which request of this server it is, from 1. */
  readonly number: number;
}

/** Answers; what it does not end stays open. */
export type Script = (asked: Asked, response: ServerResponse) => unknown;

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** `path?query` of every request so far. */
  readonly asked: readonly string[];
  script: Script;
  /** Breaks every connection, as a server that is killed does. */
  cut(): void;
}

export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push(`${url.pathname}${url.search}`);
    void server.script({ path: url.pathname, query: url.searchParams, request, number: asked.length }, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked,
    script,
    cut: () => http.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

/** Ends an answer with a JSON document. */
export function json(response: ServerResponse, body: unknown, code = 200, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A `meta/v1 Status`. */
export function status(
  response: ServerResponse,
  code: number,
  message = `status ${code}`,
  headers?: Record<string, string>,
): void {
  json(response, { kind: 'Status', code, message }, code, headers);
}

/** A list of objects, whole or a page. */
export function list(items: readonly object[], resourceVersion: string, more?: string): object {
  return { kind: 'List', metadata: { resourceVersion, ...(more !== undefined && { continue: more }) }, items };
}

/** Begins a watch and sends these events; it stays open. */
export function events(response: ServerResponse, ...lines: readonly object[]): void {
  if (!response.headersSent) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  }
  for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
}

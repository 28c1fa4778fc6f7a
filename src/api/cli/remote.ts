/** Asks a running kube-kg over its REST API. */
import { Problem, type ProblemCode, problems } from '../../model/problem.ts';
import type { Operation } from '../../operations/operation.ts';

export interface Remote {
  readonly server: string;
  readonly token: string | undefined;
  readonly stop: AbortSignal;
}

/** The answer as JSON, or the server's Problem; `store-unreachable` when there is no server. */
export async function ask(
  { route }: Operation,
  input: Readonly<Record<string, unknown>>,
  { server, token, stop }: Remote,
): Promise<unknown> {
  const [method = 'GET', template = '/'] = route.split(' ');
  const rest = { ...input };
  const path = template.replace(/\{(\w+)(\.\.\.)?\}/g, (_, key: string, many?: string) => {
    const text = String(rest[key] ?? '');
    delete rest[key];
    return many ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text);
  });
  const url = new URL(`/api/v1${path}`, addressFrom(server));
  if (method === 'GET')
    for (const [key, value] of Object.entries(rest))
      if (value !== undefined) url.searchParams.set(key, Array.isArray(value) ? value.join(',') : String(value));
  const response = await reach(url, {
    method,
    signal: stop,
    headers: {
      accept: 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(rest) }),
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  throw problemOf(response.status, body, url);
}

function addressFrom(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new Problem('invalid-input', `--server ${server} is not an address; write it as http://127.0.0.1:8080.`);
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new Problem(
      'store-unreachable',
      `No kube-kg answers at ${url.origin}. Start one with "kube-kg serve", or ask a recording with --file.`,
      { cause },
    );
  }
}

function problemOf(status: number, body: unknown, url: URL): Problem {
  const { code, detail, details } = (body ?? {}) as { code?: string; detail?: string; details?: string[] };
  if (code !== undefined && Object.hasOwn(problems, code))
    return new Problem(code as ProblemCode, detail ?? problems[code as ProblemCode].title, { details: details ?? [] });
  return new Problem(
    'store-unreachable',
    `What answers at ${url.origin} (with ${status}) is no kube-kg; give the address of one.`,
  );
}

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
  const url = new URL(`/api/v1${path}`, server);
  if (method === 'GET')
    for (const [key, value] of Object.entries(rest))
      if (value !== undefined) url.searchParams.set(key, Array.isArray(value) ? value.join(',') : String(value));
  const response = await reach(url, {
    method,
    signal: stop,
    headers: {
      accept: 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    },
    ...(method === 'POST' && { body: JSON.stringify(rest) }),
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  throw problemOf(response.status, body, url);
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
  const known = code !== undefined && Object.hasOwn(problems, code) ? (code as ProblemCode) : 'internal';
  return new Problem(known, detail ?? `${url.origin} answered ${status}`, { details: details ?? [] });
}

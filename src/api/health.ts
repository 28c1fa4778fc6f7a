/** Whether the process lives, is ready, and reaches what it depends on; and the order to observe everything again. */

import { Problem, problemFrom } from '../model/problem.ts';
import type { Context } from '../operations/operation.ts';
import { awaitedOf } from '../operations/shared/reach.ts';
import { mayRead } from './access.ts';
import type { ApiOptions } from './options.ts';
import type { Route } from './routes.ts';

export function healthRoutes(options: ApiOptions): Route[] {
  return [
    {
      method: 'GET',
      url: '/health',
      handler: (_, reply) =>
        health(options).then((answer) => reply.code(answer.status === 'OK' ? 200 : 503).send(answer)),
    },
    { method: 'GET', url: '/healthz/live', open: true, handler: () => ({ status: 'OK' }) },
    {
      method: 'GET',
      url: '/healthz/ready',
      open: true,
      handler: (request, reply) => {
        const missing = stillLoading(options.context());
        const ready = missing.length === 0;
        return reply
          .code(ready ? 200 : 503)
          .send({ status: ready ? 'OK' : 'NOT_READY', ...(mayRead(request, options.token) && { missing }) });
      },
    },
    refreshRoute(options),
  ];
}

interface HealthAnswer {
  readonly status: 'OK' | 'UNAVAILABLE';
  readonly dependencies: Readonly<Record<string, 'OK' | 'UNAVAILABLE'>>;
  readonly warnings?: readonly string[];
  readonly [detail: string]: unknown;
}

/** A dependency that cannot be asked is down. */
async function health({ dependencies, warnings = () => [], details = () => ({}) }: ApiOptions): Promise<HealthAnswer> {
  const reachable = await dependencies().catch(() => ({ dependencies: false }));
  const standing = warnings();
  const entries = Object.entries(reachable).map(([name, up]) => [name, up ? 'OK' : 'UNAVAILABLE'] as const);
  return {
    status: entries.every(([, state]) => state === 'OK') ? 'OK' : 'UNAVAILABLE',
    dependencies: Object.fromEntries(entries),
    ...details(),
    ...(standing.length > 0 && { warnings: standing }),
  };
}

/**
 * What is still being listed for the first time. Kinds that we may not or cannot list, or that are down for now, do not hold anything up, nor does
 * a cluster that was lost: old answers say so, and are better than none. That it is lost, `/health` tells.
 */
export function stillLoading({ view, clusters = [] }: Pick<Context, 'view' | 'clusters'>): string[] {
  const scopes = view.coverage();
  const silent = clusters.filter(
    (name) => !view.clusters.includes(name) && !scopes.some(({ cluster }) => cluster === name),
  );
  return [
    ...silent.map((name) => `cluster ${name}: nothing listed yet`),
    ...awaitedOf(view).map(({ cluster, kind, namespace }) =>
      kind === '*'
        ? `cluster ${cluster}: not reached yet`
        : `cluster ${cluster}: ${kind}${namespace === '' ? '' : ` in ${namespace}`} is loading`,
    ),
  ];
}

/** One refresh at a time: asking while one runs joins it. */
function refreshRoute({ refresh, log }: ApiOptions): Route {
  let running: Promise<void> | undefined;
  return {
    method: 'POST',
    url: '/refresh',
    handler: (_, reply) => {
      if (!refresh) throw new Problem('unsupported', 'there is nothing to refresh: this process follows no cluster');
      const joined = running !== undefined;
      running ??= refresh()
        .catch((error: unknown) => log.error({ err: problemFrom(error).message }, 'a refresh failed'))
        .finally(() => {
          running = undefined;
        });
      return reply.code(202).send({ status: joined ? 'Refresh already running' : 'Refresh triggered' });
    },
  };
}

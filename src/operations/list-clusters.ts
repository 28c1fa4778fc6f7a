/** The clusters, how far each is observed, and when it was not. */
import { z } from 'zod';
import type { Context } from './operation.ts';
import { operation } from './operation.ts';
import { type Outage, outagesOf } from './shared/reach.ts';
import { incompleteSchema, stamp, stampShape } from './shared/schemas.ts';
import { tally } from './shared/tally.ts';

const clusterSchema = z
  .object({
    name: z.string(),
    state: z
      .enum(['waiting', 'loading', 'ready', 'degraded', 'unreachable'])
      .describe(
        'waiting: nothing came yet · loading: first lists are not complete · degraded: some kinds are not followed now · unreachable: its API server does not answer, what is known is as of then',
      ),
    since: z.string().optional().describe('unreachable: when that was noticed'),
    message: z.string().optional().describe('unreachable: why'),
    resources: z.int(),
    kinds: z.record(z.string(), z.int()).describe('number of kinds by coverage'),
    incomplete: z.array(incompleteSchema),
    gaps: z
      .array(
        z.object({
          group: z.string(),
          kind: z.string(),
          namespace: z.string(),
          from: z.string(),
          to: z.string().optional(),
        }),
      )
      .describe('intervals in which a kind was not observed, the latest last; `to` is absent while it lasts'),
  })
  .meta({ id: 'Cluster' });

const GAPS_MAX = 100;

export const listClusters = operation({
  name: 'clusters',
  title: 'Clusters',
  description:
    'Lists the clusters with what is still loading, forbidden or broken in each, and the intervals that were not observed.',
  route: 'GET /clusters',
  input: z.strictObject({}),
  output: z.object({ ...stampShape, items: z.array(clusterSchema) }),
  examples: [{ title: 'All', input: {} }],
  run(context) {
    const { view, clusters = [] } = context;
    const sizes = new Map<string, number>();
    for (const { cluster } of view.resources()) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
    const names = [...new Set([...clusters, ...view.clusters])].sort();
    const outages = outagesOf(view);
    const items = names.map((name) => clusterOf(context, name, sizes.get(name) ?? 0, outages.get(name)));
    return { ...stamp(context), items };
  },
});

function clusterOf(
  context: Context,
  name: string,
  resources: number,
  outage: Outage | undefined,
): z.input<typeof clusterSchema> {
  const scopes = context.view.coverage().filter(({ cluster }) => cluster === name);
  const gaps = context.view.gaps().filter(({ cluster }) => cluster === name);
  return {
    name,
    state: outage
      ? 'unreachable'
      : stateOf(
          tally(scopes, ({ coverage }) => coverage),
          resources,
        ),
    ...(outage && { since: outage.since }),
    ...(outage?.message !== undefined && { message: outage.message }),
    resources,
    kinds: tally(
      scopes.filter(({ kind }) => kind !== '*'),
      ({ coverage }) => coverage,
    ),
    incomplete: stamp(context, { clusters: [name] }).incomplete,
    gaps: gaps.slice(-GAPS_MAX).map(({ cluster: _, ...gap }) => gap),
  };
}

function stateOf(scopes: Readonly<Record<string, number>>, resources: number): z.input<typeof clusterSchema>['state'] {
  if (resources === 0 && Object.keys(scopes).length === 0) return 'waiting';
  if (scopes['loading']) return 'loading';
  return scopes['broken'] ? 'degraded' : 'ready';
}

/** The clusters, how far each is observed, and when it was not. */
import { z } from 'zod';
import type { ScopeCoverage } from '../model/view.ts';
import type { Context } from './operation.ts';
import { operation } from './operation.ts';
import { type Outage, outagesOf } from './shared/reach.ts';
import { incompleteSchema, stamp, stampShape } from './shared/schemas.ts';
import { sizeOf } from './shared/size.ts';
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
    events: z.int().describe('Events besides'),
    named: z.int().describe('pseudo resources besides: images, hosts, actors'),
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
    const names = [...new Set([...clusters, ...view.clusters])].sort();
    const outages = outagesOf(view);
    const items = names.map((name) => clusterOf(context, name, outages.get(name)));
    return { ...stamp(context), items };
  },
});

function clusterOf(context: Context, name: string, outage: Outage | undefined): z.input<typeof clusterSchema> {
  const scopes = context.view.coverage().filter(({ cluster }) => cluster === name);
  const size = sizeOf(context.view.resources({ cluster: name }));
  const gaps = context.view.gaps().filter(({ cluster }) => cluster === name);
  return {
    name,
    state: outage ? 'unreachable' : stateOf(scopes, size.resources),
    ...(outage && { since: outage.since }),
    ...(outage?.message !== undefined && { message: outage.message }),
    ...size,
    kinds: tally(
      scopes.filter(({ kind }) => kind !== '*'),
      ({ coverage }) => coverage,
    ),
    incomplete: stamp(context, { clusters: [name] }).incomplete,
    gaps: gaps.slice(-GAPS_MAX).map(({ cluster: _, ...gap }) => gap),
  };
}

function stateOf(
  scopes: readonly Pick<ScopeCoverage, 'coverage'>[],
  resources: number,
): z.input<typeof clusterSchema>['state'] {
  if (resources === 0 && scopes.length === 0) return 'waiting';
  if (scopes.some(({ coverage }) => coverage === 'loading')) return 'loading';
  return scopes.some(({ coverage }) => coverage === 'broken') ? 'degraded' : 'ready';
}

/** How many there are of what, and how they are. */
import { z } from 'zod';
import type { Resource } from '../model/resource.ts';
import { type Context, operation } from './operation.ts';
import { chosen, clustersInput, kindsInput, namespacesInput, type ResourceChoice } from './shared/inputs.ts';
import { healthStatus, stamp, stampShape } from './shared/schemas.ts';
import { sizeOf } from './shared/size.ts';
import { tally } from './shared/tally.ts';

const counts = z.record(z.string(), z.int());

export const count = operation({
  name: 'counts',
  title: 'Counts',
  description:
    'Counts resources by kind, namespace, cluster and health, and the edges and dangling references of the graph.',
  route: 'GET /counts',
  input: z.strictObject({ clusters: clustersInput, namespaces: namespacesInput, kinds: kindsInput }),
  output: z.object({
    ...stampShape,
    resources: z.int(),
    events: z.int().optional().describe('Events besides, when no kinds are asked for'),
    named: z.int().optional().describe('pseudo resources besides (images, hosts, actors), when no kinds are asked for'),
    kinds: counts,
    namespaces: counts.describe('`` is the cluster-scoped ones'),
    clusters: counts,
    health: z.record(healthStatus, z.int()),
    edges: z.int().describe('of the whole graph, computed ones left out'),
    dangling: z.int().describe('of the whole graph'),
  }),
  examples: [{ title: 'A namespace', input: { namespaces: ['shop'] } }],
  run(context, choice) {
    const found = [...chosen(context, choice)];
    const { events, named } = sizeOf(within(context, choice));
    return {
      ...stamp(context, { clusters: choice.clusters }, choice),
      resources: found.length,
      ...(!choice.kinds && { events, named }),
      kinds: tally(found, ({ kind }) => kind),
      namespaces: tally(found, ({ namespace }) => namespace),
      clusters: tally(found, ({ cluster }) => cluster),
      health: { healthy: 0, warning: 0, critical: 0, unknown: 0, ...tally(found, ({ health }) => health.status) },
      edges: context.view.edgeCount,
      dangling: [...context.view.dangling()].length,
    };
  },
});

/** Everything in the clusters and namespaces asked for. */
function within({ view }: Context, { clusters, namespaces }: ResourceChoice): Iterable<Resource> {
  return Iterator.from(view.resources()).filter(
    ({ cluster, namespace }) => clusters?.includes(cluster) !== false && namespaces?.includes(namespace) !== false,
  );
}

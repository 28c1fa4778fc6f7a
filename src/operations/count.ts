/** How many there are of what, and how they are. */
import { z } from 'zod';
import { operation } from './operation.ts';
import { chosen, clustersInput, kindsInput, namespacesInput } from './shared/inputs.ts';
import { healthStatus, stamp, stampShape } from './shared/schemas.ts';
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
    return {
      ...stamp(context, { clusters: choice.clusters }, choice),
      resources: found.length,
      kinds: tally(found, ({ kind }) => kind),
      namespaces: tally(found, ({ namespace }) => namespace),
      clusters: tally(found, ({ cluster }) => cluster),
      health: { healthy: 0, warning: 0, critical: 0, unknown: 0, ...tally(found, ({ health }) => health.status) },
      edges: context.view.edgeCount,
      dangling: [...context.view.dangling()].length,
    };
  },
});

/** How many there are of what, and how they are. */
import { z } from 'zod';
import { chosen, clustersInput, kindsInput, namespacesInput } from './inputs.ts';
import { operation } from './operation.ts';
import { healthStatus, stamp, stampShape } from './schemas.ts';

const tally = z.record(z.string(), z.int());

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
    kinds: tally,
    namespaces: tally.describe('`` is the cluster-scoped ones'),
    clusters: tally,
    health: z.record(healthStatus, z.int()),
    edges: z.int().describe('of the whole graph, computed ones left out'),
    dangling: z.int().describe('of the whole graph'),
  }),
  examples: [{ title: 'A namespace', input: { namespaces: ['shop'] } }],
  run(context, choice) {
    const kinds: Record<string, number> = {};
    const namespaces: Record<string, number> = {};
    const clusters: Record<string, number> = {};
    const health = { healthy: 0, warning: 0, critical: 0, unknown: 0 };
    let resources = 0;
    for (const { kind, namespace, cluster, health: state } of chosen(context, choice)) {
      resources++;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      namespaces[namespace] = (namespaces[namespace] ?? 0) + 1;
      clusters[cluster] = (clusters[cluster] ?? 0) + 1;
      health[state.status]++;
    }
    const dangling = [...context.view.dangling()].length;
    return {
      ...stamp(context, { clusters: choice.clusters }, choice),
      resources,
      kinds,
      namespaces,
      clusters,
      health,
      edges: context.view.edgeCount,
      dangling,
    };
  },
});

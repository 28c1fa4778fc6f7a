/** The canonical topology of a whole cluster, or of one namespace with what its resources point to. */
import { z } from 'zod';
import { edgesNamed } from '../graph/walk/edge-name.ts';
import { edgesAmong } from '../graph/walk/edges-among.ts';
import { Problem } from '../model/problem.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { type Context, operation } from './operation.ts';
import { canonicalTopologyOf, canonicalTopologySchema, isShown } from './shared/canonical-topology.ts';
import { unknownName } from './shared/schemas.ts';

const EDGES_MAX = 1_000_000;

export const clusterInput = z.string().min(1).describe('name of the cluster, see the `clusters` operation');

export const clusterTopology = operation({
  name: 'cluster-topology',
  title: 'Topology of a cluster, canonical shape',
  description:
    'Draws a cluster in the canonical shape, schema version 1.0. With `namespace`: its resources and those they point to.',
  route: 'GET /clusters/{cluster}/topology',
  input: z.strictObject({
    cluster: clusterInput,
    namespace: z.string().optional().describe('only this namespace'),
    force_refresh: z.boolean().optional().describe('accepted for compatibility; the graph is always current'),
    limit: z.int().min(1).max(50_000).default(5_000).describe('most nodes'),
  }),
  output: canonicalTopologySchema,
  examples: [{ title: 'One namespace', input: { cluster: 'shop-demo', namespace: 'shop' } }],
  run(context, { cluster, namespace, limit }) {
    checkCluster(context, cluster);
    const { resources, truncated } = resourcesOf(context.view, cluster, namespace, limit);
    const { edges, truncated: cut } = edgesAmong(context.view, resources, EDGES_MAX);
    return canonicalTopologyOf(context, {
      cluster,
      resources: resources.values(),
      edges: edgesNamed(context.view, edges),
      truncated: truncated || cut,
      style: 'cluster',
    });
  },
});

/** Throws `not-found` with the nearest name when nothing is known of a cluster. */
export function checkCluster({ view, clusters = [] }: Context, name: string): void {
  const known = new Set([...view.clusters, ...clusters]);
  if (!known.has(name)) throw new Problem('not-found', unknownName('cluster', name, known), { details: [...known] });
}

function resourcesOf(view: View, cluster: string, namespace: string | undefined, limit: number) {
  const resources = new Map<ResourceId, Resource>();
  let truncated = false;
  const take = (resource: Resource): void => {
    if (!isShown(resource) || resources.has(resource.id)) return;
    if (resources.size >= limit) truncated = true;
    else resources.set(resource.id, resource);
  };
  for (const resource of view.resources({ cluster, ...(namespace !== undefined && { namespace }) })) take(resource);
  if (namespace === undefined) return { resources, truncated };
  for (const id of [...resources.keys()]) {
    view.scan(id, 'out', (_, target) => {
      if (target.cluster === cluster) take(target);
    });
  }
  return { resources, truncated };
}

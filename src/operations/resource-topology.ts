/** The canonical topology around one resource. */
import { z } from 'zod';
import { edgesNamed } from '../graph/walk/edge-name.ts';
import { edgesAmong } from '../graph/walk/edges-among.ts';
import { pictureLimits } from '../graph/walk/limits.ts';
import { neighbours } from '../graph/walk/neighbours.ts';
import { checkCluster, clusterInput } from './cluster-topology.ts';
import { operation } from './operation.ts';
import { canonicalTopologyOf, canonicalTopologySchema, isShown } from './shared/canonical-topology.ts';
import { kindsFrom } from './shared/kind-names.ts';
import { isNoNamespace, notFound } from './shared/resolve.ts';

export const resourceTopology = operation({
  name: 'resource-topology',
  title: 'Topology around a resource, canonical shape',
  description:
    'Draws what surrounds a resource in the canonical shape, schema version 1.0. Hubs are leaves; no more than 500 nodes.',
  route: 'GET /clusters/{cluster}/topology/resource/{kind}/{namespace}/{name}',
  input: z.strictObject({
    cluster: clusterInput,
    kind: z.string().min(1).describe('Kind or plural, with or without group'),
    namespace: z.string().describe('`-` or `_` for what is cluster-scoped'),
    name: z.string().min(1),
    depth: z.int().min(1).max(6).default(3).describe('steps from the resource'),
    limit: z.int().min(1).max(500).default(500).describe('most nodes'),
  }),
  output: canonicalTopologySchema,
  examples: [
    {
      title: 'A deployment',
      input: { cluster: 'shop-demo', kind: 'deployments', namespace: 'payments', name: 'payments-api' },
    },
  ],
  run(context, { cluster, kind, namespace, name, depth, limit }) {
    checkCluster(context, cluster);
    const { view } = context;
    const place = isNoNamespace(namespace) ? '' : namespace;
    const [middle] = kindsFrom(context, [kind])
      .map((known) => view.byName({ cluster, group: known.group, kind: known.kind, namespace: place, name }))
      .filter((resource) => resource !== undefined);
    if (!middle) throw notFound(context, [kind, place, name].filter((part) => part !== '').join('/'));
    const { distances, truncated } = neighbours(view, [middle.id], {
      depth,
      limits: { resources: limit, edges: pictureLimits.edges },
      accepts: (_, other) => isShown(other),
    });
    const resources = [...distances.keys()].map((id) => view.get(id)).filter((resource) => resource !== undefined);
    const { edges, truncated: cut } = edgesAmong(view, distances, pictureLimits.edges);
    return canonicalTopologyOf(context, {
      cluster,
      resources,
      edges: edgesNamed(view, edges),
      truncated: truncated || cut,
      style: 'resource',
    });
  },
});

/** What is next to a resource, step by step. */
import { z } from 'zod';
import { edgesNamed } from '../graph/walk/edge-name.ts';
import { pictureLimits } from '../graph/walk/limits.ts';
import { neighbours } from '../graph/walk/neighbours.ts';
import { directionInput, edgeFilter, edgeInputs, kindsInput, resourceFilter, resourceInput } from './inputs.ts';
import { operation } from './operation.ts';
import { resourceFrom } from './resolve.ts';
import { briefById, briefOf, briefSchema, edgeSchema, stamp, stampShape } from './schemas.ts';

export const findNeighbours = operation({
  name: 'neighbours',
  title: 'Neighbours',
  description:
    'Lists what is connected to a resource within some steps, nearest first. Hubs are reached and not walked through.',
  route: 'GET /neighbours/{resource...}',
  input: z.strictObject({
    resource: resourceInput,
    depth: z.int().min(1).max(6).default(1).describe('steps'),
    direction: directionInput,
    kinds: kindsInput,
    ...edgeInputs,
    hubs: z.boolean().default(false).describe('walk through hubs as well'),
    limit: z.int().min(1).max(10_000).default(500).describe('most neighbours'),
  }),
  output: z.object({
    ...stampShape,
    resource: briefSchema,
    neighbours: z.array(briefSchema.extend({ distance: z.int() })),
    edges: z.array(edgeSchema),
    leaves: z.array(z.string()).describe('hubs that were not walked through'),
    truncated: z.boolean(),
  }),
  examples: [
    { title: 'Everything one step away', input: { resource: 'Service/shop/web' } },
    {
      title: 'What a pod uses',
      input: { resource: 'Pod/shop/web-1', direction: 'out', families: ['configuration', 'storage'] },
    },
  ],
  run(context, { resource: text, depth, direction, kinds, types, families, hubs, limit }) {
    const { view } = context;
    const resource = resourceFrom(context, text);
    const accepts = edgeFilter({ types, families });
    const isChosen = kinds && resourceFilter(context, { kinds });
    const walk = neighbours(view, [resource.id], {
      depth,
      direction,
      expandHubs: hubs,
      limits: { resources: limit + 1, edges: pictureLimits.edges },
      accepts: (type, other) => accepts?.(type) !== false && isChosen?.(other) !== false,
    });
    return {
      ...stamp(context, { clusters: [resource.cluster] }),
      resource: briefOf(resource),
      neighbours: [...walk.distances]
        .filter(([, distance]) => distance > 0)
        .map(([id, distance]) => ({ ...briefById(view, id), distance })),
      edges: edgesNamed(view, walk.edges),
      leaves: [...walk.leaves],
      truncated: walk.truncated,
    };
  },
});

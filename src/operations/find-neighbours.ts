/** What is next to a resource, step by step. */
import { z } from 'zod';
import { edgesNamed } from '../graph/walk/edge-name.ts';
import { pictureLimits } from '../graph/walk/limits.ts';
import { neighbours } from '../graph/walk/neighbours.ts';
import { operation } from './operation.ts';
import { directionInput, edgeFilter, edgeInputs, kindsInput, resourceFilter, resourceInput } from './shared/inputs.ts';
import { pageInputs, pageOf, pageShape, resourceOrder } from './shared/page.ts';
import { subjectFrom } from './shared/resolve.ts';
import { briefById, briefOf, briefSchema, edgeSchema, missingShape, stamp, stampShape } from './shared/schemas.ts';

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
    ...pageInputs('neighbours', 500),
  }),
  output: z.object({
    ...stampShape,
    resource: briefSchema,
    ...missingShape,
    neighbours: z.array(briefSchema.extend({ distance: z.int() })),
    edges: z
      .array(edgeSchema)
      .describe('edges that join these neighbours with each other, with the resource, or with those of other pages'),
    leaves: z.array(z.string()).describe('hubs that were not walked through'),
    total: z.int(),
    ...pageShape,
    truncated: z.boolean().describe('a limit was met: there is more than was walked through'),
  }),
  examples: [
    { title: 'Everything one step away', input: { resource: 'Service/payments/payments-api' } },
    {
      title: 'What a Deployment uses',
      input: { resource: 'Deployment/payments/payments-api', direction: 'out', families: ['configuration', 'storage'] },
    },
  ],
  run(context, { resource: text, depth, direction, kinds, types, families, hubs, limit, cursor }) {
    const { view, resource, ...rare } = subjectFrom(context, text);
    const accepts = edgeFilter({ types, families });
    const isChosen = kinds && resourceFilter(context, { kinds });
    const walk = neighbours(view, [resource.id], {
      depth,
      direction,
      expandHubs: hubs,
      limits: { ...pictureLimits, resources: Math.max(limit + 1, pictureLimits.resources) },
      accepts: (type, other) => accepts?.(type) !== false && isChosen?.(other) !== false,
    });
    const found = [...walk.distances].map(([id, distance]) => ({ ...briefById(view, id), distance }));
    const around = found.filter(({ distance }) => distance > 0);
    const { items, total, rest } = pageOf(around, [({ distance }) => distance, ...resourceOrder], { limit, cursor });
    const shown = new Set(items.map(({ id }) => id));
    return {
      ...stamp(context, { clusters: [resource.cluster] }),
      resource: briefOf(view, resource),
      ...rare,
      neighbours: [...items],
      edges: edgesNamed(
        view,
        walk.edges.filter(({ from, to }) => shown.has(from) || shown.has(to)),
      ),
      leaves: [...walk.leaves],
      total,
      ...rest,
      truncated: walk.truncated,
    };
  },
});

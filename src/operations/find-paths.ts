/** How two resources are connected. */
import { z } from 'zod';
import { edgesNamed } from '../graph/walk/edge-name.ts';
import { type Path, shortestPath } from '../graph/walk/shortest-path.ts';
import { simplePaths } from '../graph/walk/simple-paths.ts';
import type { View } from '../model/view.ts';
import { operation } from './operation.ts';
import { directionInput, edgeFilter, edgeInputs, resourceInput } from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { resourceFrom } from './shared/resolve.ts';
import { briefById, briefSchema, edgeSchema, sentenceOf, stamp, stampShape } from './shared/schemas.ts';

const PATHS_MAX = 500;

const pathSchema = z
  .object({
    length: z.int(),
    resources: z.array(briefSchema),
    edges: z.array(edgeSchema).describe('edge i joins resources i and i+1, in either direction'),
    sentences: z.array(z.string()).describe('the edges in words'),
  })
  .meta({ id: 'Path' });

export const findPaths = operation({
  name: 'paths',
  title: 'Paths between two resources',
  description:
    'Shows how two resources are connected: the shortest path, or with `all` every simple path up to `maxLength`, shortest first.',
  route: 'GET /paths',
  input: z.strictObject({
    from: resourceInput.describe('where paths begin, named as everywhere'),
    to: resourceInput.describe('where paths end'),
    all: z.boolean().default(false).describe('all simple paths instead of a shortest one'),
    direction: directionInput,
    ...edgeInputs,
    hubs: z.boolean().default(false).describe('let paths lead through hubs (namespaces, nodes, classes, images, …)'),
    maxLength: z.int().min(1).max(12).optional().describe('most edges of a path; 8, with `all` 5'),
    ...pageInputs('paths', 20, PATHS_MAX),
  }),
  output: z.object({
    ...stampShape,
    paths: z.array(pathSchema),
    ...pageShape,
    truncated: z.boolean().describe(`there may be more than ${PATHS_MAX} paths, or one that was not found in time`),
  }),
  examples: [
    {
      title: 'How the front door comes to an API',
      input: { from: 'Ingress/shop/shop', to: 'Service/payments/payments-api' },
    },
    {
      title: 'Every way',
      input: { from: 'Ingress/shop/shop', to: 'Service/payments/payments-api', all: true, maxLength: 6 },
    },
  ],
  run(context, { from, to, all, direction, types, families, hubs, maxLength, limit, cursor }) {
    const { view } = context;
    const start = resourceFrom(context, from);
    const end = resourceFrom(context, to);
    const accepts = edgeFilter({ types, families });
    const options = {
      direction,
      expandHubs: hubs,
      ...(accepts && { accepts }),
      ...(maxLength !== undefined && { maxLength }),
    };
    const { paths, truncated } = all
      ? simplePaths(view, start.id, end.id, { ...options, maxPaths: PATHS_MAX })
      : one(shortestPath(view, start.id, end.id, options));
    const { items, rest } = pageOf(paths, order, { limit, cursor });
    return { ...stamp(context), paths: items.map((path) => shown(view, path)), ...rest, truncated };
  },
});

const order: Order<Path> = [
  ({ edges }) => edges.length,
  ({ resources }) => resources.join(' '),
  ({ edges }) => edges.map(({ type }) => type).join(' '),
];

function one({ path, truncated }: ReturnType<typeof shortestPath>): ReturnType<typeof simplePaths> {
  return { paths: path ? [path] : [], truncated };
}

function shown(view: View, { resources, edges }: Path): z.input<typeof pathSchema> {
  return {
    length: edges.length,
    resources: resources.map((id) => briefById(view, id)),
    edges: edgesNamed(view, edges),
    sentences: edges.map((edge) => sentenceOf(view, edge)),
  };
}

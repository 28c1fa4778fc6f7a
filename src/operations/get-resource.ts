/** One resource with all its relations, both ways, each with its evidence, and what it refers to in vain. */
import { z } from 'zod';
import type { Edge } from '../model/edge.ts';
import { type EdgeInfo, edgeInfo, edges } from '../model/edges.ts';
import type { ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { resourceInput } from './inputs.ts';
import { operation } from './operation.ts';
import { resourceFrom } from './resolve.ts';
import {
  briefById,
  briefSchema,
  danglingSchema,
  evidenceSchema,
  resourceSchema,
  stamp,
  stampShape,
} from './schemas.ts';

const relationSchema = z
  .object({
    type: z.string(),
    family: z.string(),
    sentence: z.string().describe('completes "A … B", A being the side the edge leaves'),
    other: briefSchema,
    evidence: evidenceSchema,
  })
  .meta({ id: 'Relation', description: 'An edge seen from one of its ends.' });

const sideSchema = z.object({
  items: z.array(relationSchema),
  total: z.record(z.string(), z.int()).describe('edges by type, shown or not'),
});

const input = z.strictObject({
  resource: resourceInput,
  limit: z.int().min(0).max(5_000).default(200).describe('relations shown in each direction'),
  computed: z
    .boolean()
    .default(true)
    .describe('also what is computed on demand: affinities, tolerations, fitting nodes'),
});

export const getResource = operation({
  name: 'resource',
  title: 'One resource with its relations',
  description:
    'Shows a resource, every relation that leaves (`out`) or reaches (`in`) it with the field that says so, and its references without a usable target.',
  route: 'GET /resources/{resource...}',
  input,
  output: z.object({
    ...stampShape,
    resource: resourceSchema,
    out: sideSchema,
    in: sideSchema,
    dangling: z.array(danglingSchema).describe('what this resource refers to in vain'),
    truncated: z.boolean().describe('some relations are counted and not shown'),
  }),
  examples: [
    { title: 'A pod', input: { resource: 'Pod/shop/web-1' } },
    { title: 'A node', input: { resource: 'Node/worker-1', limit: 20 } },
  ],
  run(context, { resource: text, limit, computed }) {
    const { view } = context;
    const resource = resourceFrom(context, text);
    const leaving = sideOf(view, resource.id, 'out', limit, computed);
    const reaching = sideOf(view, resource.id, 'in', limit, computed);
    return {
      ...stamp(context, { clusters: [resource.cluster] }),
      resource,
      out: leaving.side,
      in: reaching.side,
      dangling: [...view.dangling(resource.id)],
      truncated: leaving.truncated || reaching.truncated,
    };
  },
});

const computedTypes = Object.entries<EdgeInfo>(edges)
  .filter(([, { computed }]) => computed)
  .map(([type]) => type);

function sideOf(view: View, id: ResourceId, direction: 'out' | 'in', limit: number, computed: boolean) {
  const total: Record<string, number> = {};
  const items: z.input<typeof relationSchema>[] = [];
  let count = 0;
  const take = (edge: Edge): void => {
    total[edge.type] = (total[edge.type] ?? 0) + 1;
    if (++count <= limit) items.push(relationOf(view, edge, direction));
  };
  for (const edge of view.stored(id, direction)) take(edge);
  if (computed) for (const type of computedTypes) for (const edge of view[direction](id, type)) take(edge);
  items.sort(
    (a, b) =>
      compareText(a.type, b.type) || compareText(a.other.kind, b.other.kind) || compareText(a.other.id, b.other.id),
  );
  return { side: { items, total }, truncated: count > limit };
}

function relationOf(
  view: View,
  { type, from, to, detail }: Edge,
  direction: 'out' | 'in',
): z.input<typeof relationSchema> {
  const { family, sentence } = edgeInfo(type);
  return { type, family, sentence, other: briefById(view, direction === 'out' ? to : from), evidence: detail };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

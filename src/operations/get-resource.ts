/** One resource with all its relations, both ways, each with its evidence, and what it refers to in vain. */
import { z } from 'zod';
import type { Edge } from '../model/edge.ts';
import { edgeInfo } from '../model/edges.ts';
import type { ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { operation } from './operation.ts';
import { resourceInput } from './shared/inputs.ts';
import { type Order, Pages, pageInputs, pageShape } from './shared/page.ts';
import { subjectFrom } from './shared/resolve.ts';
import {
  briefById,
  briefSchema,
  danglingSchema,
  evidenceSchema,
  missingShape,
  resourceSchema,
  stamp,
  stampShape,
} from './shared/schemas.ts';
import { standing } from './shared/standing.ts';

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
  ...pageInputs('relations of each direction', 200, 5_000),
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
    ...missingShape,
    out: sideSchema,
    in: sideSchema,
    dangling: z.array(danglingSchema).describe('what this resource refers to in vain'),
    ...pageShape,
  }),
  examples: [
    { title: 'A Deployment', input: { resource: 'Deployment/payments/payments-api' } },
    { title: 'A node', input: { resource: 'Node/worker-1', limit: 20 } },
  ],
  run(context, { resource: text, limit, cursor, computed }) {
    const { view, resource, ...rare } = subjectFrom(context, text);
    const pages = new Pages({ limit, cursor });
    const leaving = sideOf(view, pages, resource.id, 'out', computed);
    const reaching = sideOf(view, pages, resource.id, 'in', computed);
    return {
      ...stamp(context, { clusters: [resource.cluster] }),
      resource: standing(view, resource),
      ...rare,
      out: leaving,
      in: reaching,
      dangling: [...view.dangling(resource.id)],
      ...pages.rest(),
    };
  },
});

interface Seen {
  readonly edge: Edge;
  readonly other: z.input<typeof briefSchema>;
}

const order: Order<Seen> = [({ edge }) => edge.type, ({ other }) => other.kind, ({ other }) => other.id];

/** The relations of one direction: a page of them, and how many there are of each type. */
function sideOf(view: View, pages: Pages, id: ResourceId, direction: 'out' | 'in', computed: boolean) {
  const total = new Map<string, number>();
  function* seen(): Iterable<Seen> {
    for (const edge of computed ? view[direction](id) : view.stored(id, direction)) {
      total.set(edge.type, (total.get(edge.type) ?? 0) + 1);
      yield { edge, other: briefById(view, direction === 'out' ? edge.to : edge.from) };
    }
  }
  return { items: pages.of(seen(), order).items.map(relationOf), total: Object.fromEntries(total) };
}

function relationOf({ edge: { type, detail }, other }: Seen): z.input<typeof relationSchema> {
  const { family, sentence } = edgeInfo(type);
  return { type, family, sentence, other, evidence: detail };
}

/** What breaks or degrades when a resource fails or goes. */
import { z } from 'zod';
import { impact } from '../graph/walk/impact.ts';
import { countImpacts, impactCounts, impactedOf, impactedSchema, impactOrder } from './impacts.ts';
import { edgeFilter, edgeInputs, resourceInput } from './inputs.ts';
import { operation } from './operation.ts';
import { pageInputs, pageOf, pageShape } from './page.ts';
import { resourceFrom } from './resolve.ts';
import { briefOf, briefSchema, stamp, stampShape } from './schemas.ts';

export const findImpact = operation({
  name: 'impact',
  title: 'Impact of a failure',
  description:
    'Tells what breaks and what degrades when a resource fails or goes, worst and nearest first, each with the path of edges by which it comes. ' +
    'What another target still serves only degrades; what is optional is not touched.',
  route: 'GET /impact/{resource...}',
  input: z.strictObject({
    resource: resourceInput,
    maxDistance: z.int().min(1).max(50).optional().describe('steps; no bound by default'),
    ...edgeInputs,
    ...pageInputs('impacted resources', 1_000),
  }),
  output: z.object({
    ...stampShape,
    resource: briefSchema,
    impacted: z.array(impactedSchema),
    total: impactCounts,
    ...pageShape,
    truncated: z.boolean().describe('a limit was met: more suffers than was looked at'),
  }),
  examples: [
    { title: 'A ConfigMap goes', input: { resource: 'ConfigMap/shop/settings' } },
    { title: 'A node fails', input: { resource: 'Node/worker-1', maxDistance: 3 } },
  ],
  run(context, { resource: text, maxDistance, types, families, limit, cursor }) {
    const { view } = context;
    const resource = resourceFrom(context, text);
    const accepts = edgeFilter({ types, families });
    const { impacted, truncated } = impact(view, [resource.id], {
      ...(maxDistance !== undefined && { maxDistance }),
      ...(accepts && { accepts }),
    });
    const { items, rest } = pageOf(impacted, impactOrder, { limit, cursor });
    return {
      ...stamp(context, { clusters: [resource.cluster] }),
      resource: briefOf(resource),
      impacted: items.map((one) => impactedOf(view, one)),
      total: countImpacts(view, impacted),
      ...rest,
      truncated,
    };
  },
});

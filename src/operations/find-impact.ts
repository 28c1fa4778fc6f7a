/** What breaks or degrades when a resource fails or goes, at once or at the next start. */
import { z } from 'zod';
import { impact } from '../graph/walk/impact.ts';
import { operation } from './operation.ts';
import { countImpacts, impactCounts, impactedOf, impactedSchema, impactOrder } from './shared/impacts.ts';
import { edgeFilter, edgeInputs, resourceInput } from './shared/inputs.ts';
import { pageInputs, pageOf, pageShape } from './shared/page.ts';
import { subjectFrom } from './shared/resolve.ts';
import { briefOf, briefSchema, missingShape, stamp, stampShape } from './shared/schemas.ts';

export const findImpact = operation({
  name: 'impact',
  title: 'Impact of a failure',
  description:
    'Tells what breaks and what degrades when a resource fails or goes, worst and nearest first, each with the path of edges by which it comes. ' +
    'What another target still serves only degrades; what is optional is not touched. What runs goes on without what it needs only to start ' +
    '(configuration, images, accounts): it suffers at the `next-start`, and so do those who need it.',
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
    ...missingShape,
    impacted: z.array(impactedSchema),
    total: impactCounts,
    ...pageShape,
    truncated: z.boolean().describe('a limit was met: more suffers than was looked at'),
  }),
  examples: [
    { title: 'A ConfigMap goes', input: { resource: 'ConfigMap/payments/payments-settings' } },
    { title: 'A node fails', input: { resource: 'Node/worker-1', maxDistance: 3 } },
  ],
  run(context, { resource: text, maxDistance, types, families, limit, cursor }) {
    const { view, resource, ...rare } = subjectFrom(context, text);
    const accepts = edgeFilter({ types, families });
    const { impacted, truncated } = impact(view, [resource.id], {
      ...(maxDistance !== undefined && { maxDistance }),
      ...(accepts && { accepts }),
    });
    const { items, rest } = pageOf(impacted, impactOrder, { limit, cursor });
    return {
      ...stamp(context, { clusters: [resource.cluster] }),
      resource: briefOf(view, resource),
      ...rare,
      impacted: items.map((one) => impactedOf(view, one)),
      total: countImpacts(view, impacted),
      ...rest,
      truncated,
    };
  },
});

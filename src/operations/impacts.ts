/** Impacts as answers show them: who suffers, how, and the way by which it comes. */
import { z } from 'zod';
import { edgesNamed } from '../graph/walk/edge-name.ts';
import { type Impacted, pathOf } from '../graph/walk/impact.ts';
import type { View } from '../model/view.ts';
import type { Order } from './page.ts';
import { briefById, briefSchema, sentenceOf } from './schemas.ts';

export const impactedSchema = z
  .object({
    resource: briefSchema,
    effect: z.enum(['breaks', 'degrades']),
    distance: z.int().describe('steps from the cause'),
    confidence: z.number().describe('that of the least certain edge on the way'),
    path: z
      .array(z.object({ type: z.string(), from: z.string(), to: z.string(), field: z.string() }))
      .describe('edges from the cause to the resource'),
    because: z.string().describe('the last edge of the way in words'),
  })
  .meta({ id: 'Impacted', description: 'A resource that suffers, and why.' });

/** Worst first, then nearest. */
export const impactOrder: Order<Impacted> = [
  ({ effect }) => (effect === 'breaks' ? 0 : 1),
  ({ trace }) => trace.distance,
  ({ id }) => id,
];

export function impactedOf(view: View, { id, effect, trace }: Impacted): z.input<typeof impactedSchema> {
  const path = edgesNamed(view, pathOf(trace));
  return {
    resource: briefById(view, id),
    effect,
    distance: trace.distance,
    confidence: path.reduce((least, { detail }) => Math.min(least, detail.confidence), 1),
    path: path.map(({ type, from, to, detail }) => ({ type, from, to, field: detail.field })),
    because: trace.edge ? sentenceOf(view, trace.edge) : '',
  };
}

export const impactCounts = z.object({
  breaks: z.int(),
  degrades: z.int(),
  kinds: z.record(z.string(), z.int()).describe('impacted resources by kind'),
});

export function countImpacts(view: View, impacted: readonly Impacted[]): z.input<typeof impactCounts> {
  const kinds: Record<string, number> = {};
  for (const { id } of impacted) {
    const kind = view.get(id)?.kind ?? '';
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const breaks = impacted.filter(({ effect }) => effect === 'breaks').length;
  return { breaks, degrades: impacted.length - breaks, kinds };
}

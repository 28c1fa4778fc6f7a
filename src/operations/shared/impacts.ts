/** Impacts as answers show them: who suffers, how, and the way by which it comes. */
import { z } from 'zod';
import { type EdgeName, edgesNamed } from '../../graph/walk/edge-name.ts';
import { type Impacted, pathOf } from '../../graph/walk/impact.ts';
import { edgeInfo } from '../../model/edges.ts';
import type { View } from '../../model/view.ts';
import type { Order } from './page.ts';
import { briefById, briefSchema, sentenceOf } from './schemas.ts';
import { tally } from './tally.ts';

export const impactedSchema = z
  .object({
    resource: briefSchema,
    effect: z.enum(['breaks', 'degrades']),
    when: z
      .enum(['now', 'next-start'])
      .describe(
        '`next-start`: only what starts anew suffers, because what fails is needed to start; what runs goes on',
      ),
    distance: z.int().describe('steps from the cause'),
    confidence: z.number().describe('that of the least certain edge on the way'),
    path: z
      .array(z.object({ type: z.string(), from: z.string(), to: z.string(), field: z.string() }))
      .describe('edges from the cause to the resource'),
    because: z.string().describe('the last edge of the way in words'),
  })
  .meta({ id: 'Impacted', description: 'A resource that suffers, and why.' });

/** What happens now first, then the worst, then the nearest. */
export const impactOrder: Order<Impacted> = [
  ({ when }) => (when === 'now' ? 0 : 1),
  ({ effect }) => (effect === 'breaks' ? 0 : 1),
  ({ trace }) => trace.distance,
  ({ id }) => id,
];

export function impactedOf(view: View, { id, effect, when, trace }: Impacted): z.input<typeof impactedSchema> {
  const path = edgesNamed(view, pathOf(trace));
  return {
    resource: briefById(view, id),
    effect,
    when,
    distance: trace.distance,
    confidence: path.reduce((least, { detail }) => Math.min(least, detail.confidence), 1),
    path: path.map(({ type, from, to, detail }) => ({ type, from, to, field: detail.field })),
    because: trace.edge ? becauseOf(view, trace.edge) : '',
  };
}

function becauseOf(view: View, edge: EdgeName): string {
  return `${sentenceOf(view, edge)}${edgeInfo(edge.type).toStart ? ', needed to start' : ''}`;
}

export const impactCounts = z.object({
  breaks: z.int().describe('now'),
  degrades: z.int().describe('now'),
  nextStart: z.int().describe('break or degrade when they start anew, and not before'),
  kinds: z.record(z.string(), z.int()).describe('impacted resources by kind, now or later'),
});

export function countImpacts(view: View, impacted: readonly Impacted[]): z.input<typeof impactCounts> {
  const now = impacted.filter(({ when }) => when === 'now');
  const breaks = now.filter(({ effect }) => effect === 'breaks').length;
  return {
    breaks,
    degrades: now.length - breaks,
    nextStart: impacted.length - now.length,
    kinds: tally(impacted, ({ id }) => view.get(id)?.kind ?? ''),
  };
}

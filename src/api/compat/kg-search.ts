/** Searching what happened, as clients of a knowledge-graph API ask: like one event, like words, and along chains of causes. */
import { z } from 'zod';
import { findSimilar } from '../../operations/find-similar.ts';
import { type Context, perform } from '../../operations/operation.ts';
import { rankCausesOperation } from '../../operations/rank-causes.ts';
import { Explanations } from './explained.ts';
import { eventInfo, eventOf, severitiesOf, titleOf } from './kg-shapes.ts';

const score = z.number().min(0).max(1);
const topK = z.int().min(1).max(100).default(10);

export const similarInput = z.strictObject({
  event_id: z.string().min(1),
  top_k: topK,
  time_window_days: z.number().positive().max(3_650).default(30),
  min_similarity: score.default(0.2).describe('of our own'),
});

export const semanticInput = z.strictObject({
  query: z.string().min(1).max(2_000),
  top_k: topK,
  min_similarity: score.default(0.1),
  time_window_days: z.number().positive().max(3_650).default(7),
  filters: z
    .strictObject({
      severity: z.array(z.string()).optional(),
      kind: z.array(z.string()).optional(),
      namespace: z.array(z.string()).optional(),
      has_incident: z.boolean().optional(),
    })
    .default({}),
});

export const causalInput = z.strictObject({
  query: z.string().min(1).max(2_000),
  max_chain_length: z.int().min(1).max(10).default(5),
  min_confidence: score.default(0.5),
});

const match = z.object({
  ...eventInfo.shape,
  similarity: score,
  root_causes: z.array(z.string()).describe('`Kind/namespace/name Reason`, as `explain` says'),
  incident: z.string().optional(),
  explanation: z.string(),
});

export const similarShape = z
  .object({ event_id: z.string(), results: z.array(match), total: z.int() })
  .meta({ id: 'KgSimilar' });

export const semanticShape = z
  .object({ query: z.string(), results: z.array(match), total_results: z.int(), execution_time_ms: z.number() })
  .meta({ id: 'KgSemantic' });

export const causalShape = z
  .object({
    query: z.string(),
    causal_chains: z.array(
      z.object({
        effect_id: z.string(),
        effect_reason: z.string(),
        effect_resource: z.string(),
        chain_length: z.int(),
        causal_path: z
          .array(
            z.object({
              step: z.int(),
              event_id: z.string(),
              reason: z.string(),
              resource: z.string(),
              confidence: score.describe('that it led to the next'),
            }),
          )
          .describe('from the root to what led to the effect'),
        explanation: z.string(),
        overall_confidence: score,
      }),
    ),
  })
  .meta({ id: 'KgCausal' });

type Similar = z.output<typeof findSimilar.output>;
type Ranked = z.output<typeof rankCausesOperation.output>;
type Match = z.input<typeof match>;

export async function similar(
  context: Context,
  { event_id, top_k, time_window_days, min_similarity }: z.output<typeof similarInput>,
): Promise<z.input<typeof similarShape>> {
  const input = { event: event_id, limit: top_k, days: time_window_days, minSimilarity: min_similarity };
  const found = (await perform(findSimilar, context, input)) as Similar;
  const results = await matches(context, found);
  return { event_id, results: [...results], total: results.length };
}

/** `now`: milliseconds. */
export async function semantic(
  context: Context,
  { query, top_k, min_similarity, time_window_days, filters }: z.output<typeof semanticInput>,
  now: () => number,
): Promise<z.input<typeof semanticShape>> {
  const began = now();
  const { severity, kind, namespace, has_incident } = filters;
  const found = (await perform(findSimilar, context, {
    text: query,
    limit: has_incident === undefined ? top_k : 500,
    days: time_window_days,
    minSimilarity: min_similarity,
    ...(severity && { severities: severitiesOf(severity) }),
    ...(kind && { kinds: kind }),
    ...(namespace && { namespaces: namespace }),
  })) as Similar;
  const all = await matches(context, found);
  const wanted =
    has_incident === undefined ? all : all.filter(({ incident }) => (incident !== undefined) === has_incident);
  const results = wanted.slice(0, top_k);
  return { query, results, total_results: results.length, execution_time_ms: Math.round(now() - began) };
}

async function matches(context: Context, { items }: Similar): Promise<readonly Match[]> {
  const explanations = new Explanations(context);
  return Promise.all(
    items.map(async ({ event, similarity, words }): Promise<Match> => {
      const { incident } = await explanations.about(event.resource.id);
      return {
        ...eventOf(event),
        similarity,
        root_causes: (incident?.causes ?? []).map(({ resource, reason }) => `${titleOf(resource)} ${reason}`),
        ...(incident && { incident: incident.id }),
        explanation: `both say ${words.join(', ')}`,
      };
    }),
  );
}

/** Effects that are traced back. */
const EFFECTS_MAX = 10;

export async function causal(
  context: Context,
  { query, max_chain_length, min_confidence }: z.output<typeof causalInput>,
): Promise<z.input<typeof causalShape>> {
  const found = (await perform(findSimilar, context, {
    text: query,
    limit: EFFECTS_MAX,
    minSimilarity: 0.1,
  })) as Similar;
  const chains = [];
  for (const { event } of found.items) {
    const steps = await stepsTo(context, event.id, max_chain_length, min_confidence);
    if (steps.length === 0) continue;
    const path = steps.toReversed().map((each, index) => ({ step: index + 1, ...each }));
    const effect = eventOf(event);
    chains.push({
      effect_id: effect.event_id,
      effect_reason: effect.reason,
      effect_resource: effect.subject.rid,
      chain_length: path.length,
      causal_path: path,
      explanation: [...path.map(({ reason, resource }) => `${reason} (${resource})`), effect.reason].join(' → '),
      overall_confidence: path.reduce((product, { confidence }) => product * confidence, 1),
    });
  }
  return {
    query,
    causal_chains: chains.sort(
      (a, b) => b.overall_confidence - a.overall_confidence || a.chain_length - b.chain_length,
    ),
  };
}

interface Step {
  readonly event_id: string;
  readonly reason: string;
  readonly resource: string;
  readonly confidence: number;
}

/** The most probable cause, the most probable cause of that, and so on, each once. */
async function stepsTo(context: Context, event: string, most: number, minConfidence: number): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const seen = new Set([event]);
  for (let from = event; steps.length < most; ) {
    const { causes } = (await perform(rankCausesOperation, context, { event: from, minConfidence })) as Ranked;
    const best = causes.find((cause) => !seen.has(cause.event.id) && cause.lagSeconds > 0);
    if (best === undefined) break;
    const { event_id, reason, subject } = eventOf(best.event);
    steps.push({ event_id, reason, resource: subject.rid, confidence: best.confidence });
    seen.add(best.event.id);
    from = best.event.id;
  }
  return steps;
}

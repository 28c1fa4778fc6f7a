/** Which earlier events may have led to one, ranked by time, distance and reasons. */
import { z } from 'zod';
import { episodesIn, episodesNear } from '../analysis/episodes.ts';
import { type Episode, type RankedCause, rankCauses } from '../analysis/seed-ranker.ts';
import { compareText } from '../model/order.ts';
import { resourceTitle } from '../model/resource.ts';
import { operation } from './operation.ts';
import { episodeFrom, episodeSchema, episodeTold, eventInput } from './shared/episodes.ts';
import { stamp, stampShape } from './shared/schemas.ts';

const score = z.number().min(0).max(1);

export const rankCausesOperation = operation({
  name: 'causes',
  title: 'Events that may have led to one',
  description:
    'Ranks the earlier events that may have led to one, by how shortly before they happened, how near in the graph, and what is known of their reasons. ' +
    'It compares events and knows no mechanism: for what is wrong and why, ask `explain`.',
  route: 'GET /causes/{event...}',
  input: z.strictObject({
    event: eventInput,
    variant: z.enum(['seed', 'enhanced']).default('seed').describe('of the formula'),
    windowMinutes: z
      .number()
      .positive()
      .max(1_440)
      .optional()
      .describe('how long before; default: 15, enhanced: by reason'),
    maxHops: z.int().min(0).max(10).default(3).describe('edges between the two resources'),
    through: z
      .enum(['seed', 'failure'])
      .default('seed')
      .describe('edges that count: SELECTS, OWNS and RUNS_ON, or all that failure travels on'),
    minConfidence: score.default(0.4).describe('what is less is left out'),
    limit: z.int().min(1).max(500).default(20).describe('most causes'),
  }),
  output: z.object({
    ...stampShape,
    event: episodeSchema,
    causes: z.array(
      z.object({
        event: episodeSchema,
        confidence: score,
        temporal: score,
        distance: score,
        domain: score,
        hops: z.int().optional().describe('absent when they are further apart'),
        lagSeconds: z.number(),
        text: z.string().describe('one sentence'),
      }),
    ),
    left: z.int().describe('how many more there are'),
    timeline: z
      .array(episodeSchema)
      .describe(
        'what happened to the same resource in the window and until then, the earliest first; the last hundred',
      ),
  }),
  examples: [{ title: 'The last thing that happened at an instant', input: { event: '2026-11-21T14:30:30Z' } }],
  run(context, { event, variant, windowMinutes, maxHops, through, minConfidence, limit }) {
    const { view } = context;
    const effect = episodeFrom(context, event);
    const isNear = variant === 'seed';
    const episodes = [...(isNear ? episodesNear(view, effect.subject, maxHops, through) : episodesIn(view))];
    const ranked = rankCauses(view, effect, episodes, {
      variant,
      through,
      hopsMax: maxHops,
      confidenceMin: minConfidence,
      ...(windowMinutes !== undefined && { windowMs: windowMinutes * 60_000 }),
    });
    return {
      ...stamp(context, { clusters: [effect.subject.cluster] }),
      event: episodeTold(view, effect),
      causes: ranked.slice(0, limit).map((cause) => ({
        event: episodeTold(view, cause.episode),
        ...rounded(cause),
        ...(cause.hops !== undefined && { hops: cause.hops }),
        lagSeconds: cause.lagMs / 1_000,
        text: causeText(cause),
      })),
      left: Math.max(0, ranked.length - limit),
      timeline: before(effect, episodes, (windowMinutes ?? WINDOW_MINUTES) * 60_000).map((each) =>
        episodeTold(view, each),
      ),
    };
  },
});

const WINDOW_MINUTES = 15;
const TIMELINE_MAX = 100;

/** What happened to the same resource, the effect itself the last. */
function before(effect: Episode, episodes: readonly Episode[], withinMs: number): readonly Episode[] {
  const { subject, at } = effect;
  return episodes
    .filter((each) => each.subject.id === subject.id && each.at <= at && each.at >= at - withinMs)
    .sort((a, b) => a.at - b.at || (a.id === effect.id ? 1 : b.id === effect.id ? -1 : compareText(a.id, b.id)))
    .slice(-TIMELINE_MAX);
}

function rounded({ confidence, temporal, distance, domain }: RankedCause) {
  const short = (number: number): number => Math.round(number * 1_000) / 1_000;
  return {
    confidence: short(confidence),
    temporal: short(temporal),
    distance: short(distance),
    domain: short(domain),
  };
}

/** `OOMKilled of Pod/shop/web-1, the same resource, 30 s before`. */
function causeText({ episode: { reason, message, subject }, hops, lagMs }: RankedCause): string {
  const what = reason || message.split('\n')[0]?.slice(0, WORDS_MAX) || 'something';
  const where =
    hops === undefined
      ? 'not connected'
      : hops === 0
        ? 'the same resource'
        : hops === 1
          ? '1 edge away'
          : `${hops} edges away`;
  return `${what} of ${resourceTitle(subject)}, ${where}, ${lagText(lagMs)}`;
}

const WORDS_MAX = 80;

function lagText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds === 0) return 'at the same time';
  return seconds < 120 ? `${seconds} s before` : `${Math.round(seconds / 60)} min before`;
}

/** What happened that is like something that happened, or like words. */
import { z } from 'zod';
import { milliseconds } from '../analysis/case.ts';
import { episodesIn, RANKS } from '../analysis/episodes.ts';
import type { Episode } from '../analysis/seed-ranker.ts';
import { alike, wordsOf, wordsOfText } from '../analysis/similarity.ts';
import type { Severity } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import { operation } from './operation.ts';
import { episodeFrom, episodeSchema, episodeTold, eventInput } from './shared/episodes.ts';
import { commaList, namespacesInput } from './shared/inputs.ts';
import { stamp, stampShape } from './shared/schemas.ts';

const DAY_MS = 86_400_000;
/** Episodes that are compared, the latest. */
const COMPARED_MAX = 10_000;
const WORDS_SHOWN = 6;

export const findSimilar = operation({
  name: 'similar',
  title: 'Happenings like one, or like words',
  description:
    'Finds what happened that is like one event, or like words ("memory leak"), the most alike first: by the words of reasons and messages, by canonical types and ' +
    'by what they are about, so that other names for the same are found. It tells where else and when; why, `explain` tells.',
  route: 'GET /similar',
  input: z.strictObject({
    event: eventInput.optional().describe('an Event or occurrence, as `causes` takes it'),
    text: z.string().min(1).max(2_000).optional().describe('words instead of an event'),
    days: z.number().positive().max(3_650).default(30).describe('how far back, from the latest'),
    namespaces: namespacesInput,
    kinds: commaList(z.string().min(1))
      .optional()
      .describe('only about resources of these kinds, for example Pod,Node'),
    severities: commaList(z.enum(Object.keys(RANKS) as [Severity, ...Severity[]]))
      .optional()
      .describe('only these: debug, info, warning, error, critical'),
    minSimilarity: z.number().min(0).max(1).default(0.2).describe('what is less alike is left out'),
    limit: z.int().min(1).max(500).default(10).describe('most that are shown'),
  }),
  output: z.object({
    ...stampShape,
    event: episodeSchema.optional().describe('the one that was asked about'),
    items: z.array(
      z.object({
        event: episodeSchema,
        similarity: z.number().min(0).max(1),
        words: z.array(z.string()).describe('what both have, the most telling first'),
      }),
    ),
    left: z.int().describe('how many more there are'),
  }),
  examples: [{ title: 'By words', input: { text: 'readiness probe failed', limit: 5 } }],
  run(context, { event, text, days, namespaces, kinds, severities, minSimilarity, limit }) {
    const { view, asOf } = context;
    if ((event === undefined) === (text === undefined))
      throw new Problem('invalid-input', 'event, text: give one of both');
    const own = event === undefined ? undefined : episodeFrom(context, event);
    const earliest = milliseconds(asOf?.instant ?? view.at) - days * DAY_MS;
    const isWanted = ({ id, at, subject, severity }: Episode): boolean =>
      id !== own?.id &&
      at >= earliest &&
      namespaces?.includes(subject.namespace) !== false &&
      kinds?.some((kind) => kind.toLowerCase() === subject.kind.toLowerCase()) !== false &&
      severities?.includes(severity) !== false;
    const candidates = [...episodesIn(view)]
      .filter(isWanted)
      .sort((a, b) => b.at - a.at)
      .slice(0, COMPARED_MAX);
    const found = alike(own ? wordsOf(own) : wordsOfText(text ?? ''), candidates, wordsOf).filter(
      ({ similarity }) => similarity >= minSimilarity,
    );
    return {
      ...stamp(context, { namespaces }),
      ...(own && { event: episodeTold(view, own) }),
      items: found.slice(0, limit).map(({ item, similarity, shared }) => ({
        event: episodeTold(view, item),
        similarity: Math.round(similarity * 1_000) / 1_000,
        words: shared.slice(0, WORDS_SHOWN),
      })),
      left: Math.max(0, found.length - limit),
    };
  },
});

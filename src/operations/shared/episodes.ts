/** What happened, as answers show it: Events and occurrences in one form. */
import { z } from 'zod';
import { timeOf } from '../../analysis/case.ts';
import { episodeId, episodeNamed, episodeOf, isEpisode } from '../../analysis/episodes.ts';
import type { Episode } from '../../analysis/seed-ranker.ts';
import { Problem } from '../../model/problem.ts';
import type { View } from '../../model/view.ts';
import type { Context } from '../operation.ts';
import { resourceFrom } from './resolve.ts';

export const episodeSchema = z
  .object({
    id: z.string().describe('of the Event or occurrence in the graph'),
    name: z.string().describe('by which whoever sent it knows it: the uid of an Event, the id of an occurrence'),
    at: z.string().describe('when it happened last'),
    since: z.string().optional().describe('when it happened first, where it came several times'),
    reason: z.string(),
    message: z.string(),
    severity: z.enum(['debug', 'info', 'warning', 'error', 'critical']),
    resource: z.object({
      id: z.string(),
      cluster: z.string(),
      group: z.string(),
      kind: z.string(),
      namespace: z.string().describe('empty for what is cluster-scoped'),
      name: z.string(),
    }),
  })
  .meta({ id: 'Episode', description: 'Something that happened to a resource.' });

export const eventInput = z
  .string()
  .min(1)
  .describe(
    'an Event or occurrence: its id, the uid of an Event, the id that an occurrence was sent with, `Event/namespace/name`, or an instant, for the last that happened then',
  );

export function episodeTold(
  view: View,
  { id, at, since, reason, message, severity, subject }: Episode,
): z.input<typeof episodeSchema> {
  const { cluster, group, kind, namespace, name } = subject;
  const own = view.get(id);
  return {
    id,
    name: own ? episodeId(own) : id,
    at: timeOf(at),
    ...(since !== undefined && { since: timeOf(since) }),
    reason,
    message,
    severity,
    resource: { id: subject.id, cluster, group, kind, namespace, name },
  };
}

/** The episode that a text means. Throws `not-found`. */
export function episodeFrom(context: Context, text: string): Episode {
  const { view } = context;
  const known = episodeNamed(view, text);
  if (known) return episodeOf(view, known);
  const isTitle = text.includes('/') && /^(?:ev|events?|occurrences?)\//i.test(text);
  const named = isTitle ? resourceFrom(context, text) : undefined;
  if (named && isEpisode(named)) return episodeOf(view, named);
  throw new Problem(
    'not-found',
    `no event or occurrence "${text}" is known; the window holds the latest, \`episodes\` lists them`,
  );
}

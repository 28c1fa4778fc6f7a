/** What happened, whoever tells it: Kubernetes' Events, logs, alerts, changes in one list. */
import { z } from 'zod';
import { milliseconds, timeOf } from '../analysis/case.ts';
import { episodesIn, RANKS } from '../analysis/episodes.ts';
import type { Episode } from '../analysis/seed-ranker.ts';
import type { Severity } from '../model/change.ts';
import { type Context, operation } from './operation.ts';
import { episodeSchema, episodeTold } from './shared/episodes.ts';
import { clustersInput, commaList, namespacesInput } from './shared/inputs.ts';
import { instantBefore, instantInput, noInstant } from './shared/interval.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { resourceFrom } from './shared/resolve.ts';
import { stamp, stampShape } from './shared/schemas.ts';
import { tally } from './shared/tally.ts';

const severities = z.enum(Object.keys(RANKS) as [Severity, ...Severity[]]);

export const listEpisodes = operation({
  name: 'episodes',
  title: 'Events, logs and alerts by time',
  description:
    'Lists what happened, whoever tells it: Events of Kubernetes, logs, alerts, changes and whatever else was sent, the latest first, each with the resource ' +
    'that it is about and how bad it is. Of each the window holds the latest; what an object was before, `timeline` tells.',
  route: 'GET /episodes',
  input: z.strictObject({
    resource: z.string().min(1).optional().describe('only about this resource: `Kind/namespace/name`, or an id'),
    from: instantInput('the earliest instant'),
    to: instantInput('the latest instant'),
    clusters: clustersInput,
    namespaces: namespacesInput,
    severities: commaList(severities).optional().describe('only these: debug, info, warning, error, critical'),
    ...pageInputs('episodes', 100, 1_000),
  }),
  output: z.object({
    ...stampShape,
    from: z.string().optional().describe('the earliest instant, where one was asked for'),
    to: z.string().optional().describe('the latest instant, where one was asked for'),
    items: z.array(episodeSchema),
    total: z.int(),
    severities: z.record(severities, z.int()).describe('how many of each, on all pages'),
    oldest: z.string().optional(),
    newest: z.string().optional(),
    ...pageShape,
  }),
  examples: [
    { title: 'What went wrong last', input: { severities: ['warning', 'error', 'critical'], limit: 20 } },
    { title: 'About one resource', input: { resource: 'Deployment/payments/payments-api' } },
  ],
  run(context, { resource, from, to, clusters, namespaces, severities: wanted, limit, cursor }) {
    const { view } = context;
    const about = resource === undefined ? undefined : resourceFrom(context, resource);
    const [first, last] = [instantOf(context, 'from', from), instantOf(context, 'to', to)];
    const found = [...episodesIn(view, about)].filter(
      ({ at, severity, subject }) =>
        at >= (first ?? Number.NEGATIVE_INFINITY) &&
        at <= (last ?? Number.POSITIVE_INFINITY) &&
        wanted?.includes(severity) !== false &&
        clusters?.includes(subject.cluster) !== false &&
        namespaces?.includes(subject.namespace) !== false,
    );
    const { items, total, rest } = pageOf(found, order, { limit, cursor });
    const times = extent(found);
    return {
      ...stamp(context, { clusters, namespaces }),
      ...(first !== undefined && { from: timeOf(first) }),
      ...(last !== undefined && { to: timeOf(last) }),
      items: items.map((each) => episodeTold(view, each)),
      total,
      severities: { debug: 0, info: 0, warning: 0, error: 0, critical: 0, ...tally(found, ({ severity }) => severity) },
      ...times,
      ...rest,
    };
  },
});

/** The latest first; of what happened at once the worst. */
const order: Order<Episode> = [({ at }) => -at, ({ severity }) => -RANKS[severity], ({ id }) => id];

/** Milliseconds since 1970. Throws `invalid-input`. */
function instantOf({ view, asOf }: Context, name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instant = instantBefore(text, milliseconds(asOf?.instant ?? view.at));
  if (instant === undefined) throw noInstant(name, text);
  return milliseconds(instant);
}

function extent(episodes: readonly Episode[]): { readonly oldest?: string; readonly newest?: string } {
  let [oldest, newest] = [Number.POSITIVE_INFINITY, 0];
  for (const { at, since = at } of episodes) {
    if (since > 0) oldest = Math.min(oldest, since);
    newest = Math.max(newest, at);
  }
  return newest === 0 ? {} : { oldest: timeOf(oldest), newest: timeOf(newest) };
}

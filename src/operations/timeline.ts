/** What happened to an object, or to it and those it is connected with, in one list. */
import { z } from 'zod';
import { isEvent } from '../model/groups.ts';
import type { EdgeSpan, Existence, HistoryQueries } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { compareTime, type Time } from '../model/time.ts';
import { type Context, operation } from './operation.ts';
import { existencesOf, historyOf } from './shared/existence.ts';
import {
  edgeHappenings,
  gapHappening,
  type Happening,
  happeningOf,
  happeningSchema,
  nameOf,
  nameSchema,
} from './shared/happenings.ts';
import { resourceInput } from './shared/inputs.ts';
import { instantInput, intervalOf } from './shared/interval.ts';
import { pageInputs } from './shared/page.ts';

/** Objects whose happenings are told together; edges of each that are looked at; Events of all. */
const NEIGHBOURS_MAX = 60;
const EDGES_MAX = 2_000;
const EVENTS_MAX = 500;
/** With these nearly everything is connected, so being connected with them says nothing. */
const HUBS = new Set([
  'Namespace',
  'Node',
  'StorageClass',
  'PriorityClass',
  'RuntimeClass',
  'IngressClass',
  'ClusterRole',
]);

export const timeline = operation({
  name: 'timeline',
  title: 'What happened to an object',
  description:
    'Tells what happened to an object, newest first: versions with the fields that changed and who changed them, edges won and lost, Events, deletion and ' +
    'creation anew, and when nobody watched. What is gone is found by its name.',
  route: 'GET /timeline/{resource...}',
  about: 'past',
  input: z.strictObject({
    resource: resourceInput,
    from: instantInput('the earliest instant'),
    to: instantInput('the latest instant'),
    neighbours: z.boolean().default(false).describe('also what happened to those it is or was connected with'),
    edges: z.boolean().default(true).describe('also edges won and lost'),
    noise: z.boolean().default(false).describe('also signs of life: heartbeats, lease renewals, versions counted'),
    order: z.enum(['newest', 'oldest']).default('newest').describe('which comes first'),
    ...pageInputs('happenings', 100, 1_000),
  }),
  output: z.object({
    existences: z
      .array(z.object({ resource: nameSchema, since: z.string(), until: z.string().optional() }))
      .describe('every time something of that name was there, the latest first'),
    from: z.string(),
    to: z.string(),
    items: z.array(happeningSchema),
    next: z.string().optional().describe('cursor of the next page; absent on the last'),
  }),
  examples: [
    { title: 'A Deployment', input: { resource: 'Deployment/payments/payments-api' } },
    {
      title: 'A Secret that is gone, and those who needed it',
      input: { resource: 'Secret/payments/card-network', neighbours: true },
    },
  ],
  async run(context, { resource, limit, cursor, order, neighbours, edges, noise, ...interval }) {
    const history = historyOf(context);
    const { from, to } = await intervalOf(history, interval);
    const existences = await existencesOf(context, resource);
    const page = pageFrom(cursor, order === 'newest' ? to : from);
    const asked = order === 'newest' ? { from, to: page.at } : { from: page.at, to };
    const about = neighbours
      ? [...existences, ...(await neighboursOf(context, history, existences, from, to))]
      : existences;
    const happened = await collect(history, about, { ...asked, order, edges, noise, limit: limit + page.skip + 1 });
    const rest = happened.slice(skipped(happened, page));
    const items = rest.slice(0, limit);
    return {
      existences: existences.map(({ of, since, until }) => ({
        resource: nameOf(of),
        since,
        ...(until !== undefined && { until }),
      })),
      from,
      to,
      items,
      ...(rest.length > limit && { next: cursorAfter(items, page) }),
    };
  },
});

interface Place {
  readonly at: Time;
  /** How many of that instant have been shown. */
  readonly skip: number;
}

function pageFrom(cursor: string | undefined, start: Time): Place {
  if (cursor === undefined) return { at: start, skip: 0 };
  try {
    const [at, skip] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [Time, number];
    if (typeof at === 'string' && Number.isSafeInteger(skip)) return { at, skip };
  } catch {
    // Said below.
  }
  throw new Problem('invalid-input', 'cursor: not a cursor; give the `next` of the page before');
}

function skipped(happened: readonly Happening[], { at, skip }: Place): number {
  return Math.min(skip, happened.filter((each) => each.at === at).length);
}

function cursorAfter(items: readonly Happening[], { at, skip }: Place): string {
  const last = items.at(-1)?.at ?? at;
  const shown = items.filter((each) => each.at === last).length + (last === at ? skip : 0);
  return Buffer.from(JSON.stringify([last, shown])).toString('base64url');
}

interface Wanted {
  readonly from: Time;
  readonly to: Time;
  readonly order: 'newest' | 'oldest';
  readonly edges: boolean;
  readonly noise: boolean;
  readonly limit: number;
}

/** The first so many happenings of an interval, in order. */
async function collect(
  history: HistoryQueries,
  about: readonly Existence[],
  wanted: Wanted,
): Promise<readonly Happening[]> {
  const { from, to, order, limit } = wanted;
  const spans = new Map<Existence, readonly EdgeSpan[]>();
  for (const existence of about) spans.set(existence, await history.edgeSpans(existence, from, to, EDGES_MAX));
  const events = [...spans.values()].flat().filter(({ type, other }) => type === 'ABOUT' && isEvent(other));
  const happened = await versionsOf(
    history,
    [...about, ...events.slice(0, EVENTS_MAX).map(({ other }) => ({ of: other }))],
    wanted,
  );
  if (wanted.edges) {
    for (const [existence, ofIt] of spans)
      for (const span of ofIt) if (!isEvent(span.other)) happened.push(...edgeHappenings(existence, span, from, to));
  }
  const [clusters, kinds] = [about.map(({ of }) => of.cluster), about.map(({ of }) => of)];
  for (const gap of await history.gaps({ clusters, kinds, namespaces: about.map(({ of }) => of.namespace), from, to }))
    if (compareTime(gap.from, from) >= 0) happened.push(gapHappening(gap));
  const sign = order === 'newest' ? -1 : 1;
  return happened.sort((a, b) => sign * compareTime(a.at, b.at)).slice(0, limit);
}

/** Versions that say something, as many as are wanted. */
async function versionsOf(
  history: HistoryQueries,
  of: readonly Pick<Existence, 'of'>[],
  { from, to, order, noise, limit }: Wanted,
): Promise<Happening[]> {
  const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
  const query = {
    clusters: unique(of.map(({ of: each }) => each.cluster)),
    kinds: [...new Map(of.map(({ of: each }) => [`${each.group}/${each.kind}`, each])).values()],
    namespaces: unique(of.map(({ of: each }) => each.namespace)),
    names: unique(of.map(({ of: each }) => each.name)),
    uids: unique(of.map(({ of: each }) => each.uid)),
    from,
    to,
  };
  const happened: Happening[] = [];
  for (let after: Parameters<HistoryQueries['versions']>[1]['after']; happened.length < limit; ) {
    const versions = await history.versions(query, { order, after, limit, withBefore: true });
    for (const version of versions) {
      const happening = happeningOf(version, { noise });
      if (happening) happened.push(happening);
    }
    after = versions.at(-1)?.position;
    if (versions.length < limit) break;
  }
  return happened;
}

/** Existences that it is connected with now, or was in the interval. */
async function neighboursOf(
  { view }: Context,
  history: HistoryQueries,
  existences: readonly Existence[],
  from: Time,
  to: Time,
): Promise<readonly Existence[]> {
  const found = new Map<string, Existence['of']>();
  for (const existence of existences) {
    const { id } = existence.of;
    const now = [...view.stored(id, 'out'), ...view.stored(id, 'in')].flatMap(
      (edge) => view.get(edge.from === id ? edge.to : edge.from) ?? [],
    );
    const then = (await history.edgeSpans(existence, from, to, EDGES_MAX)).map(({ other }) => other);
    for (const other of [...now, ...then]) {
      if (other.pseudo || isEvent(other) || HUBS.has(other.kind) || found.size >= NEIGHBOURS_MAX) continue;
      found.set(other.id, other);
    }
  }
  const neighbours: Existence[] = [];
  for (const { cluster, group, kind, namespace, name, uid } of found.values()) {
    const query = {
      clusters: [cluster],
      kinds: [{ group, kind }],
      namespaces: [namespace],
      names: [name],
      uids: [uid],
    };
    neighbours.push(...(await history.existences(query, 1)));
  }
  return neighbours;
}

/** What happened to an object, or to it and those it is connected with, in one list. */
import { z } from 'zod';
import type { Existence, HistoryQueries } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { compareTime, type Time } from '../model/time.ts';
import { operation } from './operation.ts';
import { EXISTENCES_MAX, existencesOf, historyOf } from './shared/existence.ts';
import {
  edgeHappening,
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

/** Neighbours whose happenings are told beside those of the object. */
const NEIGHBOURS_MAX = 60;
/** With these nearly everything is connected, so being connected with them says nothing; Events are told as what happened. */
const NOT_NEIGHBOURS = [
  { group: '', kind: 'Event' },
  { group: '', kind: 'Namespace' },
  { group: '', kind: 'Node' },
  { group: 'storage.k8s.io', kind: 'StorageClass' },
  { group: 'scheduling.k8s.io', kind: 'PriorityClass' },
  { group: 'node.k8s.io', kind: 'RuntimeClass' },
  { group: 'networking.k8s.io', kind: 'IngressClass' },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
];

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
    hints: z.array(z.string()).optional().describe('what of the interval is not known, and what was left out'),
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
    const { from, to, hints } = await intervalOf(history, interval);
    const existences = await existencesOf(context, resource);
    const page = pageFrom(cursor, order === 'newest' ? to : from);
    const asked = order === 'newest' ? { from, to: page.at } : { from: page.at, to };
    const near = neighbours ? await neighboursOf(history, existences, from, to) : [];
    const about = [...existences, ...near.slice(0, NEIGHBOURS_MAX)];
    const happened = await collect(history, about, { ...asked, order, edges, noise, limit: limit + page.skip + 1 });
    const rest = happened.slice(skipped(happened, page));
    const items = rest.slice(0, limit);
    const notes = [...hints, ...(await notesOf(history, existences, near.length, from))];
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
      ...(notes.length > 0 && { hints: notes }),
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

/** What of the question is not told. */
async function notesOf(
  history: HistoryQueries,
  existences: readonly Existence[],
  near: number,
  from: Time,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { cluster, group, kind, oldest } of await history.keptLess())
    if (
      compareTime(oldest, from) > 0 &&
      existences.some(({ of }) => of.cluster === cluster && of.group === group && of.kind === kind)
    )
      notes.push(`of ${kind} less is kept: what was before ${oldest} is not known any more`);
  if (existences.length === EXISTENCES_MAX)
    notes.push(`it was there more than ${EXISTENCES_MAX} times: only the last are told`);
  if (near > NEIGHBOURS_MAX)
    notes.push(`it was connected with more than ${NEIGHBOURS_MAX} others: only those that came last are told`);
  return notes;
}

/** The first so many happenings of an interval, in order. Each list is complete that far, so what they make together is. */
async function collect(
  history: HistoryQueries,
  about: readonly Existence[],
  wanted: Wanted,
): Promise<readonly Happening[]> {
  const { from, to, order, limit } = wanted;
  const byNumber = new Map(about.map((existence) => [existence.number, existence]));
  const happened = await versionsOf(history, [...byNumber.keys()], wanted);
  if (wanted.edges)
    for (const change of await history.edgeChanges([...byNumber.keys()], { from, to }, { order, limit })) {
      const existence = byNumber.get(change.of);
      if (existence) happened.push(edgeHappening(existence, change));
    }
  const [clusters, kinds] = [about.map(({ of }) => of.cluster), about.map(({ of }) => of)];
  for (const gap of await history.gaps({ clusters, kinds, namespaces: about.map(({ of }) => of.namespace), from, to }))
    if (compareTime(gap.from, from) >= 0) happened.push(gapHappening(gap));
  const sign = order === 'newest' ? -1 : 1;
  return happened.sort((a, b) => sign * compareTime(a.at, b.at)).slice(0, limit);
}

/** Versions that say something, as many as are wanted, and Events. */
async function versionsOf(
  history: HistoryQueries,
  numbers: readonly number[],
  { from, to, order, noise, limit }: Wanted,
): Promise<Happening[]> {
  const query = { existences: { numbers, withEvents: true }, from, to };
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

/** Those that it was connected with in the interval, the latest first; one more than are told, where there are more. */
async function neighboursOf(
  history: HistoryQueries,
  existences: readonly Existence[],
  from: Time,
  to: Time,
): Promise<readonly Existence[]> {
  const numbers = existences.map(({ number }) => number);
  const query = { connected: { with: numbers, from, to }, without: NOT_NEIGHBOURS };
  const found = await history.existences(query, NEIGHBOURS_MAX + 1 + numbers.length);
  return found.filter(({ number }) => !numbers.includes(number)).slice(0, NEIGHBOURS_MAX + 1);
}

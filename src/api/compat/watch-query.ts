/**
 * What is asked of the watch history, from texts to a query of versions. Faults are said in the words that clients of such a service know, and
 * in more of them.
 */
import { z } from 'zod';
import { nearest } from '../../lib/nearest.ts';
import type { GroupKind } from '../../model/groups.ts';
import type { Position, VersionPage, VersionQuery } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import { compareTime, type Time, timeFrom } from '../../model/time.ts';
import type { Context } from '../../operations/operation.ts';
import { isNoNamespace } from '../../operations/shared/resolve.ts';
import { kindsOfType, WATCHER } from './audit-event.ts';

const time = z.string().optional();

/** Parameters of both questions. */
const commonParameters = {
  start: time.describe('from this instant on (RFC 3339)'),
  end: time.describe('up to this instant; without a fraction, up to the end of that second'),
  cluster: z.string().optional().describe('only of this cluster'),
  limit: z.int().optional().describe('events on a page; more than the maximum, zero and less mean the maximum'),
  cursor: z.string().optional().describe('`X-Next-Cursor` of the page before; the other parameters stay the same'),
  order: z.enum(['oldest', 'newest']).optional().describe('which come first; default: oldest'),
};

export const eventsParameters = z.object({
  ...commonParameters,
  namespace: z.string().optional().describe('`-` or `_`: only what is cluster-scoped'),
  resourceType: z.string().optional().describe('a kind as every question takes it: `pods`, `deployments.apps`'),
  resourceName: z.string().optional(),
  verb: z.string().optional().describe('create, update or delete'),
  user: z.string().optional().describe(`everything is of \`${WATCHER}\`; see \`changedBy\``),
});

export const objectParameters = z.object({
  namespace: z.string().describe('`-` or `_` for what is cluster-scoped'),
  resourceType: z.string(),
  name: z.string(),
  ...commonParameters,
});

type Texts = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Where a list goes on: after a position, at its beginning (`start`), or not at all (`end`). */
export type Place = Position | 'start' | 'end';

export interface Choice {
  readonly order: NonNullable<VersionPage['order']>;
  readonly limit: number;
  /** One for each list that is paged side by side; undefined on the first page. */
  readonly places: readonly Place[] | undefined;
}

/** The parameters that are given, each once. Throws `invalid-input` for those that nothing knows. */
export function givenIn(texts: Texts, schema: z.ZodObject): Readonly<Record<string, string>> {
  const known = Object.keys(schema.shape);
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      if (!known.includes(name)) throw invalid('parameter', `there is none called "${name}"${near(name, known)}`);
      if (text === undefined || text === '') return [];
      if (typeof text !== 'string') throw invalid(name, 'give it once');
      return [[name, text]];
    }),
  );
}

/** `lists`: how many are paged side by side. Throws `invalid-input`. */
export function choiceFrom(given: Readonly<Record<string, string>>, max: number, lists: number): Choice {
  const { order = 'oldest', limit, cursor } = given;
  if (order !== 'oldest' && order !== 'newest') throw invalid('order', `"${order}" is neither oldest nor newest`);
  return {
    order,
    limit: limitFrom(limit, max),
    places: cursor === undefined ? undefined : placesFrom(cursor, order, lists),
  };
}

/** What the parameters select; of no kind where nothing can be meant, by another user. Throws `invalid-input`. */
export function queryFrom(
  context: Context,
  given: Readonly<Record<string, string>>,
  observed: readonly GroupKind[],
): VersionQuery {
  const { namespace, resourceType, resourceName, verb, user } = given;
  const wanted = verb === undefined ? undefined : [verbFrom(verb)];
  const interval = intervalFrom(given);
  if (user !== undefined && user !== WATCHER) return { kinds: [] };
  return {
    ...interval,
    ...(namespace !== undefined && { namespaces: [isNoNamespace(namespace) ? '' : namespace] }),
    ...(resourceType !== undefined && { kinds: namesOf(kindsOfType(context, resourceType, observed)) }),
    ...(resourceName !== undefined && { names: [resourceName] }),
    ...(wanted && { verbs: wanted }),
  };
}

/** Group and kind alone: what a history is asked for goes to another thread. */
export function namesOf(kinds: readonly GroupKind[]): readonly GroupKind[] {
  return kinds.map(({ group, kind }) => ({ group, kind }));
}

/** The clusters and the instants. Throws `invalid-input`. */
export function intervalFrom({
  start,
  end,
  cluster,
}: Readonly<Record<string, string>>): Pick<VersionQuery, 'clusters' | 'from' | 'to'> {
  const from = start === undefined ? undefined : instantFrom('start', start);
  const to = end === undefined ? undefined : endOfSecond(instantFrom('end', end));
  if (from !== undefined && to !== undefined && compareTime(from, to) > 0)
    throw invalid('interval', `start (${start}) is after end (${end})`);
  return {
    ...(cluster !== undefined && { clusters: [cluster] }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

export function cursorOf(order: Choice['order'], places: readonly Place[]): string {
  const texts = places.map((place) => (typeof place === 'string' ? place : [place.moment, place.place]));
  return Buffer.from(JSON.stringify([order, ...texts])).toString('base64url');
}

function placesFrom(cursor: string, order: string, lists: number): readonly Place[] {
  const fault = invalid('cursor', 'take X-Next-Cursor of the page before, with the same order, or leave it out');
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw fault;
  }
  if (!Array.isArray(parts) || parts.length !== lists + 1 || parts[0] !== order) throw fault;
  return parts.slice(1).map((part: unknown): Place => {
    if (part === 'start' || part === 'end') return part;
    if (Array.isArray(part) && part.length === 2 && part.every(Number.isSafeInteger))
      return { moment: part[0], place: part[1] };
    throw fault;
  });
}

function limitFrom(text: string | undefined, max: number): number {
  if (text === undefined) return max;
  if (!/^[+-]?\d+$/.test(text)) throw invalid('limit', `"${text}" is no whole number`);
  const limit = Number(text);
  return limit <= 0 ? max : Math.min(limit, max);
}

/** The `+` of an offset is a space when an address was not encoded. */
function instantFrom(name: 'start' | 'end', text: string): Time {
  const instant = timeFrom(text.trim().replace(/ (?=\d\d:\d\d$)/, '+'));
  if (instant !== undefined) return instant;
  throw invalid(`${name} time format`, `"${text}" is no instant; write it as in 2026-11-20T10:00:00Z`);
}

/** Seconds are what such a service tells apart: the end of an interval is meant with all that happened in it. */
function endOfSecond(instant: Time): Time {
  return instant.includes('.') ? instant : instant.replace('Z', '.999999999Z');
}

const verbs = ['create', 'update', 'delete'] as const;

function verbFrom(text: string): (typeof verbs)[number] {
  const verb = verbs.find((each) => each === text);
  if (verb === undefined) throw invalid('verb', `"${text}" is none of ${verbs.join(', ')}`);
  return verb;
}

function invalid(what: string, why: string): Problem {
  return new Problem('invalid-input', `Invalid ${what}: ${why}`);
}

function near(word: string, known: readonly string[]): string {
  const [best] = nearest(word, known);
  return best === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${best}?`;
}

/**
 * The watch history over HTTP, as clients of a watch-event service ask for it: what was observed in an interval, and the history of one object.
 * Invariant: what follows on other pages is said (`X-Total-Count`, `X-Has-More`), and `X-Next-Cursor` leads through all of it, each once.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HistoryQueries, Position, VersionQuery } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import { compareTime } from '../../model/time.ts';
import { type Context, pastOf } from '../../operations/operation.ts';
import { noSuchKind } from '../../operations/shared/kind-names.ts';
import { isNoNamespace } from '../../operations/shared/resolve.ts';
import { unknownName } from '../../operations/shared/schemas.ts';
import { PROBLEM_TYPE, problemFromError } from '../problems.ts';
import { ROOT } from '../rest.ts';
import type { Route, RouteDocument } from '../routes.ts';
import { auditEventOf, auditEventSchema, kindsOfType, resourceTypes, WATCHER } from './audit-event.ts';
import { relatedEvents, type VersionsPage } from './related-events.ts';
import {
  type Choice,
  choiceFrom,
  cursorOf,
  eventsParameters,
  givenIn,
  intervalFrom,
  namesOf,
  objectParameters,
  type Place,
  queryFrom,
} from './watch-query.ts';

const PATH = `${ROOT}/events`;

const objectHistorySchema = z
  .object({
    namespace: z.string(),
    resourceType: z.string(),
    resourceName: z.string(),
    watchEvents: z.array(auditEventSchema).describe('versions of the object'),
    relatedEvents: z.array(auditEventSchema).describe('Events about it'),
  })
  .meta({ id: 'ObjectHistory' });

const headers = {
  'X-Total-Count': 'how many there are on all pages',
  'X-Has-More': '`true` when more follow',
  'X-Next-Cursor': 'leads to the next page; absent on the last',
};

const TEXTS = `Faults (400) and nothing found (404) are plain text, as clients of watch-event services expect; with \`Accept: ${PROBLEM_TYPE}\` they are problems.`;

/** What the OpenAPI document says of these routes. */
export const watchEventDocuments: readonly RouteDocument[] = [
  {
    path: PATH,
    operationId: 'watchEvents',
    summary: 'What was observed, in the form of an audit log',
    description: `Every observed version of every object, oldest first. ${TEXTS}`,
    parameters: eventsParameters,
    answer: z.array(auditEventSchema),
    headers,
  },
  {
    path: `${PATH}/{namespace}/{resourceType}/{name}`,
    operationId: 'objectHistory',
    summary: 'Versions of one object, and Events about it',
    description: `Also of what is gone. Pages hold up to \`limit\` of each list; \`X-Total-Count\` counts the versions. ${TEXTS}`,
    parameters: objectParameters,
    answer: objectHistorySchema,
    headers,
  },
];

/** `limitMax`: most events on a page. */
export function watchEventRoutes(context: () => Context, limitMax: number): Route[] {
  return [
    { method: 'GET', url: PATH, handler: plainly((request, reply) => events(context(), limitMax, request, reply)) },
    {
      method: 'GET',
      url: `${PATH}/:namespace/:resourceType/:name`,
      handler: plainly((request, reply) => objectHistory(context(), limitMax, request, reply)),
    },
  ];
}

type Texts = Readonly<Record<string, string | readonly string[] | undefined>>;

async function events(context: Context, max: number, { query: texts }: FastifyRequest, reply: FastifyReply) {
  const { history } = pastOf(context);
  const given = givenIn(texts as Texts, eventsParameters);
  const choice = choiceFrom(given, max, 1);
  const query = queryFrom(context, given, await history.kinds());
  const [place = 'start'] = choice.places ?? [];
  const { versions, next } = await pageOf(history, query, choice, place);
  if (versions.length === 0 && choice.places === undefined)
    throw await noData('no audit data available for the specified time range', context, given, query);
  tell(reply, choice.order, await history.countVersions(query), [next ?? 'end']);
  const types = resourceTypes(context);
  return versions.map((version) => auditEventOf(version, types));
}

async function objectHistory(context: Context, max: number, request: FastifyRequest, reply: FastifyReply) {
  const { history } = pastOf(context);
  const texts = { ...(request.query as Texts), ...(request.params as Texts) };
  const given = givenIn(texts, objectParameters);
  const { namespace: place, resourceType, name } = given;
  if (place === undefined || resourceType === undefined || name === undefined)
    throw new Problem('invalid-input', 'namespace, resourceType, and name are required');
  const choice = choiceFrom(given, max, 2);
  const interval = intervalFrom(given);
  const kinds = kindsOfType(context, resourceType, await history.kinds());
  const namespace = isNoNamespace(place) ? '' : place;
  const query = { ...interval, kinds: namesOf(kinds), namespaces: [namespace], names: [name] };
  const [first = 'start', second = 'start'] = choice.places ?? [];
  const own = await pageOf(history, query, choice, first);
  const object = { kinds: namesOf(kinds), type: resourceType, namespace, name };
  const related =
    second === 'end'
      ? nothing
      : await relatedEvents(history, object, interval, { ...choice, after: positionOf(second) });
  const places = [own.next ?? 'end', related.next ?? 'end'] as const;
  if (own.versions.length + related.versions.length === 0 && !choice.places && places.every((each) => each === 'end'))
    throw await noData('no events found for this object', context, given, query);
  tell(reply, choice.order, await history.countVersions(query), places);
  const types = resourceTypes(context);
  return {
    namespace,
    resourceType: kinds[0] ? types(kinds[0]) : resourceType,
    resourceName: name,
    watchEvents: own.versions.map((version) => auditEventOf(version, types)),
    relatedEvents: related.versions.map((version) => auditEventOf(version, types)),
  };
}

const nothing: VersionsPage = { versions: [] };

async function pageOf(
  history: HistoryQueries,
  query: VersionQuery,
  { order, limit }: Choice,
  place: Place,
): Promise<VersionsPage> {
  if (place === 'end') return nothing;
  const found = await history.versions(query, { order, after: positionOf(place), limit: limit + 1 });
  const versions = found.slice(0, limit);
  const last = versions.at(-1);
  return { versions, ...(found.length > limit && last && { next: last.position }) };
}

function positionOf(place: Place): Position | undefined {
  return typeof place === 'string' ? undefined : place;
}

function tell(reply: FastifyReply, order: Choice['order'], total: number, places: readonly Place[]): void {
  const more = places.some((place) => place !== 'end');
  reply.headers({
    'x-total-count': String(total),
    'x-has-more': String(more),
    'access-control-expose-headers': Object.keys(headers).join(', '),
    ...(more && { 'x-next-cursor': cursorOf(order, places) }),
  });
}

/** That there is nothing, and why, where we know. */
async function noData(
  text: string,
  context: Context,
  given: Readonly<Record<string, string>>,
  query: VersionQuery,
): Promise<Problem> {
  const why = await reasonOf(context, given, query);
  return new Problem('not-found', why === undefined ? text : `${text}: ${why}`);
}

async function reasonOf(
  context: Context,
  { resourceType: type, user, start, end }: Readonly<Record<string, string>>,
  { namespaces: [namespace = ''] = [], from, to }: VersionQuery,
): Promise<string | undefined> {
  const { history } = pastOf(context);
  const kinds = type === undefined ? [] : kindsOfType(context, type, await history.kinds());
  if (user !== undefined && user !== WATCHER)
    return `everything is by ${WATCHER}; who wrote an object, changedBy tells`;
  if (type !== undefined && kinds.length === 0) return noSuchKind(context, type);
  if (namespace !== '' && kinds.some(({ namespaced }) => namespaced === false))
    return `${type} have no namespace, ask with - in its place`;
  if (namespace !== '' && (await history.versions({ namespaces: [namespace] }, { limit: 1 })).length === 0)
    return unknownName('namespace', namespace, namespacesIn(context));
  const known = await history.extent();
  if (known === undefined) return 'nothing has been observed yet';
  const isBefore = to !== undefined && compareTime(to, known.from) < 0;
  const isAfter = from !== undefined && compareTime(from, known.to) > 0;
  if (isBefore) return `nothing was observed until ${end}; history begins at ${known.from}`;
  return isAfter ? `${start} is after the last sign of life, ${known.to}` : undefined;
}

function namespacesIn({ view }: Context): ReadonlySet<string> {
  return new Set([...view.resources({ group: '', kind: 'Namespace' })].map(({ name }) => name));
}

/** Faults of the question as plain text, unless problems are asked for; what else goes wrong is a problem. */
function plainly(answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>): Route['handler'] {
  return async (request, reply) => {
    try {
      return await answer(request, reply);
    } catch (error) {
      const { code, message, details, status } = problemFromError(error);
      if (status >= 500 && code !== 'unsupported')
        throw new Problem(code, `Query failed: ${message}`, { cause: error, details });
      if (status >= 500 || request.headers.accept?.includes(PROBLEM_TYPE)) throw error;
      return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
    }
  };
}

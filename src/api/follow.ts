/** What a request to follow the feed asks for; the same for SSE and WebSocket. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '../model/problem.ts';
import { type Context, validInput } from '../operations/operation.ts';
import { inputFromStrings } from '../operations/shared/from-strings.ts';
import { clustersInput, kindsInput, namespacesInput, resourceFilter } from '../operations/shared/inputs.ts';
import type { FeedHub } from './feed-hub.ts';
import type { FeedFilter } from './feed-messages.ts';
import type { SessionOptions } from './feed-session.ts';

const input = z.strictObject({
  from: z.string().optional(),
  snapshot: z.boolean().default(true),
  clusters: clustersInput,
  namespaces: namespacesInput,
  kinds: kindsInput,
  access_token: z.string().optional(),
});

/** Options of the session. Throws `invalid-input`, or `limit-reached` when there are too many followers. */
export function sessionOptions(
  request: FastifyRequest,
  hub: FeedHub,
  context: Context,
  followersMax: number,
): SessionOptions {
  if (hub.size >= followersMax) {
    throw new Problem('limit-reached', `${followersMax} follow the feed already; try again later or raise the limit`);
  }
  const texts = request.query as Readonly<Record<string, string | readonly string[]>>;
  const { from, snapshot, clusters, namespaces, kinds } = validInput({ input }, inputFromStrings({ input }, texts));
  const last = request.headers['last-event-id'];
  return {
    from: typeof last === 'string' && last !== '' ? last : from,
    snapshot,
    filter: filterOf(context, { clusters, namespaces, kinds }),
  };
}

function filterOf(context: Context, choice: Parameters<typeof resourceFilter>[1]): FeedFilter | undefined {
  if (Object.values(choice).every((part) => part === undefined)) return undefined;
  return { key: JSON.stringify(choice), includes: resourceFilter(context, choice) };
}

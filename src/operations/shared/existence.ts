/** Which existences a text means: everything that was ever there under a name, also what is gone. */
import type { Existence, HistoryQueries } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import { resourceTitle } from '../../model/resource.ts';
import type { Context } from '../operation.ts';
import { type KnownKind, kindsNamed } from './kind-names.ts';
import { isNoNamespace, notFound } from './resolve.ts';

/** Existences of one name at most: what is made again and again (Jobs, probes) has many. */
export const EXISTENCES_MAX = 200;

export function historyOf({ history }: Context): HistoryQueries {
  if (history) return history;
  throw new Problem('unsupported', 'no history is kept here; start with "kube-kg serve --history FILE"');
}

/**
 * Every existence under the name that a text means, the latest first; the text may be an id, a uid, `Kind/name` or `Kind/namespace/name`, with the
 * cluster before it. Throws `not-found`, or `ambiguous` when the name is that of several.
 */
export async function existencesOf(
  context: Context,
  text: string,
): Promise<readonly [latest: Existence, ...earlier: Existence[]]> {
  const history = historyOf(context);
  const found: Existence[] = [];
  for (const reading of readingsOf(context, text)) found.push(...(await history.existences(reading, EXISTENCES_MAX)));
  const byName = Map.groupBy(found, ({ of }) => JSON.stringify([of.cluster, of.group, of.kind, of.namespace, of.name]));
  const [only, ...others] = byName.values();
  if (only === undefined) throw notFound(context, text);
  if (others.length === 0) return only as [Existence, ...Existence[]];
  throw new Problem(
    'ambiguous',
    `"${text}" is the name of ${byName.size} resources; ask for one with its cluster or by its uid`,
    {
      details: [...byName.values()].flatMap(([first]) =>
        first ? [`${resourceTitle(first.of)} of cluster ${first.of.cluster}, uid ${first.of.uid}`] : [],
      ),
    },
  );
}

type Reading = Parameters<HistoryQueries['existences']>[0];

/** What a text may mean. A uid is one only where it stands alone, or after a cluster. */
function* readingsOf(context: Context, text: string): Iterable<Reading> {
  const parts = text.split('/');
  const [first = ''] = parts;
  if (parts.length === 1) yield { uids: [text] };
  if (parts.length === 2) yield { clusters: [first], uids: [parts[1] ?? ''] };
  yield* named(context, parts, undefined);
  if (parts.length > 2) yield* named(context, parts.slice(1), [first]);
}

function* named(
  context: Context,
  parts: readonly string[],
  clusters: readonly string[] | undefined,
): Iterable<Reading> {
  const [first = '', second = ''] = parts;
  if (parts.length >= 2) yield* ofKinds(kindsNamed(context, first), parts.slice(1), clusters);
  if (parts.length >= 3) yield* ofKinds(kindsNamed(context, `${first}/${second}`), parts.slice(2), clusters);
}

function* ofKinds(
  kinds: readonly KnownKind[],
  parts: readonly string[],
  clusters: readonly string[] | undefined,
): Iterable<Reading> {
  if (kinds.length === 0) return;
  const [namespace = '', ...rest] = parts;
  const base = { kinds: kinds.map(({ group, kind }) => ({ group, kind })), ...(clusters && { clusters }) };
  if (rest.length === 0) yield { ...base, namespaces: [''], names: [namespace] };
  else yield { ...base, namespaces: [isNoNamespace(namespace) ? '' : namespace], names: [rest.join('/')] };
}

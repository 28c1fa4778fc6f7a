/** What is different between two instants: resources and edges, field by field, and who changed them. */
import { z } from 'zod';
import { fieldChanges } from '../model/field-changes.ts';
import { type GroupKind, kindKey } from '../model/groups.ts';
import type { Changed, HistoryQueries } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { resourceTitle } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';
import { operation } from './operation.ts';
import { historyOf } from './shared/existence.ts';
import { changesText, fieldChangeSchema, nameOf, nameSchema, wasThere } from './shared/happenings.ts';
import { clustersInput, kindsInput, namespacesInput } from './shared/inputs.ts';
import { instantInput, intervalOf } from './shared/interval.ts';
import { kindsFrom } from './shared/kind-names.ts';
import { incompleteSchema } from './shared/schemas.ts';

/** Events tell what happened, and are themselves nothing that is different; leases are signs of life. */
const LEFT_OUT = [
  { group: '', kind: 'Event' },
  { group: 'coordination.k8s.io', kind: 'Lease' },
];
/** Resources looked at in one go. */
const BATCH = 500;

const changes = ['added', 'first-seen', 'removed', 'changed'] as const;
type Counts = Record<(typeof changes)[number], number>;

export const diff = operation({
  name: 'diff',
  title: 'What is different between two instants',
  description:
    'Compares two instants: resources that came, went or changed, each with the fields that are different and who changed them, and edges that came or went between ' +
    'resources that stayed. What was there before anybody looked is told as first seen. Events, leases, heartbeats and counters of versions are left out.',
  route: 'GET /diff',
  about: 'past',
  input: z.strictObject({
    from: instantInput('the earlier instant'),
    to: instantInput('the later instant'),
    clusters: clustersInput,
    namespaces: namespacesInput,
    kinds: kindsInput,
    edges: z.boolean().default(true).describe('also edges that came or went between resources that stayed'),
    noise: z.boolean().default(false).describe('also signs of life: heartbeats, lease renewals, versions counted'),
    limit: z.int().min(1).max(5_000).default(200).describe('resources on a page, and edges'),
    cursor: z.string().optional().describe('`next` of the page before'),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    resources: z.array(
      z
        .object({
          change: z.enum(changes).describe('first-seen: it was there before, and nobody had looked'),
          resource: nameSchema,
          at: z.string().describe('when it was observed; of several changes the last'),
          text: z.string().describe('one sentence'),
          changes: z.array(fieldChangeSchema).optional(),
          versions: z.int().describe('how many versions were observed in between'),
        })
        .meta({ id: 'ResourceDifference', description: 'A resource that is not what it was.' }),
    ),
    edges: z.array(
      z
        .object({
          change: z.enum(['added', 'removed']),
          type: z.string(),
          from: nameSchema,
          to: nameSchema,
          at: z.string(),
        })
        .meta({ id: 'EdgeDifference', description: 'An edge that was there at one of the two instants only.' }),
    ),
    edgesTruncated: z.boolean().describe('there are more edges than `limit`'),
    counts: z
      .object({ added: z.int(), 'first-seen': z.int(), removed: z.int(), changed: z.int() })
      .describe('resources on this page and those before; on the last page, all'),
    next: z.string().optional().describe('cursor of the next page of resources; absent on the last'),
    incomplete: z.array(incompleteSchema).describe('kinds of which the earlier instant is not known any more'),
    hints: z.array(z.string()).optional().describe('what of the interval is not known'),
  }),
  examples: [
    { title: 'The whole recording', input: {} },
    { title: 'One namespace in its last minute', input: { from: '1m', namespaces: ['payments'] } },
  ],
  async run(context, { clusters, namespaces, kinds, edges, noise, limit, cursor, ...interval }) {
    const history = historyOf(context);
    const { from, to, hints } = await intervalOf(history, interval, { compared: true });
    const query = {
      from,
      to,
      ...(clusters && { clusters }),
      ...(namespaces && { namespaces }),
      ...(kinds
        ? { kinds: kindsFrom(context, kinds).map(({ group, kind }) => ({ group, kind })) }
        : !noise && { without: LEFT_OUT }),
    };
    const resources = [];
    let { after, counts } = placeFrom(cursor);
    let more = true;
    while (more && resources.length < limit) {
      const found = await history.changed(query, after, BATCH);
      more = found.length === BATCH;
      for (const changed of found) {
        if (resources.length === limit) {
          more = true;
          break;
        }
        after = changed.number;
        const difference = differenceOf(changed, from, noise);
        if (difference === undefined) continue;
        resources.push(difference);
        counts = { ...counts, [difference.change]: counts[difference.change] + 1 };
      }
    }
    const differentEdges = edges && cursor === undefined ? await history.changedEdges(query, limit + 1) : [];
    return {
      from,
      to,
      resources,
      edges: differentEdges.slice(0, limit).map(({ change, type, from: source, to: target, at }) => ({
        change,
        type,
        from: nameOf(source),
        to: nameOf(target),
        at,
      })),
      edgesTruncated: differentEdges.length > limit,
      counts,
      ...(more && { next: [after, ...changes.map((change) => counts[change])].join('.') }),
      incomplete: await forgottenOf(history, query),
      ...(hints.length > 0 && { hints: [...hints] }),
    };
  },
});

/** A cursor is the number of the resource that came last, and the counts up to it. */
function placeFrom(cursor: string | undefined): { after: number; counts: Counts } {
  const numbers = cursor?.split('.').map(Number) ?? [0, 0, 0, 0, 0];
  const [after = 0, added = 0, firstSeen = 0, removed = 0, changed = 0] = numbers;
  if (numbers.length === 5 && numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
    return { after, counts: { added, 'first-seen': firstSeen, removed, changed } };
  throw new Problem('invalid-input', 'cursor: not a cursor; give the `next` of the page before');
}

/** Kinds of those asked for of which less is kept, so that it cannot be told how they were at the earlier instant. */
async function forgottenOf(
  history: HistoryQueries,
  { from, clusters, kinds, without }: { readonly from: Time } & Choice,
): Promise<z.input<typeof incompleteSchema>[]> {
  const among = (list: readonly GroupKind[] | undefined, kind: GroupKind): boolean | undefined =>
    list?.some((each) => kindKey(each) === kindKey(kind));
  return (await history.keptLess())
    .filter(
      (kept) =>
        compareTime(kept.oldest, from) > 0 &&
        (clusters?.includes(kept.cluster) ?? true) &&
        (among(kinds, kept) ?? true) &&
        !among(without, kept),
    )
    .map(({ cluster, group, kind, oldest }) => ({
      cluster,
      group,
      kind,
      namespace: '',
      coverage: 'excluded',
      message: `kept in history since ${oldest} only`,
    }));
}

interface Choice {
  readonly clusters?: readonly string[];
  readonly kinds?: readonly GroupKind[];
  readonly without?: readonly GroupKind[];
}

/** Undefined where nothing but noise is different. */
function differenceOf({ of, before, after, at, versions }: Changed, from: Time, noise: boolean) {
  const [base, title] = [{ resource: nameOf(of), at, versions }, resourceTitle(of)];
  // How it was before may be forgotten; that it is gone is known all the same.
  if (after === undefined) return { ...base, change: 'removed' as const, text: `${title} is gone` };
  if (before === undefined)
    return wasThere(after, from)
      ? {
          ...base,
          change: 'first-seen' as const,
          text: `${title} was first seen, created ${after.metadata.creationTimestamp}`,
        }
      : { ...base, change: 'added' as const, text: `${title} is new` };
  const fields = fieldChanges(before, after, { noise });
  if (fields.length === 0) return undefined;
  return { ...base, change: 'changed' as const, text: `${title}: ${changesText(fields)}`, changes: [...fields] };
}

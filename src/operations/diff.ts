/** What is different between two instants: resources and edges, field by field, and who changed them. */
import { z } from 'zod';
import { fieldChanges } from '../model/field-changes.ts';
import type { Changed } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { resourceTitle } from '../model/resource.ts';
import { operation } from './operation.ts';
import { historyOf } from './shared/existence.ts';
import { changesText, fieldChangeSchema, nameOf, nameSchema } from './shared/happenings.ts';
import { clustersInput, kindsInput, namespacesInput } from './shared/inputs.ts';
import { instantInput, intervalOf } from './shared/interval.ts';
import { kindsFrom } from './shared/kind-names.ts';

/** Events tell what happened, and are themselves nothing that is different; leases are signs of life. */
const LEFT_OUT = [
  { group: '', kind: 'Event' },
  { group: 'coordination.k8s.io', kind: 'Lease' },
];
/** Resources looked at in one go. */
const BATCH = 500;

export const diff = operation({
  name: 'diff',
  title: 'What is different between two instants',
  description:
    'Compares two instants: resources that came, went or changed, each with the fields that are different and who changed them, and edges that came or went between ' +
    'resources that stayed. Events, leases, heartbeats and counters of versions are left out.',
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
          change: z.enum(['added', 'removed', 'changed']),
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
    next: z.string().optional().describe('cursor of the next page of resources; absent on the last'),
  }),
  examples: [
    { title: 'The whole recording', input: {} },
    { title: 'One namespace in its last minute', input: { from: '1m', namespaces: ['payments'] } },
  ],
  async run(context, { clusters, namespaces, kinds, edges, noise, limit, cursor, ...interval }) {
    const history = historyOf(context);
    const { from, to } = await intervalOf(history, interval);
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
    let after = numberFrom(cursor);
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
        const difference = differenceOf(changed, noise);
        if (difference) resources.push(difference);
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
      ...(more && { next: String(after) }),
    };
  },
});

function numberFrom(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new Problem('invalid-input', 'cursor: not a cursor; give the `next` of the page before');
}

/** Undefined where nothing but noise is different. */
function differenceOf({ of, before, after, at, versions }: Changed, noise: boolean) {
  const base = { resource: nameOf(of), at, versions };
  if (before === undefined) return { ...base, change: 'added' as const, text: `${resourceTitle(of)} is new` };
  if (after === undefined) return { ...base, change: 'removed' as const, text: `${resourceTitle(of)} is gone` };
  const changes = fieldChanges(before, after, { noise });
  if (changes.length === 0) return undefined;
  return {
    ...base,
    change: 'changed' as const,
    text: `${resourceTitle(of)}: ${changesText(changes)}`,
    changes: [...changes],
  };
}

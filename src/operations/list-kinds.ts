/** The kinds that are known, with how many there are and how well they are observed. */

import { z } from 'zod';
import { pluralOf } from '../lib/plural.ts';
import { kindKey } from '../model/groups.ts';
import { operation } from './operation.ts';
import { clustersInput } from './shared/inputs.ts';
import { knownKinds } from './shared/kind-names.ts';
import { pageInputs, pageOf, pageShape } from './shared/page.ts';
import { stamp, stampShape } from './shared/schemas.ts';

const kindSchema = z
  .object({
    group: z.string(),
    kind: z.string(),
    plural: z.string(),
    shortNames: z.array(z.string()).optional(),
    described: z.boolean().describe('has relations of its own; other kinds get the general ones'),
    count: z.int(),
    pseudo: z.boolean(),
    coverage: z
      .record(z.string(), z.string())
      .describe('by cluster: ready, loading, forbidden, excluded, absent or broken'),
  })
  .meta({ id: 'KindInfo' });

export const listKinds = operation({
  name: 'kinds',
  title: 'Kinds',
  description:
    'Lists the kinds of which there is something, or of which we cannot know whether there is, with their number and how well each cluster lets us observe them. ' +
    'With `all`: every kind that is known beforehand.',
  route: 'GET /kinds',
  input: z.strictObject({
    clusters: clustersInput,
    all: z.boolean().default(false).describe('also kinds of which there is nothing'),
    ...pageInputs('kinds', 1_000),
  }),
  output: z.object({ ...stampShape, items: z.array(kindSchema), total: z.int(), ...pageShape }),
  examples: [
    { title: 'What there is', input: {} },
    { title: 'Every kind that is known', input: { all: true } },
  ],
  run(context, { clusters, all, limit, cursor }) {
    const { view, kinds = [] } = context;
    const described = new Set(kinds.map(kindKey));
    const counts = new Map<string, { count: number; pseudo: boolean }>();
    for (const resource of view.resources()) {
      if (clusters && !clusters.includes(resource.cluster)) continue;
      const key = kindKey(resource);
      const counted = counts.get(key);
      if (counted) counted.count++;
      else counts.set(key, { count: 1, pseudo: resource.pseudo });
    }
    const coverage = Map.groupBy(view.coverage(), kindKey);
    const known = knownKinds(context).map(({ group, kind, plural, shortNames }) => {
      const key = kindKey({ group, kind });
      const scopes = (coverage.get(key) ?? []).filter(({ cluster }) => !clusters || clusters.includes(cluster));
      return {
        group,
        kind,
        plural: plural || pluralOf(kind),
        ...(shortNames && { shortNames: [...shortNames] }),
        described: described.has(key),
        count: counts.get(key)?.count ?? 0,
        pseudo: counts.get(key)?.pseudo ?? false,
        coverage: Object.fromEntries(scopes.map((scope) => [scope.cluster, scope.coverage])),
      };
    });
    const wanted = known.filter((one) => all || one.count > 0 || isUnsure(one));
    const { items, total, rest } = pageOf(wanted, [({ kind }) => kind, ({ group }) => group], { limit, cursor });
    return { ...stamp(context, { clusters }), items: [...items], total, ...rest };
  },
});

const unsure: ReadonlySet<string> = new Set(['loading', 'forbidden', 'broken']);

/** Whether there may be some that we do not see. */
function isUnsure({ coverage }: { readonly coverage: Readonly<Record<string, string>> }): boolean {
  return Object.values(coverage).some((how) => unsure.has(how));
}

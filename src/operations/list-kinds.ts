/** The kinds that are known, with how many there are and how well they are observed. */
import { z } from 'zod';
import { clustersInput } from './inputs.ts';
import { knownKinds, pluralOf } from './kind-names.ts';
import { operation } from './operation.ts';
import { pageInputs, pageOf, pageShape } from './page.ts';
import { stamp, stampShape } from './schemas.ts';

const kindSchema = z
  .object({
    group: z.string(),
    kind: z.string(),
    plural: z.string(),
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
    'Lists the kinds that are known, how many resources of each there are, and how well each cluster lets us observe them.',
  route: 'GET /kinds',
  input: z.strictObject({ clusters: clustersInput, ...pageInputs('kinds', 1_000) }),
  output: z.object({ ...stampShape, items: z.array(kindSchema), total: z.int(), ...pageShape }),
  examples: [{ title: 'All', input: {} }],
  run(context, { clusters, limit, cursor }) {
    const { view, kinds = [] } = context;
    const described = new Set(kinds.map(({ group, kind }) => `${group}/${kind}`));
    const counts = new Map<string, { count: number; pseudo: boolean }>();
    for (const { cluster, group, kind, pseudo } of view.resources()) {
      if (clusters && !clusters.includes(cluster)) continue;
      const counted = counts.get(`${group}/${kind}`);
      if (counted) counted.count++;
      else counts.set(`${group}/${kind}`, { count: 1, pseudo });
    }
    const coverage = Map.groupBy(view.coverage(), ({ group, kind }) => `${group}/${kind}`);
    const known = knownKinds(context).map(({ group, kind, plural }) => {
      const key = `${group}/${kind}`;
      const scopes = (coverage.get(key) ?? []).filter(({ cluster }) => !clusters || clusters.includes(cluster));
      return {
        group,
        kind,
        plural: plural || pluralOf(kind),
        described: described.has(key),
        count: counts.get(key)?.count ?? 0,
        pseudo: counts.get(key)?.pseudo ?? false,
        coverage: Object.fromEntries(scopes.map((scope) => [scope.cluster, scope.coverage])),
      };
    });
    const { items, total, rest } = pageOf(known, [({ kind }) => kind, ({ group }) => group], { limit, cursor });
    return { ...stamp(context, { clusters }), items: [...items], total, ...rest };
  },
});

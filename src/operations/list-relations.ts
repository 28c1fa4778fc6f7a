/** The edge types, which way failure travels them, and the rules that state them. */

import { z } from 'zod';
import { edgeInfo, edges } from '../model/edges.ts';
import { kindKey } from '../model/groups.ts';
import { type Context, operation, type RelationInfo } from './operation.ts';
import { edgeFilter, edgeInputs, kindsInput } from './shared/inputs.ts';
import { kindsFrom } from './shared/kind-names.ts';
import { pageInputs, pageOf, pageShape } from './shared/page.ts';

const ruleSchema = z
  .object({
    declaredBy: z.string().describe('the kind whose objects say so, `*` for every kind'),
    group: z.string(),
    field: z.string(),
    to: z.string(),
    confidence: z.string(),
    reverse: z.boolean().describe('the edge runs from the named object to the declaring one'),
    via: z.literal('template').optional(),
    note: z.string().optional(),
  })
  .meta({ id: 'RelationRule' });

export const listRelations = operation({
  name: 'relations',
  title: 'Relations',
  description:
    'Lists the edge types with their meaning, which way failure travels along them, and the fields that state them.',
  route: 'GET /relations',
  about: 'present',
  input: z.strictObject({
    ...edgeInputs,
    kinds: kindsInput.describe('only rules that objects of these kinds state'),
    ...pageInputs('edge types', 500),
  }),
  output: z.object({
    items: z.array(
      z.object({
        type: z.string(),
        family: z.string(),
        sentence: z.string().describe('completes "A … B"'),
        against: z.enum(['breaks', 'degrades']).optional().describe('what happens to A when B fails'),
        along: z.enum(['breaks', 'degrades']).optional().describe('what happens to B when A fails'),
        redundant: z.boolean().describe('A only degrades while another B still serves it'),
        computed: z.boolean().describe('answered on demand, neither stored nor sent in the feed'),
        rules: z.array(ruleSchema),
      }),
    ),
    total: z.int(),
    ...pageShape,
  }),
  examples: [{ title: 'What states that something mounts something', input: { types: ['MOUNTS'] } }],
  run(context, { types, families, kinds, limit, cursor }) {
    const accepts = edgeFilter({ types, families });
    const rules = Map.groupBy(rulesOf(context, kinds), ({ edge }) => edge);
    const all = [...new Set([...Object.keys(edges), ...rules.keys()])].map((type, place) => {
      const { family, sentence, against, along, redundant = false, computed = false } = edgeInfo(type);
      return {
        place,
        type,
        family,
        sentence,
        ...(against && { against }),
        ...(along && { along }),
        redundant,
        computed,
        rules: (rules.get(type) ?? []).map(({ edge: _, ...rule }) => rule),
      };
    });
    const wanted = all.filter(({ type, rules: stated }) => accepts?.(type) !== false && (!kinds || stated.length > 0));
    const { items, total, rest } = pageOf(wanted, [({ place }) => place], { limit, cursor });
    return { items: items.map(({ place: _, ...item }) => item), total, ...rest };
  },
});

type StatedRule = z.input<typeof ruleSchema> & { readonly edge: string };

function rulesOf(context: Context, words: readonly string[] | undefined): StatedRule[] {
  const wanted = words && new Set(kindsFrom(context, words).map(kindKey));
  const own = (context.kinds ?? [])
    .filter((kind) => !wanted || wanted.has(kindKey(kind)))
    .flatMap(({ group, kind, relations = [] }) => relations.map((relation) => ruleOf(kind, group, relation)));
  const general = wanted ? [] : (context.generalRelations ?? []).map((relation) => ruleOf('*', '*', relation));
  return [...general, ...own];
}

function ruleOf(
  declaredBy: string,
  group: string,
  { edge, path, to, confidence, reverse = false, via, note }: RelationInfo,
): StatedRule {
  return {
    edge,
    declaredBy,
    group,
    field: path,
    to,
    confidence,
    reverse,
    ...(via && { via }),
    ...(note !== undefined && { note }),
  };
}

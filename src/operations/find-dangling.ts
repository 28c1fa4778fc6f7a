/** What is referred to and is not there, or may not be used. */
import { z } from 'zod';
import type { Dangling } from '../model/edge.ts';
import { edgeInfo } from '../model/edges.ts';
import {
  clustersInput,
  commaList,
  edgeFilter,
  edgeInputs,
  kindsInput,
  namespacesInput,
  resourceFilter,
} from './inputs.ts';
import { operation } from './operation.ts';
import { briefOf, briefSchema, danglingSchema, stamp, stampShape } from './schemas.ts';

export const findDangling = operation({
  name: 'dangling',
  title: 'Dangling references',
  description:
    'Lists exact references without a usable target: `missing` (no such object), `refused` (it may not be used from there), ' +
    '`stale` (another object bears the name). The filters are about the resource that refers.',
  route: 'GET /dangling',
  input: z.strictObject({
    clusters: clustersInput,
    namespaces: namespacesInput,
    kinds: kindsInput,
    ...edgeInputs,
    reasons: commaList(z.enum(['missing', 'refused', 'stale']))
      .optional()
      .describe('only these reasons'),
    limit: z.int().min(1).max(10_000).default(500).describe('most references shown'),
  }),
  output: z.object({
    ...stampShape,
    items: z.array(danglingSchema.extend({ resource: briefSchema, sentence: z.string() })),
    total: z.int(),
    truncated: z.boolean(),
  }),
  examples: [{ title: 'Everything missing in a namespace', input: { namespaces: ['shop'], reasons: ['missing'] } }],
  run(context, { types, families, reasons, limit, ...choice }) {
    const { view } = context;
    const accepts = edgeFilter({ types, families });
    const isChosen = resourceFilter(context, choice);
    const items = [...view.dangling()].flatMap((dangling) => {
      const resource = view.get(dangling.from);
      if (!resource || !isChosen(resource) || accepts?.(dangling.type) === false) return [];
      if (reasons && !reasons.includes(dangling.detail.reason)) return [];
      return [{ ...dangling, resource: briefOf(resource), sentence: danglingSentence(dangling) }];
    });
    items.sort(
      (a, b) =>
        compare(a.resource.namespace, b.resource.namespace) ||
        compare(a.from, b.from) ||
        compare(a.detail.field, b.detail.field),
    );
    return {
      ...stamp(context, choice.clusters ? { clusters: choice.clusters } : {}),
      items: items.slice(0, limit),
      total: items.length,
      truncated: items.length > limit,
    };
  },
});

/** `mounts Secret/shop/db, which does not exist (spec.volumes[0].secret.secretName)`. */
export function danglingSentence({ type, target, detail }: Dangling): string {
  const name = [target.kind, target.namespace, target.name].filter((part) => part !== '').join('/');
  const why = {
    missing: 'which does not exist',
    refused: 'which it may not use',
    stale: 'but another object bears that name now',
  }[detail.reason];
  return `${edgeInfo(type).sentence} ${name}, ${why} (${detail.field})`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is referred to and is not there, or may not be used. */
import { z } from 'zod';
import type { Dangling } from '../model/edge.ts';
import { edgeInfo } from '../model/edges.ts';
import { type Resource, resourceTitle } from '../model/resource.ts';
import { operation } from './operation.ts';
import {
  clustersInput,
  commaList,
  edgeFilter,
  edgeInputs,
  kindsInput,
  namespacesInput,
  resourceFilter,
} from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { briefOf, briefSchema, danglingSchema, stamp, stampShape } from './shared/schemas.ts';

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
    ...pageInputs('references', 500),
  }),
  output: z.object({
    ...stampShape,
    items: z.array(danglingSchema.extend({ resource: briefSchema, sentence: z.string() })),
    total: z.int(),
    ...pageShape,
  }),
  examples: [{ title: 'Everything missing in a namespace', input: { namespaces: ['payments'], reasons: ['missing'] } }],
  run(context, { types, families, reasons, limit, cursor, ...choice }) {
    const { view } = context;
    const accepts = edgeFilter({ types, families });
    const isChosen = resourceFilter(context, choice);
    const found = [...view.dangling()].flatMap((dangling) => {
      const resource = view.get(dangling.from);
      if (!resource || !isChosen(resource) || accepts?.(dangling.type) === false) return [];
      return reasons && !reasons.includes(dangling.detail.reason) ? [] : [{ dangling, resource }];
    });
    const { items, total, rest } = pageOf(found, order, { limit, cursor });
    return {
      ...stamp(context, { clusters: choice.clusters }, choice),
      items: items.map(({ dangling, resource }) => ({
        ...dangling,
        resource: briefOf(view, resource),
        sentence: danglingSentence(dangling),
      })),
      total,
      ...rest,
    };
  },
});

const order: Order<{ readonly dangling: Dangling; readonly resource: Resource }> = [
  ({ resource }) => resource.namespace,
  ({ dangling }) => dangling.from,
  ({ dangling }) => dangling.detail.field,
  ({ dangling }) => dangling.type,
  ({ dangling: { target } }) => [target.group, target.kind, target.namespace, target.name].join('/'),
];

/** `mounts Secret/shop/db, which does not exist (spec.volumes[0].secret.secretName)`. */
export function danglingSentence({ type, target, detail }: Dangling): string {
  const why = {
    missing: 'which does not exist',
    refused: 'which it may not use',
    stale: 'but another object bears that name now',
  }[detail.reason];
  return `${edgeInfo(type).sentence} ${resourceTitle(target)}, ${why} (${detail.field})`;
}

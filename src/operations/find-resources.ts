/** List and search: resources by cluster, namespace, kind, labels, health and text, in pages. */
import { z } from 'zod';
import type { Resource } from '../model/resource.ts';
import { matches, type Selector } from '../model/selector.ts';
import { type Context, operation } from './operation.ts';
import { chosen, clustersInput, commaList, healthInput, kindsInput, namespacesInput } from './shared/inputs.ts';
import { kindsFrom } from './shared/kind-names.ts';
import { selectorFromText } from './shared/label-selector.ts';
import { pageInputs, pageOf, pageShape, resourceOrder } from './shared/page.ts';
import { resourceSchema, stamp, stampShape } from './shared/schemas.ts';

const input = z.strictObject({
  clusters: clustersInput,
  namespaces: namespacesInput,
  kinds: kindsInput,
  labels: z.string().optional().describe("label selector in kubectl's syntax: `app=web,tier in (a,b),!canary`"),
  health: healthInput,
  text: z.string().optional().describe('text in the name, namespace, kind, labels or summary; case does not count'),
  names: commaList(z.string()).optional().describe('only resources of these names'),
  ...pageInputs('resources', 100, 1_000),
});

export const findResources = operation({
  name: 'resources',
  title: 'List and search resources',
  description:
    'Lists the resources that match every given condition, ordered by kind, namespace and name. ' +
    'Events, and pseudo resources (images, hosts, actors), are listed only when `kinds` names them.',
  route: 'GET /resources',
  input,
  output: z.object({
    ...stampShape,
    items: z.array(resourceSchema),
    total: z.int().describe('how many match in all'),
    ...pageShape,
  }),
  examples: [
    { title: 'What is not well in a namespace', input: { namespaces: ['payments'], health: ['critical', 'warning'] } },
    { title: 'Pods by label', input: { kinds: ['Pod'], labels: 'app in (cart,catalog),!canary' } },
    { title: 'Anything called ledger', input: { text: 'ledger', limit: 20 } },
  ],
  run(context, { limit, cursor, ...conditions }) {
    const { items, total, rest } = pageOf(found(context, conditions), resourceOrder, { limit, cursor });
    return {
      ...stamp(context, {
        ...conditions,
        kinds: conditions.kinds && kindsFrom(context, conditions.kinds),
      }),
      items: [...items],
      total,
      ...rest,
    };
  },
});

type Conditions = Omit<z.output<typeof input>, 'limit' | 'cursor'>;

function* found(context: Context, { labels, text, names, ...choice }: Conditions): Iterable<Resource> {
  const selector: Selector | undefined = labels === undefined ? undefined : selectorFromText(labels);
  const needle = text?.toLowerCase();
  for (const resource of chosen(context, choice)) {
    if (names && !names.includes(resource.name)) continue;
    if (selector && !matches(selector, resource.labels)) continue;
    if (needle !== undefined && !mentions(resource, needle)) continue;
    yield resource;
  }
}

function mentions({ name, namespace, kind, labels, summary, health }: Resource, needle: string): boolean {
  const has = (value: unknown): boolean => String(value).toLowerCase().includes(needle);
  if (has(name) || has(namespace) || has(kind) || has(health.reason ?? '')) return true;
  for (const key in labels) if (has(labels[key]) || has(key)) return true;
  for (const key in summary) if (has(summary[key])) return true;
  return false;
}

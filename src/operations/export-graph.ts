/** The whole graph as one JSON document, always in the same order: the same graph gives the same bytes. */
import { z } from 'zod';
import type { Edge } from '../model/edge.ts';
import { Problem } from '../model/problem.ts';
import type { Resource } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { chosen, clustersInput, kindsInput, namespacesInput } from './inputs.ts';
import { JsonText, operation } from './operation.ts';
import { compareResources } from './page.ts';
import { danglingSchema, edgeSchema, resourceSchema, stamp, stampShape } from './schemas.ts';

export const exportGraph = operation({
  name: 'export',
  title: 'Export the graph',
  description:
    'Gives all resources, the edges among them and the dangling references as one JSON document. ' +
    'Resources are ordered by kind, namespace and name, edges by where they leave. Computed edges are not part of it.',
  route: 'GET /export',
  input: z.strictObject({
    clusters: clustersInput,
    namespaces: namespacesInput,
    kinds: kindsInput,
    format: z.enum(['json']).default('json'),
  }),
  output: z.object({
    ...stampShape,
    resources: z.array(resourceSchema),
    edges: z.array(edgeSchema),
    dangling: z.array(danglingSchema),
  }),
  examples: [{ title: 'A namespace', input: { namespaces: ['shop'] } }],
  run(context, { format: _, ...choice }) {
    const everything = !choice.clusters && !choice.namespaces && !choice.kinds;
    const resources = [...(everything ? context.view.resources() : chosen(context, choice))].sort(compareResources);
    checkSize(resources.length, context.exportMax);
    const head = stamp(context, choice.clusters ? { clusters: choice.clusters } : {});
    return new JsonText(pieces(context.view, resources, head));
  },
});

function checkSize(size: number, max = Number.POSITIVE_INFINITY): void {
  if (size <= max) return;
  throw new Problem(
    'too-large',
    `${size} resources are more than the ${max} that are exported at once; narrow it by cluster, namespace or kind, or take the snapshot of the change feed`,
  );
}

function* pieces(view: View, resources: readonly Resource[], head: object): Iterable<string> {
  const ids = new Set(resources.map(({ id }) => id));
  yield `${JSON.stringify(head).slice(0, -1)},"resources":[`;
  yield* joined(resources, (resource) => [resource]);
  yield '\n],"edges":[';
  yield* joined(resources, ({ id }) =>
    [...view.stored(id, 'out')].filter(({ to }) => ids.has(to)).sort(byTypeAndTarget),
  );
  yield '\n],"dangling":[';
  yield* joined(resources, ({ id }) => [...view.dangling(id)]);
  yield '\n]}\n';
}

/** Lines of JSON separated by commas, a thousand or so in a piece. */
function* joined<T>(items: readonly T[], linesOf: (item: T) => readonly object[]): Iterable<string> {
  let piece = '';
  let first = true;
  for (const item of items) {
    for (const line of linesOf(item)) {
      piece += `${first ? '' : ','}\n${JSON.stringify(line)}`;
      first = false;
    }
    if (piece.length < 262_144) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function byTypeAndTarget(a: Edge, b: Edge): number {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return a.to < b.to ? -1 : a.to > b.to ? 1 : 0;
}

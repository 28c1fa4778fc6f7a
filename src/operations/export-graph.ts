/** The whole graph, or a part of it, as one JSON document. */
import { z } from 'zod';
import { Problem } from '../model/problem.ts';
import { JsonText, operation } from './operation.ts';
import { graphDocument } from './shared/graph-document.ts';
import { chosen, clustersInput, kindsInput, namespacesInput } from './shared/inputs.ts';
import { danglingSchema, edgeSchema, resourceSchema, stamp, stampShape } from './shared/schemas.ts';

export const exportGraph = operation({
  name: 'export',
  title: 'Export the graph',
  description:
    'Gives all resources, the edges among them and the dangling references as one JSON document. ' +
    'Resources are ordered by kind, namespace and name, edges by where they leave.',
  route: 'GET /export',
  input: z.strictObject({
    clusters: clustersInput,
    namespaces: namespacesInput,
    kinds: kindsInput,
    computed: z
      .boolean()
      .default(false)
      .describe('also what is computed on demand: affinities, tolerations, fitting nodes'),
    format: z.enum(['json']).default('json').describe('form of the document'),
  }),
  output: z.object({
    ...stampShape,
    resources: z.array(resourceSchema),
    edges: z.array(edgeSchema),
    dangling: z.array(danglingSchema),
  }),
  examples: [{ title: 'A namespace', input: { namespaces: ['shop'] } }],
  run(context, { format: _, computed, ...choice }) {
    const { view, exportMax } = context;
    const everything = !choice.clusters && !choice.namespaces && !choice.kinds;
    const resources = [...(everything ? view.resources() : chosen(context, choice))];
    checkSize(resources.length, exportMax);
    const head = stamp(context, { clusters: choice.clusters }, choice);
    return new JsonText(graphDocument(view, { resources, computed, whole: true, head }));
  },
});

function checkSize(size: number, max = Number.POSITIVE_INFINITY): void {
  if (size <= max) return;
  throw new Problem(
    'too-large',
    `${size} resources are more than the ${max} that are exported at once; narrow it by cluster, namespace or kind, or take the snapshot of the change feed`,
  );
}

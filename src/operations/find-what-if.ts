/** What happens if objects are deleted or nodes drained, without doing it. */
import { z } from 'zod';
import { type WhatIf, whatIf } from '../graph/walk/what-if.ts';
import { kindKey } from '../model/groups.ts';
import { Problem } from '../model/problem.ts';
import { type Resource, type ResourceId, resourceTitle } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { operation } from './operation.ts';
import { countImpacts, impactCounts, impactedOf, impactedSchema, impactOrder } from './shared/impacts.ts';
import { commaList, resourceInput } from './shared/inputs.ts';
import { type Order, Pages, pageInputs, pageShape } from './shared/page.ts';
import { resourcesFrom } from './shared/resolve.ts';
import { briefById, briefSchema, stamp, stampShape } from './shared/schemas.ts';

const reasons = ['deleted', 'evicted', 'owner', 'namespace', 'definition'] as const;

const noteSchema = z
  .object({
    code: z.enum(['LOST', 'RECREATED', 'BUDGET_BLOCKS', 'BUDGET_CONTESTED', 'STAYS']),
    message: z.string(),
    resources: z.array(briefSchema).describe('what it is about'),
  })
  .meta({ id: 'WhatIfNote' });

export const findWhatIf = operation({
  name: 'what-if',
  title: 'What if',
  description:
    'Tells what would happen if objects were deleted or nodes drained: what goes along, what controllers make anew, what is lost, ' +
    'which PodDisruptionBudgets hold a drain up, and what all that breaks or degrades. Nothing is changed.',
  route: 'GET /what-if',
  input: z.strictObject({
    delete: commaList(resourceInput).max(100).optional().describe('resources to delete, named as everywhere'),
    drain: commaList(resourceInput).max(100).optional().describe('nodes to drain: their names, or `Node/name`'),
    ...pageInputs('resources of each list', 1_000),
  }),
  output: z.object({
    ...stampShape,
    gone: z.array(
      z.object({
        resource: briefSchema,
        reason: z.enum(reasons),
        because: briefSchema.optional().describe('what it goes with'),
        recreatedBy: briefSchema.optional().describe('the owner that makes it anew'),
        isDone: z
          .literal(true)
          .optional()
          .describe('of a Job that has ended: nobody makes it anew, and nobody misses it'),
      }),
    ),
    impacted: z.array(impactedSchema),
    total: impactCounts.extend({ gone: z.int() }),
    notes: z.array(noteSchema),
    ...pageShape,
    truncated: z.boolean().describe('a limit was met: more goes or suffers than was looked at'),
  }),
  examples: [
    { title: 'Drain a node', input: { drain: ['worker-1'] } },
    {
      title: 'Delete a Secret and a Deployment',
      input: { delete: ['Secret/payments/card-network', 'Deployment/shop/cart'] },
    },
  ],
  run(context, { delete: deleted = [], drain = [], limit, cursor }) {
    if (deleted.length + drain.length === 0)
      throw new Problem('invalid-input', 'what-if: say what to delete or which nodes to drain');
    const { view } = context;
    const nodes = resourcesFrom(
      context,
      drain.map((text) => (text.includes('/') ? text : `Node/${text}`)),
    );
    for (const node of nodes) checkNode(node);
    const plan = { delete: resourcesFrom(context, deleted).map(({ id }) => id), drain: nodes.map(({ id }) => id) };
    const result = whatIf(view, plan);
    const { impacted } = result.impact;
    const pages = new Pages({ limit, cursor });
    const gone = pages.of(result.gone, goneOrder);
    const suffering = pages.of(impacted, impactOrder);
    return {
      ...stamp(context),
      gone: gone.items.map(({ id, reason, because, recreatedBy, isDone }) => ({
        resource: briefById(view, id),
        reason,
        ...(because !== undefined && { because: briefById(view, because) }),
        ...(recreatedBy !== undefined && { recreatedBy: briefById(view, recreatedBy) }),
        ...(isDone && { isDone }),
      })),
      impacted: suffering.items.map((one) => impactedOf(view, one)),
      total: { ...countImpacts(view, impacted), gone: result.gone.length },
      notes: notesOf(view, result).map(({ resources, ...note }) => ({
        ...note,
        resources: resources.map((id) => briefById(view, id)),
      })),
      ...pages.rest(),
      truncated: result.truncated,
    };
  },
});

const goneOrder: Order<WhatIf['gone'][number]> = [({ reason }) => reasons.indexOf(reason), ({ id }) => id];

function checkNode(resource: Resource): void {
  if (kindKey(resource) === '/Node') return;
  throw new Problem('invalid-input', `only nodes can be drained, ${resourceTitle(resource)} is none`);
}

interface Note extends Omit<z.input<typeof noteSchema>, 'resources'> {
  readonly resources: readonly ResourceId[];
}

function notesOf(view: View, { gone, stays, budgets }: WhatIf): readonly Note[] {
  const notes: Note[] = [];
  const pods = gone.filter(({ id, reason }) => {
    const resource = view.get(id);
    return resource && kindKey(resource) === '/Pod' && (reason === 'deleted' || reason === 'evicted');
  });
  const lost = pods.filter(({ recreatedBy, isDone }) => recreatedBy === undefined && !isDone).map(({ id }) => id);
  const anew = gone.filter(({ recreatedBy }) => recreatedBy !== undefined).map(({ id }) => id);
  if (lost.length > 0)
    notes.push({
      code: 'LOST',
      message: `${count(lost.length, 'pod has', 'pods have')} no controller: nothing makes them anew`,
      resources: lost,
    });
  if (anew.length > 0)
    notes.push({
      code: 'RECREATED',
      message: `${count(anew.length, 'resource is', 'resources are')} made anew by the owners that stay; until then the impact holds`,
      resources: anew,
    });
  for (const { id, pods: covered, allowed, blocks, contested } of budgets) {
    const { namespace, name } = briefById(view, id);
    if (blocks)
      notes.push({
        code: 'BUDGET_BLOCKS',
        message: `PodDisruptionBudget ${namespace}/${name} allows ${allowed} of ${covered.length} evictions now: the drain waits until others are ready`,
        resources: [id, ...covered],
      });
    if (contested.length > 0)
      notes.push({
        code: 'BUDGET_CONTESTED',
        message: `more than PodDisruptionBudget ${namespace}/${name} protects ${count(contested.length, 'pod', 'pods')}: the API server refuses to evict what two budgets protect`,
        resources: [id, ...contested],
      });
  }
  if (stays.length > 0)
    notes.push({
      code: 'STAYS',
      message: `${count(stays.length, 'pod', 'pods')} of DaemonSets or of the node itself stay`,
      resources: stays.map(({ id }) => id),
    });
  return notes;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The record of what was asked to be done: who, what, why, and what became of it. */
import { z } from 'zod';
import { REMEDIATION } from '../model/remediation.ts';
import type { Resource } from '../model/resource.ts';
import { operation } from './operation.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { stamp, stampShape } from './shared/schemas.ts';

const recordSchema = z
  .object({
    id: z.string(),
    at: z.string(),
    cluster: z.string(),
    action: z.string(),
    target: z.string().describe('`Kind/namespace/name`'),
    by: z.string(),
    why: z.string(),
    forReal: z.boolean().describe('otherwise it was only tried'),
    result: z.string().describe('`tried`, `done`, `refused` or `failed`'),
    detail: z.string().describe('what was done; or why not'),
  })
  .meta({ id: 'RemediationRecord', description: 'Something that was asked to be done.' });

type Row = z.output<typeof recordSchema>;

export const listRemediations = operation({
  name: 'remediations',
  title: 'What was asked to be done',
  description:
    'Lists what people asked to be done to the cluster (`remediate`), the latest first: who, what, why, and what became of it, also what was only tried or refused. What is ' +
    'older than the window of the graph is in the history: ask with `at`.',
  route: 'GET /remediations',
  input: z.strictObject({ ...pageInputs('records', 100, 1_000) }),
  output: z.object({
    ...stampShape,
    items: z.array(recordSchema),
    counts: z.object({ records: z.int() }),
    ...pageShape,
  }),
  examples: [{ title: 'All of it', input: {} }],
  run(context, page) {
    const rows: Row[] = [];
    for (const one of context.view.resources({ group: '', kind: 'Occurrence' }))
      if (one.summary['source'] === REMEDIATION) rows.push(rowOf(one));
    const { items, total, rest } = pageOf(rows, order, page);
    return { ...stamp(context, { kinds: [] }), items: [...items], counts: { records: total }, ...rest };
  },
});

const order: Order<Row> = [({ at }) => -Date.parse(at) || 0, ({ id }) => id];

function rowOf({ cluster, name, createdAt = '', labels }: Resource): Row {
  const { action = '', target = '', by = '', why = '', result = '', detail = '', forReal } = labels;
  const id = name.slice(REMEDIATION.length + 1);
  return { id, at: createdAt, cluster, action, target, by, why, forReal: forReal === 'true', result, detail };
}

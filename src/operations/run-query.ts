/** Cypher over the graph. */
import { z } from 'zod';
import { Problem } from '../model/problem.ts';
import { operation } from './operation.ts';
import { stamp, stampShape } from './shared/schemas.ts';

export const runQuery = operation({
  name: 'query',
  title: 'Cypher query',
  description:
    'Runs a read-only Cypher query: labels are kinds (`Pod`), relationship types are edge types (`MOUNTS`), properties are `name`, `namespace`, `cluster`, `health`, `uid` and so on. ' +
    'Pass values as parameters, never inside the text.',
  route: 'POST /query',
  input: z.strictObject({
    query: z.string().min(1).max(100_000).describe('Cypher text'),
    parameters: z.record(z.string(), z.unknown()).default({}).describe('values of $names'),
    limit: z.int().min(1).max(100_000).default(1_000).describe('most rows'),
    timeoutMs: z.int().min(1).max(120_000).default(30_000).describe('time it may take, in milliseconds'),
  }),
  output: z.object({
    ...stampShape,
    columns: z.array(z.string()),
    rows: z.array(z.array(z.unknown())),
    truncated: z.boolean(),
    elapsedMs: z.number(),
  }),
  examples: [
    {
      title: 'Deployments that read a ConfigMap',
      input: {
        query: 'MATCH (d:Deployment)-[:READS]->(c:ConfigMap {name: $name}) RETURN d.namespace, d.name',
        parameters: { name: 'payments-settings' },
      },
    },
  ],
  async run(context, { query, parameters, limit, timeoutMs }) {
    if (!context.cypher)
      throw new Problem('unsupported', 'queries are not offered here: no Cypher store is configured');
    const answer = await context.cypher(query, parameters, { limit, timeoutMs });
    const { columns, rows, truncated, elapsedMs } = answer;
    const stamped = stamp(context);
    const hints = [...(stamped.hints ?? []), ...(answer.hints ?? [])];
    return {
      ...stamped,
      ...(hints.length > 0 && { hints }),
      columns: [...columns],
      rows: rows.map((row) => [...row]),
      truncated,
      elapsedMs,
    };
  },
});

/** How far back the history goes, how full it is, and what is kept. */
import { z } from 'zod';
import { operation } from './operation.ts';
import { historyOf } from './shared/existence.ts';

export const showHistory = operation({
  name: 'history',
  title: 'How far back history goes',
  description:
    'Tells how far back history goes, how much it holds, what room it takes, and what is kept of it. Its instants are what `at`, `from` and `to` of other questions ' +
    'may name.',
  route: 'GET /history',
  about: 'past',
  input: z.strictObject({}),
  output: z.object({
    oldest: z.string().optional().describe('the first instant of which everything is known; absent while nothing is'),
    newest: z.string().optional().describe('the last sign of life'),
    counts: z.object({
      resources: z.int().describe('resources that were there, each time anew when they came again'),
      versions: z.int().describe('versions of objects'),
      edges: z.int().describe('edges that were there, each time anew'),
    }),
    bytes: z.int().describe('what it takes of the disk'),
    usedBytes: z.int().describe('what of that holds something; the rest is filled first'),
    keptLess: z
      .array(z.object({ cluster: z.string(), group: z.string(), kind: z.string(), oldest: z.string() }))
      .describe('kinds that are kept for less long than the others'),
    retention: z
      .object({
        days: z.number().describe('days of which everything is kept; 0: no limit'),
        kindDays: z.record(z.string(), z.number()).describe('days for kinds of which less is kept'),
        maxBytes: z.number().describe('room that it may take; 0: no limit'),
        lastAt: z.string().optional().describe('when was looked last for what is to go'),
        lastMs: z.number().optional().describe('how long that took'),
        rows: z.int().describe('rows that have gone since the start of this process'),
        bytes: z.int().describe('bytes that these held'),
        fault: z.string().optional().describe('why the last look failed'),
      })
      .optional()
      .describe('present where a running server keeps it within limits'),
  }),
  examples: [{ title: 'Of the recording', input: {} }],
  async run(context) {
    const { retention } = context;
    const { resources, versions, edges, keptLess, ...fill } = await historyOf(context).fill();
    return {
      ...fill,
      counts: { resources, versions, edges },
      keptLess: [...keptLess],
      ...(retention && { retention: { ...retention, kindDays: { ...retention.kindDays } } }),
    };
  },
});

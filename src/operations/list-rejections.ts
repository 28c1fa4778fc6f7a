/** What was observed and could not be taken, with the reasons: nothing is lost silently. */
import { z } from 'zod';
import { operation } from './operation.ts';

export const listRejections = operation({
  name: 'rejections',
  title: 'Rejected changes',
  description:
    'Lists the latest changes that were turned down or only partly read, with the reasons, and how many there were in all.',
  route: 'GET /rejections',
  about: 'present',
  input: z.strictObject({
    limit: z.int().min(0).max(1_000).default(100).describe('most rejections shown, the latest'),
  }),
  output: z.object({
    count: z.int(),
    reasons: z.record(z.string(), z.int()),
    latest: z.array(z.object({ at: z.string(), reason: z.string(), subject: z.string() })).describe('the latest last'),
  }),
  examples: [{ title: 'The last ten', input: { limit: 10 } }],
  run({ rejections }, { limit }) {
    if (!rejections) return { count: 0, reasons: {}, latest: [] };
    const { count, byReason, latest } = rejections;
    return { count, reasons: Object.fromEntries(byReason), latest: limit === 0 ? [] : [...latest.slice(-limit)] };
  },
});

/** Records that others sent and that were turned down: which, why, and with what in them. */
import { z } from 'zod';
import type { DeadLetter } from '../model/intake.ts';
import { operation } from './operation.ts';
import { choiceInputs } from './shared/letters.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';

const order: Order<DeadLetter> = [({ at }) => -Date.parse(at), ({ id }) => id];

export const deadLettersOperation = operation({
  name: 'dead-letters',
  title: 'Dead letters',
  description:
    'Lists records that others sent and that were turned down, the latest first, with the reason, the redacted content, and how often each came. ' +
    'They are kept until they are replayed, discarded, or too many; `rejections` counts everything that could not be taken.',
  route: 'GET /dead-letters',
  about: 'present',
  input: z.strictObject({ ...choiceInputs, ...pageInputs('letters', 50, 1_000) }),
  output: z.object({
    total: z.int().describe('letters that are kept and meant'),
    reasons: z.record(z.string(), z.int()).describe('of these, how many for each reason'),
    ever: z
      .record(z.string(), z.int())
      .describe('records that were turned down since the start, by reason; also those that are not kept'),
    dropped: z.int().describe('letters that had to go because there were too many'),
    items: z.array(
      z.object({
        id: z.string(),
        format: z.string(),
        at: z.string().describe('when it came last'),
        times: z.int().describe('how often it came'),
        reason: z.string(),
        cluster: z.string().optional(),
        key: z.string().optional(),
        payload: z.string().describe('the record, redacted'),
        cut: z.boolean().optional().describe('only its beginning is kept'),
      }),
    ),
    ...pageShape,
  }),
  examples: [{ title: 'The latest ten', input: { limit: 10 } }],
  run({ deadLetters }, { ids, reason, format, ...page }) {
    const meant = [...(deadLetters?.list() ?? [])].filter(
      (letter) =>
        (ids === undefined || ids.includes(letter.id)) &&
        (reason === undefined || letter.reason === reason) &&
        (format === undefined || letter.format === format),
    );
    const reasons: Record<string, number> = {};
    for (const letter of meant) reasons[letter.reason] = (reasons[letter.reason] ?? 0) + 1;
    const { items, total, rest } = pageOf(meant, order, page);
    const { byReason = new Map(), dropped = 0 } = deadLetters?.counts ?? {};
    return { total, reasons, ever: Object.fromEntries(byReason), dropped, items: [...items], ...rest };
  },
});

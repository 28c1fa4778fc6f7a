/** Sends dead letters again: as they are, after what turned them down was mended, or one of them corrected. */
import { z } from 'zod';
import { operation } from './operation.ts';
import { checkChoice, choiceInputs } from './shared/letters.ts';

export const replayDeadLetters = operation({
  name: 'replay',
  title: 'Replay of dead letters',
  description:
    'Sends dead letters again: those with some ids, or all of a reason or format. With `record`, one of them with that content in its place. ' +
    'What is taken now is a dead letter no longer.',
  route: 'POST /dead-letters/replay',
  about: 'present',
  acts: true,
  input: z.strictObject({
    ...choiceInputs,
    record: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('the corrected record, as JSON, in the place of the one letter that is meant'),
  }),
  output: z.object({
    letters: z.int().describe('letters that were sent again'),
    taken: z.int(),
    ignored: z.int(),
    rejected: z.int(),
    reasons: z.record(z.string(), z.int()),
    rejections: z.array(z.object({ record: z.int(), reason: z.string(), deadLetter: z.string().optional() })),
  }),
  examples: [{ title: 'All that were turned down for one reason', input: { reason: 'the alert has no labels' } }],
  async run({ deadLetters }, { record, ...choice }) {
    checkChoice(choice);
    const answer = await deadLetters?.replay(choice, record);
    if (answer === undefined) return { letters: 0, taken: 0, ignored: 0, rejected: 0, reasons: {}, rejections: [] };
    return { ...answer, reasons: { ...answer.reasons }, rejections: [...answer.rejections] };
  },
});

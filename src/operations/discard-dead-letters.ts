/** Forgets dead letters that nobody needs. */
import { z } from 'zod';
import { operation } from './operation.ts';
import { checkChoice, choiceInputs } from './shared/letters.ts';

export const discardDeadLetters = operation({
  name: 'discard',
  title: 'Discard dead letters',
  description: 'Forgets dead letters: those with some ids, or all of a reason or format. What they say is lost.',
  route: 'POST /dead-letters/discard',
  about: 'present',
  acts: true,
  input: z.strictObject(choiceInputs),
  output: z.object({ discarded: z.int().describe('letters that were forgotten') }),
  examples: [{ title: 'All of one format', input: { format: 'raw-event' } }],
  run({ deadLetters }, choice) {
    checkChoice(choice);
    return { discarded: deadLetters?.discard(choice) ?? 0 };
  },
});

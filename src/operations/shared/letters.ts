/** How dead letters are meant, in every question about them. */
import { z } from 'zod';
import type { LetterChoice } from '../../model/intake.ts';
import { Problem } from '../../model/problem.ts';
import { commaList } from './inputs.ts';

export const choiceInputs = {
  ids: commaList(z.string()).optional().describe('only letters with these ids'),
  reason: z.string().optional().describe('only letters that were turned down for this reason, word for word'),
  format: z.string().optional().describe('only letters of this format'),
};

/** What changes letters must say which: none named is not all. Throws `invalid-input`. */
export function checkChoice({ ids, reason, format }: LetterChoice): void {
  if (ids === undefined && reason === undefined && format === undefined)
    throw new Problem('invalid-input', 'say which: ids, a reason, or a format');
}

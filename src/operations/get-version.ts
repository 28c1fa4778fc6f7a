/** An object as it was observed: the whole of it, at an instant. */
import { z } from 'zod';
import { Problem } from '../model/problem.ts';
import { resourceTitle } from '../model/resource.ts';
import { compareTime } from '../model/time.ts';
import { operation } from './operation.ts';
import { existencesOf, historyOf } from './shared/existence.ts';
import { nameOf, nameSchema } from './shared/happenings.ts';
import { resourceInput } from './shared/inputs.ts';
import { instantInput, intervalOf } from './shared/interval.ts';

export const getVersion = operation({
  name: 'object',
  title: 'An object as it was observed',
  description:
    'Shows a whole object as it was last observed, or as it was at an instant: redacted, and without what changes at every write. Works for what is gone.',
  route: 'GET /objects/{resource...}',
  about: 'past',
  input: z.strictObject({ resource: resourceInput, to: instantInput('as it was at this instant') }),
  output: z.object({
    resource: nameSchema,
    to: z.string().describe('as it was at this instant'),
    at: z.string().describe('when this version was observed'),
    notBefore: z
      .string()
      .optional()
      .describe('nobody looked since then: it became so at some time between this and `at`'),
    gone: z.boolean().describe('it is not there any more, at the instant asked for'),
    object: z.record(z.string(), z.unknown()),
    hints: z.array(z.string()).optional().describe('that history does not reach so far'),
  }),
  examples: [{ title: 'A Secret that is gone', input: { resource: 'Secret/payments/db-credentials' } }],
  async run(context, { resource, ...interval }) {
    const history = historyOf(context);
    const { to, hints } = await intervalOf(history, interval);
    const existences = await existencesOf(context, resource);
    const numbers = existences.map(({ number }) => number);
    const [version] = await history.versions({ existences: { numbers }, to }, { order: 'newest', limit: 1 });
    if (version === undefined) {
      const [title, then] = [resourceTitle(existences[0].of), `at ${to}`];
      throw new Problem(
        'not-found',
        existences.some(({ since }) => compareTime(since, to) <= 0)
          ? `how ${title} was ${then} is not known any more: of its kind less is kept, "kube-kg history" tells how much`
          : `${title} was not there ${then}, nor before; "kube-kg timeline" tells when it came`,
      );
    }
    const { at, notBefore, verb, object } = version;
    return {
      resource: nameOf(version.of),
      to,
      at,
      ...(notBefore !== undefined && { notBefore }),
      gone: verb === 'delete',
      object: { ...object },
      ...(hints.length > 0 && { hints: [...hints] }),
    };
  },
});

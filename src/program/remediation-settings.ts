/** Settings of remediation: whether anything may be done at all, and to what. */
import { z } from 'zod';
import { type ActionName, actionNames } from '../model/remediation.ts';

const list = z.array(z.string().min(1));

export const remediationSettings = {
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'carry out actions that people ask for (`kube-kg remediate`); needs server.token, and rights to change what is allowed',
    ),
  actions: z
    .array(z.enum(actionNames as [ActionName, ...ActionName[]]))
    .default([...actionNames])
    .describe('actions that may be asked for'),
  kinds: list.default([]).describe('kinds that may be acted on, as Kind or group/Kind; none: nothing may'),
  namespaces: list
    .default([])
    .describe('namespaces that may be acted in, with * for any letters; none: only what has no namespace, as nodes'),
  perHour: z.int().positive().default(10).describe('most actions carried out in an hour'),
  targetSeconds: z.number().nonnegative().default(300).describe('seconds between two actions on the same object'),
};

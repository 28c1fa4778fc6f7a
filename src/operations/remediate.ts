/** Acts on one object, because somebody asks for it: tried first, and on record. */
import { z } from 'zod';
import { Problem } from '../model/problem.ts';
import { type ActionName, actionNames } from '../model/remediation.ts';
import { operation } from './operation.ts';
import { resourceInput } from './shared/inputs.ts';
import { resourceFrom } from './shared/resolve.ts';
import { subjectSchema, subjectTold } from './shared/subjects.ts';

export const remediate = operation({
  name: 'remediate',
  title: 'Act on an object',
  description:
    'Restarts or undoes a rollout, scales, cordons or uncordons a node, or deletes a pod, because somebody asks for it: with `yes` for real, otherwise the API server only tries it ' +
    '(dry run). Only what `remediation` in the configuration allows, at a bounded rate; everything that is asked is on record (`remediations`). Nothing is ever begun by analysis.',
  route: 'POST /remediations',
  about: 'present',
  acts: true,
  input: z.strictObject({
    action: z.enum(actionNames as [ActionName, ...ActionName[]]).describe('what to do'),
    resource: resourceInput,
    why: z.string().min(1).max(500).describe('the reason, kept with the record'),
    by: z.string().min(1).max(200).default('unknown').describe('who asks, kept with the record'),
    replicas: z.int().min(0).max(10_000).optional().describe('of `scale`: to how many'),
    revision: z.int().positive().optional().describe('of `undo`: to which revision; default: the one before'),
    yes: z.boolean().default(false).describe('do it; without it the API server only tries'),
  }),
  output: z.object({
    id: z.string().describe('of the record'),
    at: z.string(),
    resource: subjectSchema,
    action: z.enum(actionNames as [ActionName, ...ActionName[]]),
    result: z
      .enum(['tried', 'done', 'refused', 'failed'])
      .describe('`tried`: it would be done; `refused`: nothing happened; `failed`: nobody knows whether it happened'),
    message: z.string().describe('what was, or would be, done; or why not'),
  }),
  examples: [
    {
      title: 'Tries to restart a rollout',
      input: { action: 'restart', resource: 'Deployment/payments/payments-api', why: 'the Secret is back' },
    },
  ],
  async run(context, { action, resource, why, by, replicas, revision, yes }) {
    const { remediation } = context;
    if (remediation === undefined)
      throw new Problem(
        'unsupported',
        'Nothing is ever done here: remediation is off. Ask a running server that has it on (`remediation.enabled`, and what it may act on), with --server on the command line.',
      );
    const target = resourceFrom(context, resource);
    const done = await remediation.remediate({ name: action, target, replicas, revision, by, why, forReal: yes });
    return { ...done, resource: subjectTold(target), action };
  },
});

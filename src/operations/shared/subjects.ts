/** Whom answers of analysis are about, and the evidence that they give. */
import { z } from 'zod';
import { timeOf } from '../../analysis/case.ts';
import type { Evidence, Subject } from '../../analysis/hypothesis.ts';

export const subjectSchema = z.object({
  kind: z.string(),
  namespace: z.string().describe('empty for what is cluster-scoped'),
  name: z.string(),
  group: z.string(),
  cluster: z.string(),
  id: z.string().optional().describe('absent for what is missing'),
});

export const evidenceSchema = z.object({
  kind: z.enum(['change', 'state', 'event', 'log', 'edge', 'alert']),
  at: z.string().optional(),
  text: z.string(),
  resource: subjectSchema.optional(),
});

export function subjectTold(subject: Subject): z.output<typeof subjectSchema> {
  const { kind, namespace, name, group, cluster } = subject;
  return { kind, namespace, name, group, cluster, ...('id' in subject && { id: subject.id }) };
}

export function evidenceTold({ kind, at, text, resource }: Omit<Evidence, 'weight'>): z.output<typeof evidenceSchema> {
  return {
    kind,
    ...(at !== undefined && at > 0 && { at: timeOf(at) }),
    text,
    ...(resource && { resource: subjectTold(resource) }),
  };
}

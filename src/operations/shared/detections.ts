/** Patterns as answers tell them. */
import { z } from 'zod';
import { timeOf } from '../../analysis/case.ts';
import { type Detection, type Pattern, patternNames, patterns } from '../../analysis/detectors/detection.ts';
import { evidenceSchema, evidenceTold, subjectSchema, subjectTold } from './subjects.ts';

export const patternInput = z.enum(patternNames as [Pattern, ...Pattern[]]);

/** Of those who are part of it so many are listed. */
const RESOURCES_MAX = 50;

export const detectionSchema = z
  .object({
    pattern: patternInput,
    meaning: z.string().describe('what the pattern is'),
    severity: z.enum(['critical', 'warning', 'info']).describe('`info`: it harms nobody'),
    confidence: z.number().min(0).max(1),
    state: z.enum(['active', 'past']).describe('`past`: what was wrong has recovered'),
    since: z.string(),
    until: z.string().describe('when it was last seen'),
    summary: z.string().describe('one sentence'),
    resource: subjectSchema.describe('whom it is about'),
    resources: z.array(subjectSchema).describe('who else is part of it'),
    evidence: z.array(evidenceSchema),
  })
  .meta({ id: 'Detection', description: 'A pattern that what happened fits.' });

export function detectionTold(detection: Detection): z.output<typeof detectionSchema> {
  const { pattern, severity, confidence, active, since, until, summary, subject, resources, evidence } = detection;
  return {
    pattern,
    meaning: patterns[pattern],
    severity,
    confidence: rounded(confidence),
    state: active ? 'active' : 'past',
    since: timeOf(since),
    until: timeOf(until),
    summary,
    resource: subjectTold(subject),
    resources: resources.slice(0, RESOURCES_MAX).map(subjectTold),
    evidence: evidence.map(evidenceTold),
  };
}

/** A pattern in short, beside what it is a part of. */
export const patternSchema = z.object({
  pattern: patternInput,
  confidence: z.number().min(0).max(1),
  summary: z.string(),
});

export function patternTold({ pattern, confidence, summary }: Detection): z.output<typeof patternSchema> {
  return { pattern, confidence: rounded(confidence), summary };
}

function rounded(confidence: number): number {
  return Math.round(confidence * 1_000) / 1_000;
}

/** Why something is not well: incidents, each with its symptoms and its causes, the most probable first. */
import { z } from 'zod';
import { timeOf } from '../analysis/case.ts';
import type { Thresholds } from '../analysis/detectors/thresholds.ts';
import type { Estate } from '../analysis/estate.ts';
import { type Cause, explain, type Incident, titleOfIncident } from '../analysis/explain.ts';
import { type Subject, titleOf } from '../analysis/hypothesis.ts';
import type { Symptom } from '../analysis/symptoms.ts';
import { type Resource, resourceTitle } from '../model/resource.ts';
import { type Context, operation } from './operation.ts';
import { patternSchema, patternTold } from './shared/detections.ts';
import { estateOf } from './shared/estate-of.ts';
import { type Order, type PageChoice, pageInputs, pageOf } from './shared/page.ts';
import { subjectFrom } from './shared/resolve.ts';
import { evidenceSchema, evidenceTold, subjectSchema, subjectTold } from './shared/subjects.ts';

const causeSchema = z.object({
  resource: subjectSchema,
  reason: z.string().describe('CamelCase: what is wrong with it'),
  confidence: z.number().min(0).max(1),
  summary: z.string().describe('one sentence'),
  evidence: z.array(evidenceSchema),
  against: z.array(z.object({ text: z.string() })).describe('what speaks against it'),
  path: z.array(z.string()).describe('from the cause to who suffers: resources, and the edges between them'),
  remedy: z.object({ summary: z.string(), commands: z.array(z.string()).describe('to be copied; never run by us') }),
});

const incidentSchema = z.object({
  id: z.string(),
  state: z.enum(['open', 'acknowledged', 'resolved']),
  severity: z.enum(['critical', 'warning']),
  startedAt: z.string(),
  title: z.string(),
  symptoms: z.array(z.object({ resource: subjectSchema, reason: z.string(), since: z.string(), message: z.string() })),
  causes: z.array(causeSchema).describe('the most probable first; empty when it is not known'),
  blastRadius: z.object({ count: z.int(), resources: z.array(subjectSchema) }).describe('who depends on who suffers'),
  lookedAt: z.array(z.string()).optional().describe('where no cause is known: what was looked at'),
  patterns: z
    .array(patternSchema)
    .optional()
    .describe('known patterns that it fits, which say what goes on, not why; `detect` tells more'),
});

export const explanationSchema = z.object({
  incidents: z.array(incidentSchema).describe('critical ones first, then by when they began'),
  healthy: z.boolean(),
  left: z.int().optional().describe('how many incidents follow on later pages; absent on the last'),
  next: z.string().optional().describe('cursor of the next page; absent on the last'),
});

export type Explanation = z.output<typeof explanationSchema>;

export const explainOperation = operation({
  name: 'explain',
  title: 'Why something is not well',
  description:
    'Says why something is not well: incidents, each with who suffers and since when, the causes with their evidence, the most probable first, and what ' +
    'to do. Ask this first when something is broken, with `resource` for why one of them is not well. What recovered is no incident; where no cause is ' +
    'believed, it says what was looked at. Commands are never run.',
  route: 'GET /explain',
  reads: 'estate',
  input: z.strictObject({
    resource: z.string().optional().describe('only what concerns this resource: `Kind/namespace/name`, or an id'),
    ...pageInputs('incidents', 100, 1_000),
  }),
  output: explanationSchema,
  examples: [
    { title: 'Everything that is wrong', input: {} },
    { title: 'Why one is not well', input: { resource: 'Deployment/payments/payments-api' } },
  ],
  async run(context, { resource, ...page }) {
    const concerns = resource === undefined ? undefined : concernsOf(context, resource);
    const estate = await estateOf(context);
    return estate ? explanationOf(estate, concerns, page, context.thresholds) : { incidents: [], healthy: true };
  },
});

/** What a text means, also what is missing. Throws `not-found` and `ambiguous`. */
export function concernsOf(context: Context, text: string): Resource {
  return subjectFrom(context, text).resource;
}

/** Of resources that suffer with others, so many are listed. */
const BLAST_MAX = 50;

/** What is wrong in an estate; with `concerns`, only what concerns that resource; without a page, all of it. */
export function explanationOf(
  estate: Estate,
  concerns?: Resource,
  page?: PageChoice,
  thresholds?: Thresholds,
): Explanation {
  const incidents = explain(estate, thresholds)
    .filter((incident) => concerns === undefined || isAbout(incident, concerns))
    .map(incidentTold);
  const healthy = incidents.length === 0;
  if (page === undefined) return { incidents, healthy };
  const { items, rest } = pageOf(incidents, order, page);
  return { incidents: [...items], healthy, ...(rest.left > 0 && rest) };
}

/** Critical ones first, then by when they began. */
const order: Order<Explanation['incidents'][number]> = [
  ({ severity }) => (severity === 'critical' ? 0 : 1),
  ({ startedAt }) => startedAt,
  ({ id }) => id,
  ({ symptoms: [first] }) => first?.resource.id ?? '',
];

/** It suffers, it is why, or it depends on who suffers. */
function isAbout({ symptoms, causes, affected }: Incident, wanted: Resource): boolean {
  const isWanted = (one: Subject): boolean =>
    one.cluster === wanted.cluster && resourceTitle(one) === resourceTitle(wanted);
  return (
    symptoms.some(({ resource, whole, alike }) => [resource, whole, ...alike].some(isWanted)) ||
    causes.some(({ subject }) => isWanted(subject)) ||
    affected.some(isWanted)
  );
}

/** An incident as people are told of it. */
export function incidentTold(incident: Incident): Explanation['incidents'][number] {
  const { symptoms, causes, affected, lookedAt, patterns } = incident;
  const [first] = symptoms;
  const startedAt = timeOf(first?.since ?? 0);
  const root = causes[0]?.subject ?? first?.whole;
  return {
    id: [root ? titleOf(root) : '', causes[0]?.reason ?? first?.reason ?? '', startedAt].join(' '),
    state: 'open',
    severity: symptoms.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
    startedAt,
    title: titleOfIncident(incident),
    symptoms: symptoms.flatMap(symptomTold),
    causes: causes.map(causeTold),
    blastRadius: { count: affected.length, resources: affected.slice(0, BLAST_MAX).map(subjectTold) },
    ...(lookedAt.length > 0 && { lookedAt: [...lookedAt] }),
    ...(patterns.length > 0 && {
      patterns: patterns.map(patternTold),
    }),
  };
}

function symptomTold({
  resource,
  alike,
  reason,
  since,
  message,
}: Symptom): Explanation['incidents'][number]['symptoms'] {
  return [resource, ...alike].map((one) => ({ resource: subjectTold(one), reason, since: timeOf(since), message }));
}

function causeTold({
  subject,
  evidence,
  reason,
  confidence,
  summary,
  path,
  remedy,
}: Cause): Explanation['incidents'][number]['causes'][number] {
  return {
    resource: subjectTold(subject),
    reason,
    confidence: Math.round(confidence * 1_000) / 1_000,
    summary,
    evidence: evidence.filter(({ weight }) => weight >= 0).map(evidenceTold),
    against: evidence.filter(({ weight }) => weight < 0).map(({ text }) => ({ text })),
    path: [...path],
    remedy: { summary: remedy.summary, commands: [...remedy.commands] },
  };
}

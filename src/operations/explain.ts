/** Why something is not well: incidents, each with its symptoms and its causes, the most probable first. */
import { z } from 'zod';
import { timeOf } from '../analysis/case.ts';
import type { Estate } from '../analysis/estate.ts';
import { type Cause, explain, type Incident, titleOfIncident } from '../analysis/explain.ts';
import { type Evidence, type Subject, titleOf } from '../analysis/hypothesis.ts';
import type { Symptom } from '../analysis/symptoms.ts';
import { type Resource, resourceTitle } from '../model/resource.ts';
import { type Context, operation, pastOf } from './operation.ts';
import { estateFrom } from './shared/estate.ts';
import { subjectFrom } from './shared/resolve.ts';

const subjectSchema = z.object({
  kind: z.string(),
  namespace: z.string().describe('empty for what is cluster-scoped'),
  name: z.string(),
  group: z.string(),
  cluster: z.string(),
  id: z.string().optional().describe('absent for what is missing'),
});

const evidenceSchema = z.object({
  kind: z.enum(['change', 'state', 'event', 'log', 'edge', 'alert']),
  at: z.string().optional(),
  text: z.string(),
  resource: subjectSchema.optional(),
});

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
});

export const explanationSchema = z.object({
  incidents: z.array(incidentSchema).describe('critical ones first, then by when they began'),
  healthy: z.boolean(),
  left: z.int().optional().describe('how many incidents are left out, where there are too many'),
});

export type Explanation = z.output<typeof explanationSchema>;

export const explainOperation = operation({
  name: 'explain',
  title: 'Why something is not well',
  description:
    'Says why something is not well: incidents, each with who suffers and since when, the causes with their evidence, the most probable first, and what ' +
    'to do. What recovered is no incident; where no cause is believed, it says what was looked at. Commands are never run.',
  route: 'GET /explain',
  input: z.strictObject({
    resource: z.string().optional().describe('only what concerns this resource: `Kind/namespace/name`, or an id'),
  }),
  output: explanationSchema,
  examples: [
    { title: 'Everything that is wrong', input: {} },
    { title: 'Why one is not well', input: { resource: 'Deployment/payments/payments-api' } },
  ],
  async run(context, { resource }) {
    const { view, asOf, history = pastOf(context).history } = context;
    const concerns = resource === undefined ? undefined : concernsOf(context, resource);
    const at = asOf?.instant ?? view.at;
    if (at === undefined) return { incidents: [], healthy: true };
    return explanationOf(await estateFrom(view, history, at), concerns);
  },
});

/** What a text means, also what is missing. Throws `not-found` and `ambiguous`. */
export function concernsOf(context: Context, text: string): Resource {
  return subjectFrom(context, text).resource;
}

/** Of resources that suffer with others, so many are listed. */
const BLAST_MAX = 50;
const INCIDENTS_MAX = 500;

/** What is wrong in an estate; with `concerns`, only what concerns that resource. */
export function explanationOf(estate: Estate, concerns?: Resource): Explanation {
  const incidents = explain(estate).filter((incident) => concerns === undefined || isAbout(incident, concerns));
  const left = incidents.length - INCIDENTS_MAX;
  return {
    incidents: incidents.slice(0, INCIDENTS_MAX).map(told),
    healthy: incidents.length === 0,
    ...(left > 0 && { left }),
  };
}

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

function told(incident: Incident): Explanation['incidents'][number] {
  const { symptoms, causes, affected, lookedAt } = incident;
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

function evidenceTold({ kind, at, text, resource }: Evidence): z.output<typeof evidenceSchema> {
  return {
    kind,
    ...(at !== undefined && at > 0 && { at: timeOf(at) }),
    text,
    ...(resource && { resource: subjectTold(resource) }),
  };
}

function subjectTold(subject: Subject): z.output<typeof subjectSchema> {
  const { kind, namespace, name, group, cluster } = subject;
  return { kind, namespace, name, group, cluster, ...('id' in subject && { id: subject.id }) };
}

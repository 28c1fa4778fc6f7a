/**
 * Root causes as clients of a knowledge-graph RCA service ask for them: for one event, for a resource, for many. Earlier events are ranked by the
 * formula of those services; what is wrong and what to do is what `explain` says.
 */
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import type { View } from '../../model/view.ts';
import { findImpact } from '../../operations/find-impact.ts';
import { type Context, perform } from '../../operations/operation.ts';
import { rankCausesOperation } from '../../operations/rank-causes.ts';
import { type Cause, Explanations, filedIncident, type Incident } from './explained.ts';
import { eventInfo, eventOf, infoOf, resourceInfo, severityName, severityOf, titleOf } from './kg-shapes.ts';

const score = z.number().min(0).max(1);

export const rcaOptions = {
  time_window_minutes: z
    .number()
    .positive()
    .max(1_440)
    .optional()
    .describe('how long before the event a cause may lie; default: 15'),
  max_hops: z.int().min(0).max(10).default(3),
  min_confidence: score.default(0.4),
  include_blast_radius: z.boolean().default(true),
  include_timeline: z.boolean().default(true),
  ranker: z.enum(['seed', 'enhanced']).default('seed').describe('of our own: the variant of the formula'),
  through: z
    .enum(['seed', 'failure'])
    .default('seed')
    .describe('of our own: SELECTS, OWNS and RUNS_ON, or all edges that failure travels on'),
};

export interface RcaOptions {
  readonly time_window_minutes?: number | undefined;
  readonly max_hops: number;
  readonly min_confidence: number;
  readonly include_blast_radius: boolean;
  readonly include_timeline: boolean;
  readonly ranker: 'seed' | 'enhanced';
  readonly through: 'seed' | 'failure';
}

const recommendation = z
  .object({
    type: z.string().describe('`configuration`, `resource_adjustment` or `investigation`'),
    action: z.string(),
    details: z.record(z.string(), z.unknown()),
    confidence: score,
    priority: z.enum(['low', 'medium', 'high', 'critical']),
    automated: z.boolean(),
    command: z.string().optional().describe('ready to be copied; never run by us'),
  })
  .meta({ id: 'KgRecommendation' });

export const rcaResult = z
  .object({
    ...eventInfo.shape,
    potential_causes: z
      .array(
        z.object({
          ...eventInfo.shape,
          confidence: score,
          hops: z.int().describe('edges between the two resources; -1 when they are further apart'),
          temporal_score: score,
          distance_score: score,
          domain_score: score,
          explanation: z.string(),
        }),
      )
      .describe('the most probable first'),
    related_incident: z
      .object({
        incident_id: z.string(),
        resource_id: z.string(),
        window_start: z.string(),
        window_end: z.string(),
        event_count: z.int(),
        severity: severityName,
        status: z.enum(['open', 'acknowledged', 'resolved']),
        title: z.string(),
      })
      .optional(),
    root_cause: z
      .object({
        resource: resourceInfo,
        reason: z.string(),
        summary: z.string(),
        confidence: score,
        evidence: z.array(z.string()),
      })
      .optional()
      .describe('of our own: what is wrong, as `explain` says; absent when it is not known'),
    blast_radius: z.array(resourceInfo).describe('who suffers when the subject fails, the nearest first'),
    timeline: z.array(
      z.object({
        event_time: z.string(),
        reason: z.string(),
        severity: severityName,
        message: z.string(),
        resource: z.string(),
      }),
    ),
    recommendation,
    suggestions: z.array(z.string()).describe('of our own: what to do, and commands'),
    notes: z.array(z.string()).optional().describe('of our own: what the answer lacks, and why'),
  })
  .meta({ id: 'KgRca' });

export type RcaResult = z.input<typeof rcaResult>;
type Ranked = z.output<typeof rankCausesOperation.output>;

/** How many of those who suffer are listed. */
const BLAST_MAX = 200;

/** The analysis of one event. Throws `not-found`. */
export async function analyse(
  context: Context,
  event: string,
  options: RcaOptions,
  explanations = new Explanations(context),
): Promise<RcaResult> {
  const { ranked, at } = await rank(context, event, options);
  const { resource } = ranked.event;
  const { incident, note } = await explanations.about(resource.id, ranked.event.at);
  const [cause] = incident?.causes ?? [];
  const own = eventOf(ranked.event);
  const labels = context.view.get(resource.id)?.labels;
  return {
    ...own,
    subject: infoOf({ ...resource, ...(labels && { labels }) }),
    potential_causes: ranked.causes.map((each) => ({
      ...eventOf(each.event),
      confidence: each.confidence,
      hops: each.hops ?? -1,
      temporal_score: each.temporal,
      distance_score: each.distance,
      domain_score: each.domain,
      explanation: each.text,
    })),
    ...relatedOf(context, ranked.event, incident),
    ...(cause && { root_cause: rootOf(cause) }),
    blast_radius: options.include_blast_radius ? await blastOf(context, resource.id, at) : [],
    timeline: options.include_timeline
      ? ranked.timeline.map((each) => ({
          event_time: each.at,
          reason: each.reason,
          severity: severityOf(each.severity),
          message: each.message,
          resource: infoOf(each.resource).rid,
        }))
      : [],
    recommendation: recommendationOf(cause, incident, own.reason),
    suggestions: suggestionsOf(cause, incident),
    ...(note !== undefined && { notes: [`root_cause is not told: ${note}`] }),
  };
}

/** Causes of the event, as of now or, when the window does not hold it any more, as of then. */
async function rank(
  context: Context,
  event: string,
  options: RcaOptions,
): Promise<{ readonly ranked: Ranked; readonly at?: string | undefined }> {
  const input = {
    event,
    variant: options.ranker,
    through: options.through,
    maxHops: options.max_hops,
    minConfidence: options.min_confidence,
    ...(options.time_window_minutes !== undefined && { windowMinutes: options.time_window_minutes }),
  };
  try {
    return { ranked: (await perform(rankCausesOperation, context, input)) as Ranked };
  } catch (error) {
    const at = error instanceof Problem && error.code === 'not-found' ? await lastSeen(context, event) : undefined;
    if (at === undefined) throw error;
    return { ranked: (await perform(rankCausesOperation, context, { ...input, at })) as Ranked, at };
  }
}

/** When an Event was seen last that has expired since, where a history tells. */
async function lastSeen({ past, view }: Context, event: string): Promise<string | undefined> {
  const uid = view.clusters.find((cluster) => event.startsWith(`${cluster}/`))
    ? event.slice(event.indexOf('/') + 1)
    : event;
  const query = { uids: [uid], kinds: [{ group: '', kind: 'Event' }], verbs: ['create', 'update'] as const };
  const [version] = (await past?.history.versions(query, { order: 'newest', limit: 1 })) ?? [];
  return version?.at;
}

async function blastOf(context: Context, id: string, at: string | undefined): Promise<RcaResult['blast_radius']> {
  try {
    const input = { resource: id, limit: BLAST_MAX, ...(at !== undefined && { at }) };
    const { impacted } = (await perform(findImpact, context, input)) as z.output<typeof findImpact.output>;
    return impacted.map(({ resource }) => infoOf(resource));
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return [];
    throw error;
  }
}

/** The incident that is kept of it, by its name; where none is, what `explain` says. */
function relatedOf(
  { view }: Context,
  { id, at, resource }: Ranked['event'],
  incident: Incident | undefined,
): Pick<RcaResult, 'related_incident'> {
  const filed = filedIncident(view, id, resource.id);
  if (filed === undefined && incident === undefined) return {};
  const { severity, startedAt, title } = filed ?? (incident as Incident);
  const [first] = incident?.symptoms ?? [];
  return {
    related_incident: {
      incident_id: filed?.name ?? incident?.id ?? '',
      resource_id: infoOf(first?.resource ?? resource).rid,
      window_start: startedAt,
      window_end: filed?.endedAt ?? view.at ?? at,
      event_count: filed ? partsOf(view, filed.id) : (incident?.symptoms.length ?? 0),
      severity: severity === 'critical' ? 'FATAL' : 'WARNING',
      status: filed?.state ?? incident?.state ?? 'open',
      title,
    },
  };
}

function partsOf(view: View, incident: string): number {
  let count = 0;
  view.scan(
    incident,
    'in',
    () => {
      count++;
    },
    (type) => type === 'PART_OF',
  );
  return count;
}

function rootOf({ resource, reason, summary, confidence, evidence }: Cause): NonNullable<RcaResult['root_cause']> {
  return {
    resource: infoOf(resource),
    reason,
    summary,
    confidence,
    evidence: evidence.map(({ at, text }) => (at === undefined ? text : `${at} ${text}`)),
  };
}

const ABOUT_AMOUNTS = /memory|oom|quota|cpu|capacity|insufficient|resources|limit|exhaust|toofew|full/i;

/** What to do: what the cause asks for, or to look further. */
export function recommendationOf(
  cause: Cause | undefined,
  incident: Incident | undefined,
  reason: string,
): RcaResult['recommendation'] {
  if (cause === undefined)
    return {
      type: 'investigation',
      action:
        incident === undefined
          ? `Nothing is wrong with the subject now; ${reason} may be over`
          : 'The cause is not known; look at what is listed',
      details: { reason, looked_at: incident?.lookedAt ?? [] },
      confidence: incident === undefined ? 0.3 : 0.1,
      priority: incident === undefined ? 'low' : 'medium',
      automated: false,
    };
  const { remedy, confidence, summary } = cause;
  const [command] = remedy.commands;
  return {
    type: ABOUT_AMOUNTS.test(cause.reason) ? 'resource_adjustment' : 'configuration',
    action: remedy.summary,
    details: { reason: cause.reason, summary, resource: titleOf(cause.resource), commands: remedy.commands },
    confidence,
    priority: incident?.severity === 'critical' ? (confidence >= 0.8 ? 'critical' : 'high') : 'medium',
    automated: false,
    ...(command !== undefined && { command }),
  };
}

export function suggestionsOf(cause: Cause | undefined, incident: Incident | undefined): string[] {
  if (cause) return [cause.remedy.summary, ...cause.remedy.commands];
  return (incident?.lookedAt ?? []).map((text) => `looked at: ${text}`);
}

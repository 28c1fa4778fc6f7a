/** One incident as a whole: who suffers, why, what happened to them, and what was said of it. */
import { z } from 'zod';
import type { View } from '../model/view.ts';
import { operation } from './operation.ts';
import { incidentNamed, incidentRow, rowOf } from './shared/incidents.ts';
import { stamp, stampShape } from './shared/schemas.ts';

export const incidentSchema = incidentRow
  .extend({
    acknowledgedAt: z.string().optional(),
    resolvedBy: z.string().optional().describe('absent when its symptoms went by themselves'),
    note: z.string().optional(),
    reopened: z.int().optional().describe('how often its symptoms came back soon after it was resolved'),
    explained: z
      .looseObject({ symptoms: z.array(z.unknown()), causes: z.array(z.unknown()) })
      .describe('what `explain` said of it last: symptoms, causes with evidence and remedy, who else depends on them'),
    happenings: z
      .array(
        z.object({
          id: z.string(),
          type: z.string(),
          severity: z.string(),
          reason: z.string(),
          object: z.string(),
          message: z.string(),
          at: z.string(),
          triggeredBy: z.array(z.object({ id: z.string(), confidence: z.number() })).describe('other happenings'),
        }),
      )
      .describe('what belongs to it and is still in the window of happenings, the earliest first'),
  })
  .meta({ id: 'Incident' });

export const getIncident = operation({
  name: 'incident',
  title: 'An incident',
  description:
    'Shows one incident: who suffers, the causes with their evidence, what happened to those concerned and what triggered what, who takes care of it. ' +
    'At a past instant it shows what was known then.',
  route: 'GET /incidents/{name}',
  live: true,
  input: z.strictObject({ name: z.string().min(1).describe('name of the incident, as `incidents` lists it') }),
  output: z.object({ ...stampShape, incident: incidentSchema }),
  examples: [{ title: 'Why, and what happened', input: { name: 'configmap-web-config-configmapkeymissing-1a2b3c' } }],
  async run(context, { name }) {
    const filed = await incidentNamed(context, name);
    return { ...stamp(context, { kinds: [] }), incident: incidentOf(context.view, filed) };
  },
});

/** The whole of an incident, with what the graph of that instant knows of what happened. */
export function incidentOf(
  view: View,
  { object: { spec, status }, resource }: Awaited<ReturnType<typeof incidentNamed>>,
): z.output<typeof incidentSchema> {
  const { state: _, endedAt: __, acknowledgedBy: ___, mergedInto: ____, ...said } = status;
  const { wholes: _w, happenings: _h, root: _r, ...explained } = spec;
  return {
    ...rowOf(resource),
    ...status,
    ...said,
    explained: { ...explained, symptoms: [...spec.symptoms], causes: [...spec.causes] },
    happenings: happeningsOf(view, resource.id),
  };
}

function happeningsOf(view: View, incident: string): z.output<typeof incidentSchema>['happenings'] {
  const found = Array.from(view.in(incident, 'PART_OF'), ({ from }) => view.get(from)).flatMap((one) => {
    if (one === undefined || one.kind === 'Incident') return [];
    const text = (key: string): string => String(one.summary[key] ?? '');
    return [
      {
        id: one.id,
        type: text('type'),
        severity: text('severity'),
        reason: text('reason'),
        object: text('object'),
        message: text('message'),
        at: text('lastSeen') || (one.createdAt ?? ''),
        triggeredBy: Array.from(view.in(one.id, 'TRIGGERED'), ({ from, detail }) => ({
          id: from,
          confidence: detail.confidence,
        })),
      },
    ];
  });
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
}

/** What was found to be wrong: incidents that last, with their states. */
import { z } from 'zod';
import { operation } from './operation.ts';
import { type IncidentRow, incidentRow, incidentsIn, rowOf, stateSchema } from './shared/incidents.ts';
import { clustersInput, commaList } from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { stamp, stampShape } from './shared/schemas.ts';

export const listIncidents = operation({
  name: 'incidents',
  title: 'Incidents',
  description:
    'Lists incidents: what was found to be wrong, since when, why, and whether somebody takes care of it. They are kept up to date by a server that keeps a history; ' +
    '`explain` says why something is not well right now.',
  route: 'GET /incidents',
  input: z.strictObject({
    states: commaList(stateSchema).default(['open', 'acknowledged']).describe('only those in these states'),
    severities: commaList(z.enum(['critical', 'warning']))
      .optional()
      .describe('only these severities'),
    clusters: clustersInput,
    ...pageInputs('incidents', 100, 1_000),
  }),
  output: z.object({
    ...stampShape,
    items: z.array(incidentRow).describe('the worst and latest first'),
    total: z.int(),
    counts: z.object({ open: z.int(), acknowledged: z.int(), resolved: z.int() }).describe('of all that are kept'),
    ...pageShape,
  }),
  examples: [
    { title: 'What is wrong now', input: {} },
    { title: 'What was wrong', input: { states: ['resolved'] } },
  ],
  run(context, { states, severities, clusters, ...page }) {
    const counts = { open: 0, acknowledged: 0, resolved: 0 };
    const rows: IncidentRow[] = [];
    for (const resource of incidentsIn(context.view)) {
      const row = rowOf(resource);
      counts[row.state]++;
      if (!states.includes(row.state) || severities?.includes(row.severity) === false) continue;
      if (clusters?.includes(row.cluster) !== false) rows.push(row);
    }
    const { items, total, rest } = pageOf(rows, order, page);
    return { ...stamp(context, { clusters, kinds: [] }, { clusters }), items: [...items], total, counts, ...rest };
  },
});

const order: Order<IncidentRow> = [
  ({ state }) => (state === 'resolved' ? 1 : 0),
  ({ severity }) => (severity === 'critical' ? 0 : 1),
  ({ startedAt }) => -Date.parse(startedAt) || 0,
  ({ name }) => name,
];

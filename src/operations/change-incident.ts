/** What people say of an incident: that they take care of it, that it is over, or that it is not. */
import { z } from 'zod';
import { Problem } from '../model/problem.ts';
import { incidentOf, incidentSchema } from './get-incident.ts';
import { operation } from './operation.ts';
import { incidentNamed, stateSchema } from './shared/incidents.ts';
import { stamp, stampShape } from './shared/schemas.ts';

const SAID_MAX = 1_000;

export const changeIncident = operation({
  name: 'incident-change',
  title: 'Acknowledge or resolve an incident',
  description:
    'Says of an incident that somebody takes care of it (`acknowledged`), that it is over (`resolved`), or that it is not (`open`). One whose symptoms go is resolved ' +
    'by itself; one that is called resolved while its symptoms last is reopened.',
  route: 'PATCH /incidents/{name}',
  about: 'present',
  acts: true,
  input: z.strictObject({
    name: z.string().min(1).describe('name of the incident, as `incidents` lists it'),
    state: stateSchema.describe('what it is from now on'),
    by: z.string().max(200).optional().describe('who says so'),
    note: z.string().max(SAID_MAX).optional().describe('what else there is to say'),
  }),
  output: z.object({ ...stampShape, incident: incidentSchema }),
  examples: [
    {
      title: 'Somebody takes care of it',
      input: { name: 'configmap-web-config-configmapkeymissing-1a2b3c', state: 'acknowledged', by: 'ada' },
    },
  ],
  async run(context, { name, state, by, note }) {
    const { incidents } = context;
    if (incidents === undefined)
      throw new Problem(
        'unsupported',
        'Nobody keeps incidents here: ask a running server that keeps a history (`kube-kg serve`), with --server on the command line.',
      );
    await incidents.change(name, { state, ...(by !== undefined && { by }), ...(note !== undefined && { note }) });
    const filed = await incidentNamed(context, name);
    return { ...stamp(context, { kinds: [] }), incident: incidentOf(context.view, filed) };
  },
});

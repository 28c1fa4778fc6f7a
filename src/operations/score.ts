/** How unusual what is measured of workloads is just now. */
import { z } from 'zod';
import { Case } from '../analysis/case.ts';
import { featuresOf } from '../analysis/scoring/features.ts';
import { robustScores } from '../analysis/scoring/robust.ts';
import type { Score } from '../model/scorer.ts';
import { operation } from './operation.ts';
import { estateOf } from './shared/estate-of.ts';
import { namespacesInput } from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { stamp, stampShape } from './shared/schemas.ts';
import { subjectSchema, subjectTold } from './shared/subjects.ts';

const MINUTE = 60_000;
const TIMEOUT_MS = 30_000;

const anomalySchema = z
  .object({
    resource: subjectSchema,
    score: z.number().min(0).max(1).describe('0: as ever, 1: never seen'),
    feature: z.string().optional().describe('the measure that says most'),
    recent: z.array(z.number()).optional().describe('its last values'),
  })
  .meta({ id: 'Anomaly', description: 'How unusual what is measured of a workload is.' });

export const scoreOperation = operation({
  name: 'anomalies',
  title: 'What is unusual just now',
  description:
    'Scores workloads by how unusual their errors, restarts, warnings, changes and measurements are, against the steps before. By robust statistics, or by a model of your own ' +
    '(`scorer.url`). An unusual number is no fault: what is wrong and why, `explain` tells.',
  route: 'GET /anomalies',
  reads: 'estate',
  input: z.strictObject({
    namespaces: namespacesInput,
    minScore: z.number().min(0).max(1).default(0.5).describe('what is less is left out'),
    minutes: z.int().min(1).max(60).default(5).describe('minutes of a step'),
    steps: z.int().min(12).max(288).default(24).describe('steps that are looked at'),
    ...pageInputs('workloads', 50, 500),
  }),
  output: z.object({
    ...stampShape,
    anomalies: z.array(anomalySchema).describe('the most unusual first'),
    scorer: z.string().describe('which one scored: `robust`, or `http`'),
    counts: z.object({ measured: z.int(), unusual: z.int() }),
    ...pageShape,
  }),
  examples: [{ title: 'The last two hours in steps of five minutes', input: {} }],
  async run(context, { namespaces, minScore, minutes, steps, ...page }) {
    const estate = await estateOf(context);
    const measures = estate && featuresOf(new Case(estate), { stepMs: minutes * MINUTE, steps });
    const features = (measures?.features ?? []).filter(
      ({ id }) => namespaces?.includes(measures?.subjects.get(id)?.namespace ?? '') ?? true,
    );
    const { scorer } = context;
    const scores = scorer ? await scorer.score(features, AbortSignal.timeout(TIMEOUT_MS)) : robustScores(features);
    const unusual = scores.filter(({ score }) => score >= minScore);
    const { items, rest } = pageOf(unusual, order, page);
    const values = new Map(features.map((one) => [one.id, one.values]));
    const anomalies = items.flatMap(({ id, score, feature }) => {
      const subject = measures?.subjects.get(id);
      const recent = feature === undefined ? undefined : values.get(id)?.[feature]?.slice(-6);
      const told = { score: Math.round(score * 1_000) / 1_000, ...(feature !== undefined && { feature }) };
      return subject ? [{ resource: subjectTold(subject), ...told, ...(recent && { recent: [...recent] }) }] : [];
    });
    return {
      ...stamp(context),
      anomalies,
      scorer: scorer?.name ?? 'robust',
      counts: { measured: features.length, unusual: unusual.length },
      ...rest,
    };
  },
});

const order: Order<Score> = [({ score }) => -score, ({ id }) => id];

/** What will run out, and when. */
import { z } from 'zod';
import { Case, timeOf } from '../analysis/case.ts';
import { predict } from '../analysis/predictions/index.ts';
import { type Prediction, type PredictionKind, predictionKinds } from '../analysis/predictions/prediction.ts';
import type { Resource } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { operation } from './operation.ts';
import { estateOf } from './shared/estate-of.ts';
import { commaList, namespacesInput } from './shared/inputs.ts';
import { pageInputs, pageOf, pageShape } from './shared/page.ts';
import { subjectFrom } from './shared/resolve.ts';
import { stamp, stampShape } from './shared/schemas.ts';
import { subjectSchema, subjectTold } from './shared/subjects.ts';

const DAY_MS = 86_400_000;
const kindNames = Object.keys(predictionKinds) as [PredictionKind, ...PredictionKind[]];
/** Whose objects tell; of pods only so many are read. */
const READ: readonly (readonly [group: string, kind: string, max: number])[] = [
  ['', 'ResourceQuota', 500],
  ['autoscaling', 'HorizontalPodAutoscaler', 500],
  ['cert-manager.io', 'Certificate', 500],
  ['', 'PersistentVolumeClaim', 300],
  ['', 'Node', 200],
  ['', 'Pod', 1_000],
];

const predictionSchema = z
  .object({
    kind: z.enum(kindNames),
    meaning: z.string(),
    resource: subjectSchema,
    what: z.string().describe('what of it: `requests.cpu`, a volume, a container'),
    state: z.enum(['rising', 'exhausted']).describe('`exhausted`: it is used up already'),
    at: z.string().describe('when it will most probably be used up, or since when it is'),
    earliest: z
      .string()
      .optional()
      .describe('with `latest`, the interval in which it will be; of 90 % and more where the past goes on'),
    latest: z.string().optional(),
    value: z.number(),
    limit: z.number(),
    unit: z.enum(['bytes', 'cores', 'count', 'share', 'time']).describe('`time`: milliseconds'),
    ratePerHour: z.number().optional().describe('how much it rises'),
    points: z.int().describe('how many measurements it was seen by'),
    spanMs: z.number().describe('how long it was seen'),
    summary: z.string().describe('one sentence'),
  })
  .meta({ id: 'Prediction', description: 'When something will be used up.' });

export const predictOperation = operation({
  name: 'predict',
  title: 'What will run out, and when',
  description:
    'Says when something will be used up: volumes, quotas, memory towards its limit, autoscalers towards their maximum, nodes by what their pods ask for, and certificates that ' +
    'nobody renews. Only where it rises for certain, no further ahead than ten times as long as was looked, each with an interval. It reads versions of objects and ' +
    'measurements that were sent in (occurrences of source `metric`), and measures nothing itself.',
  route: 'GET /predictions',
  reads: 'estate',
  input: z.strictObject({
    kinds: commaList(z.enum(kindNames)).optional().describe('only these'),
    namespaces: namespacesInput,
    resource: z.string().min(1).optional().describe('only of this resource: `Kind/namespace/name`, or an id'),
    days: z.number().positive().max(3_650).default(30).describe('how many days ahead'),
    ...pageInputs('predictions', 100, 1_000),
  }),
  output: z.object({
    ...stampShape,
    predictions: z.array(predictionSchema).describe('the soonest first'),
    looked: z
      .record(z.enum(kindNames), z.int())
      .describe('how many of each were measured, whatever is to be expected of them'),
    ...pageShape,
  }),
  examples: [
    { title: 'Everything that runs out', input: {} },
    { title: 'Quotas and certificates within a week', input: { kinds: ['quota', 'certificate'], days: 7 } },
  ],
  async run(context, { kinds, namespaces, resource, days, ...page }) {
    const estate = await estateOf(context, () => toRead(context.view));
    const about = resource === undefined ? undefined : subjectFrom(context, resource).resource;
    const outlook = estate && predict(new Case(estate), days * DAY_MS);
    const wanted = (outlook?.predictions ?? []).filter(
      ({ kind, subject }) =>
        (kinds?.includes(kind) ?? true) &&
        (namespaces?.includes(subject.namespace) ?? true) &&
        (about === undefined || subject.id === about.id),
    );
    const order = [
      ({ at }: Prediction) => at,
      ({ subject }: Prediction) => subject.id,
      ({ kind, what }: Prediction) => `${kind} ${what}`,
    ];
    const { items, rest } = pageOf(wanted, order, page);
    const looked = outlook?.looked ?? predictNothing();
    return { ...stamp(context), predictions: items.map(told), looked: { ...looked }, ...rest };
  },
});

function predictNothing(): Record<PredictionKind, number> {
  return { volume: 0, quota: 0, certificate: 0, memory: 0, replicas: 0, allocatable: 0 };
}

function* toRead(view: View): Iterable<Resource> {
  for (const [group, kind, max] of READ) yield* Iterator.from(view.resources({ group, kind })).take(max);
}

function told({ kind, subject, at, earliest, latest, rate, ...rest }: Prediction): z.input<typeof predictionSchema> {
  return {
    kind,
    meaning: predictionKinds[kind],
    resource: subjectTold(subject),
    at: timeOf(at),
    ...(earliest !== undefined && { earliest: timeOf(earliest) }),
    ...(latest !== undefined && { latest: timeOf(latest) }),
    ...(rate !== undefined && { ratePerHour: rate }),
    ...rest,
  };
}

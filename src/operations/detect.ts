/** Which known patterns what happened fits. */
import { z } from 'zod';
import { Case } from '../analysis/case.ts';
import type { Detection } from '../analysis/detectors/detection.ts';
import { detect } from '../analysis/detectors/index.ts';
import { defaultThresholds } from '../analysis/detectors/thresholds.ts';
import type { Resource } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { type Context, operation } from './operation.ts';
import { detectionSchema, detectionTold, patternInput } from './shared/detections.ts';
import { estateOf } from './shared/estate-of.ts';
import { commaList, namespacesInput } from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { subjectFrom } from './shared/resolve.ts';
import { stamp, stampShape } from './shared/schemas.ts';

/** What was changed so long before may have to do with what goes on. */
const CHANGED_MS = 60 * 60_000;
const CHANGED_MAX = 500;
const CHANGED_KINDS = [
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'Secret' },
  { group: '', kind: 'Node' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'apps', kind: 'StatefulSet' },
  { group: 'apps', kind: 'DaemonSet' },
];

export const detectOperation = operation({
  name: 'detect',
  title: 'Known patterns in what happened',
  description:
    'Looks for patterns that people know by name: crash loops, death spirals, cascades after a kill for memory or a change of configuration, evictions, rollouts that fail, ' +
    'error spikes, leaks, churn, noisy neighbours, storage that is full. Each with evidence, and whether it goes on or is past. A pattern says what goes on; why, `explain` tells.',
  route: 'GET /detections',
  reads: 'estate',
  input: z.strictObject({
    patterns: commaList(patternInput).optional().describe('only these patterns'),
    namespaces: namespacesInput,
    resource: z
      .string()
      .min(1)
      .optional()
      .describe('only what this resource is part of: `Kind/namespace/name`, or an id'),
    state: z.enum(['active', 'past', 'all']).default('all').describe('what goes on, what has recovered, or both'),
    ...pageInputs('patterns', 100, 1_000),
    minConfidence: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('only what is more certain; default: as configured, 0.7'),
  }),
  output: z.object({
    ...stampShape,
    detections: z.array(detectionSchema).describe('what goes on first, then the worst'),
    counts: z.object({ active: z.int(), past: z.int() }).describe('of all pages'),
    ...pageShape,
  }),
  examples: [
    { title: 'Everything that is found', input: {} },
    { title: 'What goes on in one namespace', input: { namespaces: ['payments'], state: 'active' } },
  ],
  async run(context, { patterns, namespaces, resource, state, minConfidence, ...page }) {
    const estate = await estateOf(context, changedOf(context));
    const about = resource === undefined ? undefined : subjectFrom(context, resource).resource;
    const thresholds = { ...defaultThresholds, ...context.thresholds };
    const confidenceMin = minConfidence ?? thresholds.confidenceMin;
    const found = estate === undefined ? [] : detect(new Case(estate), { ...thresholds, confidenceMin });
    const isAmong = (one: Resource): boolean =>
      (namespaces?.includes(one.namespace) ?? true) && (about === undefined || one.id === about.id);
    const detections = found.filter(
      ({ pattern, subject, resources, active }) =>
        (patterns?.includes(pattern) ?? true) &&
        (state === 'all' || active === (state === 'active')) &&
        [subject, ...resources].some(isAmong),
    );
    const active = detections.filter((one) => one.active).length;
    const { items, rest } = pageOf(detections, order, page);
    const counts = { active, past: detections.length - active };
    return { ...stamp(context), detections: items.map(detectionTold), counts, ...rest };
  },
});

/** What goes on first, then the worst. */
const order: Order<Detection> = [
  ({ active }) => (active ? 0 : 1),
  ({ severity }) => ['critical', 'warning', 'info'].indexOf(severity),
  ({ confidence }) => -confidence,
  ({ since }) => since,
  ({ subject }) => subject.id,
  ({ pattern }) => pattern,
];

/** What was changed lately, whether or not anybody suffers from it. */
function changedOf({ view }: Context): Parameters<typeof estateOf>[1] {
  return async (history, at) => {
    const from = new Date(Date.parse(at) - CHANGED_MS).toISOString();
    const changed = await history.changed({ from, to: at, kinds: CHANGED_KINDS }, 0, CHANGED_MAX);
    return changed.flatMap(({ of }) => here(view, of.id));
  };
}

function here(view: View, id: string): readonly Resource[] {
  const found = view.get(id);
  return found ? [found] : [];
}

/** What is wrong with the estate as it stands, by the checks of `findings/`. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import { Problem } from '../model/problem.ts';
import type { View } from '../model/view.ts';
import type { Check, FindingSeverity, Report } from './findings/check.ts';
import { checks } from './findings/checks.ts';
import { operation } from './operation.ts';
import { clustersInput, commaList, kindsInput, namespacesInput, resourceFilter } from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape, resourceOrder } from './shared/page.ts';
import { briefOf, briefSchema, stamp, stampShape } from './shared/schemas.ts';
import { tally } from './shared/tally.ts';

const severities = z.enum(['error', 'warning', 'info']);

const findingSchema = z
  .object({
    check: z.string().describe('id of the check'),
    title: z.string(),
    severity: severities.describe(
      'error: does not work · warning: works by luck, or not as meant · info: worth tidying up',
    ),
    resource: briefSchema,
    message: z.string(),
    todo: z.string().describe('what to do about it'),
    related: z.array(briefSchema),
  })
  .meta({ id: 'Finding' });

export const findFindings = operation({
  name: 'findings',
  title: 'Validation findings',
  description: `Checks the estate and lists what is wrong with it, worst first: ${checks.map(({ id }) => `\`${id}\``).join(', ')}.`,
  route: 'GET /findings',
  input: z.strictObject({
    checks: commaList(z.string()).optional().describe('only these checks'),
    severities: commaList(severities).optional().describe('only findings this severe'),
    clusters: clustersInput,
    namespaces: namespacesInput,
    kinds: kindsInput,
    ...pageInputs('findings', 500),
  }),
  output: z.object({
    ...stampShape,
    items: z.array(findingSchema),
    total: z.record(severities, z.int()),
    checks: z.record(z.string(), z.int()).describe('findings of each check'),
    ...pageShape,
  }),
  examples: [
    { title: 'What does not work', input: { severities: ['error'] } },
    {
      title: 'What could be deleted in a namespace',
      input: { namespaces: ['shop'], checks: ['unused-secret', 'unused-config-map'] },
    },
  ],
  /** Lets others work between two checks: a check sees one state of the graph, all together may see several. */
  async run(context, { checks: ids, severities: wanted, limit, cursor, ...choice }) {
    const isChosen = resourceFilter(context, choice);
    const found: Found[] = [];
    for (const check of checksNamed(ids)) {
      await setImmediate();
      for (const report of check.run(context.view)) {
        const severity = report.severity ?? check.severity;
        if (isChosen(report.resource) && (!wanted || wanted.includes(severity)))
          found.push({ check, report, severity });
      }
    }
    const { items, rest } = pageOf(found, order, { limit, cursor });
    return {
      ...stamp(context, { clusters: choice.clusters }, choice),
      items: items.map((one) => findingOf(context.view, one)),
      total: { error: 0, warning: 0, info: 0, ...tally(found, ({ severity }) => severity) },
      checks: tally(found, ({ check }) => check.id),
      ...rest,
    };
  },
});

interface Found {
  readonly check: Check;
  readonly report: Report;
  readonly severity: FindingSeverity;
}

function checksNamed(ids: readonly string[] | undefined): readonly Check[] {
  return ids === undefined ? checks : ids.map(checkNamed);
}

function checkNamed(id: string): Check {
  const check = checks.find((known) => known.id === id);
  if (check) return check;
  const near = nearest(
    id,
    checks.map((known) => known.id),
    3,
  );
  const hint =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${checks.map((known) => known.id).join(', ')}`;
  throw new Problem('invalid-input', `no check is called "${id}"; ${hint}`);
}

function findingOf(view: View, { check, report, severity }: Found): z.input<typeof findingSchema> {
  const { resource, message, related = [], todo = check.todo } = report;
  return {
    check: check.id,
    title: check.title,
    severity,
    resource: briefOf(view, resource),
    message,
    todo,
    related: related.map((one) => briefOf(view, one)),
  };
}

const weight: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, info: 2 };

const order: Order<Found> = [
  ({ severity }) => weight[severity],
  ({ check }) => check.id,
  ...resourceOrder.map(
    (value) =>
      ({ report }: Found) =>
        value(report.resource),
  ),
  ({ report }) => report.message,
];

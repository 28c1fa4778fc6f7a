/** What is broken and who suffers from it, as chains from the cause. */
import { z } from 'zod';
import { edgeInfo } from '../model/edges.ts';
import { type Resource, resourceTitle } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { type Context, operation } from './operation.ts';
import { type Order, type PageChoice, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { briefOf, briefSchema, stamp, stampShape } from './shared/schemas.ts';
import { type Branch, type Link, severity, troubleOf } from './shared/trouble.ts';

const branchSchema = z
  .object({
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    id: z.string().optional().describe('absent for what is missing'),
    state: z.enum(['missing', 'critical', 'warning']),
    says: z.string().describe('what it, or the part of it that tells most, says of itself'),
    because: z.string().optional().describe('how it depends on the one above, in words'),
    type: z.string().optional().describe('the edge that says so'),
    get suffering() {
      return z.array(branchSchema).describe('who is not well because of it');
    },
    hidden: z.int().describe('how many more suffer directly and are not shown, see `breadth`'),
    atRisk: z.array(briefSchema).describe('who needs what is missing and runs all the same, until it starts anew'),
  })
  .meta({ id: 'Trouble', description: 'Something that is missing or not well, with those who suffer from it.' });

export type TroubleBranch = z.input<typeof branchSchema>;

const output = z.object({
  ...stampShape,
  items: z.array(branchSchema).describe('causes, the worst first'),
  total: z.int(),
  ...pageShape,
  harmless: z.int().describe('broken references that nobody suffers from, see the operation `dangling`'),
});

export type TroubleAnswer = z.input<typeof output>;

export const findTrouble = operation({
  name: 'trouble',
  title: 'What is broken, and who suffers',
  description:
    'Shows what is missing or not well as chains: from the cause, along the way failure travels, to those who suffer from it. ' +
    'Pods, ReplicaSets and endpoints count as the workload or Service that they are part of; everything that is not well appears once.',
  route: 'GET /trouble',
  input: z.strictObject({
    breadth: z.int().min(1).max(1_000).default(50).describe('most that are shown directly below each'),
    ...pageInputs('causes', 50, 1_000),
  }),
  output,
  examples: [{ title: 'The worst', input: { limit: 1 } }],
  run: troubleIn,
});

/** The answer, for who shows it as text. */
export function troubleIn(
  context: Context,
  { breadth, ...choice }: PageChoice & { readonly breadth: number },
): TroubleAnswer {
  const { roots, harmless } = troubleOf(context.view);
  const { items, total, rest } = pageOf(roots, order, choice);
  return {
    ...stamp(context),
    items: items.map((root) => branchOf(context.view, root, breadth)),
    total,
    ...rest,
    harmless,
  };
}

/** The worst first, what is missing before what is not well. */
const order: Order<Branch> = [
  (branch) => -severity(branch),
  ({ subject }) => ('health' in subject ? 1 : 0),
  ({ subject }) => resourceTitle(subject),
  ({ subject, children, atRisk }) => ('id' in subject ? subject.id : `${subject.group} ${clusterOf(children, atRisk)}`),
];

/** The cluster in which something is missing. */
function clusterOf([child]: readonly Branch[], [first]: readonly Resource[]): string {
  return (child && 'cluster' in child.subject ? child.subject.cluster : first?.cluster) ?? '';
}

function branchOf(view: View, { subject, unwell, because, children, atRisk }: Branch, breadth: number): TroubleBranch {
  const { kind, namespace, name } = subject;
  const critical = unwell.some(({ health }) => health.status === 'critical');
  return {
    kind,
    namespace,
    name,
    ...('id' in subject && { id: subject.id }),
    state: 'health' in subject ? (critical ? 'critical' : 'warning') : 'missing',
    says: 'health' in subject ? saidBy(view, subject, unwell) : 'is missing',
    ...(because && { because: becauseOf(because), type: because.type }),
    suffering: children.slice(0, breadth).map((child) => branchOf(view, child, breadth)),
    hidden: Math.max(0, children.length - breadth),
    atRisk: atRisk.map((one) => briefOf(view, one)),
  };
}

/** `selects its pods`, `routes to it (shop.example.com/checkout)`. */
function becauseOf({ type, part, attributes }: Link): string {
  const { host = '', path = '' } = attributes ?? {};
  const where = host === '' && path === '' ? '' : ` (${host}${path})`;
  return `${edgeInfo(type).sentence} ${part ? `its ${part.kind.toLowerCase()}s` : 'it'}${where}`;
}

/** `0/2 ready · CreateContainerConfigError: secret "db-credentials" not found`. */
function saidBy(view: View, { summary }: Resource, [telling]: readonly Resource[]): string {
  if (telling === undefined) return '';
  const { reason = '', message = '' } = telling.health;
  const ready = typeof summary['ready'] === 'string' ? `${summary['ready']} ready` : '';
  const said = reason === 'NotReady' ? warningAbout(view, telling) : undefined;
  return joined([ready, said ?? joined([reason, message], ': ')], ' · ');
}

function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== '').join(separator);
}

/** The latest warning about a resource, which says more than that it is not ready. */
function warningAbout(view: View, { id }: Resource): string | undefined {
  let latest: Resource | undefined;
  for (const { from } of view.in(id, 'ABOUT')) {
    const event = view.get(from);
    if (event?.summary['level'] !== 'Warning') continue;
    if (String(event.summary['lastSeen']) >= String(latest?.summary['lastSeen'] ?? '')) latest = event;
  }
  return latest && String(latest.summary['message'] ?? '').split('\n')[0];
}

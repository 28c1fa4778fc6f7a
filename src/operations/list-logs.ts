/** What containers wrote that tells of trouble, as templates with counts: of one resource and its pods, or of all. */
import { z } from 'zod';
import type { Severity } from '../model/change.ts';
import { kindKey } from '../model/groups.ts';
import { occurrenceOf } from '../model/occurrences.ts';
import { Problem } from '../model/problem.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { type Context, operation } from './operation.ts';
import { clustersInput, commaList, namespacesInput, resourceInput } from './shared/inputs.ts';
import { type Order, pageInputs, pageOf, pageShape } from './shared/page.ts';
import { resourceFrom } from './shared/resolve.ts';
import { stamp, stampShape } from './shared/schemas.ts';

const severities = ['debug', 'info', 'warning', 'error', 'critical'] as const satisfies readonly Severity[];

const templateSchema = z
  .object({
    id: z.string().describe('id of the Occurrence in the graph'),
    cluster: z.string(),
    namespace: z.string(),
    subject: z.string().describe('who wrote it, as `Kind/name`'),
    container: z.string().optional(),
    severity: z.enum(severities),
    reason: z.string(),
    category: z.string().optional().describe('what kind of trouble it tells of'),
    template: z.string().describe('the message with `<*>`, `<num>`, `<ip>` for what differs each time'),
    message: z.string().describe('the last example; of a stack trace its beginning and its causes'),
    count: z.int().describe('how often it was written, as far as it was read'),
    firstAt: z.string(),
    lastAt: z.string(),
    lastWords: z.boolean().optional().describe('the container ended in failure after it; that is why it is kept'),
    incomplete: z.boolean().optional().describe('more was written than could be read'),
  })
  .meta({ id: 'LogTemplate', description: 'What a container wrote again and again, told once.' });

export type LogTemplate = z.output<typeof templateSchema>;

export const listLogs = operation({
  name: 'logs',
  title: 'What containers wrote',
  description:
    'Lists what containers wrote that tells of trouble, the latest first: lines that differ only in values are one template, with a count, the first and last time and ' +
    'one example. Logs of pods that look unwell are read by themselves; those of others on request.',
  route: 'GET /logs',
  reads: 'estate',
  input: z.strictObject({
    resource: resourceInput.optional().describe('only what this resource wrote, or the pods that belong to it'),
    clusters: clustersInput,
    namespaces: namespacesInput,
    severities: commaList(z.enum(severities)).optional().describe('only of these severities'),
    contains: z.string().min(1).optional().describe('only messages with this text in them, in capitals or not'),
    read: z.boolean().default(false).describe('read the logs of its pods now, however well they are; needs `resource`'),
    ...pageInputs('templates', 100, 1_000),
  }),
  output: z.object({
    ...stampShape,
    items: z.array(templateSchema),
    total: z.int(),
    ...pageShape,
  }),
  examples: [
    { title: 'All errors', input: { severities: ['error', 'critical'] } },
    { title: 'What the pods of a Deployment wrote', input: { resource: 'Deployment/payments/payments-api' } },
  ],
  async run(context, { resource: text, severities: wanted, contains, read, limit, cursor, clusters, namespaces }) {
    const { view } = context;
    const resource = text === undefined ? undefined : resourceFrom(context, text);
    const writers = resource && writersOf(view, resource);
    if (read) await readNow(context, writers ?? []);
    const words = contains?.toLowerCase();
    const told = writers
      ? writers.flatMap((writer) => toldOf(view, writer.id))
      : view.resources({ kind: 'Occurrence' });
    const isWanted = ({ cluster, namespace, summary }: Resource): boolean =>
      summary['source'] === 'log' &&
      (clusters?.includes(cluster) ?? true) &&
      (namespaces?.includes(namespace) ?? true) &&
      (wanted === undefined || wanted.some((severity) => severity === summary['severity'])) &&
      (words === undefined || String(summary['message']).toLowerCase().includes(words));
    const found = [...told].filter(isWanted).map(templateOf);
    const { items, total, rest } = pageOf(found, latestFirst, { limit, cursor });
    return { ...stamp(context, { clusters, namespaces }), items: [...items], total, ...rest };
  },
});

const latestFirst: Order<LogTemplate> = [({ lastAt }) => -Date.parse(lastAt), ({ id }) => id];

function templateOf(resource: Resource): LogTemplate {
  const { subject, severity, reason = '', message = '', attributes = {} } = occurrenceOf(resource);
  const text = (key: string): string | undefined =>
    attributes[key] === undefined ? undefined : String(attributes[key]);
  const lastAt = text('lastAt') ?? resource.createdAt ?? '';
  const container = text('container') ?? text('k8s.container.name') ?? text('container_name');
  const category = text('category');
  return {
    id: resource.id,
    cluster: resource.cluster,
    namespace: resource.namespace,
    subject: `${subject.kind}/${subject.name}`,
    ...(container !== undefined && { container }),
    severity,
    reason,
    ...(category !== undefined && { category }),
    template: text('template') ?? message,
    message,
    count: Math.max(1, Math.trunc(Number(text('count') ?? 1)) || 1),
    firstAt: text('firstAt') ?? lastAt,
    lastAt,
    ...(text('lastWords') === 'true' && { lastWords: true }),
    ...(text('incomplete') === 'true' && { incomplete: true }),
  };
}

function toldOf(view: View, id: ResourceId): readonly Resource[] {
  return Array.from(view.in(id, 'ABOUT'), ({ from }) => view.get(from)).filter(
    (one): one is Resource => one?.kind === 'Occurrence' && one.pseudo,
  );
}

const STEPS = 4;
const WRITERS_MAX = 5_000;

/** A resource and the pods that belong to it: those that it owns, selects or routes to, those on a node or in a namespace. */
function writersOf(view: View, resource: Resource): readonly Resource[] {
  const { cluster, name } = resource;
  if (kindKey(resource) === '/Namespace')
    return [resource, ...view.resources({ cluster, group: '', kind: 'Pod', namespace: name })];
  const found = new Map([[resource.id, resource]]);
  let rim = [resource];
  for (let step = 0; step < STEPS && rim.length > 0; step++) {
    const next: Resource[] = [];
    for (const { id, kind } of rim) {
      const direction = kind === 'Node' ? 'in' : 'out';
      const wanted = kind === 'Node' ? ON_NODE : BELONGING;
      const visit = (_: string, other: Resource): boolean => {
        if (!found.has(other.id) && !other.pseudo) {
          found.set(other.id, other);
          next.push(other);
        }
        return found.size < WRITERS_MAX;
      };
      if (kind !== 'Pod') view.scan(id, direction, visit, (type) => wanted.has(type));
    }
    rim = next;
  }
  return [...found.values()];
}

const ON_NODE: ReadonlySet<string> = new Set(['RUNS_ON']);
const BELONGING: ReadonlySet<string> = new Set(['OWNS', 'SELECTS', 'ROUTES_TO']);
const READ_MAX = 20;

async function readNow({ logs, asOf }: Context, writers: readonly Resource[]): Promise<void> {
  const pods = writers.filter((writer) => kindKey(writer) === '/Pod');
  if (asOf) throw new Problem('invalid-input', 'read: of the past nothing can be read any more; ask without it');
  if (logs === undefined)
    throw new Problem(
      'unsupported',
      'read: logs can be read beside live clusters only, by "kube-kg serve" with logs.enabled.',
    );
  if (pods.length === 0) throw new Problem('invalid-input', 'read: name a pod, or what has pods, with "resource"');
  if (pods.length > READ_MAX)
    throw new Problem(
      'too-large',
      `read: it has ${pods.length} pods, and no more than ${READ_MAX} are read at once; name one of them`,
    );
  await logs.read(pods);
}

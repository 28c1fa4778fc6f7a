/**
 * Updates of a knowledge graph from outside: resources, edges and events in one body. Each becomes a record of the intake's own formats, so that it is
 * redacted, counted, and a dead letter where it cannot be taken; what is followed in its cluster is known better and stays as it is.
 */
import { z } from 'zod';
import type { Intake, Receipt } from '../../model/intake.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

const fields = z.record(z.string(), z.unknown());

const resourceUpdate = z.strictObject({
  action: z.enum(['CREATE', 'UPDATE', 'DELETE']),
  kind: z.string().min(1),
  uid: z.string().min(1),
  name: z.string().min(1),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  status: fields.optional(),
  spec: fields.optional(),
});

const end = z.string().min(1).describe('a uid, or `kind:namespace:name`');

const edgeUpdate = z.strictObject({
  action: z.enum(['CREATE', 'DELETE']),
  from: end,
  to: end,
  type: z.string().min(1),
  properties: fields.optional(),
});

const eventUpdate = z.strictObject({
  action: z.literal('CREATE').default('CREATE'),
  event_id: z.string().min(1),
  event_time: z.string().optional(),
  severity: z.string().default('INFO'),
  reason: z.string().default(''),
  message: z.string().default(''),
  subject_uid: end,
});

export const updateInput = z.strictObject({
  timestamp: z.string().optional(),
  cluster: z.string().optional().describe('of our own: default is the one that is followed'),
  resources: z.array(resourceUpdate).max(10_000).default([]),
  edges: z.array(edgeUpdate).max(10_000).default([]),
  events: z.array(eventUpdate).max(10_000).default([]),
});

export const batchInput = z.strictObject({ updates: z.array(updateInput).min(1).max(1_000) });

export const updateShape = z
  .object({
    status: z.literal('ok'),
    updated: z.int().describe('records that are in the graph now'),
    ignored: z.int().describe('of our own: records about what is followed in its cluster, which knows it better'),
    rejected: z.int().describe('of our own'),
    reasons: z.record(z.string(), z.int()).describe('of our own: why records were ignored or rejected'),
  })
  .meta({ id: 'KgUpdated' });

export type Update = z.output<typeof updateInput>;

/** Takes updates, in order. Throws `invalid-input` when none of them could be taken, `unsupported` where nothing is taken in. */
export async function update(
  intake: Intake | undefined,
  view: View,
  updates: readonly Update[],
): Promise<z.input<typeof updateShape>> {
  if (intake === undefined)
    throw new Problem(
      'unsupported',
      'Nothing is taken in here: it is turned off (intake.enabled), or a recording is served, to which nobody adds.',
    );
  const receipts: Receipt[] = [];
  const take = async (format: string, records: readonly object[], cluster: string | undefined): Promise<void> => {
    if (records.length === 0) return;
    const body = Buffer.from(JSON.stringify(records));
    receipts.push(await intake.take({ format, body, mediaType: 'application/json', cluster }));
  };
  for (const one of updates) {
    const { cluster } = one;
    await take(
      'state.k8s.resource',
      one.resources.map((each) => resourceRecord(each, one)),
      cluster,
    );
    const named = namesIn(view, one);
    await take(
      'state.k8s.topology',
      one.edges.map((each) => edgeRecord(each, one, named)),
      cluster,
    );
    await take(
      'events.normalized',
      one.events.map((each) => eventRecord(each, one, named)),
      cluster,
    );
  }
  const sum = (field: 'taken' | 'ignored' | 'rejected'): number =>
    receipts.reduce((all, receipt) => all + receipt[field], 0);
  const reasons = receipts.reduce<Record<string, number>>((all, receipt) => merged(all, receipt.reasons), {});
  if (sum('rejected') > 0 && sum('taken') + sum('ignored') === 0)
    throw new Problem(
      'invalid-input',
      `all ${sum('rejected')} records were rejected: ${Object.keys(reasons).join('; ')}`,
    );
  return { status: 'ok', updated: sum('taken'), ignored: sum('ignored'), rejected: sum('rejected'), reasons };
}

function merged(all: Record<string, number>, more: Readonly<Record<string, number>>): Record<string, number> {
  for (const [reason, count] of Object.entries(more)) all[reason] = (all[reason] ?? 0) + count;
  return all;
}

type Names = Pick<Resource, 'kind' | 'namespace' | 'name'> & { readonly uid?: string };

/** Whom a uid means: a resource of the graph, or one of the same update. */
function namesIn(view: View, { resources }: Update): (text: string) => Names | undefined {
  const own = new Map(resources.map(({ uid, kind, name, namespace = '' }) => [uid, { kind, namespace, name, uid }]));
  return (text) => {
    for (const cluster of view.clusters) {
      const known = view.get(`${cluster}/${text}`);
      if (known && !known.pseudo) return known;
    }
    const [kind = '', namespace = '', name] = text.split(/[:/]/);
    return own.get(text) ?? (name === undefined ? undefined : { kind, namespace, name });
  };
}

function resourceRecord({ action, ...rest }: Update['resources'][number], { timestamp, cluster }: Update): object {
  return { op: action === 'DELETE' ? 'DELETE' : 'UPSERT', at: timestamp, cluster, ...rest };
}

/** The ends as the format names them; one that nothing bears stays as it is, and is rejected there. */
function edgeRecord(
  { action, from, to, type }: Update['edges'][number],
  { timestamp, cluster }: Update,
  named: (text: string) => Names | undefined,
): object {
  const [start, end] = [from, to].map((text) => {
    const names = named(text);
    return names === undefined
      ? text
      : names.namespace === ''
        ? `${names.kind}:${names.name}`
        : `${names.kind}:${names.namespace}:${names.name}`;
  });
  return {
    op: action === 'DELETE' ? 'DELETE' : 'UPSERT',
    id: `${start} ${type} ${end}`,
    at: timestamp,
    cluster,
    from: start,
    to: end,
    type,
  };
}

function eventRecord(
  { action: _, subject_uid, ...rest }: Update['events'][number],
  { timestamp, cluster }: Update,
  named: (text: string) => Names | undefined,
): object {
  const names = named(subject_uid);
  const subject = names
    ? { kind: names.kind, ns: names.namespace, name: names.name, ...(names.uid && { uid: names.uid }) }
    : // Of whom only the uid is known: found when somebody bears it.
      { kind: 'Unknown', name: subject_uid, uid: subject_uid };
  return { ...rest, event_time: rest.event_time ?? timestamp, cluster, subject };
}

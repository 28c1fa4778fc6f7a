/**
 * Versions as audit events: the form in which a watch-history service and its clients speak of what was observed (docs/reference/watch-events.md).
 * Invariant: every field means what it means to those clients; what they do not know (`cluster`, `uid`, `changedBy`) stands beside it.
 */

import { z } from 'zod';
import { pluralOf } from '../../lib/plural.ts';
import type { KubeObject, ManagedFields, ObjectMeta } from '../../model/change.ts';
import { type GroupKind, kindKey } from '../../model/groups.ts';
import type { Version } from '../../model/history.ts';
import { compareText } from '../../model/order.ts';
import type { Context } from '../../operations/operation.ts';
import { definedKinds, type KnownKind, kindsNamed, knownKinds } from '../../operations/shared/kind-names.ts';

/** Who does everything, to those clients: it was watched, not audited. */
export const WATCHER = 'system:k8s-watcher';

const changerSchema = z.object({
  manager: z.string(),
  operation: z.string().optional().describe('Apply or Update'),
  subresource: z.string().optional(),
  time: z.string(),
});

export const auditEventSchema = z
  .object({
    timestamp: z.string().describe('when it was observed; RFC 3339, UTC, up to microseconds'),
    verb: z.enum(['create', 'update', 'delete']).describe('create: the first that was observed of it'),
    user: z.literal(WATCHER),
    namespace: z.string().describe('empty for what is cluster-scoped'),
    resourceType: z.string().describe('plural in lower case, as in the paths of the Kubernetes API'),
    resourceName: z.string(),
    responseStatus: z.literal(200),
    message: z.string().describe('for example `Update deployments shop/web`'),
    objectChanges: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('the object as it was, of what was deleted as it was last; secrets are redacted'),
    annotations: z.record(z.string(), z.string()).optional(),
    stage: z.literal('ResponseComplete'),
    requestURI: z.string().describe('names the object; no address of the Kubernetes API where its kind has a group'),
    cluster: z.string(),
    notBefore: z
      .string()
      .optional()
      .describe('set where nobody looked before `timestamp`: it happened at some time since then'),
    uid: z.string().optional(),
    changedBy: z
      .array(changerSchema)
      .optional()
      .describe('who wrote it last, as `metadata.managedFields` tell; several when they did within the same second'),
  })
  .meta({ id: 'AuditEvent', description: 'One observed version of an object, in the form of an audit log.' });

export type AuditEvent = z.infer<typeof auditEventSchema>;

/** The `resourceType` of a kind: the plural that the API server says, or the one that its name should have. */
export type ResourceTypes = (kind: GroupKind) => string;

/** Holds while the context does: kinds come and go with their definitions. */
export function resourceTypes(context: Context): ResourceTypes {
  const plurals = new Map(
    [...definedKinds(context), ...(context.kinds ?? [])].map((kind) => [kindKey(kind), kind.plural]),
  );
  return (kind) => (plurals.get(kindKey(kind)) || pluralOf(kind.kind)).toLowerCase();
}

/**
 * The kinds that a `resourceType` of a question means: as every question takes them, or by the plural that simple rules make. `observed`: kinds
 * of the history, of which there may be nothing any more.
 */
export function kindsOfType(context: Context, type: string, observed: readonly GroupKind[] = []): readonly KnownKind[] {
  const named = kindsNamed(context, type);
  if (named.length > 0) return named;
  const wanted = type.toLowerCase();
  return [...knownKinds(context), ...observed].filter(({ group, kind }) =>
    [kind.toLowerCase(), pluralOf(kind), simplePlural(kind)].some(
      (name) => wanted === name || wanted === `${name}.${group}`,
    ),
  );
}

/** `Gateway` → `gatewaies`: what clients ask for who make the plural as the service did. */
function simplePlural(kind: string): string {
  const word = kind.toLowerCase();
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}

const DONE = { create: 'Create', update: 'Update', delete: 'Delete' } as const;

export function auditEventOf({ at, notBefore, verb, of, object }: Version, types: ResourceTypes): AuditEvent {
  const { cluster, namespace, name, uid } = of;
  const type = types(of);
  const { annotations } = object.metadata;
  const changers = verb === 'delete' ? [] : changersOf(object);
  const content = contentOf(object);
  return {
    timestamp: at,
    verb,
    user: WATCHER,
    namespace,
    resourceType: type,
    resourceName: name,
    responseStatus: 200,
    message: `${DONE[verb]} ${type} ${namespace === '' ? name : `${namespace}/${name}`}`,
    ...(Object.keys(content).length > 0 && { objectChanges: content }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
    stage: 'ResponseComplete',
    requestURI: `/api/v1/${namespace === '' ? '' : `namespaces/${namespace}/`}${type}/${name}`,
    cluster,
    ...(notBefore !== undefined && { notBefore }),
    ...(uid !== '' && { uid }),
    ...(changers.length > 0 && { changedBy: changers }),
  };
}

/** What the API server keeps of an object for itself: left out of `objectChanges`. */
const BOOKKEEPING = new Set(['managedFields', 'resourceVersion', 'generation', 'selfLink', 'uid']);

function contentOf({ metadata, ...rest }: KubeObject): Record<string, unknown> {
  const kept = Object.entries(metadata ?? ({} as ObjectMeta)).filter(([key]) => !BOOKKEEPING.has(key));
  return { ...rest, ...(kept.length > 0 && { metadata: Object.fromEntries(kept) }) };
}

/** Those whose entry is the latest. Their time is exact to the second (meta/v1 ManagedFieldsEntry). */
function changersOf({ metadata }: KubeObject): z.infer<typeof changerSchema>[] {
  const dated = (metadata.managedFields ?? []).filter(
    (entry): entry is ManagedFields & { manager: string; time: string } =>
      typeof entry.manager === 'string' && typeof entry.time === 'string',
  );
  const latest = dated
    .map(({ time }) => time)
    .sort(compareText)
    .at(-1);
  return dated
    .filter(({ time }) => time === latest)
    .map(({ manager, operation, subresource, time }) => ({
      manager,
      ...(operation !== undefined && { operation }),
      ...(subresource !== undefined && subresource !== '' && { subresource }),
      time,
    }));
}

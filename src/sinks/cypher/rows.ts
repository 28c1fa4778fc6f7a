/**
 * Resource, edge, broken reference → node and edge of a Cypher store, embedded or Neo4j. The property names here are public: queries are
 * written against them (docs/reference/cypher.md).
 */
import type { Dangling, Edge, Evidence } from '../../model/edge.ts';
import type { Resource, Scalar } from '../../model/resource.ts';
import { type Time, timeFrom } from '../../model/time.ts';

/** A value that is an instant, in the words of the embedded store, so that it compares with `datetime()`. */
export interface Instant {
  readonly $zoned_datetime: Time;
}

export type Property = Scalar | Instant;
export type Properties = Readonly<Record<string, Property>>;

export interface NodeRow {
  readonly labels: readonly string[];
  /** `id` among them. */
  readonly properties: Properties & { readonly id: string };
}

/** An edge that leaves a node the message already names. */
export interface OutRow {
  readonly type: string;
  readonly to: string;
  readonly properties: Properties;
}

export interface EdgeRow extends OutRow {
  readonly from: string;
}

/** A broken reference: an edge LACKS to a node Missing, which is shared by all who lack the same. */
export interface LackRow {
  /** Identity of the reference and all that is said of it. */
  readonly key: string;
  readonly from: string;
  readonly missing: NodeRow;
  readonly properties: Properties;
}

/** Labels beside the kind. */
export const RESOURCE = 'Resource';
export const PSEUDO = 'Pseudo';
export const MISSING = 'Missing';
/** Type of the edge to what is missing. No edge of the graph itself ends at a Missing node. */
export const LACKS = 'LACKS';

/**
 * Labels: the kind, `Resource`, `Pseudo` for what is no Kubernetes object, and `Event` for every Occurrence. Properties: the identity fields, `createdAt`, `health`,
 * `healthReason`, `healthMessage`, every summary column under its own name, every label as `label.<key>`; Events and Occurrences have a
 * `timestamp`, when they were last seen. A column named like one of the fixed properties is `summary.<column>`.
 */
export function nodeRow(resource: Resource): NodeRow {
  const { id, uid, cluster, group, kind, namespace, name, createdAt, health } = resource;
  const fixed: Record<string, Property | undefined> = {
    id,
    uid,
    cluster,
    group,
    kind,
    namespace,
    name,
    createdAt: instantFrom(createdAt),
    health: health.status,
    healthReason: health.reason,
    healthMessage: health.message,
    timestamp: happenedAt(resource),
  };
  const properties: Record<string, Property> & { id: string } = { ...defined(fixed), id };
  merge(properties, resource.summary, NODE_NAMES, 'summary.');
  for (const [key, value] of Object.entries(resource.labels)) properties[`label.${key}`] = value;
  const labels = new Set([kind, RESOURCE]);
  if (resource.pseudo) labels.add(PSEUDO);
  // Other graphs have one label for whatever happens.
  if (resource.pseudo && kind === 'Occurrence') labels.add('Event');
  return { labels: [...labels], properties };
}

/** Evidence under its own names; the attributes that belong to this edge alone likewise, or as `attributes.<name>` where the name is taken. */
export function outRow({ type, to, detail }: Edge): OutRow {
  return { type, to, properties: evidenceProperties(detail) };
}

export function edgeRow(edge: Edge): EdgeRow {
  return { ...outRow(edge), from: edge.from };
}

/** `edge` is the type the reference would have had, `reason` why it has no target: missing, refused or stale. */
export function lackRow(dangling: Dangling, cluster: string): LackRow {
  const { type, from, target, detail } = dangling;
  const { group, kind, namespace, name, uid } = target;
  const id = [`${cluster}/~${MISSING}`, group, kind, namespace, name, ...(uid === undefined ? [] : [uid])].join('/');
  const missing = { id, cluster, group, kind, namespace, name, ...(uid !== undefined && { uid }) };
  const properties = { edge: type, reason: detail.reason, ...evidenceProperties(detail) };
  const key = `${from}|${id}|${JSON.stringify(properties)}`;
  return { key, from, missing: { labels: [MISSING], properties: missing }, properties };
}

function evidenceProperties(detail: Evidence): Properties {
  const { rule, field, confidence, value, via, more, optional, since, attributes } = detail;
  const properties: Record<string, Property> = defined({
    rule,
    field,
    class: detail.class,
    confidence,
    value,
    via,
    more,
    optional,
    since: instantFrom(since),
  });
  if (attributes) merge(properties, attributes, EDGE_NAMES, 'attributes.');
  return properties;
}

/** Columns of the summary of an Event that say when it was last seen, best first. */
const SEEN = ['lastSeen', 'lastTimestamp', 'timestamp'] as const;

function happenedAt({ kind, pseudo, group, summary, createdAt }: Resource): Instant | undefined {
  if (!(kind === 'Event' && group === '') && !(kind === 'Occurrence' && pseudo)) return undefined;
  for (const column of SEEN) {
    const instant = instantFrom(summary[column]);
    if (instant) return instant;
  }
  return instantFrom(createdAt);
}

/** Names that always mean the same, whether or not a resource or an edge has a value for them. */
export const NODE_NAMES = names(
  'id uid cluster group kind namespace name createdAt health healthReason healthMessage timestamp',
);
export const EDGE_NAMES = names('rule field class confidence value via more optional since edge reason');

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** Adds the values under their own names, with the prefix where a name is taken. Text that is an instant becomes one. */
function merge(
  properties: Record<string, Property>,
  values: Readonly<Record<string, Scalar>>,
  taken: ReadonlySet<string>,
  prefix: string,
): void {
  for (const [name, value] of Object.entries(values)) {
    const property = instantFrom(value) ?? value;
    if (typeof property === 'number' && !Number.isFinite(property)) continue;
    properties[taken.has(name) ? `${prefix}${name}` : name] = property;
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

function instantFrom(value: unknown): Instant | undefined {
  if (typeof value !== 'string' || !INSTANT.test(value)) return undefined;
  const time = timeFrom(value);
  return time === undefined || Number.isNaN(Date.parse(time)) ? undefined : { $zoned_datetime: time };
}

function defined<T extends Property>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const kept: Record<string, T> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) kept[name] = value;
  return kept;
}

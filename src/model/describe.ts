/** What the graph needs to know of one object; made by kinds, taken by graph, so that neither imports the other. */
import type { KubeObject, Occurrence } from './change.ts';
import type { Grant, Listener, Reference } from './reference.ts';
import type { Resource } from './resource.ts';
import type { Labels } from './selector.ts';
import type { Time } from './time.ts';

export interface Description {
  readonly resource: Resource;
  readonly references: readonly Reference[];
  /** Extra key/value pairs that selectors may match besides labels: taints, default-class marks, field values. */
  readonly selectable?: Labels;
  /** uids of the owners, for targets that must be owned. */
  readonly owners?: readonly string[];
  readonly grants?: readonly Grant[];
  readonly listeners?: readonly Listener[];
  /** Belongs to the bounded window of occurrences, ordered by this time: Events and what else happens rather than is. */
  readonly seenAt?: Time;
  /** Faults met while describing (a field of an unexpected shape); the resource is kept all the same. */
  readonly faults?: readonly string[];
}

/** Canonical group and kind of an object's apiVersion and kind: legacy API groups are folded into today's. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export interface Describer {
  /** Never throws; an object too broken to name returns a reason instead. */
  object(cluster: string, object: KubeObject): Description | { readonly reason: string };
  occurrence(cluster: string, at: Time, occurrence: Occurrence): Description;
  groupKind(apiVersion: string, kind: string): GroupKind;
}

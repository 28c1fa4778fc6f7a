/** What the graph needs to know of one object; made by kinds, taken by graph, so that neither imports the other. */
import type { KubeObject, Occurrence } from './change.ts';
import type { GroupKind } from './groups.ts';
import type { Grant, Listener, Reference, Rule } from './reference.ts';
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

export interface Describer {
  /** Never throws; an object too broken to name returns a reason instead. */
  object(cluster: string, object: KubeObject): Description | { readonly reason: string };
  occurrence(cluster: string, at: Time, occurrence: Occurrence): Description;
  /**
   * Tells which text fields, `key` of `holder`, name other objects by a relation that ends in them; `[*]` is the key of items of a list.
   * Never throws.
   */
  referencesIn(object: KubeObject): (holder: object, key: string) => boolean;
  /** The group and kind by which objects of an apiVersion and kind are known (`canonicalKind`). */
  groupKind(apiVersion: string, kind: string): GroupKind;
}

/** The rules in force, for what keeps statements longer than a process lasts. */
export interface Rules {
  /** What the rules say, as one text: another text, other rules. Code by which they find their targets is not in it. */
  text(): string;
  /** The rule in use that says the same. */
  rule(said: Rule): Rule;
}

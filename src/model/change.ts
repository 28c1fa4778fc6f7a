/**
 * What comes in: `Change`, one observed fact, the only way into the graph.
 * A recording is a file of these, one JSON object a line (docs/reference/recording.md).
 */
import type { EdgeType } from './edges.ts';
import type { ResourceId, Scalar } from './resource.ts';
import type { Time } from './time.ts';

/** Any value of a JSON document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** `metadata.ownerReferences[*]`, Kubernetes API `meta/v1 OwnerReference`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** The part of `meta/v1 ObjectMeta` that every kind shares. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFields[];
}

/** `metadata.managedFields[*]`, reduced at the source to who owns which fields. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: Json;
}

/** A Kubernetes object as the API serves it, already redacted. Read-only everywhere. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Names an object without its content. `uid` decides where present; the rest is its alias. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string };
}

/** All objects of one kind, in one namespace or (without it) everywhere. */
export interface Scope {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
}

export type Severity = 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** Something that happened and is not an object: a log line, an alert, a probe result, a collector's event. */
export interface Occurrence {
  readonly id?: string;
  readonly source: string;
  readonly subject: {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly apiVersion?: string;
    readonly cluster?: string;
  };
  readonly severity: Severity;
  readonly reason?: string;
  readonly message?: string;
  readonly attributes?: Readonly<Record<string, Json>>;
  /** When it happened, where its teller says so; never after it was observed. */
  readonly occurredAt?: Time;
}

/**
 * How well a scope is observed.
 * `loading` first list not complete · `ready` complete and followed · `forbidden` we may not look (HTTP 403) ·
 * `excluded` left out by configuration · `absent` the API no longer serves it ·
 * `broken` was ready, the watch is down: what happens now is a gap.
 */
export type Coverage = 'loading' | 'ready' | 'forbidden' | 'excluded' | 'absent' | 'broken';

/** That something which happened has to do with something else that is known. */
export interface SaidRelation {
  readonly edge: EdgeType;
  /** Id of the other end, in the same cluster. It may come later, and go. */
  readonly target: ResourceId;
  /** The edge runs from the other end to the one it is said of. */
  readonly reverse?: boolean;
  /** 0..1; 1 when it is not said. */
  readonly confidence?: number;
  readonly attributes?: Readonly<Record<string, Scalar>>;
}

/** One observed fact. `at` is when the observer saw it; `cluster` names the observer's cluster. */
export type Change =
  | { readonly type: 'apply'; readonly at: Time; readonly cluster: string; readonly object: KubeObject }
  | { readonly type: 'delete'; readonly at: Time; readonly cluster: string; readonly object: ObjectRef }
  | {
      readonly type: 'reset';
      readonly at: Time;
      readonly cluster: string;
      readonly scope: Scope;
      /** Everything in scope: what is not listed here is gone. */
      readonly objects: readonly KubeObject[];
    }
  | { readonly type: 'occur'; readonly at: Time; readonly cluster: string; readonly occurrence: Occurrence }
  | {
      /** Not observed but concluded: replaces what was concluded of that one before, stays while it is there, and goes with it. */
      readonly type: 'relate';
      readonly at: Time;
      readonly cluster: string;
      readonly of: ResourceId;
      readonly relations: readonly SaidRelation[];
    }
  | {
      readonly type: 'observe';
      readonly at: Time;
      readonly cluster: string;
      readonly scope: Scope;
      readonly coverage: Coverage;
      readonly message?: string;
      /** `broken`: the last sign of life, where that is earlier than `at`. The gap begins there. */
      readonly since?: Time;
      /** `ready` after `broken`: the watch was taken up where it ended, everything was told, only late; that interval is no gap. */
      readonly resumed?: boolean;
    };

/** API group of an `apiVersion`: `apps/v1` → `apps`, `v1` → `` (core). */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Names an object by its group and kind; the version, which is no part of what it is, is a guess. */
export function objectRef({
  group,
  kind,
  namespace,
  name,
  uid,
}: Readonly<Record<'group' | 'kind' | 'namespace' | 'name' | 'uid', string>>): ObjectRef {
  const apiVersion = group === '' ? 'v1' : `${group}/v1`;
  return { apiVersion, kind, metadata: { name, ...(namespace !== '' && { namespace }), ...(uid !== '' && { uid }) } };
}

/**
 * What ONE object says about others, unresolved. The graph resolves references into edges and keeps them resolved as objects come and go,
 * so whoever emits a reference never looks at a second object, and the order of arrival does not matter.
 */
import type { EdgeType } from './edges.ts';
import type { Scalar } from './resource.ts';
import type { Selector } from './selector.ts';

/**
 * exact: the object names its target · selector: computed from labels, exact at an instant ·
 * naming: a documented naming convention · heuristic: looks like a reference.
 */
export type Confidence = 'exact' | 'selector' | 'naming' | 'heuristic';

/** The number shown for each class, 0..1. */
export const confidenceValue: Readonly<Record<Confidence, number>> = {
  exact: 1,
  selector: 1,
  naming: 0.8,
  heuristic: 0.6,
};

/** The static part of a statement, shared by every object that makes it: one row of docs/reference/relationships.md. */
export interface Rule {
  /** Stable id, `declaring-kind/what`, for example `pod-template/volume-secret`. */
  readonly id: string;
  readonly edge: EdgeType;
  readonly confidence: Confidence;
  /** Overrides the class's number. */
  readonly certainty?: number;
  /** The edge runs from the target to the declaring object (an owned object names its owner). */
  readonly reverse?: boolean;
  /** The statement is made by a template for objects that it will create. */
  readonly via?: 'template';
}

export type Namespaces =
  | { readonly type: 'all' }
  | { readonly type: 'names'; readonly names: readonly string[] }
  | { readonly type: 'labels'; readonly selector: Selector };

/** Conditions under which a named target may be used across namespaces. */
export type Guard =
  /** Another namespace needs a Gateway API ReferenceGrant there. */
  | { readonly type: 'grant' }
  /** The Gateway's listener must allow the route's namespace (`allowedRoutes`); `section` names the listener, `port` its port. */
  | { readonly type: 'listener'; readonly section?: string; readonly port?: number };

export type Target =
  | {
      readonly by: 'name';
      readonly group: string;
      readonly kind: string;
      /** `` for cluster-scoped targets. */
      readonly namespace: string;
      readonly name: string;
      /** The object of that name must have this uid, where its uid is known. */
      readonly uid?: string;
      /** The object of that name must be owned by the declaring object; by anybody, where the uid of that is not known. */
      readonly owned?: boolean;
      /** The object of that name must carry these labels. */
      readonly labels?: Selector;
      readonly guard?: Guard;
    }
  | {
      /**
       * By uid, whatever the bearer is called. Before such an object is known, one of exactly this kind and name whose own uid nobody knows
       * (a manifest, a hand-written file) is taken for it.
       */
      readonly by: 'id';
      readonly uid: string;
      readonly group: string;
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
      /** Owners must be cluster-scoped or in the namespace of the declaring object. */
      readonly sameNamespace?: boolean;
    }
  | {
      readonly by: 'labels';
      readonly group: string;
      readonly kind: string;
      readonly selector: Selector;
      readonly namespaces: Namespaces;
      /** Of those that match only the newest, of equally old ones the first by name: how the API chooses among several default classes. */
      readonly newest?: boolean;
    }
  | {
      readonly by: 'pseudo';
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
      /** Being named does not make it: it is there in its own right (an occurrence, an incident), or not at all. */
      readonly existing?: true;
    };

export interface Reference {
  readonly rule: Rule;
  readonly target: Target;
  /** Concrete field path, `spec.volumes[2].secret.secretName`. */
  readonly field: string;
  /** The field's value where it says more than the target's name. */
  readonly value?: string;
  /** `optional: true`: a missing target is not breakage. */
  readonly optional?: boolean;
  /** What belongs to this edge alone: port, host and path, key, weight. */
  readonly attributes?: Readonly<Record<string, Scalar>>;
}

/** A permission that one object gives for references across namespaces (Gateway API ReferenceGrant). */
export interface Grant {
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[];
}

/** Which namespaces may attach to a listener of this object (Gateway API `allowedRoutes.namespaces`, default Same). */
export interface Listener {
  readonly section: string;
  readonly port?: number;
  readonly from: 'Same' | 'All' | 'None' | { readonly selector: Selector };
  /** Kinds allowed; undefined allows every kind the protocol does. */
  readonly kinds?: readonly { readonly group: string; readonly kind: string }[];
}

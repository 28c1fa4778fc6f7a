/** An edge of the graph with the evidence for it, and a reference that found no target. */
import type { EdgeType } from './edges.ts';
import type { Confidence } from './reference.ts';
import type { ResourceId, Scalar } from './resource.ts';
import type { Time } from './time.ts';

/** Why we say so. */
export interface Evidence {
  readonly rule: string;
  /** Concrete path of the field in the declaring object. */
  readonly field: string;
  readonly class: Confidence;
  /** 0..1 */
  readonly confidence: number;
  readonly value?: string;
  /** The statement stands in a template and holds for what it will create. */
  readonly via?: 'template';
  /** How many more statements support the same edge; `field` is the first of them in text order (then by rule, declarer, value). */
  readonly more?: number;
  readonly attributes?: Readonly<Record<string, Scalar>>;
  /** The target may be missing (`optional: true` in every statement of the edge): losing it breaks nothing. */
  readonly optional?: boolean;
  /** When the edge came to be, as far as observed. Not part of an edge's identity or equality. */
  readonly since?: Time;
}

/** At most one of a type joins the same two resources in the same direction, and none joins a resource with itself. */
export interface Edge {
  readonly type: EdgeType;
  readonly from: ResourceId;
  readonly to: ResourceId;
  readonly detail: Evidence;
}

/**
 * missing: no such object · refused: it exists but may not be used (no ReferenceGrant, listener does not allow the namespace) ·
 * stale: the name exists, but it is another object (uid or owner differs).
 */
export type DanglingReason = 'missing' | 'refused' | 'stale';

/**
 * An exact reference without a usable target: what is broken. A missing target of an optional reference is not broken and not listed;
 * a stale or refused one is, optional or not.
 */
export interface Dangling {
  readonly type: EdgeType;
  readonly from: ResourceId;
  readonly target: {
    readonly group: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly detail: Evidence & { readonly reason: DanglingReason; readonly optional: boolean };
}

/** Rules of edges that were concluded (`relate`), by what they begin with. */
export const CONCLUDED = 'said#';

/** Whether an edge was concluded, not declared by any object: it is no fact to be remembered. */
export function isConcluded({ rule }: Pick<Evidence, 'rule'>): boolean {
  return rule.startsWith(CONCLUDED);
}

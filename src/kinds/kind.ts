/**
 * What a kind's file says: `kind({...})` with its names, what people see of it, and its relations.
 * A relation is data: an edge type, a field path pattern and a target. It sees one object only; the graph does the rest.
 */

import type { KubeObject } from '../model/change.ts';
import type { EdgeType } from '../model/edges.ts';
import type { Grant, Listener, Rule, Target } from '../model/reference.ts';
import type { Health, Scalar } from '../model/resource.ts';
import type { Labels } from '../model/selector.ts';
import type { Step } from './path.ts';

/** Names a kind of object and says where its objects live. */
export interface KindRef {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Raw JSON of an API type: as served, dates are text. */
export type Raw<T> = T extends Date
  ? string
  : T extends readonly (infer U)[]
    ? readonly Raw<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Raw<T[K]> }
      : T;

/** What a relation may look at: the value its pattern found, the way to it, and the object it stands in. */
export interface Found {
  readonly value: unknown;
  readonly object: KubeObject;
  /** Namespace of the declaring object, `` when cluster-scoped. */
  readonly namespace: string;
  readonly name: string;
  readonly steps: readonly Step[];
  /** The container `levels` above the value: 1 is the object or list that holds it. */
  up(levels: number): unknown;
  /**
   * Kind for a reference that names its kind itself. Without a group, the first kind of that name in the table.
   * Where the objects of a kind live that the table does not know is guessed by its name.
   */
  lookup(group: string | undefined, kind: string): KindRef & { readonly guessed?: true };
  /** Kind for a reference that names a resource instead (`services`, `pods/log`); undefined when the table does not know it. */
  resource(group: string, plural: string): KindRef | undefined;
}

/** One resolved target of a relation. */
export interface Outcome {
  readonly target: Target;
  /** Appended to the matched path to name the exact field, for example `.name`. */
  readonly suffix?: string;
  readonly value?: string;
  readonly optional?: boolean;
  readonly attributes?: Readonly<Record<string, Scalar>>;
}

/** One row of the relations table. */
export interface Relation {
  /** Tells rows of one kind apart whose path and edge are the same, for example the kind that each leads to. Part of the rule's id. */
  readonly variant?: string;
  readonly edge: EdgeType;
  readonly path: string;
  /** Target kinds as the documentation names them. */
  readonly to: string;
  readonly confidence: Rule['confidence'];
  readonly certainty?: number;
  readonly reverse?: boolean;
  readonly via?: 'template';
  /** For the documentation: what a reader must know beyond the row. */
  readonly note?: string;
  resolve(found: Found): Outcome | readonly Outcome[] | undefined;
}

export interface Kind<T = unknown> extends KindRef {
  readonly plural: string;
  /** Made by this program and no Kubernetes object, though it has content like one. Its group is that of pseudo resources, ``. */
  readonly pseudo?: true;
  /** As the API's discovery gives them: `po`. */
  readonly shortNames?: readonly string[];
  readonly relations?: readonly Relation[];
  /** Columns of `kubectl get` without name, namespace and age. Values undefined are left out. */
  summary?(object: Raw<T>): Record<string, Scalar | undefined>;
  health?(object: Raw<T>): Health;
  /** Its work is over or not wanted (a finished pod, a superseded revision): what it names and is gone is no breakage. */
  idle?(object: Raw<T>): boolean;
  /** Facts besides labels that selectors may match (see Description.selectable). */
  selectable?(object: Raw<T>): Labels | undefined;
  /** For kinds that happen rather than are (Event): when it was last seen; they live in a bounded window. */
  seenAt?(object: Raw<T>): string | undefined;
  grants?(object: Raw<T>): readonly Grant[];
  listeners?(object: Raw<T>): readonly Listener[];
}

/** Declares a kind. `T` is the API's type of it. The name `*` stands for every kind of the group that has no row of its own. */
export function kind<T>(definition: Omit<Kind<T>, 'kind'> & { readonly name: string }): Kind {
  const { name, ...rest } = definition;
  return { ...rest, kind: name } as Kind as never;
}

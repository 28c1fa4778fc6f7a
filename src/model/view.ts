/** Reading the graph: live, or (from a history) as it was. A View is consistent between two commits; read it synchronously. */
import type { Coverage } from './change.ts';
import type { Dangling, Edge } from './edge.ts';
import type { EdgeType } from './edges.ts';
import type { GroupKind } from './groups.ts';
import type { Resource, ResourceId } from './resource.ts';
import type { Time } from './time.ts';

/** How well one kind of one cluster is observed. `namespace` is `` when the whole cluster is. */
export interface ScopeCoverage {
  readonly cluster: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly coverage: Coverage;
  readonly since: Time;
  readonly message?: string;
}

/** An interval in which a scope was not observed. `to` is absent while it lasts. */
export interface Gap {
  readonly cluster: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly from: Time;
  readonly to?: Time;
}

export interface ResourceName {
  readonly cluster: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Narrows a scan; every given field must match. */
export interface ResourceFilter {
  readonly cluster?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
}

/**
 * What a scan tells of an edge: its type, the resource at the other end, and, when asked, whether the edge's target is optional. `optional`
 * is valid during the call only. Returning false ends the scan.
 */
export type EdgeVisitor = (type: EdgeType, other: Resource, optional: () => boolean) => unknown;

export interface View {
  /** Number of the last commit seen; 0 before the first. */
  readonly revision: number;
  /** Time of the last change seen. */
  readonly at: Time | undefined;
  readonly clusters: readonly string[];
  readonly resourceCount: number;
  readonly edgeCount: number;

  get(id: ResourceId): Resource | undefined;
  byName(name: ResourceName): Resource | undefined;
  /** All resources, or those of the filter; order is not defined. */
  resources(filter?: ResourceFilter): Iterable<Resource>;
  /** Kinds of which there are resources, without walking those; one may come more than once. */
  kinds(): Iterable<GroupKind>;
  edges(): Iterable<Edge>;
  /** Edges that leave a resource, all or of one type. */
  out(id: ResourceId, type?: EdgeType): Iterable<Edge>;
  /** Edges that reach a resource, all or of one type. */
  in(id: ResourceId, type?: EdgeType): Iterable<Edge>;
  /** Edges that leave or reach a resource, without the computed ones: what walks follow and diffs report. */
  stored(id: ResourceId, direction: 'out' | 'in'): Iterable<Edge>;
  /**
   * The same without making edges, for walks: calls back for each edge of the wanted types (all, when not said) until the callback returns false.
   */
  scan(id: ResourceId, direction: 'out' | 'in', visit: EdgeVisitor, wants?: (type: EdgeType) => boolean): void;
  /** The stored edge of a type between two resources. */
  edge(type: EdgeType, from: ResourceId, to: ResourceId): Edge | undefined;
  /** Number of edges that leave or reach it, without walking them; computed edges are not counted. */
  degree(id: ResourceId): { readonly out: number; readonly in: number };
  /** Broken references: all, or those that one resource declares. */
  dangling(id?: ResourceId): Iterable<Dangling>;
  coverage(): readonly ScopeCoverage[];
  gaps(): readonly Gap[];
}

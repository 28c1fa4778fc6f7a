/**
 * The algebra of differences: squash, invert, isEmpty. Everything that follows the graph (feed, sinks, browsers) is built on it.
 * Laws (SPEC D1–D5): squash is associative; a diff squashed with its inverse is empty; applying a squash equals applying its parts.
 */
import type { Edge } from './edge.ts';
import type { Resource } from './resource.ts';

export interface Updated<T> {
  readonly from: T;
  readonly to: T;
}

/** No value stands in more than one of the three lists, and none twice in one. */
export interface Diff<T> {
  readonly added: readonly T[];
  readonly updated: readonly Updated<T>[];
  readonly removed: readonly T[];
}

export interface GraphDiff {
  readonly resources: Diff<Resource>;
  readonly edges: Diff<Edge>;
}

export const emptyDiff: Diff<never> = { added: [], updated: [], removed: [] };
export const emptyGraphDiff: GraphDiff = { resources: emptyDiff, edges: emptyDiff };

export function isEmpty(diff: GraphDiff): boolean {
  return size(diff) === 0;
}

/** How many entries a diff has; what bounds a window of diffs. */
export function size({ resources, edges }: GraphDiff): number {
  return count(resources) + count(edges);
}

function count(diff: Diff<unknown>): number {
  return diff.added.length + diff.updated.length + diff.removed.length;
}

/** The diff that takes it back. */
export function invert(diff: GraphDiff): GraphDiff {
  return { resources: invertOne(diff.resources), edges: invertOne(diff.edges) };
}

function invertOne<T>(diff: Diff<T>): Diff<T> {
  return {
    added: diff.removed,
    updated: diff.updated.map(({ from, to }) => ({ from: to, to: from })),
    removed: diff.added,
  };
}

/** One diff with the effect of all of them, in order. */
export function squash(diffs: readonly GraphDiff[]): GraphDiff {
  if (diffs.length === 1 && diffs[0] !== undefined) return diffs[0];
  return {
    resources: squashAll(
      diffs.map((diff) => diff.resources),
      (resource) => resource.id,
    ),
    edges: squashAll(
      diffs.map((diff) => diff.edges),
      edgeKey,
    ),
  };
}

/** Identity of an edge: at most one of a type joins the same two resources in the same direction. */
export function edgeKey(edge: Pick<Edge, 'type' | 'from' | 'to'>): string {
  return `${edge.type}|${edge.from}|${edge.to}`;
}

/** `before` undefined: was not there; `after` undefined: is no longer there. */
interface Net<T> {
  readonly before: T | undefined;
  after: T | undefined;
}

function squashAll<T>(diffs: readonly Diff<T>[], keyOf: (value: T) => string): Diff<T> {
  const net = new Map<string, Net<T>>();
  const step = (key: string, before: T | undefined, after: T | undefined): void => {
    const known = net.get(key);
    if (known) known.after = after;
    else net.set(key, { before, after });
  };
  for (const diff of diffs) {
    for (const value of diff.removed) step(keyOf(value), value, undefined);
    for (const { from, to } of diff.updated) step(keyOf(to), from, to);
    for (const value of diff.added) step(keyOf(value), undefined, value);
  }
  return diffFromNet(net.values());
}

function diffFromNet<T>(entries: Iterable<Net<T>>): Diff<T> {
  const added: T[] = [];
  const updated: Updated<T>[] = [];
  const removed: T[] = [];
  for (const { before, after } of entries) {
    if (before === undefined) {
      if (after !== undefined) added.push(after);
    } else if (after === undefined) removed.push(before);
    else if (before !== after) updated.push({ from: before, to: after });
  }
  return { added, updated, removed };
}

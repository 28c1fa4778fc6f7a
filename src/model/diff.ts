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
  return foldAll(diffs, netEffect);
}

/**
 * One diff that brings any state between the first diff and the last to the state after the last: everything touched stands in it, as
 * added or updated with what it is now, or as removed, also what came and went. A squash would leave that out, and a store that was
 * read into meanwhile would keep it.
 */
export function settle(diffs: readonly GraphDiff[]): GraphDiff {
  return foldAll(diffs, finalState);
}

/** Identity of an edge: at most one of a type joins the same two resources in the same direction. */
export function edgeKey(edge: Pick<Edge, 'type' | 'from' | 'to'>): string {
  return `${edge.type}|${edge.from}|${edge.to}`;
}

/** What became of one value: `before` undefined when it was not there. */
interface Course<T> {
  readonly before: T | undefined;
  /** The last value it had, also when it is gone. */
  value: T;
  there: boolean;
}

type Ending = <T>(courses: Iterable<Course<T>>) => Diff<T>;

function foldAll(diffs: readonly GraphDiff[], ending: Ending): GraphDiff {
  return {
    resources: ending(
      fold(
        diffs.map((diff) => diff.resources),
        (resource) => resource.id,
      ),
    ),
    edges: ending(
      fold(
        diffs.map((diff) => diff.edges),
        edgeKey,
      ),
    ),
  };
}

function fold<T>(diffs: readonly Diff<T>[], keyOf: (value: T) => string): Iterable<Course<T>> {
  const courses = new Map<string, Course<T>>();
  const step = (before: T | undefined, value: T, there: boolean): void => {
    const key = keyOf(value);
    const known = courses.get(key);
    if (known) Object.assign(known, { value, there });
    else courses.set(key, { before, value, there });
  };
  for (const diff of diffs) {
    for (const value of diff.removed) step(value, value, false);
    for (const { from, to } of diff.updated) step(from, to, true);
    for (const value of diff.added) step(undefined, value, true);
  }
  return courses.values();
}

function netEffect<T>(courses: Iterable<Course<T>>): Diff<T> {
  const added: T[] = [];
  const updated: Updated<T>[] = [];
  const removed: T[] = [];
  for (const { before, value, there } of courses) {
    if (before === undefined) {
      if (there) added.push(value);
    } else if (!there) removed.push(before);
    else if (before !== value) updated.push({ from: before, to: value });
  }
  return { added, updated, removed };
}

function finalState<T>(courses: Iterable<Course<T>>): Diff<T> {
  const added: T[] = [];
  const updated: Updated<T>[] = [];
  const removed: T[] = [];
  for (const { before, value, there } of courses) {
    if (!there) removed.push(value);
    else if (before === undefined) added.push(value);
    else updated.push({ from: before, to: value });
  }
  return { added, updated, removed };
}

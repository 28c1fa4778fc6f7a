/** Collects what one commit does; at its end, only what differs from before counts. */
import { type Diff, edgeKey, type GraphDiff, type Updated } from '../model/diff.ts';
import type { Edge, Evidence } from '../model/edge.ts';
import { freeze } from '../model/freeze.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import type { Node } from './node.ts';
import { sameJson } from './sameness.ts';
import { edgeOf, type Store } from './store.ts';

export class Changeset {
  /** Time of the change being applied. */
  at: Time = '';
  readonly #store: Store;
  readonly #resources = new Map<ResourceId, Resource | undefined>();
  /** Links that this commit made, and that are still there. */
  readonly #added = new Set<number>();
  readonly #removed = new Map<string, Edge>();
  /** Links from before whose evidence may have changed, as they were. */
  readonly #touched = new Map<number, Edge>();
  /** Rows to be released; no row stands for two links within a commit. */
  readonly #unhung: number[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Call before a resource is added (`before` undefined), replaced or removed. */
  resource(id: ResourceId, before: Resource | undefined): void {
    if (!this.#resources.has(id)) this.#resources.set(id, before);
  }

  /** A link that came, or came back within this commit: then it keeps its age. */
  linked(link: number): void {
    const key = this.#removed.size === 0 ? '' : keyOf(this.#store, link);
    const before = this.#removed.get(key);
    if (before === undefined) {
      this.#added.add(link);
      return;
    }
    this.#removed.delete(key);
    this.#store.links.setSince(link, before.detail.since ?? this.at);
    this.#touched.set(link, before);
  }

  /** Call before a link is unhung; its row is released when the commit ends. */
  unlinked(link: number): void {
    this.#unhung.push(link);
    if (this.#added.delete(link)) return;
    this.#removed.set(keyOf(this.#store, link), this.#touched.get(link) ?? edgeOf(this.#store, link));
    this.#touched.delete(link);
  }

  /** Call before the evidence of a link changes. */
  touch(link: number): void {
    if (!this.#added.has(link) && !this.#touched.has(link)) this.#touched.set(link, edgeOf(this.#store, link));
  }

  /** Call when the last change of the commit is applied. */
  end(): void {
    for (const link of this.#unhung) this.#store.links.release(link);
  }

  /** The commit's diff. Call after `end`, before the next commit begins. */
  diff(nodes: ReadonlyMap<ResourceId, Node>): GraphDiff {
    return { resources: this.#resourceDiff(nodes), edges: this.#edgeDiff() };
  }

  #resourceDiff(nodes: ReadonlyMap<ResourceId, Node>): Diff<Resource> {
    const added: Resource[] = [];
    const updated: Updated<Resource>[] = [];
    const removed: Resource[] = [];
    for (const [id, before] of this.#resources) {
      const after = nodes.get(id)?.resource;
      if (before === undefined) {
        if (after !== undefined) added.push(after);
      } else if (after === undefined) removed.push(before);
      else if (before !== after) updated.push({ from: before, to: after });
    }
    return { added, updated, removed };
  }

  #edgeDiff(): Diff<Edge> {
    const added = Array.from(this.#added, (link) => freeze(edgeOf(this.#store, link)));
    const updated: Updated<Edge>[] = [];
    for (const [link, from] of this.#touched) {
      const to = edgeOf(this.#store, link);
      if (!sameEvidence(from.detail, to.detail)) updated.push({ from, to });
    }
    return { added, updated, removed: [...this.#removed.values()] };
  }
}

function keyOf({ links }: Store, link: number): string {
  return edgeKey({ type: links.type(link), from: links.from(link).resource.id, to: links.to(link).resource.id });
}

function sameEvidence(a: Evidence, b: Evidence): boolean {
  return (
    a.rule === b.rule &&
    a.field === b.field &&
    a.confidence === b.confidence &&
    a.value === b.value &&
    a.more === b.more &&
    a.optional === b.optional &&
    sameJson(a.attributes, b.attributes)
  );
}

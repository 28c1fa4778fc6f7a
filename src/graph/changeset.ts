/** Collects what one commit does; at its end, only what differs from before counts. */
import { type Diff, edgeKey, type GraphDiff, type Updated } from '../model/diff.ts';
import type { Edge, Evidence } from '../model/edge.ts';
import { freeze } from '../model/freeze.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import type { Node } from './node.ts';
import { edgeOf, type Store } from './store.ts';

/** Marks a link that is gone before its commit ended. */
const DEAD = -1;

export class Changeset {
  readonly number: number;
  /** Time of the change being applied. */
  at: Time = '';
  readonly #store: Store;
  readonly #resources = new Map<ResourceId, Resource | undefined>();
  readonly #added: number[] = [];
  readonly #removed = new Map<string, { readonly edge: Edge; readonly born: number }>();
  readonly #touched = new Map<number, Edge>();
  readonly #unhung: number[] = [];

  constructor(store: Store, number: number) {
    this.#store = store;
    this.number = number;
  }

  /** Call before a resource is added (`before` undefined), replaced or removed. */
  resource(id: ResourceId, before: Resource | undefined): void {
    if (!this.#resources.has(id)) this.#resources.set(id, before);
  }

  /** A link that came, or came back within this commit: then it keeps its age. */
  linked(link: number): void {
    const { links } = this.#store;
    const key = this.#removed.size === 0 ? '' : keyOf(this.#store, link);
    const before = key === '' ? undefined : this.#removed.get(key);
    if (before === undefined) {
      this.#added.push(link);
      return;
    }
    this.#removed.delete(key);
    links.setSince(link, before.edge.detail.since ?? this.at);
    links.setBorn(link, before.born);
    this.#touched.set(link, before.edge);
  }

  /** Call before a link is unhung; its row is released when the commit ends. */
  unlinked(link: number): void {
    const { links } = this.#store;
    const born = links.born(link);
    this.#unhung.push(link);
    if (born !== this.number) {
      this.#removed.set(keyOf(this.#store, link), { edge: this.#touched.get(link) ?? edgeOf(this.#store, link), born });
      this.#touched.delete(link);
    }
    links.setBorn(link, DEAD);
  }

  /** Call before the evidence of a link changes. */
  touch(link: number): void {
    if (this.#store.links.born(link) !== this.number && !this.#touched.has(link))
      this.#touched.set(link, edgeOf(this.#store, link));
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
    const added: Edge[] = [];
    for (const link of this.#added) {
      if (this.#store.links.born(link) === this.number) added.push(freeze(edgeOf(this.#store, link)));
    }
    const updated: Updated<Edge>[] = [];
    for (const [link, from] of this.#touched) {
      const to = edgeOf(this.#store, link);
      if (!sameEvidence(from.detail, to.detail)) updated.push({ from, to });
    }
    return { added, updated, removed: [...this.#removed.values()].map(({ edge }) => edge) };
  }
}

function keyOf({ links }: Store, link: number): string {
  return edgeKey({ type: links.type(link), from: links.from(link).resource.id, to: links.to(link).resource.id });
}

function sameEvidence(a: Evidence, b: Evidence): boolean {
  return (
    a.rule === b.rule &&
    a.field === b.field &&
    a.value === b.value &&
    a.more === b.more &&
    a.optional === b.optional &&
    JSON.stringify(a.attributes) === JSON.stringify(b.attributes)
  );
}

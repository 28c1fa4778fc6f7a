/**
 * Which broken references a Cypher store has been told of. A diff does not carry them, so whoever writes one compares with the view.
 * Invariant: every row is told once, until it goes or its resource does.
 */
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type LackRow, lackRow } from './rows.ts';

/** Names a broken reference that the store was told of. */
export type LackName = Pick<LackRow, 'from' | 'key'>;

export interface LackChanges {
  readonly came: LackRow[];
  readonly went: readonly LackName[];
  readonly revision: number;
}

export class Lacking {
  /** Keys by the resource that lacks. */
  readonly #told = new Map<ResourceId, Set<string>>();
  #revision: number | undefined;

  clear(): void {
    this.#told.clear();
    this.#revision = undefined;
  }

  /** Takes the view's as told, and returns what that changes. */
  compare(view: View): LackChanges {
    const { revision } = view;
    const came: LackRow[] = [];
    if (revision === this.#revision) return { came, went: [], revision };
    this.#revision = revision;
    const before = new Map<string, ResourceId>();
    for (const [from, keys] of this.#told) for (const key of keys) before.set(key, from);
    for (const dangling of view.dangling()) {
      const resource = view.get(dangling.from);
      if (resource === undefined) continue;
      const row = lackRow(dangling, resource.cluster);
      if (before.delete(row.key) || this.#keys(row.from).has(row.key)) continue;
      this.#keys(row.from).add(row.key);
      came.push(row);
    }
    for (const [from, keys] of this.#told) {
      for (const key of keys) if (before.has(key)) keys.delete(key);
      if (keys.size === 0) this.#told.delete(from);
    }
    return { came, went: Array.from(before, ([key, from]) => ({ key, from })), revision };
  }

  #keys(from: ResourceId): Set<string> {
    let keys = this.#told.get(from);
    if (keys === undefined) {
      keys = new Set();
      this.#told.set(from, keys);
    }
    return keys;
  }

  /** These were not taken, since the view was ahead of the store: they are compared again, also at the same revision. */
  unplaced(unplaced: readonly string[], revision: number): void {
    if (unplaced.length === 0) return;
    for (const keys of this.#told.values()) for (const key of unplaced) keys.delete(key);
    if (this.#revision === revision) this.#revision = undefined;
  }

  /** The resources go, and with them what they lack. */
  forget(resources: readonly Resource[]): readonly LackName[] {
    const names: LackName[] = [];
    for (const { id } of resources) {
      for (const key of this.#told.get(id) ?? []) names.push({ from: id, key });
      this.#told.delete(id);
    }
    return names;
  }
}

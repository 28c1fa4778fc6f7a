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
  readonly came: readonly LackRow[];
  readonly went: readonly LackName[];
}

/** What is compared: all there is unless it says otherwise. */
export interface LackChoice {
  readonly clusters?: readonly string[];
  readonly resources?: ReadonlySet<ResourceId>;
}

export class Lacking {
  /** Keys by the resource that lacks. */
  readonly #told = new Map<ResourceId, Set<string>>();
  /** At which everything was compared last. */
  #revision: number | undefined;

  /** How many resources lack something. */
  get size(): number {
    return this.#told.size;
  }

  clear(): void {
    this.#told.clear();
    this.#revision = undefined;
  }

  /** Takes the view's as told, and returns what that changes. */
  compare(view: View, choice: LackChoice = {}): LackChanges {
    const { resources } = choice;
    if (!resources && view.revision === this.#revision) return { came: [], went: [] };
    if (!resources) this.#revision = view.revision;
    const rows = Map.groupBy(rowsOf(view, choice), ({ from }) => from);
    const came: LackRow[] = [];
    const went: LackName[] = [];
    for (const from of resources ?? new Set([...this.#told.keys(), ...rows.keys()])) {
      const now = new Map(rows.get(from)?.map((row) => [row.key, row]));
      const before = this.#told.get(from) ?? new Set();
      for (const [key, row] of now) if (!before.has(key)) came.push(row);
      for (const key of before) if (!now.has(key)) went.push({ from, key });
      if (now.size === 0) this.#told.delete(from);
      else this.#told.set(from, new Set(now.keys()));
    }
    return { came, went };
  }

  /** These were not taken, since the view was ahead of the store: they are compared again, also at the same revision. */
  unplaced(unplaced: readonly LackName[]): void {
    for (const { from, key } of unplaced) this.#told.get(from)?.delete(key);
    if (unplaced.length > 0) this.#revision = undefined;
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

function* rowsOf(view: View, { clusters, resources }: LackChoice): Iterable<LackRow> {
  for (const id of resources ?? [undefined]) {
    for (const dangling of view.dangling(id)) {
      const cluster = view.get(dangling.from)?.cluster;
      if (cluster !== undefined && (clusters?.includes(cluster) ?? true)) yield lackRow(dangling, cluster);
    }
  }
}

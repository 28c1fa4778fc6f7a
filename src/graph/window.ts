/** The bounded window of occurrences (Kubernetes Events, log lines, alerts): which to let go when there are too many. The oldest go first. */
import type { ResourceId } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';

export class Window {
  readonly #max: number;
  readonly #seen = new Map<ResourceId, Time>();

  constructor(max: number) {
    this.#max = max;
  }

  see(id: ResourceId, at: Time): void {
    this.#seen.set(id, at);
  }

  forget(id: ResourceId): void {
    this.#seen.delete(id);
  }

  /** Ids over the limit, the longest unseen first; equal times in order of id, so that every process lets go of the same. */
  overflow(): readonly ResourceId[] {
    const excess = this.#seen.size - this.#max;
    if (excess <= 0) return [];
    const oldest = [...this.#seen].sort(([a, x], [b, y]) => compareTime(x, y) || (a < b ? -1 : 1)).slice(0, excess);
    return oldest.map(([id]) => id);
  }
}

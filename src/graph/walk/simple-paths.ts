/**
 * All simple paths between two resources, shortest first: no resource twice, bounded by length, by number and by work.
 * Only resources that can still reach the target in time are walked, found by one walk back from the target.
 */
import { compareText } from '../../model/order.ts';
import type { ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { compareEdgeNames, type EdgeName } from './edge-name.ts';
import { defaultLimits } from './limits.ts';
import { type Path, type PathOptions, steps } from './shortest-path.ts';

export interface SimplePathsOptions extends PathOptions {
  /** Most paths; 20 by default. */
  readonly maxPaths?: number;
}

export interface SimplePaths {
  readonly paths: readonly Path[];
  /** There may be more within the length asked for. */
  readonly truncated: boolean;
}

/** Every path from one resource to another of at most `maxLength` (5) edges. Of parallel edges a path names the first by type. */
export function simplePaths(
  view: View,
  from: ResourceId,
  to: ResourceId,
  options: SimplePathsOptions = {},
): SimplePaths {
  if (from === to || !view.get(from) || !view.get(to)) return { paths: [], truncated: false };
  return new Search(view, from, to, options).run();
}

const turned = { both: 'both', out: 'in', in: 'out' } as const;

class Search {
  readonly #view: View;
  readonly #from: ResourceId;
  readonly #to: ResourceId;
  readonly #options: SimplePathsOptions;
  readonly #maxLength: number;
  readonly #maxPaths: number;
  readonly #toTarget = new Map<ResourceId, number>();
  readonly #adjacent = new Map<ResourceId, readonly (readonly [ResourceId, EdgeName])[]>();
  readonly #paths: Path[] = [];
  readonly #trail: ResourceId[] = [];
  readonly #trailEdges: EdgeName[] = [];
  readonly #onTrail = new Set<ResourceId>();
  #left: number;
  #truncated = false;

  constructor(view: View, from: ResourceId, to: ResourceId, options: SimplePathsOptions) {
    this.#view = view;
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#maxLength = options.maxLength ?? 5;
    this.#maxPaths = options.maxPaths ?? 20;
    this.#left = options.maxEdges ?? defaultLimits.edges;
  }

  run(): SimplePaths {
    this.#measure();
    const shortest = this.#toTarget.get(this.#from);
    if (shortest === undefined) return { paths: [], truncated: this.#truncated };
    for (let length = shortest; length <= this.#maxLength && !this.#full; length++) this.#extend(this.#from, length);
    return { paths: this.#paths.slice(0, this.#maxPaths), truncated: this.#truncated || this.#full };
  }

  /** One path more than asked for is looked for, to know whether there are more. */
  get #full(): boolean {
    return this.#paths.length > this.#maxPaths || this.#left <= 0;
  }

  /** Distances to the target, backwards, as far as a path may be long. */
  #measure(): void {
    const options = { ...this.#options, direction: turned[this.#options.direction ?? 'both'] };
    let left = this.#left;
    this.#toTarget.set(this.#to, 0);
    let frontier = [this.#to];
    for (let depth = 1; depth <= this.#maxLength && frontier.length > 0; depth++) {
      const reached: ResourceId[] = [];
      for (const id of frontier) {
        for (const { other } of steps(this.#view, id, id === this.#to, options, left + 1)) {
          if (left-- <= 0) {
            this.#truncated = true;
            return;
          }
          if (this.#toTarget.has(other)) continue;
          this.#toTarget.set(other, depth);
          reached.push(other);
        }
      }
      frontier = reached;
    }
  }

  /** Extends the trail from `id` to the target in exactly `remaining` edges, in every way there is. */
  #extend(id: ResourceId, remaining: number): void {
    this.#trail.push(id);
    this.#onTrail.add(id);
    if (remaining === 0) this.#paths.push({ resources: [...this.#trail], edges: [...this.#trailEdges] });
    else {
      for (const [other, edge] of this.#neighboursOf(id)) {
        if (this.#full || this.#left-- <= 0) break;
        const distance = this.#toTarget.get(other);
        if (distance === undefined || distance > remaining - 1 || this.#onTrail.has(other)) continue;
        if (other === this.#to && remaining > 1) continue;
        this.#trailEdges.push(edge);
        this.#extend(other, remaining - 1);
        this.#trailEdges.pop();
      }
    }
    this.#onTrail.delete(id);
    this.#trail.pop();
  }

  /** What may follow a resource on a path, in a fixed order, with the first edge to each. */
  #neighboursOf(id: ResourceId): readonly (readonly [ResourceId, EdgeName])[] {
    const known = this.#adjacent.get(id);
    if (known) return known;
    const first = new Map<ResourceId, EdgeName>();
    for (const { edge, other } of steps(this.#view, id, id === this.#from, this.#options, this.#left + 1)) {
      if (this.#left-- <= 0) break;
      if (!this.#toTarget.has(other)) continue;
      const present = first.get(other);
      if (present === undefined || compareEdgeNames(edge, present) < 0) first.set(other, edge);
    }
    const sorted = [...first].sort(([a], [b]) => compareText(a, b));
    this.#adjacent.set(id, sorted);
    return sorted;
  }
}

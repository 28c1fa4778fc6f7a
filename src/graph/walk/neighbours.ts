/**
 * The surroundings of resources: breadth first, both ways or one, to a depth, through accepted edges.
 * Invariant: hubs are reached but never walked through (see hubs.ts), except where the walk starts; every returned edge joins two returned resources.
 */
import type { Edge } from '../../model/edge.ts';
import type { HealthStatus, Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { stopsWalk } from './hubs.ts';
import { defaultLimits, type Limits } from './limits.ts';

export type Direction = 'both' | 'out' | 'in';

export interface NeighbourOptions {
  readonly direction?: Direction;
  /** Steps from the start; 1 by default. */
  readonly depth?: number;
  /** Whether an edge may be walked to the resource at its other end. */
  readonly accepts?: (edge: Edge, other: Resource) => boolean;
  /** Walk through hubs as well. */
  readonly expandHubs?: boolean;
  /** Edges above which a resource counts as a hub. */
  readonly maxDegree?: number;
  readonly limits?: Limits;
}

export interface Neighbourhood {
  /** Steps from the nearest start, in the order of the walk. */
  readonly distances: ReadonlyMap<ResourceId, number>;
  /** The edges walked, each once. */
  readonly edges: readonly Edge[];
  /** Hubs that were reached and not walked through. */
  readonly leaves: readonly ResourceId[];
  /** More was there than the limits allow; what is unhealthy was kept before what is healthy. */
  readonly truncated: boolean;
}

/** What surrounds the start. Starts that do not exist are ignored. */
export function neighbours(view: View, start: readonly ResourceId[], options: NeighbourOptions = {}): Neighbourhood {
  const walk = new Walk(view, options);
  walk.begin(start);
  for (let depth = 1; depth <= (options.depth ?? 1); depth++) if (!walk.step(depth)) break;
  return walk.result();
}

class Walk {
  readonly #view: View;
  readonly #options: NeighbourOptions;
  readonly #limits: Limits;
  readonly #distances = new Map<ResourceId, number>();
  readonly #expanded = new Set<ResourceId>();
  readonly #edges: Edge[] = [];
  readonly #leaves: ResourceId[] = [];
  #frontier: Resource[] = [];
  #edgesLeft: number;
  #truncated = false;

  constructor(view: View, options: NeighbourOptions) {
    this.#view = view;
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.#edgesLeft = this.#limits.edges;
  }

  begin(start: readonly ResourceId[]): void {
    for (const id of start) {
      const resource = this.#view.get(id);
      if (resource === undefined || this.#distances.has(id)) continue;
      this.#distances.set(id, 0);
      this.#frontier.push(resource);
    }
  }

  /** Walks one step further; false when nothing is left to walk. */
  step(depth: number): boolean {
    const reached: Resource[] = [];
    for (const resource of this.#frontier) {
      if (this.#truncated) break;
      if (this.#stopsAt(resource, depth)) this.#leaves.push(resource.id);
      else this.#expand(resource, depth, reached);
    }
    this.#frontier = this.#keep(reached);
    return this.#frontier.length > 0 && !this.#truncated;
  }

  #stopsAt(resource: Resource, depth: number): boolean {
    if (depth === 1 || this.#options.expandHubs) return false;
    return stopsWalk(this.#view, resource.id, resource, this.#options.maxDegree);
  }

  #expand({ id }: Resource, depth: number, reached: Resource[]): void {
    const { direction = 'both' } = this.#options;
    this.#expanded.add(id);
    if (direction !== 'in')
      for (const edge of this.#view.stored(id, 'out')) if (!this.#meet(edge, edge.to, depth, reached)) return;
    if (direction !== 'out')
      for (const edge of this.#view.stored(id, 'in')) if (!this.#meet(edge, edge.from, depth, reached)) return;
  }

  /** Takes one edge to its other end; false when the walk must end. */
  #meet(edge: Edge, other: ResourceId, depth: number, reached: Resource[]): boolean {
    if (this.#edgesLeft-- <= 0) {
      this.#truncated = true;
      return false;
    }
    if ((this.#options.direction ?? 'both') === 'both' && this.#expanded.has(other)) return true;
    const resource = this.#view.get(other);
    if (resource === undefined) return true;
    if (this.#options.accepts && !this.#options.accepts(edge, resource)) return true;
    this.#edges.push(edge);
    if (!this.#distances.has(other)) {
      this.#distances.set(other, depth);
      reached.push(resource);
    }
    return true;
  }

  /** What of a level fits into the limit: the unhealthy first, in the order of the walk otherwise. */
  #keep(reached: Resource[]): Resource[] {
    const surplus = this.#distances.size - this.#limits.resources;
    if (surplus <= 0) return reached;
    this.#truncated = true;
    const byHealth = reached.toSorted((a, b) => urgency[a.health.status] - urgency[b.health.status]);
    const room = Math.max(0, byHealth.length - surplus);
    for (const { id } of byHealth.slice(room)) this.#distances.delete(id);
    return byHealth.slice(0, room);
  }

  result(): Neighbourhood {
    const distances = this.#distances;
    const edges = this.#truncated
      ? this.#edges.filter(({ from, to }) => distances.has(from) && distances.has(to))
      : this.#edges;
    return { distances, edges, leaves: this.#leaves, truncated: this.#truncated };
  }
}

const urgency: Readonly<Record<HealthStatus, number>> = { critical: 0, warning: 1, unknown: 2, healthy: 3 };

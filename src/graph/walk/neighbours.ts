/**
 * The surroundings of resources: breadth first, both ways or one, to a depth, through accepted edges.
 * Invariant: hubs are reached but never walked through (see hubs.ts), except where the walk starts; every returned edge joins two returned resources.
 */
import type { EdgeType } from '../../model/edges.ts';
import { type Resource, type ResourceId, urgency } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type EdgeName, edgeName } from './edge-name.ts';
import { stopsWalk } from './hubs.ts';
import { type Limits, pictureLimits } from './limits.ts';

export type Direction = 'both' | 'out' | 'in';

export interface NeighbourOptions {
  readonly direction?: Direction;
  /** Steps from the start; 1 by default. */
  readonly depth?: number;
  /** Whether an edge of a type may be walked to the resource at its other end. */
  readonly accepts?: (type: EdgeType, other: Resource) => boolean;
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
  readonly edges: readonly EdgeName[];
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
  readonly #both: boolean;
  readonly #distances = new Map<ResourceId, number>();
  readonly #expanded = new Set<ResourceId>();
  readonly #edges: EdgeName[] = [];
  readonly #leaves: ResourceId[] = [];
  #frontier: Resource[] = [];
  #edgesLeft: number;
  #truncated = false;

  constructor(view: View, options: NeighbourOptions) {
    this.#view = view;
    this.#options = options;
    this.#limits = options.limits ?? pictureLimits;
    this.#both = (options.direction ?? 'both') === 'both';
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
      if (this.#edgesLeft < 0) break;
      if (this.#stopsAt(resource, depth)) this.#leaves.push(resource.id);
      else this.#expand(resource.id, depth, reached);
    }
    this.#frontier = this.#keep(reached);
    return this.#frontier.length > 0 && !this.#truncated;
  }

  #stopsAt(resource: Resource, depth: number): boolean {
    if (depth === 1 || this.#options.expandHubs) return false;
    return stopsWalk(this.#view, resource.id, resource, this.#options.maxDegree);
  }

  #expand(id: ResourceId, depth: number, reached: Resource[]): void {
    const { direction = 'both', accepts } = this.#options;
    this.#expanded.add(id);
    for (const way of direction === 'both' ? (['out', 'in'] as const) : ([direction] as const)) {
      this.#view.scan(id, way, (type, other) => {
        if (this.#edgesLeft-- <= 0) {
          this.#truncated = true;
          return false;
        }
        if (this.#both && this.#expanded.has(other.id)) return true;
        if (accepts && !accepts(type, other)) return true;
        if (this.#distances.has(other.id)) this.#edges.push(edgeName(type, id, way, other.id));
        else if (this.#hasRoomFor(other)) {
          this.#edges.push(edgeName(type, id, way, other.id));
          this.#distances.set(other.id, depth);
          reached.push(other);
        }
        return true;
      });
    }
  }

  /** Beyond the limit only the unhealthy are taken in: they replace healthy ones when the level is done. */
  #hasRoomFor({ health }: Resource): boolean {
    if (this.#distances.size < this.#limits.resources) return true;
    this.#truncated = true;
    return health.status !== 'healthy' && this.#distances.size < 2 * this.#limits.resources;
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

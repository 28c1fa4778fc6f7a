/**
 * The shortest way between two resources, along edges in either direction or one, around hubs.
 * Invariant: of several shortest paths the answer is always the same one, whatever order the view lists its edges in.
 */
import { edgeKey } from '../../model/diff.ts';
import type { Edge } from '../../model/edge.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { stopsWalk } from './hubs.ts';
import { defaultLimits } from './limits.ts';
import type { Direction } from './neighbours.ts';

/** `edges[i]` joins `resources[i]` and `resources[i + 1]`, in either direction. */
export interface Path {
  readonly resources: readonly ResourceId[];
  readonly edges: readonly Edge[];
}

export interface PathOptions {
  readonly direction?: Direction;
  /** Most edges of a path; 8 by default. */
  readonly maxLength?: number;
  readonly accepts?: (edge: Edge, other: Resource) => boolean;
  /** Walk through hubs as well. */
  readonly expandHubs?: boolean;
  readonly maxDegree?: number;
  /** Most edges looked at. */
  readonly maxEdges?: number;
}

export interface ShortestPath {
  /** Undefined: there is none within the limits. */
  readonly path: Path | undefined;
  readonly truncated: boolean;
}

/** The shortest path from one resource to another. The path from a resource to itself has no edges. */
export function shortestPath(view: View, from: ResourceId, to: ResourceId, options: PathOptions = {}): ShortestPath {
  if (from === to) return { path: { resources: [from], edges: [] }, truncated: false };
  const arrivals = new Map<ResourceId, Arrival>([[from, { depth: 0, edge: undefined }]]);
  let left = options.maxEdges ?? defaultLimits.edges;
  let frontier: ResourceId[] = [from];
  for (let depth = 1; depth <= (options.maxLength ?? 8) && frontier.length > 0; depth++) {
    const reached: ResourceId[] = [];
    for (const id of frontier) {
      for (const { edge, other } of steps(view, id, id === from, options)) {
        if (left-- <= 0) return { path: undefined, truncated: true };
        const known = arrivals.get(other);
        if (known === undefined) {
          arrivals.set(other, { depth, edge });
          reached.push(other);
        } else if (known.depth === depth && known.edge && edgeKey(edge) < edgeKey(known.edge)) known.edge = edge;
      }
    }
    if (arrivals.has(to)) return { path: traceBack(arrivals, to), truncated: false };
    frontier = reached;
  }
  return { path: undefined, truncated: false };
}

interface Arrival {
  readonly depth: number;
  /** The edge it was reached by; undefined for the start. */
  edge: Edge | undefined;
}

function traceBack(arrivals: ReadonlyMap<ResourceId, Arrival>, to: ResourceId): Path {
  const resources = [to];
  const edges: Edge[] = [];
  for (let id = to, edge = arrivals.get(id)?.edge; edge; edge = arrivals.get(id)?.edge) {
    id = edge.from === id ? edge.to : edge.from;
    resources.push(id);
    edges.push(edge);
  }
  return { resources: resources.reverse(), edges: edges.reverse() };
}

export interface Step {
  readonly edge: Edge;
  readonly other: ResourceId;
}

/** The accepted edges of a resource with their other ends; none for a hub, unless the walk starts or is told to go through. */
export function* steps(view: View, id: ResourceId, isStart: boolean, options: PathOptions): Iterable<Step> {
  const { direction = 'both', accepts, expandHubs, maxDegree } = options;
  const resource = view.get(id);
  if (resource === undefined) return;
  if (!isStart && !expandHubs && stopsWalk(view, id, resource, maxDegree)) return;
  if (direction !== 'in') yield* ends(view, view.stored(id, 'out'), 'to', accepts);
  if (direction !== 'out') yield* ends(view, view.stored(id, 'in'), 'from', accepts);
}

function* ends(view: View, edges: Iterable<Edge>, end: 'from' | 'to', accepts: PathOptions['accepts']): Iterable<Step> {
  for (const edge of edges) {
    const other = view.get(edge[end]);
    if (other && (!accepts || accepts(edge, other))) yield { edge, other: other.id };
  }
}

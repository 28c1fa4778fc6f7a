/**
 * The shortest way between two resources, along edges in either direction or one, around hubs.
 * Invariant: of several shortest paths the answer is always the same one, whatever order the view lists its edges in.
 */
import type { EdgeType } from '../../model/edges.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { compareEdgeNames, type EdgeName, edgeName } from './edge-name.ts';
import { stopsWalk } from './hubs.ts';
import { defaultLimits } from './limits.ts';
import type { Direction } from './neighbours.ts';

/** `edges[i]` joins `resources[i]` and `resources[i + 1]`, in either direction. */
export interface Path {
  readonly resources: readonly ResourceId[];
  readonly edges: readonly EdgeName[];
}

export interface PathOptions {
  readonly direction?: Direction;
  /** Most edges of a path; 8 by default. */
  readonly maxLength?: number;
  readonly accepts?: (type: EdgeType, other: Resource) => boolean;
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
      for (const { edge, other } of steps(view, id, id === from, options, left + 1)) {
        if (left-- <= 0) return { path: undefined, truncated: true };
        const known = arrivals.get(other);
        if (known === undefined) {
          arrivals.set(other, { depth, edge });
          reached.push(other);
        } else if (known.depth === depth && known.edge && compareEdgeNames(edge, known.edge) < 0) known.edge = edge;
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
  edge: EdgeName | undefined;
}

function traceBack(arrivals: ReadonlyMap<ResourceId, Arrival>, to: ResourceId): Path {
  const resources = [to];
  const edges: EdgeName[] = [];
  for (let id = to, edge = arrivals.get(id)?.edge; edge; edge = arrivals.get(id)?.edge) {
    id = edge.from === id ? edge.to : edge.from;
    resources.push(id);
    edges.push(edge);
  }
  return { resources: resources.reverse(), edges: edges.reverse() };
}

export interface Step {
  readonly edge: EdgeName;
  readonly other: ResourceId;
}

/** The accepted edges of a resource with their other ends; none for a hub, unless the walk starts or is told to go through. */
export function steps(view: View, id: ResourceId, isStart: boolean, options: PathOptions, limit: number): Step[] {
  const { direction = 'both', accepts, expandHubs, maxDegree } = options;
  const resource = view.get(id);
  const found: Step[] = [];
  if (resource === undefined || (!isStart && !expandHubs && stopsWalk(view, id, resource, maxDegree))) return found;
  let left = limit;
  for (const way of direction === 'both' ? (['out', 'in'] as const) : ([direction] as const)) {
    view.scan(id, way, (type, other) => {
      if (left-- <= 0) return false;
      if (!accepts || accepts(type, other)) found.push({ edge: edgeName(type, id, way, other.id), other: other.id });
      return true;
    });
  }
  return found;
}

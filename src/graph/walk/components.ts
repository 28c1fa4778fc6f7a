/** Connected components: which resources hang together, hubs left aside (through its namespace everything hangs together). */
import type { EdgeType } from '../../model/edges.ts';
import { compareText } from '../../model/order.ts';
import type { ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { isHub } from './hubs.ts';

export interface ComponentOptions {
  readonly accepts?: (type: EdgeType) => boolean;
  /** Most edges looked at; 5,000,000 by default. */
  readonly maxEdges?: number;
}

export interface Components {
  /** Largest first, members in the order of their ids. Resources without any accepted edge stand alone. */
  readonly components: readonly (readonly ResourceId[])[];
  /** Not every edge was looked at: some components may hang together. */
  readonly truncated: boolean;
}

/** The components of the whole graph, by union and find. */
export function components(view: View, options: ComponentOptions = {}): Components {
  const { accepts, maxEdges = 5_000_000 } = options;
  const parents = new Map<ResourceId, ResourceId>();
  for (const resource of view.resources()) if (!isHub(resource)) parents.set(resource.id, resource.id);
  let left = maxEdges;
  for (const id of parents.keys()) {
    view.scan(id, 'out', (type, other) => {
      if (left-- <= 0) return false;
      if (parents.has(other.id) && accepts?.(type) !== false)
        parents.set(rootOf(parents, id), rootOf(parents, other.id));
      return true;
    });
  }
  const groups = Map.groupBy(parents.keys(), (id) => rootOf(parents, id));
  const sorted = [...groups.values()].map((members) => members.sort()).sort(byLength);
  return { components: sorted, truncated: left < 0 };
}

/** The representative of a set; halves the way to it for whoever asks next. */
function rootOf(parents: Map<ResourceId, ResourceId>, id: ResourceId): ResourceId {
  let at = id;
  for (;;) {
    const parent = parents.get(at) ?? at;
    if (parent === at) return at;
    const above = parents.get(parent) ?? parent;
    parents.set(at, above);
    at = above;
  }
}

function byLength(a: readonly ResourceId[], b: readonly ResourceId[]): number {
  return b.length - a.length || compareText(a[0] ?? '', b[0] ?? '');
}

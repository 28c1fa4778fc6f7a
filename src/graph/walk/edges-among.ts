/** The edges that join resources of a set: what a picture of them shows. */
import type { Edge } from '../../model/edge.ts';
import type { ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

export interface EdgesAmong {
  readonly edges: readonly Edge[];
  readonly truncated: boolean;
}

/** Every accepted stored edge with both ends in the set, each once, looking at no more than `limit` edges. */
export function edgesAmong(
  view: View,
  ids: Pick<ReadonlyMap<ResourceId, unknown>, 'has' | 'keys'>,
  limit: number,
  accepts: (edge: Edge) => boolean = () => true,
): EdgesAmong {
  const edges: Edge[] = [];
  let left = limit;
  for (const id of ids.keys()) {
    for (const edge of view.stored(id, 'out')) {
      if (left-- <= 0) return { edges, truncated: true };
      if (ids.has(edge.to) && accepts(edge)) edges.push(edge);
    }
  }
  return { edges, truncated: false };
}

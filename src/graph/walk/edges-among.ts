/** The edges that join resources of a set: what a picture of them shows. */
import type { EdgeType } from '../../model/edges.ts';
import type { ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type EdgeName, edgeName } from './edge-name.ts';

export interface EdgesAmong {
  readonly edges: readonly EdgeName[];
  readonly truncated: boolean;
}

/** Every stored edge of an accepted type with both ends in the set, each once, looking at no more than `limit` edges. */
export function edgesAmong(
  view: View,
  ids: Pick<ReadonlyMap<ResourceId, unknown>, 'has' | 'keys'>,
  limit: number,
  accepts: (type: EdgeType) => boolean = () => true,
): EdgesAmong {
  const edges: EdgeName[] = [];
  let left = limit;
  for (const id of ids.keys()) {
    view.scan(id, 'out', (type, other) => {
      if (left-- <= 0) return false;
      if (ids.has(other.id) && accepts(type)) edges.push(edgeName(type, id, 'out', other.id));
      return true;
    });
    if (left < 0) return { edges, truncated: true };
  }
  return { edges, truncated: false };
}

/** Edges by name, for walks: what identifies one, without the evidence that would have to be made for it. */
import type { Edge } from '../../model/edge.ts';
import type { View } from '../../model/view.ts';

export type EdgeName = Pick<Edge, 'type' | 'from' | 'to'>;

/** The name of the edge met in a scan of `id` in a direction. */
export function edgeName(type: string, id: string, direction: 'out' | 'in', other: string): EdgeName {
  return direction === 'out' ? { type, from: id, to: other } : { type, from: other, to: id };
}

/** Order of edges by type and ends: the same in every process. */
export function compareEdgeNames(a: EdgeName, b: EdgeName): number {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  if (a.from !== b.from) return a.from < b.from ? -1 : 1;
  return a.to < b.to ? -1 : a.to > b.to ? 1 : 0;
}

/** The edges themselves; those that are gone meanwhile are left out. */
export function edgesNamed(view: View, names: readonly EdgeName[]): Edge[] {
  return names.map(({ type, from, to }) => view.edge(type, from, to)).filter((edge) => edge !== undefined);
}

/** Edges by name, for walks: what identifies one, without the evidence that would have to be made for it. */
import type { Edge } from '../../model/edge.ts';
import { compareText } from '../../model/order.ts';
import type { View } from '../../model/view.ts';

export type EdgeName = Pick<Edge, 'type' | 'from' | 'to'>;

/** The name of the edge met in a scan of `id` in a direction. */
export function edgeName(type: string, id: string, direction: 'out' | 'in', other: string): EdgeName {
  return direction === 'out' ? { type, from: id, to: other } : { type, from: other, to: id };
}

/** Order of edges by type and ends: the same in every process. */
export function compareEdgeNames(a: EdgeName, b: EdgeName): number {
  return compareText(a.type, b.type) || compareText(a.from, b.from) || compareText(a.to, b.to);
}

/** The edges themselves; those that are gone meanwhile are left out. */
export function edgesNamed(view: View, names: readonly EdgeName[]): Edge[] {
  return names.map(({ type, from, to }) => view.edge(type, from, to)).filter((edge) => edge !== undefined);
}

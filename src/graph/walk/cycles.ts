/** Cycles along edges of chosen types: owners that own each other, deliveries that wait for each other. */
import type { EdgeType } from '../../model/edges.ts';
import { compareText } from '../../model/order.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type EdgeName, edgeName } from './edge-name.ts';

export interface Cycle {
  /** A shortest cycle, beginning at its smallest id: each edge starts where the one before ends, the last ends where the first starts. */
  readonly edges: readonly EdgeName[];
  /** All resources that can reach each other: the strongly connected component the cycle lies in. */
  readonly members: readonly ResourceId[];
}

export interface Cycles {
  readonly cycles: readonly Cycle[];
  readonly truncated: boolean;
}

/** One cycle for every set of resources that can reach each other. Looks at no more than `maxEdges` (5,000,000) edges. */
export function cycles(view: View, types: readonly EdgeType[], maxEdges = 5_000_000): Cycles {
  const wanted = new Set(types);
  const found = new Components(view, wanted, maxEdges).run();
  const list = found.components
    .map((members) => ({ members, edges: shortestCycle(view, wanted, new Set(members), members[0] ?? '') }))
    .sort((a, b) => compareText(a.members[0] ?? '', b.members[0] ?? ''));
  return { cycles: list, truncated: found.truncated };
}

interface Visit {
  readonly id: ResourceId;
  readonly index: number;
  low: number;
  onStack: boolean;
  readonly successors: readonly ResourceId[];
  /** How many of the successors were followed. */
  followed: number;
}

/** Strongly connected components of more than one resource: Tarjan's algorithm, without recursion. */
class Components {
  readonly #view: View;
  readonly #wants: (type: EdgeType) => boolean;
  readonly #visits = new Map<ResourceId, Visit>();
  readonly #stack: Visit[] = [];
  readonly #components: (readonly ResourceId[])[] = [];
  #left: number;

  constructor(view: View, types: ReadonlySet<EdgeType>, maxEdges: number) {
    this.#view = view;
    this.#wants = (type) => types.has(type);
    this.#left = maxEdges;
  }

  run(): { readonly components: readonly (readonly ResourceId[])[]; readonly truncated: boolean } {
    for (const { id } of this.#view.resources()) {
      if (!this.#visits.has(id) && this.#mayLieOnCycle(id)) this.#explore(id);
      if (this.#left <= 0) return { components: this.#components, truncated: true };
    }
    return { components: this.#components, truncated: false };
  }

  /** Nothing with only ends or only beginnings lies on a cycle: most resources are done without walking. */
  #mayLieOnCycle(id: ResourceId): boolean {
    const { out, in: reached } = this.#view.degree(id);
    return out > 0 && reached > 0;
  }

  #explore(start: ResourceId): void {
    const trail = [this.#enter(start)];
    for (let visit = trail.at(-1); visit; visit = trail.at(-1)) {
      const next = visit.successors[visit.followed++];
      if (next === undefined) {
        trail.pop();
        const before = trail.at(-1);
        if (before) before.low = Math.min(before.low, visit.low);
        if (visit.low === visit.index) this.#close(visit);
        continue;
      }
      const known = this.#visits.get(next);
      if (known === undefined) trail.push(this.#enter(next));
      else if (known.onStack) visit.low = Math.min(visit.low, known.index);
    }
  }

  #enter(id: ResourceId): Visit {
    const index = this.#visits.size;
    const visit = { id, index, low: index, onStack: true, successors: this.#successors(id), followed: 0 };
    this.#visits.set(id, visit);
    this.#stack.push(visit);
    return visit;
  }

  #successors(id: ResourceId): readonly ResourceId[] {
    const successors: ResourceId[] = [];
    this.#left -= this.#view.degree(id).out;
    this.#view.scan(
      id,
      'out',
      (_, other) => {
        successors.push(other.id);
      },
      this.#wants,
    );
    return successors;
  }

  #close(root: Visit): void {
    const members: ResourceId[] = [];
    for (;;) {
      const visit = this.#stack.pop();
      if (visit === undefined) break;
      visit.onStack = false;
      members.push(visit.id);
      if (visit === root) break;
    }
    if (members.length > 1) this.#components.push(members.sort());
  }
}

/** A shortest cycle through `start` within a strongly connected component. */
function shortestCycle(
  view: View,
  types: ReadonlySet<EdgeType>,
  members: ReadonlySet<ResourceId>,
  start: ResourceId,
): readonly EdgeName[] {
  const arrivals = new Map<ResourceId, EdgeName>();
  let frontier = [start];
  while (frontier.length > 0 && !arrivals.has(start)) {
    const reached: ResourceId[] = [];
    for (const id of frontier) {
      const arrive = (type: EdgeType, other: Resource): void => {
        if (!members.has(other.id) || arrivals.has(other.id)) return;
        arrivals.set(other.id, edgeName(type, id, 'out', other.id));
        reached.push(other.id);
      };
      view.scan(id, 'out', arrive, (type) => types.has(type));
    }
    frontier = reached;
  }
  return backFrom(arrivals, start);
}

function backFrom(arrivals: ReadonlyMap<ResourceId, EdgeName>, start: ResourceId): readonly EdgeName[] {
  const edges: EdgeName[] = [];
  let edge = arrivals.get(start);
  while (edge) {
    edges.push(edge);
    edge = edge.from === start ? undefined : arrivals.get(edge.from);
  }
  return edges.reverse();
}

/**
 * Impact: what breaks or degrades when some resources fail or go, along "which way failure travels" (model/edges.ts).
 *
 *   a resource that breaks   → its dependants, by `against`; what it takes along, by `along`
 *   a redundant dependant    → degrades while another target of the type still serves it, breaks when the last one broke
 *   a resource that degrades → its dependants degrade; it takes nothing along
 *   a resource that only lost all that served it → breaks its dependants; it takes nothing along (the cause lies below it)
 *
 * A target serves unless it broke, is critical already, or is scaled to nothing. Invariant: effects only ever get worse during the walk and
 * each step works from the state of the step before, so the answer does not depend on the order in which the view lists its edges.
 */
import { edgeKey } from '../../model/diff.ts';
import type { Edge } from '../../model/edge.ts';
import { type EdgeType, type Effect, edgeInfo } from '../../model/edges.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { defaultLimits, type Limits } from './limits.ts';

export interface ImpactOptions {
  /** Steps from the causes; no bound by default. */
  readonly maxDistance?: number;
  /** Edges that failure may travel. */
  readonly accepts?: (edge: Edge) => boolean;
  readonly limits?: Limits;
}

/** How failure came to a resource: by `edge` from `back`. Causes have neither. */
export interface Trace {
  readonly id: ResourceId;
  /** Steps from the cause. */
  readonly distance: number;
  readonly edge: Edge | undefined;
  readonly back: Trace | undefined;
}

export interface Impacted {
  readonly id: ResourceId;
  readonly effect: Effect;
  readonly trace: Trace;
}

export interface Impact {
  /** Worst first, then nearest; causes are not among them. */
  readonly impacted: readonly Impacted[];
  /** The walk met a limit: there may be more, and what degrades may break. */
  readonly truncated: boolean;
}

/** What the failure of `causes` does to everything else. */
export function impact(view: View, causes: readonly ResourceId[], options: ImpactOptions = {}): Impact {
  const walk = new ImpactWalk(view, options);
  walk.begin(causes);
  const maxDistance = options.maxDistance ?? Number.POSITIVE_INFINITY;
  for (let distance = 1; distance <= maxDistance && walk.step(distance); distance++);
  return walk.result();
}

/** The edges from the cause to the resource, in walking order. */
export function pathOf(trace: Trace): readonly Edge[] {
  const edges: Edge[] = [];
  for (let at: Trace | undefined = trace; at?.edge; at = at.back) edges.push(at.edge);
  return edges.reverse();
}

const DEGRADED = 1;
const UNSERVED = 2;
const BROKEN = 3;
type State = typeof DEGRADED | typeof UNSERVED | typeof BROKEN;

interface Affected {
  state: State;
  trace: Trace;
  /** Whether it stands in the next frontier already. */
  queued: boolean;
  /** Its loss was subtracted from what serves its dependants. */
  counted: boolean;
}

/** What still serves a resource through one edge type. */
interface Serving {
  left: number;
  /** The first edge, in key order, lost in this step: the one a path names. */
  edge: Edge;
  trace: Trace;
  distance: number;
}

class ImpactWalk {
  readonly #view: View;
  readonly #accepts: ImpactOptions['accepts'];
  readonly #limits: Limits;
  readonly #affected = new Map<ResourceId, Affected>();
  readonly #serving = new Map<ResourceId, Map<EdgeType, Serving>>();
  #next: Affected[] = [];
  #causes = 0;
  #left: number;
  #truncated = false;

  constructor(view: View, options: ImpactOptions) {
    this.#view = view;
    this.#accepts = options.accepts;
    this.#limits = options.limits ?? defaultLimits;
    this.#left = this.#limits.edges;
  }

  begin(causes: readonly ResourceId[]): void {
    for (const id of causes) {
      if (!this.#view.get(id) || this.#affected.has(id)) continue;
      this.#join(BROKEN, { id, distance: 0, edge: undefined, back: undefined });
    }
    this.#causes = this.#affected.size;
  }

  /** Lets failure travel one step; false when it has come to rest or met a limit. */
  step(distance: number): boolean {
    const frontier = this.#next.map((affected) => ({ affected, state: affected.state, trace: affected.trace }));
    this.#next = [];
    for (const { affected } of frontier) affected.queued = false;
    for (const { affected, state, trace } of frontier) {
      const lost = state >= UNSERVED && !affected.counted;
      if (lost) affected.counted = true;
      for (const edge of this.#view.stored(trace.id, 'in')) {
        if (!this.#mayLook()) return false;
        this.#against(edge, state, lost, trace, distance);
      }
      if (state !== BROKEN) continue;
      for (const edge of this.#view.stored(trace.id, 'out')) {
        if (!this.#mayLook()) return false;
        const { along } = edgeInfo(edge.type);
        if (along === undefined || this.#accepts?.(edge) === false) continue;
        this.#affect(edge.to, along === 'breaks' ? BROKEN : DEGRADED, edge, trace, distance);
      }
    }
    return this.#next.length > 0;
  }

  #mayLook(): boolean {
    if (this.#left-- <= 0) this.#truncated = true;
    return !this.#truncated;
  }

  /** To one that needs the lost or degraded resource. */
  #against(edge: Edge, state: State, lost: boolean, trace: Trace, distance: number): void {
    const { against, redundant } = edgeInfo(edge.type);
    if (against === undefined || edge.detail.optional || this.#accepts?.(edge) === false) return;
    if (state === DEGRADED) this.#affect(edge.from, DEGRADED, edge, trace, distance);
    else if (!redundant) this.#affect(edge.from, against === 'breaks' ? BROKEN : DEGRADED, edge, trace, distance);
    else {
      const serving = this.#lose(edge, lost, trace, distance);
      this.#affect(edge.from, serving.left > 0 ? DEGRADED : UNSERVED, serving.edge, serving.trace, distance);
    }
  }

  /** Takes a lost target off what serves the edge's `from`. */
  #lose(edge: Edge, lost: boolean, trace: Trace, distance: number): Serving {
    let byType = this.#serving.get(edge.from);
    if (byType === undefined) {
      byType = new Map();
      this.#serving.set(edge.from, byType);
    }
    let serving = byType.get(edge.type);
    if (serving === undefined) {
      serving = { left: this.#countServing(edge.from, edge.type), edge, trace, distance };
      byType.set(edge.type, serving);
    } else if (serving.distance !== distance || edgeKey(edge) < edgeKey(serving.edge)) {
      serving.edge = edge;
      serving.trace = trace;
      serving.distance = distance;
    }
    if (lost && serves(this.#view.get(edge.to))) serving.left--;
    return serving;
  }

  #countServing(from: ResourceId, type: EdgeType): number {
    let count = 0;
    for (const edge of this.#view.out(from, type)) {
      this.#left--;
      if (serves(this.#view.get(edge.to))) count++;
    }
    return count;
  }

  #affect(id: ResourceId, state: State, edge: Edge, back: Trace, distance: number): void {
    const known = this.#affected.get(id);
    if (known === undefined) {
      if (this.#affected.size - this.#causes >= this.#limits.resources) this.#truncated = true;
      else this.#join(state, { id, distance, edge, back });
      return;
    }
    const { trace } = known;
    if (trace.edge === undefined || state < known.state) return;
    const worse = state > known.state;
    const broke = known.state === UNSERVED && trace.distance < distance;
    if (worse ? !broke : distance === trace.distance && edgeKey(edge) < edgeKey(trace.edge)) {
      known.trace = { id, distance, edge, back };
    }
    if (!worse) return;
    known.state = state;
    if (!known.queued) this.#next.push(known);
    known.queued = true;
  }

  #join(state: State, trace: Trace): void {
    const affected = { state, trace, queued: true, counted: false };
    this.#affected.set(trace.id, affected);
    this.#next.push(affected);
  }

  result(): Impact {
    const impacted: Impacted[] = [];
    for (const { state, trace } of this.#affected.values()) {
      if (trace.edge) impacted.push({ id: trace.id, effect: state === DEGRADED ? 'degrades' : 'breaks', trace });
    }
    return { impacted: impacted.sort(byUrgency), truncated: this.#truncated };
  }
}

/** Whether a target is any good to those who rely on it before anything happens. */
function serves(target: Resource | undefined): boolean {
  return target !== undefined && target.health.status !== 'critical' && target.summary['desired'] !== 0;
}

function byUrgency(a: Impacted, b: Impacted): number {
  if (a.effect !== b.effect) return a.effect === 'breaks' ? -1 : 1;
  return a.trace.distance - b.trace.distance || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

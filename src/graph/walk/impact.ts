/**
 * Impact: what breaks or degrades when some resources fail or go, along "which way failure travels" (model/edges.ts).
 *
 *   a resource that breaks   → its dependants, by `against`; what it takes along, by `along`
 *   a redundant dependant    → degrades while another target of the type still serves it, breaks when the last one broke
 *   a resource that degrades → its dependants degrade; it takes nothing along
 *   a resource that only lost all that served it → breaks its dependants; it takes nothing along (the cause lies below it)
 *
 * What is needed only to start (`toStart`) fails its dependants at their next start, and those only then whom nothing else fails: the walk is
 * made without such edges, which gives what happens now, and, where any is met, with them, which adds what happens later.
 *
 * A target serves unless it broke, is critical already, or is scaled to nothing. Invariant: effects only ever get worse during the walk and
 * each step works from the state of the step before, so the answer does not depend on the order in which the view lists its edges.
 */
import { type EdgeType, type Effect, edgeInfo } from '../../model/edges.ts';
import { compareText } from '../../model/order.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { compareEdgeNames, type EdgeName, edgeName } from './edge-name.ts';
import { defaultLimits, type Limits } from './limits.ts';

export interface ImpactOptions {
  /** Steps from the causes; no bound by default. */
  readonly maxDistance?: number;
  /** Types of edges that failure may travel. */
  readonly accepts?: (type: EdgeType) => boolean;
  readonly limits?: Limits;
}

/** How failure came to a resource: by `edge` from `back`. Causes have neither. */
export interface Trace {
  readonly id: ResourceId;
  /** Steps from the cause. */
  readonly distance: number;
  readonly edge: EdgeName | undefined;
  readonly back: Trace | undefined;
}

/** now: at once · next-start: what runs goes on, what starts anew fails. */
export type When = 'now' | 'next-start';

export interface Impacted {
  readonly id: ResourceId;
  readonly effect: Effect;
  readonly when: When;
  readonly trace: Trace;
}

export interface Impact {
  /** What happens now first, each part worst first, then nearest; causes are not among them. */
  readonly impacted: readonly Impacted[];
  /** The walk met a limit: there may be more, and what degrades may break. */
  readonly truncated: boolean;
}

/** What the failure of `causes` does to everything else. */
export function impact(view: View, causes: readonly ResourceId[], options: ImpactOptions = {}): Impact {
  let later = false;
  const accepts = (type: EdgeType): boolean => {
    if (options.accepts?.(type) === false) return false;
    if (edgeInfo(type).toStart) later = true;
    return !edgeInfo(type).toStart;
  };
  const now = travel(view, causes, { ...options, accepts }, 'now');
  if (!later) return now;
  const whole = travel(view, causes, options, 'next-start');
  const hit = new Set(now.impacted.map(({ id }) => id));
  return {
    impacted: [...now.impacted, ...whole.impacted.filter(({ id }) => !hit.has(id))],
    truncated: now.truncated || whole.truncated,
  };
}

function travel(view: View, causes: readonly ResourceId[], options: ImpactOptions, when: When): Impact {
  const walk = new ImpactWalk(view, options);
  walk.begin(causes);
  const maxDistance = options.maxDistance ?? Number.POSITIVE_INFINITY;
  for (let distance = 1; distance <= maxDistance && walk.step(distance); distance++);
  return walk.result(when);
}

/** The edges from the cause to the resource, in walking order. */
export function pathOf(trace: Trace): readonly EdgeName[] {
  const edges: EdgeName[] = [];
  for (let at: Trace | undefined = trace; at?.edge; at = at.back) edges.push(at.edge);
  return edges.reverse();
}

const DEGRADED = 1;
const UNSERVED = 2;
const BROKEN = 3;
type State = typeof DEGRADED | typeof UNSERVED | typeof BROKEN;

interface Affected {
  readonly resource: Resource;
  state: State;
  trace: Trace;
  /** Whether it stands in the next frontier already. */
  queued: boolean;
  /** Its loss was subtracted from what serves its dependants. */
  counted: boolean;
}

/** One that passes its state on in this step, as it was when the step began. */
interface Passing {
  readonly resource: Resource;
  readonly state: State;
  readonly trace: Trace;
  readonly distance: number;
  /** Its dependants lose it now; false when they lost it before. */
  readonly lost: boolean;
}

/** What still serves a resource through one edge type. */
interface Serving {
  left: number;
  /** The first edge, in the order of names, lost in this step: the one a path names. */
  edge: EdgeName;
  passing: Passing;
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
      const resource = this.#view.get(id);
      if (!resource || this.#affected.has(id)) continue;
      this.#join(resource, BROKEN, { id, distance: 0, edge: undefined, back: undefined });
    }
    this.#causes = this.#affected.size;
  }

  /** Lets failure travel one step; false when it has come to rest or met a limit. */
  step(distance: number): boolean {
    const frontier = this.#next.map((affected) => this.#passingOf(affected, distance));
    this.#next = [];
    for (const passing of frontier) {
      const { id } = passing.resource;
      if (!this.#mayScan(id, 'in')) return false;
      this.#view.scan(
        id,
        'in',
        (type, other, optional) => {
          if (!optional()) this.#against(type, other, passing);
          return !this.#truncated;
        },
        this.#travelsAgainst,
      );
      if (passing.state === BROKEN) {
        if (!this.#mayScan(id, 'out')) return false;
        this.#view.scan(
          id,
          'out',
          (type, other) => {
            this.#along(type, other, passing);
            return !this.#truncated;
          },
          this.#travelsAlong,
        );
      }
      if (this.#truncated) return false;
    }
    return this.#next.length > 0;
  }

  #passingOf(affected: Affected, distance: number): Passing {
    const { resource, state, trace, counted } = affected;
    const lost = state >= UNSERVED && !counted;
    if (lost) affected.counted = true;
    affected.queued = false;
    return { resource, state, trace, distance, lost };
  }

  readonly #travelsAgainst = (type: EdgeType): boolean =>
    edgeInfo(type).against !== undefined && this.#accepts?.(type) !== false;

  readonly #travelsAlong = (type: EdgeType): boolean =>
    edgeInfo(type).along !== undefined && this.#accepts?.(type) !== false;

  /** Whether the edges of a resource still fit into the limit. */
  #mayScan(id: ResourceId, direction: 'out' | 'in'): boolean {
    this.#left -= this.#view.degree(id)[direction];
    if (this.#left < 0) this.#truncated = true;
    return !this.#truncated;
  }

  /** To one that needs the lost or degraded resource. */
  #against(type: EdgeType, dependant: Resource, passing: Passing): void {
    const { against, redundant } = edgeInfo(type);
    const edge = edgeName(type, passing.resource.id, 'in', dependant.id);
    if (passing.state === DEGRADED) this.#affect(dependant, DEGRADED, edge, passing);
    else if (!redundant) this.#affect(dependant, against === 'breaks' ? BROKEN : DEGRADED, edge, passing);
    else {
      const serving = this.#lose(edge, passing);
      this.#affect(dependant, serving.left > 0 ? DEGRADED : UNSERVED, serving.edge, serving.passing);
    }
  }

  /** To one that goes with the broken resource. */
  #along(type: EdgeType, follower: Resource, passing: Passing): void {
    const { along } = edgeInfo(type);
    const edge = edgeName(type, passing.resource.id, 'out', follower.id);
    this.#affect(follower, along === 'breaks' ? BROKEN : DEGRADED, edge, passing);
  }

  /** Takes a lost target off what serves the edge's `from`. */
  #lose(edge: EdgeName, passing: Passing): Serving {
    let byType = this.#serving.get(edge.from);
    if (byType === undefined) {
      byType = new Map();
      this.#serving.set(edge.from, byType);
    }
    let serving = byType.get(edge.type);
    if (serving === undefined) {
      serving = { left: this.#countServing(edge.from, edge.type), edge, passing };
      byType.set(edge.type, serving);
    } else if (serving.passing.distance !== passing.distance || compareEdgeNames(edge, serving.edge) < 0) {
      serving.edge = edge;
      serving.passing = passing;
    }
    if (passing.lost && serves(passing.resource)) serving.left--;
    return serving;
  }

  #countServing(from: ResourceId, type: EdgeType): number {
    let count = 0;
    this.#left -= this.#view.degree(from).out;
    this.#view.scan(
      from,
      'out',
      (_, target) => {
        if (serves(target)) count++;
      },
      (each) => each === type,
    );
    return count;
  }

  #affect(resource: Resource, state: State, edge: EdgeName, { trace: back, distance }: Passing): void {
    const known = this.#affected.get(resource.id);
    const { id } = resource;
    if (known === undefined) {
      if (this.#affected.size - this.#causes >= this.#limits.resources) this.#truncated = true;
      else this.#join(resource, state, { id, distance, edge, back });
      return;
    }
    const { trace } = known;
    if (trace.edge === undefined || state < known.state) return;
    const worse = state > known.state;
    const broke = known.state === UNSERVED && trace.distance < distance;
    if (worse ? !broke : distance === trace.distance && compareEdgeNames(edge, trace.edge) < 0) {
      known.trace = { id, distance, edge, back };
    }
    if (!worse) return;
    known.state = state;
    if (!known.queued) this.#next.push(known);
    known.queued = true;
  }

  #join(resource: Resource, state: State, trace: Trace): void {
    const affected = { resource, state, trace, queued: true, counted: false };
    this.#affected.set(resource.id, affected);
    this.#next.push(affected);
  }

  result(when: When): Impact {
    const impacted: Impacted[] = [];
    for (const { state, trace } of this.#affected.values()) {
      if (trace.edge) impacted.push({ id: trace.id, effect: state === DEGRADED ? 'degrades' : 'breaks', when, trace });
    }
    return { impacted: impacted.sort(byUrgency), truncated: this.#truncated };
  }
}

/** Whether a target is any good to those who rely on it before anything happens. */
function serves({ health, summary }: Resource): boolean {
  return health.status !== 'critical' && summary['desired'] !== 0;
}

function byUrgency(a: Impacted, b: Impacted): number {
  if (a.effect !== b.effect) return a.effect === 'breaks' ? -1 : 1;
  return a.trace.distance - b.trace.distance || compareText(a.id, b.id);
}

/**
 * What if objects were deleted, or nodes drained: what goes, what comes back, what waits, and what all that does to the rest.
 *
 * Deleting follows the API server: with an owner goes what no other owner holds (garbage collection), with a namespace what is in it, with a
 * CustomResourceDefinition its instances. Draining follows `kubectl drain --force`: pods of the node go, except those of DaemonSets and mirror pods.
 * The graph itself is not touched.
 */
import type { EdgeType } from '../../model/edges.ts';
import { kindKey } from '../../model/groups.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Budget, budgetsOf } from './disruption-budgets.ts';
import { type Impact, impact } from './impact.ts';
import { defaultLimits, type Limits } from './limits.ts';

export interface Plan {
  readonly delete?: readonly ResourceId[];
  /** Ids of nodes. */
  readonly drain?: readonly ResourceId[];
}

/** deleted: asked for · evicted: by a drain · owner, namespace, definition: goes with `because`. */
export type GoneReason = 'deleted' | 'evicted' | 'owner' | 'namespace' | 'definition';

export interface Gone {
  readonly id: ResourceId;
  readonly reason: GoneReason;
  readonly because?: ResourceId;
  /** A surviving owner that makes it anew; without one it is lost for good. */
  readonly recreatedBy?: ResourceId;
  /** It is of a Job that has ended: nobody makes it anew, and nobody misses it. */
  readonly isDone?: true;
}

export interface WhatIf {
  readonly gone: readonly Gone[];
  /** Pods of a drained node that stay. */
  readonly stays: readonly { readonly id: ResourceId; readonly reason: 'daemon-set' | 'mirror-pod' }[];
  /** PodDisruptionBudgets that protect evicted pods. */
  readonly budgets: readonly Budget[];
  readonly impact: Impact;
  readonly truncated: boolean;
}

/** Carries out the plan in thought. Ids that do not exist are ignored. */
export function whatIf(view: View, plan: Plan, limits: Limits = defaultLimits): WhatIf {
  const removal = new Removal(view, limits);
  for (const id of plan.delete ?? []) removal.take(id, 'deleted');
  for (const id of plan.drain ?? []) removal.drain(id);
  removal.cascade();
  const gone = removal.gone();
  const effects = impact(
    view,
    gone.filter(({ isDone }) => !isDone).map(({ id }) => id),
    { limits },
  );
  const evicted = gone.filter(({ reason }) => reason === 'evicted').map(({ id }) => id);
  return {
    gone,
    stays: removal.stays,
    budgets: budgetsOf(view, evicted),
    impact: effects,
    truncated: removal.truncated || effects.truncated,
  };
}

interface Taken {
  readonly id: ResourceId;
  readonly reason: GoneReason;
  readonly because?: ResourceId;
}

class Removal {
  readonly stays: { readonly id: ResourceId; readonly reason: 'daemon-set' | 'mirror-pod' }[] = [];
  truncated = false;
  readonly #view: View;
  readonly #limits: Limits;
  readonly #taken = new Map<ResourceId, Taken>();
  #left: number;

  constructor(view: View, limits: Limits) {
    this.#view = view;
    this.#limits = limits;
    this.#left = limits.edges;
  }

  take(id: ResourceId, reason: GoneReason, because?: ResourceId): void {
    if (this.#taken.has(id) || !this.#view.get(id)) return;
    if (this.#taken.size >= this.#limits.resources) this.truncated = true;
    else this.#taken.set(id, { id, reason, ...(because !== undefined && { because }) });
  }

  drain(node: ResourceId): void {
    this.#view.scan(node, 'in', (type, { id }) => {
      if (type !== 'RUNS_ON') return this.#mayLook();
      const kinds = this.#ownersOf(id).map(kindKey);
      if (kinds.includes('apps/DaemonSet')) this.stays.push({ id, reason: 'daemon-set' });
      else if (kinds.includes('/Node')) this.stays.push({ id, reason: 'mirror-pod' });
      else this.take(id, 'evicted', node);
      return this.#mayLook();
    });
  }

  /** Takes what goes with what is taken, until nothing more does. A Map is walked in the order it grows. */
  cascade(): void {
    for (const { id } of this.#taken.values()) {
      this.#view.scan(id, 'out', (type, { id: owned }) => {
        if (type === 'OWNS' && this.#ownersOf(owned).every((owner) => this.#taken.has(owner.id)))
          this.take(owned, 'owner', id);
        return this.#mayLook();
      });
      const resource = this.#view.get(id);
      const kind = resource && kindKey(resource);
      if (kind === '/Namespace') this.#takeFrom(id, 'IN_NAMESPACE', 'namespace');
      if (kind === 'apiextensions.k8s.io/CustomResourceDefinition') this.#takeFrom(id, 'INSTANCE_OF', 'definition');
      if (this.truncated) return;
    }
  }

  #takeFrom(id: ResourceId, wanted: EdgeType, reason: GoneReason): void {
    this.#view.scan(id, 'in', (type, { id: member }) => {
      if (type === wanted) this.take(member, reason, id);
      return this.#mayLook();
    });
  }

  #mayLook(): boolean {
    if (this.#left-- <= 0) this.truncated = true;
    return !this.truncated;
  }

  #ownersOf(id: ResourceId): Resource[] {
    const owners: Resource[] = [];
    this.#view.scan(
      id,
      'in',
      (_, other) => {
        owners.push(other);
      },
      (type) => type === 'OWNS',
    );
    return owners;
  }

  gone(): Gone[] {
    return [...this.#taken.values()].map((taken) => {
      const owner = this.#ownersOf(taken.id).find((one) => kindKey(one) !== '/Node' && !this.#taken.has(one.id));
      if (owner === undefined) return taken;
      return hasEnded(owner) ? { ...taken, isDone: true } : { ...taken, recreatedBy: owner.id };
    });
  }
}

/** Whether it is a Job that starts no more pods. */
function hasEnded(owner: Resource): boolean {
  const { status } = owner.summary;
  return kindKey(owner) === 'batch/Job' && (status === 'Complete' || status === 'Failed');
}

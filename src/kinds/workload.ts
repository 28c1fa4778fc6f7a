/** What the kinds that make pods from a template share: their relations, and health by counts of replicas. */
import type { Health } from '../model/resource.ts';
import type { KindRef, Relation } from './kind.ts';
import { adopts } from './owners.ts';
import { podSpecRelations } from './pod-template.ts';

/** Relations of a workload with a LabelSelector at `spec.selector`, for what it may adopt, and a pod template at `spec.template`. */
export function workloadRelations(...adoptable: readonly KindRef[]): readonly Relation[] {
  return [adopts('spec.selector', adoptable), ...podSpecRelations('spec.template.spec', 'template')];
}

export interface Replicas {
  readonly desired: number;
  readonly available: number;
  /** Replicas of the newest revision; undefined where it does not matter. */
  readonly updated?: number;
}

interface Workload {
  readonly metadata?: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number };
}

/** critical: none of the wanted replicas is available · warning: some are missing, or a rollout is under way or about to begin. */
export function replicaHealth({ metadata, status }: Workload, { desired, available, updated }: Replicas): Health {
  const { generation = 0 } = metadata ?? {};
  if ((status?.observedGeneration ?? generation) < generation)
    return { status: 'warning', reason: 'NotObserved', message: 'its controller has not seen the latest change yet' };
  if (desired === 0) return { status: 'healthy', reason: 'ScaledToZero' };
  const message = `${available} of ${desired} available`;
  if (available === 0) return { status: 'critical', reason: 'Unavailable', message };
  if (available < desired) return { status: 'warning', reason: 'ReplicasUnavailable', message };
  if (updated !== undefined && updated < desired)
    return { status: 'warning', reason: 'RolloutInProgress', message: `${updated} of ${desired} updated` };
  return { status: 'healthy' };
}

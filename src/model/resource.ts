/** A node of the graph: what is known of one object at one instant, without its full content. */
import type { Labels } from './selector.ts';
import type { Time } from './time.ts';

/** `cluster/uid`; pseudo resources `cluster/~Kind/namespace/name`; objects without a uid `cluster/=group/Kind/namespace/name`. */
export type ResourceId = string;

export type Scalar = string | number | boolean;

/** healthy: does its work · warning: works with less than it should, or is on its way · critical: does not do its work. */
export type HealthStatus = 'healthy' | 'warning' | 'critical' | 'unknown';

/** Which states come first where not everything fits: the worst. */
export const urgency: Readonly<Record<HealthStatus, number>> = { critical: 0, warning: 1, unknown: 2, healthy: 3 };

export interface Health {
  readonly status: HealthStatus;
  /** CamelCase reason as Kubernetes writes it, for example `CrashLoopBackOff`. */
  readonly reason?: string;
  readonly message?: string;
}

export interface Resource {
  readonly id: ResourceId;
  readonly cluster: string;
  /** API group, `` for core and for pseudo resources. */
  readonly group: string;
  readonly kind: string;
  /** `` for what is cluster-scoped. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** True for what is only named by objects and is none itself: images, hosts, users, applications. */
  readonly pseudo: boolean;
  readonly labels: Labels;
  readonly createdAt?: Time;
  /** What `kubectl get` shows of this kind, one entry a column, in kubectl's order. */
  readonly summary: Readonly<Record<string, Scalar>>;
  readonly health: Health;
}

/** `Kind/namespace/name`, cluster-scoped `Kind/name`: how people name a resource. */
export function resourceTitle(resource: Pick<Resource, 'kind' | 'namespace' | 'name'>): string {
  return resource.namespace === ''
    ? `${resource.kind}/${resource.name}`
    : `${resource.kind}/${resource.namespace}/${resource.name}`;
}

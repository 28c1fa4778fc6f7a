/** What KubeView v2 tells of a namespace: its keys of `/api/fetch`, and which of the kinds it also streams. Everything else it never tells of. */
import type { GroupKind } from '../../model/groups.ts';

/** A kind as KubeView tells of it. */
export interface ToldKind extends GroupKind {
  readonly apiVersion: string;
  /** Changes come as they happen; otherwise they are seen only when everything is fetched again. */
  readonly streamed: boolean;
  /** Told by every KubeView. Of the two kinds of endpoints each tells one, by the version of its cluster. */
  readonly always: boolean;
}

/** By key of a fetch's answer. */
export type KindTable = ReadonlyMap<string, ToldKind>;

function told(group: string, version: string, kind: string, more: Partial<ToldKind> = {}): ToldKind {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { group, kind, apiVersion, streamed: true, always: true, ...more };
}

export const toldKinds: KindTable = new Map([
  ['pods', told('', 'v1', 'Pod')],
  ['services', told('', 'v1', 'Service')],
  ['deployments', told('apps', 'v1', 'Deployment')],
  ['replicasets', told('apps', 'v1', 'ReplicaSet')],
  ['statefulsets', told('apps', 'v1', 'StatefulSet')],
  ['daemonsets', told('apps', 'v1', 'DaemonSet', { streamed: false })],
  ['jobs', told('batch', 'v1', 'Job')],
  ['cronjobs', told('batch', 'v1', 'CronJob')],
  ['ingresses', told('networking.k8s.io', 'v1', 'Ingress')],
  ['configmaps', told('', 'v1', 'ConfigMap')],
  ['secrets', told('', 'v1', 'Secret')],
  ['persistentvolumeclaims', told('', 'v1', 'PersistentVolumeClaim')],
  ['events', told('', 'v1', 'Event')],
  ['horizontalpodautoscalers', told('autoscaling', 'v2', 'HorizontalPodAutoscaler')],
  ['endpointslices', told('discovery.k8s.io', 'v1', 'EndpointSlice', { always: false })],
  ['endpoints', told('', 'v1', 'Endpoints', { always: false })],
]);

/** KubeView asks for so many of a kind and does not ask for the rest: exactly so many may be fewer than there are. */
export const LIST_MAX = 1_000;

/** Names of the built-in kinds that relations point at. Kinds of other API groups are named in the file of their ecosystem. */
import type { KindRef } from './kind.ts';

/** A kind whose objects live in namespaces. */
export function namespaced(group: string, kind: string): KindRef {
  return { group, kind, namespaced: true };
}

/** A kind whose objects belong to the whole cluster. */
export function clusterScoped(group: string, kind: string): KindRef {
  return { group, kind, namespaced: false };
}

export const Pod = namespaced('', 'Pod');
export const Node = clusterScoped('', 'Node');
export const Namespace = clusterScoped('', 'Namespace');
export const ServiceAccount = namespaced('', 'ServiceAccount');
export const Secret = namespaced('', 'Secret');
export const ConfigMap = namespaced('', 'ConfigMap');
export const Service = namespaced('', 'Service');
export const Endpoints = namespaced('', 'Endpoints');
export const PersistentVolumeClaim = namespaced('', 'PersistentVolumeClaim');
export const PersistentVolume = clusterScoped('', 'PersistentVolume');
export const StorageClass = clusterScoped('storage.k8s.io', 'StorageClass');
export const CSIDriver = clusterScoped('storage.k8s.io', 'CSIDriver');
export const VolumeAttributesClass = clusterScoped('storage.k8s.io', 'VolumeAttributesClass');
export const PriorityClass = clusterScoped('scheduling.k8s.io', 'PriorityClass');
export const PodGroup = namespaced('scheduling.k8s.io', 'PodGroup');
export const RuntimeClass = clusterScoped('node.k8s.io', 'RuntimeClass');
export const IngressClass = clusterScoped('networking.k8s.io', 'IngressClass');
export const Ingress = namespaced('networking.k8s.io', 'Ingress');
export const ClusterTrustBundle = clusterScoped('certificates.k8s.io', 'ClusterTrustBundle');
export const ResourceClaim = namespaced('resource.k8s.io', 'ResourceClaim');
export const ResourceClaimTemplate = namespaced('resource.k8s.io', 'ResourceClaimTemplate');
export const DeviceClass = clusterScoped('resource.k8s.io', 'DeviceClass');
export const ResourceSlice = clusterScoped('resource.k8s.io', 'ResourceSlice');
export const Role = namespaced('rbac.authorization.k8s.io', 'Role');
export const ClusterRole = clusterScoped('rbac.authorization.k8s.io', 'ClusterRole');
export const Deployment = namespaced('apps', 'Deployment');
export const ReplicaSet = namespaced('apps', 'ReplicaSet');
export const StatefulSet = namespaced('apps', 'StatefulSet');
export const DaemonSet = namespaced('apps', 'DaemonSet');
export const ControllerRevision = namespaced('apps', 'ControllerRevision');
export const Job = namespaced('batch', 'Job');
export const CustomResourceDefinition = clusterScoped('apiextensions.k8s.io', 'CustomResourceDefinition');

/**
 * The hub rule: what nearly everything touches (namespaces, nodes, classes, images, …) is shown as a leaf and never walked through,
 * unless it is what was asked about. Without it every walk becomes the whole cluster in two steps.
 */
import { kindKey } from '../../model/groups.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

/** `group/Kind`. */
const hubKinds: ReadonlySet<string> = new Set([
  '/Namespace',
  '/Node',
  '/LimitRange',
  '/ResourceQuota',
  'scheduling.k8s.io/PriorityClass',
  'node.k8s.io/RuntimeClass',
  'networking.k8s.io/IngressClass',
  'storage.k8s.io/StorageClass',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** With more edges than this a resource is treated as a hub, whatever its kind (a ConfigMap that every pod mounts). */
export const HUB_DEGREE = 500;

/** Whether the kind is a hub: the list above, and everything that is only named (images, actors, zones, hosts). */
export function isHub(resource: Pick<Resource, 'group' | 'kind' | 'pseudo'>): boolean {
  return resource.pseudo || hubKinds.has(kindKey(resource));
}

/** Whether a walk must stop at this resource: a hub by kind, or by the number of its edges. */
export function stopsWalk(view: View, id: ResourceId, resource: Resource, maxDegree = HUB_DEGREE): boolean {
  if (isHub(resource)) return true;
  const { out, in: reached } = view.degree(id);
  return out + reached > maxDegree;
}

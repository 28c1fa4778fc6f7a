/** Wholes and their parts: what nobody makes by hand (pods, ReplicaSets, endpoints) counts as what it is a part of. */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

/** `group/Kind`. */
const parts: ReadonlySet<string> = new Set([
  '/Pod',
  'apps/ReplicaSet',
  '/ReplicationController',
  'batch/Job',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
]);

export function isPart(resource: Resource): boolean {
  return parts.has(kindKey(resource));
}

/** What people call a thing: the workload of a pod, the Service of an EndpointSlice. */
export function wholeOf(view: View, resource: Resource): Resource {
  let whole = resource;
  for (let steps = 0; isPart(whole) && steps < 5; steps++) {
    const [edge] = kindKey(whole) === '/Endpoints' ? view.out(whole.id, 'BACKS') : view.in(whole.id, 'OWNS');
    const above = edge && view.get(edge.from === whole.id ? edge.to : edge.from);
    if (above === undefined || above.namespace !== whole.namespace) break;
    whole = above;
  }
  return whole;
}

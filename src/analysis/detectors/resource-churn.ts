/** Objects of one kind that are made and removed in masses for the same owner: a controller that undoes what another does, or a job that runs wild. */
import type { KubeObject } from '../../model/change.ts';
import { isEvent, kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, push } from '../case.ts';
import { counted, type Detector, MINUTE } from './detection.ts';
import { fullest } from './restarts.ts';

interface Operation {
  readonly at: number;
  readonly verb: 'created' | 'deleted';
  readonly resource: Resource;
  readonly owner: Resource;
}

/** Signs of life, and what follows every pod. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'coordination.k8s.io/Lease',
  'discovery.k8s.io/EndpointSlice',
  '/Endpoints',
  '/Occurrence',
]);

export const resourceChurn: Detector = function* (known, { churnOperations, churnMinutes }) {
  for (const operations of operationsIn(known).values()) {
    if (operations.length <= churnOperations) continue;
    const sorted = operations.sort((a, b) => a.at - b.at);
    const { count, events } = fullest(sorted, churnMinutes * MINUTE);
    const [first, last] = [events[0], sorted.at(-1)];
    if (first === undefined || last === undefined || count <= churnOperations) continue;
    const removed = events.filter(({ verb }) => verb === 'deleted').length;
    const { kind, namespace } = first.resource;
    yield {
      pattern: 'resource_churn',
      severity: 'warning',
      // Made and never removed is a large rollout as well.
      confidence: removed > 0 ? 0.8 : 0.6,
      active: known.now - last.at <= churnMinutes * MINUTE,
      since: first.at,
      until: last.at,
      subject: first.owner,
      resources: [],
      summary: `${counted(count - removed, kind)} made and ${removed} removed within ${churnMinutes} minutes${namespace === '' ? '' : ` in namespace ${namespace}`}.`,
      evidence: [first, last].map(({ at, verb, resource }) => ({
        kind: 'change',
        at,
        text: `${resource.kind} ${resource.name} ${verb}`,
        resource,
      })),
    };
  }
};

function operationsIn(known: Case): ReadonlyMap<string, Operation[]> {
  const found = new Map<string, Operation[]>();
  const note = (operation: Operation): void => {
    const { at, resource } = operation;
    if (at >= known.begins && !isEvent(resource) && !LEFT_OUT.has(kindKey(resource)))
      push(found, keyOf(operation), operation);
  };
  for (const resource of known.view.resources()) {
    const at = milliseconds(resource.createdAt);
    if (!resource.pseudo && at >= known.begins)
      note({ at, verb: 'created', resource, owner: ownerOf(known, resource) });
  }
  for (const { at, resource, object } of known.estate.deletions) {
    const owner = ownerOf(known, resource, object);
    note({ at: milliseconds(object?.metadata.creationTimestamp), verb: 'created', resource, owner });
    note({ at: milliseconds(at), verb: 'deleted', resource, owner });
  }
  return found;
}

/** Of one kind, in one place, of owners of one name: what is made for it has another owner each time. */
function keyOf({ resource, owner }: Operation): string {
  return `${kindKey(resource)} ${resource.cluster} ${resource.namespace} ${owner.id === resource.id ? '' : owner.id}`;
}

function ownerOf(known: Case, resource: Resource, object?: KubeObject): Resource {
  const there = known.view.get(resource.id);
  if (there) return known.whole(there);
  const owner = object?.metadata.ownerReferences?.find(({ controller }) => controller);
  const found = owner && known.view.get(`${resource.cluster}/${owner.uid}`);
  return found ? known.whole(found) : resource;
}

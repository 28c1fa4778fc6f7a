/** How much there is: objects apart from Events, which come and go, and from what is only named. Every number of resources counts the same. */
import { isEvent } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';

export interface Size {
  /** Kubernetes objects other than Events. */
  readonly resources: number;
  readonly events: number;
  /** Pseudo resources: what objects name and is none itself. */
  readonly named: number;
}

export function sizeOf(all: Iterable<Pick<Resource, 'group' | 'kind' | 'pseudo'>>): Size {
  let [resources, events, named] = [0, 0, 0];
  for (const resource of all) {
    if (resource.pseudo) named++;
    else if (isEvent(resource)) events++;
    else resources++;
  }
  return { resources, events, named };
}

/** `408 resources, 12 Events, 272 named things (images, hosts, actors)` */
export function sizeText({ resources, events, named }: Size): string {
  return [
    `${resources} resource${resources === 1 ? '' : 's'}`,
    ...(events > 0 ? [`${events} Event${events === 1 ? '' : 's'}`] : []),
    ...(named > 0 ? [`${named} named thing${named === 1 ? '' : 's'} (images, hosts, actors)`] : []),
  ].join(', ');
}

/** Ids of resources as rows: what an id is made of is what a row holds, so ids themselves are not stored. */
import type { ResourceId } from '../../model/resource.ts';
import type { Named } from './entries.ts';

/** The id that follows from names and uid; the other way round than `model/resource.ts` describes it. */
export function idOf({ cluster, group, kind, pseudo, namespace, name, uid }: Omit<Named, 'id'>): ResourceId {
  if (pseudo) return [cluster, `~${kind}`, namespace, name].join('/');
  return uid === '' ? [cluster, `=${group}`, kind, namespace, name].join('/') : [cluster, uid].join('/');
}

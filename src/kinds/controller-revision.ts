/** ControllerRevision, and the statement that an object is a revision of its controller. Source: apps/v1. */
import type { V1ControllerRevision } from '@kubernetes/client-node';
import { kind, type Relation } from './kind.ts';
import { controllerOf } from './owners.ts';
import { groupIn, relation } from './relations.ts';

/** The object is a revision, numbered by the field, of whatever controls it. OWNS says the rest: when the owner is gone, this is no fault of its own. */
export function revisionOf(path: string): Relation {
  return relation(
    'REVISION_OF',
    path,
    'the controller',
    { note: 'the owner with controller: true' },
    ({ value, object, namespace, lookup }) => {
      const owner = controllerOf(object);
      if (owner === undefined) return undefined;
      const { group, kind: kindName, namespaced } = lookup(groupIn(owner) ?? '', owner.kind);
      return {
        target: {
          by: 'id',
          uid: owner.uid,
          group,
          kind: kindName,
          namespace: namespaced ? namespace : '',
          name: owner.name,
          sameNamespace: true,
        },
        optional: true,
        attributes: { revision: String(value) },
      };
    },
  );
}

export const controllerRevision = kind<V1ControllerRevision>({
  group: 'apps',
  name: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  summary: (r) => {
    const owner = controllerOf(r);
    return { controller: owner && `${owner.kind.toLowerCase()}/${owner.name}`, revision: r.revision };
  },
  relations: [revisionOf('revision')],
});

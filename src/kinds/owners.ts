/** Who controls an object, and what controllers do with objects that nobody controls: they adopt those that their selector matches. */
import type { OwnerReference } from '../model/change.ts';
import { type Labels, type Requirement, selectorFrom, selectorFromMap } from '../model/selector.ts';
import type { KindRef, Relation } from './kind.ts';
import { ownNamespace, relation, selectorText } from './relations.ts';

interface Owned {
  readonly metadata?: { readonly ownerReferences?: unknown; readonly deletionTimestamp?: unknown };
}

/** The owner with `controller: true`; an object has at most one (meta/v1 OwnerReference). */
export function controllerOf(object: Owned): OwnerReference | undefined {
  const owners = object.metadata?.ownerReferences;
  return Array.isArray(owners) ? owners.find((owner: OwnerReference) => owner?.controller === true) : undefined;
}

/** No label can have such a key: a label's key holds no colon. */
const UNCONTROLLED = 'owner:controller';
const adoptable: Labels = { [UNCONTROLLED]: 'none' };
const isAdoptable: Requirement = { key: UNCONTROLLED, operator: 'In', values: ['none'] };

/** The selectable fact of an object that a controller may adopt: it has no controller and is not being deleted. */
export function adoptionFact(object: Owned): Labels | undefined {
  if (object.metadata?.deletionTimestamp !== undefined) return undefined;
  return controllerOf(object) === undefined ? adoptable : undefined;
}

/**
 * The field selects objects that nobody controls: they will be adopted, or count as the workload's own and confuse it.
 * Those with a controller belong to it whatever their labels, so they are no targets. An empty selector is not valid in apps/v1 and batch/v1.
 */
export function adopts(path: string, targets: readonly KindRef[], form: 'selector' | 'map' = 'selector'): Relation {
  const read = form === 'map' ? selectorFromMap : selectorFrom;
  return relation(
    'SELECTS',
    path,
    targets.map(({ kind }) => kind).join(', '),
    { confidence: 'selector', note: 'only those without a controller, which the workload would adopt' },
    (found) => {
      const selector = read(found.value);
      if (selector === undefined || selector.length === 0) return undefined;
      return targets.map((target) => ({
        target: {
          by: 'labels',
          group: target.group,
          kind: target.kind,
          selector: [...selector, isAdoptable],
          namespaces: ownNamespace(found, target),
        },
        value: selectorText(selector),
      }));
    },
  );
}

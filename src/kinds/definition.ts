/**
 * How custom resources and what defines them find each other: a definition shows the kind it serves as a selectable fact,
 * and whoever has the kind, or names it, selects that. Only the kind is known of an object, never the plural in the definition's name.
 */
import { groupOf } from '../model/change.ts';
import { isBuiltInGroup } from '../model/groups.ts';
import type { Target } from '../model/reference.ts';
import type { Labels } from '../model/selector.ts';
import type { Relation } from './kind.ts';
import { CustomResourceDefinition } from './refs.ts';
import { relation } from './relations.ts';

const FIELD_KIND = 'crd:kind';

/** Selectable fact of the CustomResourceDefinition that serves a kind. */
export function definitionFact(group: string, kind: string): Labels {
  return { [FIELD_KIND]: `${kind}.${group}` };
}

/** The CustomResourceDefinition that serves a kind. */
export function definitionOf(group: string, kind: string): Target {
  return {
    by: 'labels',
    group: CustomResourceDefinition.group,
    kind: CustomResourceDefinition.kind,
    selector: [{ key: FIELD_KIND, operator: 'In', values: [`${kind}.${group}`] }],
    namespaces: { type: 'all' },
  };
}

export const instanceOf: Relation = relation(
  'INSTANCE_OF',
  'apiVersion',
  'CustomResourceDefinition',
  { note: 'the definition of spec.group and spec.names.kind' },
  ({ object }) => {
    const group = groupOf(object.apiVersion);
    return isBuiltInGroup(group)
      ? undefined
      : { target: definitionOf(group, object.kind), value: `${object.kind}.${group}` };
  },
);

/** VolumePopulator: a kind of custom resource that claims may name as their source. Source: populator.storage.k8s.io/v1beta1. */
import type { KubeObject } from '../model/change.ts';
import { definitionOf } from './definition.ts';
import { kind } from './kind.ts';
import { relation, textAt, valueAt } from './relations.ts';

export const volumePopulator = kind<KubeObject>({
  group: 'populator.storage.k8s.io',
  name: 'VolumePopulator',
  plural: 'volumepopulators',
  namespaced: false,
  summary: (p) => ({ sourceKind: textAt(valueAt(p, 'sourceKind'), 'kind') }),
  relations: [
    relation('POPULATES', 'sourceKind', 'CustomResourceDefinition', { note: 'of that group and kind' }, ({ value }) => {
      const group = textAt(value, 'group');
      const kindName = textAt(value, 'kind');
      if (group === undefined || kindName === undefined) return undefined;
      return { target: definitionOf(group, kindName), value: `${kindName}.${group}` };
    }),
  ],
});

/** StorageVersionMigration: objects of a resource are rewritten in the present storage version. Source: storagemigration.k8s.io/v1beta1. */
import type { V1beta1StorageVersionMigration } from '@kubernetes/client-node';
import { because, condition, holds } from './conditions.ts';
import { kind } from './kind.ts';
import { relation, textAt } from './relations.ts';
import { resourceType, resourceTypeName } from './resource-type.ts';

export const storageVersionMigration = kind<V1beta1StorageVersionMigration>({
  group: 'storagemigration.k8s.io',
  name: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  namespaced: false,
  summary: (object) => {
    const { group = '', resource } = object.spec?.resource ?? {};
    return {
      resource: resource && resourceTypeName(group, resource),
      status: ['Succeeded', 'Failed', 'Running'].find((type) => holds(object, type)) ?? 'Unknown',
    };
  },
  health: (object) => {
    const failed = condition(object, 'Failed');
    if (failed?.status === 'True') return because('critical', failed);
    if (holds(object, 'Succeeded')) return { status: 'healthy', reason: 'Completed' };
    return holds(object, 'Running') ? { status: 'healthy', reason: 'Running' } : { status: 'unknown' };
  },
  relations: [
    relation('APPLIES_TO', 'spec.resource', 'ResourceType (pseudo)', {}, ({ value }) => {
      const plural = textAt(value, 'resource');
      return plural === undefined ? undefined : resourceType(textAt(value, 'group') ?? '', plural);
    }),
  ],
});

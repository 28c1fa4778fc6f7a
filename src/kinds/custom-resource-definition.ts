/** CustomResourceDefinition: the definition of a kind; its objects find it themselves (definition.ts). Source: apiextensions.k8s.io/v1. */
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { caInjection } from './cert-manager-annotations.ts';
import { conditionHealth } from './conditions.ts';
import { definitionFact } from './definition.ts';
import { kind } from './kind.ts';
import { CustomResourceDefinition } from './refs.ts';
import { relation, textAt } from './relations.ts';
import { resourceType } from './resource-type.ts';
import { sentTo } from './webhook-client.ts';

export const customResourceDefinition = kind<V1CustomResourceDefinition>({
  ...CustomResourceDefinition,
  name: CustomResourceDefinition.kind,
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  summary: ({ spec }) => ({
    kind: spec?.names?.kind,
    shortNames: spec?.names?.shortNames?.join(',') || undefined,
    scope: spec?.scope,
    versions: spec?.versions
      ?.filter(({ served }) => served)
      .map(({ name }) => name)
      .join(','),
  }),
  health: (object) =>
    conditionHealth(object, {
      good: ['Established', 'NamesAccepted'],
      worrying: ['Terminating', 'NonStructuralSchema'],
    }),
  selectable: ({ spec }) => (spec?.names?.kind ? definitionFact(spec.group, spec.names.kind) : undefined),
  relations: [
    relation('DEFINES', 'spec.names.plural', 'ResourceType (pseudo)', {}, ({ value, object }) => {
      const group = textAt(object['spec'], 'group');
      return typeof value === 'string' && group !== undefined ? resourceType(group, value) : undefined;
    }),
    ...sentTo('spec.conversion.{webhook.clientConfig,webhookClientConfig}'),
    ...caInjection,
  ],
});

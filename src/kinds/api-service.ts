/** APIService: an API group version, served by the API server itself or by a Service. Source: apiregistration.k8s.io/v1. */
import type { V1APIService } from '@kubernetes/client-node';
import { caInjection } from './cert-manager-annotations.ts';
import { condition, conditionHealth } from './conditions.ts';
import { kind } from './kind.ts';
import { Service } from './refs.ts';
import { names } from './relations.ts';

export const apiService = kind<V1APIService>({
  group: 'apiregistration.k8s.io',
  name: 'APIService',
  plural: 'apiservices',
  namespaced: false,
  summary: (object) => {
    const { service } = object.spec ?? {};
    const available = condition(object, 'Available');
    return {
      service: service ? `${service.namespace}/${service.name}` : 'Local',
      available: available?.status === 'False' ? `False (${available.reason})` : available?.status,
    };
  },
  health: (object) => conditionHealth(object, { good: ['Available'] }),
  relations: [
    names('SERVED_BY', 'spec.service', Service, {
      namespace: 'namespace',
      attributes: ({ value }) => {
        const { port } = value as { port?: unknown };
        return { port: typeof port === 'number' ? port : 443 };
      },
    }),
    ...caInjection,
  ],
});

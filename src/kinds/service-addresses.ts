/** Where the addresses of Services come from. Sources: networking.k8s.io/v1 IPAddress, ServiceCIDR. */
import type { V1IPAddress, V1ServiceCIDR } from '@kubernetes/client-node';
import { cidrOutcome } from './addresses.ts';
import { conditionHealth } from './conditions.ts';
import { kind } from './kind.ts';
import { relation, textAt } from './relations.ts';
import { resourceTypeName } from './resource-type.ts';

export const ipAddress = kind<V1IPAddress>({
  group: 'networking.k8s.io',
  name: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  namespaced: false,
  summary: ({ spec }) => {
    const { group = '', resource = '', namespace, name } = spec?.parentRef ?? { name: undefined };
    return {
      parentRef: name && [resourceTypeName(group, resource), ...(namespace ? [namespace] : []), name].join('/'),
    };
  },
  relations: [
    relation('ASSIGNED_TO', 'spec.parentRef', 'Service, or any', {}, ({ value, resource }) => {
      const name = textAt(value, 'name');
      const target = resource(textAt(value, 'group') ?? '', textAt(value, 'resource') ?? '');
      if (name === undefined || target === undefined) return undefined;
      const namespace = target.namespaced ? (textAt(value, 'namespace') ?? '') : '';
      return { target: { by: 'name', group: target.group, kind: target.kind, namespace, name }, suffix: '.name' };
    }),
  ],
});

export const serviceCidr = kind<V1ServiceCIDR>({
  group: 'networking.k8s.io',
  name: 'ServiceCIDR',
  plural: 'servicecidrs',
  namespaced: false,
  summary: ({ spec }) => ({ cidrs: spec?.cidrs?.join(',') }),
  health: (object) => conditionHealth(object, { good: ['Ready'] }),
  relations: [
    relation('HAS_RANGE', 'spec.cidrs[*]', 'CIDR (pseudo)', {}, ({ value }) =>
      typeof value === 'string' ? cidrOutcome(value) : undefined,
    ),
  ],
});

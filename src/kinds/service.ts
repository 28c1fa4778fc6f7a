/** Service: a stable name for pods, or an alias of another host. Source: core/v1 Service. */
import type { V1Service } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { addressesOf, exposedBy, hostOutcome } from './addresses.ts';
import { addressFact } from './dns.ts';
import { gkeService } from './ecosystems/cloud-load-balancers.ts';
import { kongService } from './ecosystems/kong.ts';
import { poolOfService } from './ecosystems/metallb.ts';
import { kind, type Raw } from './kind.ts';
import { Pod } from './refs.ts';
import { namesPseudo, relation, selects, textAt } from './relations.ts';

const isAlias = (object: unknown): boolean => textAt((object as { spec?: unknown }).spec, 'type') === 'ExternalName';

export const service = kind<V1Service>({
  group: '',
  name: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  namespaced: true,
  summary: (s) => ({
    type: s.spec?.type ?? 'ClusterIP',
    clusterIp: s.spec?.clusterIPs?.[0] ?? s.spec?.clusterIP,
    externalIp: externalIp(s),
    ports: s.spec?.ports
      ?.map(({ port, nodePort, protocol }) => `${nodePort ? `${port}:${nodePort}` : `${port}`}/${protocol ?? 'TCP'}`)
      .join(','),
  }),
  health: serviceHealth,
  selectable: ({ spec, status }) => {
    const own = (spec?.clusterIPs ?? [spec?.clusterIP]).filter((address) => address && address !== 'None');
    const addresses = [...own, ...(spec?.externalIPs ?? []), ...addressesOf(status?.loadBalancer?.ingress)];
    return addresses.length === 0
      ? undefined
      : Object.fromEntries(addresses.map((address) => [addressFact(String(address)), 'true']));
  },
  relations: [
    selects('SELECTS', 'spec.selector', Pod, {
      form: 'map',
      empty: 'none',
      when: ({ object }) => !isAlias(object),
      attributes: ({ object }) => targetPorts(object as Raw<V1Service>),
      note: 'an empty or absent selector selects nothing; the type ExternalName ignores it',
    }),
    relation(
      'ALIAS_OF',
      'spec.externalName',
      'Service, or ExternalHost (pseudo)',
      { note: 'only the type ExternalName; `name.namespace.svc.…` is the Service of this cluster' },
      ({ object, value }) => (isAlias(object) && typeof value === 'string' ? hostOutcome(value) : undefined),
    ),
    exposedBy('status.loadBalancer.ingress[*]'),
    namesPseudo('USES_CLASS', 'spec.loadBalancerClass', 'LoadBalancerClass'),
    ...gkeService,
    ...kongService,
    ...poolOfService,
  ],
});

/** Where in the pods the traffic of each port goes, `80:http/TCP`; the port itself unless the Service says otherwise. */
function targetPorts({ spec }: Raw<V1Service>): { readonly targetPorts: string } | undefined {
  if (!spec?.ports?.length) return undefined;
  const texts = spec.ports.map(({ port, targetPort = port, protocol = 'TCP' }) => `${port}:${targetPort}/${protocol}`);
  return { targetPorts: texts.join(',') };
}

/** The EXTERNAL-IP column (kubernetes pkg/printers/internalversion getServiceExternalIP). */
function externalIp({ spec, status }: Raw<V1Service>): string | undefined {
  if (spec?.type === 'ExternalName') return spec.externalName;
  const balanced = spec?.type === 'LoadBalancer' ? addressesOf(status?.loadBalancer?.ingress) : [];
  const all = [...balanced, ...(spec?.externalIPs ?? [])];
  if (all.length > 0) return all.join(',');
  return spec?.type === 'LoadBalancer' ? '<pending>' : undefined;
}

/** Whether anybody serves it stands in its EndpointSlices. */
function serviceHealth({ spec, status }: Raw<V1Service>): Health {
  const pending = spec?.type === 'LoadBalancer' && addressesOf(status?.loadBalancer?.ingress).length === 0;
  return pending ? { status: 'warning', reason: 'LoadBalancerPending' } : { status: 'unknown' };
}

/** What Cilium keeps of pods, nodes and ranges, and how it redirects traffic. Source: cilium.io/v2. */
import { selectorFrom } from '../../model/selector.ts';
import { cidrOutcome } from '../addresses.ts';
import { type Kind, kind } from '../kind.ts';
import { labelled, namespacesOf, podsIn } from '../pod-peers.ts';
import { clusterScoped, Namespace, Node, Pod, Service } from '../refs.ts';
import { names, relation, selects } from '../relations.ts';

const GROUP = 'cilium.io';
const CiliumIdentity = clusterScoped(GROUP, 'CiliumIdentity');
export const CiliumCIDRGroup = clusterScoped(GROUP, 'CiliumCIDRGroup');

interface Endpoint {
  readonly status?: {
    readonly state?: string;
    readonly identity?: { readonly id?: number };
    readonly networking?: { readonly addressing?: readonly { readonly ipv4?: string; readonly ipv6?: string }[] };
  };
}

const ciliumEndpoint = kind<Endpoint>({
  group: GROUP,
  name: 'CiliumEndpoint',
  plural: 'ciliumendpoints',
  namespaced: true,
  summary: ({ status }) => ({
    securityIdentity: status?.identity?.id,
    endpointState: status?.state,
    ipv4: status?.networking?.addressing?.[0]?.ipv4,
    ipv6: status?.networking?.addressing?.[0]?.ipv6,
  }),
  health: ({ status }) => {
    if (status?.state === undefined) return { status: 'unknown' };
    if (status.state === 'ready') return { status: 'healthy' };
    return { status: 'warning', reason: 'EndpointNotReady', message: `state ${status.state}` };
  },
  relations: [
    names('BELONGS_TO', 'metadata.name', Pod, { confidence: 'naming' }),
    relation(
      'ASSUMES',
      'status.identity.id',
      'CiliumIdentity',
      { note: 'identities are objects only when Cilium keeps them in the API server' },
      ({ value }) => ({
        target: { by: 'name', group: GROUP, kind: CiliumIdentity.kind, namespace: '', name: String(value) },
        optional: true,
      }),
    ),
  ],
});

const ciliumIdentity = kind<object>({
  ...CiliumIdentity,
  name: CiliumIdentity.kind,
  plural: 'ciliumidentities',
  relations: [
    names('BELONGS_TO', 'security-labels["k8s:io.kubernetes.pod.namespace"]', Namespace, {
      optional: true,
      note: 'identities outlive their namespace until they are collected',
    }),
  ],
});

const ciliumNode = kind<object>({
  group: GROUP,
  name: 'CiliumNode',
  plural: 'ciliumnodes',
  namespaced: false,
  relations: [names('BELONGS_TO', 'metadata.name', Node, { confidence: 'naming' })],
});

const ciliumCidrGroup = kind<object>({
  ...CiliumCIDRGroup,
  name: CiliumCIDRGroup.kind,
  plural: 'ciliumcidrgroups',
  relations: [
    relation('HAS_RANGE', 'spec.externalCIDRs[*]', 'CIDR (pseudo)', {}, ({ value }) =>
      typeof value === 'string' ? cidrOutcome(value) : undefined,
    ),
  ],
});

const localRedirectPolicy = kind<object>({
  group: GROUP,
  name: 'CiliumLocalRedirectPolicy',
  plural: 'ciliumlocalredirectpolicies',
  namespaced: true,
  relations: [
    names('APPLIES_TO', 'spec.redirectFrontend.serviceMatcher', Service, {
      name: 'serviceName',
      namespace: 'namespace',
    }),
    selects('ROUTES_TO', 'spec.redirectBackend.localEndpointSelector', Pod, {
      empty: 'all',
      note: 'those on the node of the client',
    }),
  ],
});

const egressGatewayPolicy = kind<object>({
  group: GROUP,
  name: 'CiliumEgressGatewayPolicy',
  plural: 'ciliumegressgatewaypolicies',
  namespaced: false,
  relations: [
    relation('APPLIES_TO', 'spec.selectors[*]', 'Pod, or Namespace', { confidence: 'selector' }, ({ value }) => {
      const { namespaceSelector, podSelector } = value as { namespaceSelector?: unknown; podSelector?: unknown };
      if (namespaceSelector == null && podSelector == null) return undefined;
      const namespaces = namespacesOf(namespaceSelector ?? {});
      const pods = podSelector == null ? undefined : selectorFrom(podSelector);
      if (namespaces === undefined || (podSelector != null && pods === undefined)) return undefined;
      return podsIn(namespaces, pods);
    }),
    relation(
      'ROUTES_TO',
      'spec.{egressGateway,egressGateways[*]}.nodeSelector',
      'Node',
      { confidence: 'selector' },
      ({ value }) => {
        const selector = selectorFrom(value);
        return selector && labelled(Node, selector, { type: 'all' });
      },
    ),
    relation('ROUTES_TO', 'spec.destinationCIDRs[*]', 'CIDR (pseudo)', {}, ({ value }) =>
      typeof value === 'string' ? cidrOutcome(value) : undefined,
    ),
  ],
});

export const ciliumKinds: readonly Kind[] = [
  ciliumEndpoint,
  ciliumIdentity,
  ciliumNode,
  ciliumCidrGroup,
  localRedirectPolicy,
  egressGatewayPolicy,
];

/** MetalLB: pools of addresses for Services, and how they are announced. Source: metallb.io/v1beta1 and v1beta2 (metallb 0.15). */

import { cidrOutcome } from '../addresses.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { Namespace, Node, namespaced, Secret, Service } from '../refs.ts';
import { names, relation, selects, textAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

const GROUP = 'metallb.io';
const IPAddressPool = namespaced(GROUP, 'IPAddressPool');
const BGPPeer = namespaced(GROUP, 'BGPPeer');
const BFDProfile = namespaced(GROUP, 'BFDProfile');
/** Where MetalLB keeps its configuration unless it is installed elsewhere. */
const HOME = 'metallb-system';

/** The pool that a Service asks for, or that MetalLB took its address from. */
export const poolOfService: readonly Relation[] = [
  'metallb.io/address-pool',
  'metallb.universe.tf/address-pool',
  'metallb.io/ip-allocated-from-pool',
  'metallb.universe.tf/ip-allocated-from-pool',
].map((key) =>
  names('ALLOCATED_FROM', `metadata.annotations["${key}"]`, IPAddressPool, {
    namespace: () => HOME,
    confidence: 'naming',
    note: `in MetalLB’s own namespace, by default ${HOME}`,
  }),
);

const ipAddressPool = kind({
  group: GROUP,
  name: IPAddressPool.kind,
  plural: 'ipaddresspools',
  namespaced: true,
  summary: columns({
    autoAssign: 'spec.autoAssign',
    avoidBuggyIps: 'spec.avoidBuggyIPs',
    addresses: 'spec.addresses',
  }),
  relations: [
    relation('HAS_RANGE', 'spec.addresses[*]', 'CIDR (pseudo)', { note: 'a block, or first-last' }, ({ value }) =>
      typeof value === 'string' && value !== '' ? cidrOutcome(value) : undefined,
    ),
    names('ADMITS', 'spec.serviceAllocation.namespaces[*]', Namespace, { optional: true }),
    selects('ADMITS', 'spec.serviceAllocation.namespaceSelectors[*]', Namespace, { empty: 'all' }),
    selects('ADMITS', 'spec.serviceAllocation.serviceSelectors[*]', Service, {
      empty: 'all',
      namespaces: () => ({ type: 'all' }),
    }),
  ],
});

const onNodes = selects('APPLIES_TO', 'spec.nodeSelectors[*]', Node, { empty: 'all' });

const advertisement = (name: string, plural: string, relations: readonly Relation[]): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({ ipAddressPools: 'spec.ipAddressPools' }),
    relations: [
      names('EXPORTS', 'spec.ipAddressPools[*]', IPAddressPool),
      selects('EXPORTS', 'spec.ipAddressPoolSelectors[*]', IPAddressPool, { empty: 'all' }),
      onNodes,
      ...relations,
    ],
  });

const bgpPeer = kind({
  group: GROUP,
  name: BGPPeer.kind,
  plural: 'bgppeers',
  namespaced: true,
  summary: columns({ address: 'spec.peerAddress', asn: 'spec.peerASN', bfdProfile: 'spec.bfdProfile' }),
  relations: [
    names('CONFIGURED_BY', 'spec.bfdProfile', BFDProfile),
    names('USES_SECRET', 'spec.passwordSecret', Secret, { namespace: 'namespace' }),
    onNodes,
  ],
});

/** Which node announces a Service. */
const announced = (name: string, plural: string): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({
      allocatedNode: 'status.node',
      serviceName: 'status.serviceName',
      serviceNamespace: 'status.serviceNamespace',
    }),
    relations: [
      names('ABOUT', 'status.serviceName', Service, {
        namespace: ({ up }) => textAt(up(1), 'serviceNamespace'),
        optional: true,
      }),
      names('RUNS_ON', 'status.node', Node),
    ],
  });

export const metalLb: readonly Kind[] = [
  ipAddressPool,
  advertisement('L2Advertisement', 'l2advertisements', []),
  advertisement('BGPAdvertisement', 'bgpadvertisements', [names('DEPENDS_ON', 'spec.peers[*]', BGPPeer)]),
  bgpPeer,
  kind({ group: GROUP, name: BFDProfile.kind, plural: 'bfdprofiles', namespaced: true }),
  announced('ServiceL2Status', 'servicel2statuses'),
  announced('ServiceBGPStatus', 'servicebgpstatuses'),
];

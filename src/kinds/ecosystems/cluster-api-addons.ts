/** Cluster API's side dishes: objects applied to new clusters, addresses for machines, and extensions of its runtime. */
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { namespaced, Service } from '../refs.ts';
import { names, refersTo, selects } from '../relations.ts';
import { Cluster, clusterOf } from './cluster-api-refs.ts';
import { columns, healthBy } from './custom-resource.ts';

const ADDONS = 'addons.cluster.x-k8s.io';
const IPAM = 'ipam.cluster.x-k8s.io';
const ClusterResourceSet = namespaced(ADDONS, 'ClusterResourceSet');
const IPAddress = namespaced(IPAM, 'IPAddress');
const IPAddressClaim = namespaced(IPAM, 'IPAddressClaim');

const clusterResourceSet = kind({
  group: ADDONS,
  name: ClusterResourceSet.kind,
  plural: 'clusterresourcesets',
  namespaced: true,
  summary: columns({ applied: '@ResourcesApplied', paused: '@Paused' }),
  health: healthBy({ good: ['ResourcesApplied'] }),
  relations: [
    selects('APPLIES_TO', 'spec.clusterSelector', Cluster, { empty: 'none', note: 'an empty selector is not valid' }),
    refersTo('USES_SECRET', 'spec.resources[*]', 'Secret', { kinds: ['Secret'], defaultGroup: '' }),
    refersTo('USES_CONFIG', 'spec.resources[*]', 'ConfigMap', { kinds: ['ConfigMap'], defaultGroup: '' }),
  ],
});

const clusterResourceSetBinding = kind({
  group: ADDONS,
  name: 'ClusterResourceSetBinding',
  plural: 'clusterresourcesetbindings',
  namespaced: true,
  summary: columns({ cluster: 'spec.clusterName' }),
  relations: [
    clusterOf('spec.clusterName'),
    names('BINDS', 'spec.bindings[*].clusterResourceSetName', ClusterResourceSet),
  ],
});

const pool = refersTo('ALLOCATED_FROM', 'spec.poolRef', 'a pool of a provider');
const poolColumns = { poolName: 'spec.poolRef.name', poolKind: 'spec.poolRef.kind' };

const ipAddressClaim = kind({
  group: IPAM,
  name: IPAddressClaim.kind,
  plural: 'ipaddressclaims',
  namespaced: true,
  summary: columns(poolColumns),
  health: healthBy({ good: ['Ready'] }),
  relations: [pool, clusterOf('spec.clusterName'), names('BOUND_TO', 'status.addressRef', IPAddress)],
});

const ipAddress = kind({
  group: IPAM,
  name: IPAddress.kind,
  plural: 'ipaddresses',
  namespaced: true,
  summary: columns({ address: 'spec.address', ...poolColumns }),
  relations: [pool, names('ASSIGNED_TO', 'spec.claimRef', IPAddressClaim)],
});

const extensionConfig = kind({
  group: 'runtime.cluster.x-k8s.io',
  name: 'ExtensionConfig',
  plural: 'extensionconfigs',
  namespaced: false,
  summary: columns({ paused: '@Paused', discovered: '@Discovered' }),
  health: healthBy({ good: ['Discovered'] }),
  relations: [names('SENT_TO', 'spec.clientConfig.service', Service, { namespace: 'namespace' })],
});

export const clusterApiAddons: readonly Kind[] = [
  clusterResourceSet,
  clusterResourceSetBinding,
  ipAddressClaim,
  ipAddress,
  extensionConfig,
];

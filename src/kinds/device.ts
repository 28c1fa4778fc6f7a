/**
 * Dynamic resource allocation: ResourceClaim, ResourceClaimTemplate, DeviceClass, ResourceSlice. Source: resource.k8s.io/v1, with the
 * fields of v1beta1 and v1beta2 where they differ (a request of v1beta1 has its class one level higher, a device its fields one lower).
 */
import type {
  ResourceV1ResourceClaim,
  V1DeviceClass,
  V1ResourceClaimTemplate,
  V1ResourceSlice,
} from '@kubernetes/client-node';
import type { Labels } from '../model/selector.ts';
import { type Found, kind, type Outcome, type Raw, type Relation } from './kind.ts';
import { nodeRequirements } from './placement.ts';
import { DeviceClass, Node, Pod, PodGroup, ResourceSlice } from './refs.ts';
import { allOf, names, relation, textAt } from './relations.ts';

const { group } = DeviceClass;

function requests(path: string, via?: 'template'): Relation {
  return names(
    'REQUESTS',
    `${path}.devices.requests[*].{deviceClassName,exactly.deviceClassName,firstAvailable[*].deviceClassName}`,
    DeviceClass,
    via === undefined ? {} : { via },
  );
}

/** Selectable key that a slice has for each device it offers. */
const deviceKey = (driver: string, pool: string, device: string): string => `device:${driver}/${pool}/${device}`;

function allocated({ value }: Found): Outcome | undefined {
  const driver = textAt(value, 'driver');
  const pool = textAt(value, 'pool');
  const device = textAt(value, 'device');
  if (driver === undefined || pool === undefined || device === undefined) return undefined;
  const { kind: kindName } = ResourceSlice;
  return {
    target: {
      by: 'labels',
      group,
      kind: kindName,
      selector: [{ key: deviceKey(driver, pool, device), operator: 'In', values: [''] }],
      namespaces: { type: 'all' },
    },
    value: `${driver}/${pool}/${device}`,
    attributes: { device },
  };
}

/** Consumers are named by resource, not by kind; only these two reserve claims. */
const CONSUMERS: Readonly<Record<string, typeof Pod>> = { pods: Pod, 'podgroups.scheduling.k8s.io': PodGroup };

function consumer({ value, namespace }: Found): Outcome | undefined {
  const name = textAt(value, 'name');
  const uid = textAt(value, 'uid');
  const apiGroup = textAt(value, 'apiGroup');
  const resource = textAt(value, 'resource') ?? '';
  const ref = CONSUMERS[apiGroup === undefined ? resource : `${resource}.${apiGroup}`];
  if (name === undefined || uid === undefined || ref === undefined) return undefined;
  return {
    target: { by: 'id', uid, group: ref.group, kind: ref.kind, namespace, name, sameNamespace: true },
    optional: true,
  };
}

export const resourceClaim = kind<ResourceV1ResourceClaim>({
  group,
  name: 'ResourceClaim',
  plural: 'resourceclaims',
  namespaced: true,
  summary: (claim) => ({ state: claimState(claim) }),
  health: ({ status }) =>
    status?.allocation === undefined
      ? { status: 'warning', reason: 'Pending', message: 'not allocated' }
      : { status: 'healthy' },
  relations: [
    requests('spec'),
    relation(
      'ALLOCATED_FROM',
      'status.allocation.devices.results[*]',
      'ResourceSlice',
      { note: 'the slice of driver and pool that offers the device' },
      allocated,
    ),
    relation('RESERVED_FOR', 'status.reservedFor[*]', 'Pod or PodGroup', { note: 'by uid' }, consumer),
    relation(
      'ACCESSIBLE_FROM',
      'status.allocation.nodeSelector.nodeSelectorTerms[*]',
      'Node',
      { confidence: 'selector' },
      nodeRequirements,
    ),
  ],
});

/** The STATE column of `kubectl get resourceclaims`. */
function claimState({ metadata, status }: Raw<ResourceV1ResourceClaim>): string {
  const deleted = metadata?.deletionTimestamp !== undefined;
  const states = deleted ? ['deleted'] : [];
  if (status?.allocation !== undefined) {
    states.push('allocated');
    if ((status.reservedFor?.length ?? 0) > 0) states.push('reserved');
  } else if (!deleted) states.push('pending');
  return states.join(',');
}

export const resourceClaimTemplate = kind<V1ResourceClaimTemplate>({
  group,
  name: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  namespaced: true,
  relations: [requests('spec.spec', 'template')],
});

export const deviceClass = kind<V1DeviceClass>({
  group,
  name: DeviceClass.kind,
  plural: 'deviceclasses',
  namespaced: false,
  summary: ({ spec }) => ({ extendedResourceName: spec?.extendedResourceName }),
});

/** Where the devices are: on one node, on nodes that match, on all, or as each device says. */
const places: readonly Relation[] = ['spec', 'spec.devices[*]', 'spec.devices[*].basic'].flatMap((path) => [
  names('ATTACHED_TO', `${path}.nodeName`, Node),
  relation(
    'ACCESSIBLE_FROM',
    `${path}.nodeSelector.nodeSelectorTerms[*]`,
    'Node',
    { confidence: 'selector' },
    nodeRequirements,
  ),
  relation('ACCESSIBLE_FROM', `${path}.allNodes`, 'Node', { confidence: 'selector' }, ({ value }) =>
    value === true ? { target: allOf(Node) } : undefined,
  ),
]);

export const resourceSlice = kind<V1ResourceSlice>({
  group,
  name: ResourceSlice.kind,
  plural: 'resourceslices',
  namespaced: false,
  summary: ({ spec }) => ({
    node: spec?.nodeName,
    driver: spec?.driver,
    pool: spec?.pool?.name,
    devices: spec?.devices?.length ?? 0,
  }),
  selectable: ({ spec }) => {
    const facts: Record<string, string> = {};
    for (const { name } of spec?.devices ?? []) facts[deviceKey(spec?.driver ?? '', spec?.pool?.name ?? '', name)] = '';
    return facts satisfies Labels;
  },
  relations: places,
});

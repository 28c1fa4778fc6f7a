/**
 * Endpoints and EndpointSlice: where a Service's traffic really goes, and whether it arrives. Both declare the same two things of themselves,
 * `BACKS` the Service and `ROUTES_TO` its endpoints, so a Service with both (nearly every one) has no edge twice.
 * Sources: core/v1 Endpoints, discovery.k8s.io/v1 EndpointSlice.
 */
import type { V1Endpoint, V1EndpointSlice, V1Endpoints } from '@kubernetes/client-node';
import type { Health, Scalar } from '../model/resource.ts';
import { hostOutcome } from './addresses.ts';
import { type Found, kind, type Outcome, type Raw, type Relation } from './kind.ts';
import { ServiceImport } from './multicluster.ts';
import { Node, Service } from './refs.ts';
import { names, refersTo, relation, textAt } from './relations.ts';

export const endpointSlice = kind<V1EndpointSlice>({
  group: 'discovery.k8s.io',
  name: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  summary: (slice) => ({
    addressType: slice.addressType,
    ports: slice.ports?.map(({ port }) => port ?? '*').join(','),
    endpoints: slice.endpoints?.flatMap(({ addresses }) => addresses ?? []).join(','),
  }),
  health: ({ endpoints }) => {
    const living = (endpoints ?? []).filter(({ conditions }) => conditions?.terminating !== true);
    return readiness(living.filter(isReady).length, living.length);
  },
  relations: [
    names('BACKS', 'metadata.labels["kubernetes.io/service-name"]', Service),
    names('BACKS', 'metadata.labels["multicluster.kubernetes.io/service-name"]', ServiceImport, {
      confidence: 'naming',
      note: 'endpoints of other clusters (KEP-1645)',
    }),
    ...routes('endpoints[*]', endpointFacts),
  ],
});

export const endpoints = kind<V1Endpoints>({
  group: '',
  name: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  summary: ({ subsets }) => ({
    endpoints: subsets
      ?.flatMap(({ addresses = [], ports }) =>
        addresses.flatMap(({ ip }) => (ports?.length ? ports.map(({ port }) => `${ip}:${port}`) : [ip])),
      )
      .join(','),
  }),
  health: ({ subsets }) => {
    const ready = (subsets ?? []).reduce((sum, { addresses }) => sum + (addresses?.length ?? 0), 0);
    const waiting = (subsets ?? []).reduce((sum, { notReadyAddresses }) => sum + (notReadyAddresses?.length ?? 0), 0);
    return readiness(ready, ready + waiting);
  },
  relations: [
    names('BACKS', 'metadata.name', Service, {
      optional: true,
      note: 'the Service of the same name; Endpoints without one hold leader election locks and the like',
    }),
    ...routes('subsets[*].{addresses,notReadyAddresses}[*]', (value, steps) => ({
      ready: steps.includes('addresses'),
      ...defined({ address: textAt(value, 'ip'), node: textAt(value, 'nodeName') }),
    })),
  ],
});

/** What belongs to the edge of an endpoint: whether it is ready, and where it is. */
type Facts = (endpoint: unknown, steps: Found['steps']) => Readonly<Record<string, Scalar>>;

/** Edges to what an endpoint is: the object it names, else the node it lives on, else an address outside. */
function routes(path: string, facts: Facts): readonly Relation[] {
  return [
    refersTo('ROUTES_TO', `${path}.targetRef`, 'Pod, or any', {
      namespace: 'namespace',
      uid: 'uid',
      defaultGroup: '',
      note: 'while it terminates, the object may be gone already',
      optional: ({ up }) => (up(1) as Raw<V1Endpoint>).conditions?.terminating === true,
      attributes: ({ up, steps }) => facts(up(1), steps),
    }),
    relation(
      'ROUTES_TO',
      path,
      'Node, or ExternalHost (pseudo)',
      { note: 'endpoints without targetRef: the node they live on, else their addresses' },
      (found) => {
        const { targetRef, addresses, ip } = found.value as { targetRef?: unknown; addresses?: unknown; ip?: unknown };
        if (targetRef != null) return undefined;
        const attributes = facts(found.value, found.steps);
        const node = textAt(found.value, 'nodeName');
        if (node !== undefined) {
          return {
            target: { by: 'name', group: Node.group, kind: Node.kind, namespace: '', name: node },
            suffix: '.nodeName',
            attributes,
          };
        }
        const hosts: readonly unknown[] = Array.isArray(addresses) ? addresses : [ip];
        return hosts.flatMap((host): Outcome[] => {
          const outcome = typeof host === 'string' ? hostOutcome(host) : undefined;
          return outcome ? [{ ...outcome, attributes }] : [];
        });
      },
    ),
  ];
}

/** `conditions.ready` absent means ready (discovery.k8s.io/v1 EndpointConditions). */
function isReady({ conditions }: Raw<V1Endpoint>): boolean {
  return conditions?.ready !== false;
}

function endpointFacts(value: unknown): Readonly<Record<string, Scalar>> {
  const endpoint = value as Raw<V1Endpoint>;
  const { addresses, nodeName, zone, conditions, hints } = endpoint;
  return {
    ready: isReady(endpoint),
    ...defined({
      serving: conditions?.serving,
      terminating: conditions?.terminating,
      address: addresses?.[0],
      node: nodeName,
      zone,
      forZones: hints?.forZones?.map(({ name }) => name).join(','),
    }),
  };
}

function defined(facts: Readonly<Record<string, Scalar | undefined>>): Record<string, Scalar> {
  return Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, Scalar] => entry[1] !== undefined));
}

/** A Service that was scaled to nothing has no endpoints either, so none at all is no verdict. */
function readiness(ready: number, all: number): Health {
  if (all === 0) return { status: 'unknown', reason: 'NoEndpoints' };
  if (ready === 0)
    return { status: 'critical', reason: 'NoReadyEndpoints', message: `0 of ${all} endpoints are ready` };
  if (ready === all) return { status: 'healthy' };
  return { status: 'warning', reason: 'EndpointsNotReady', message: `${ready} of ${all} endpoints are ready` };
}

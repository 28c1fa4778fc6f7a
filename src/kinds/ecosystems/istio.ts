/**
 * Istio's traffic configuration: which hosts a route answers, where it sends them, and which proxies it configures.
 * Source: networking.istio.io/v1 (istio.io/api 1.31). Hosts without a dot are Services of the object's namespace.
 */
import { selectorFromMap } from '../../model/selector.ts';
import { hostOutcome } from '../addresses.ts';
import type { Found, Kind, KindRef, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { qualifiedName } from '../qualified-name.ts';
import { Namespace, namespaced, Pod, Secret, Service, ServiceAccount } from '../refs.ts';
import { allOf, names, relation, selects, textAt } from '../relations.ts';
import { columns } from './custom-resource.ts';
import { istioPolicies } from './istio-policies.ts';

const GROUP = 'networking.istio.io';
const Gateway = namespaced(GROUP, 'Gateway');
const VirtualService = namespaced(GROUP, 'VirtualService');
const WorkloadEntry = namespaced(GROUP, 'WorkloadEntry');
const WorkloadGroup = namespaced(GROUP, 'WorkloadGroup');

const HOSTS = 'Service, or ExternalHost (pseudo)';

/** A host as Istio reads it: a bare name is a Service of the namespace given; patterns are no single host. */
function hostIn(host: unknown, namespace: string): Outcome | undefined {
  if (typeof host !== 'string' || host === '' || host.includes('*')) return undefined;
  if (host.includes('.')) return hostOutcome(host);
  return { target: { by: 'name', group: Service.group, kind: Service.kind, namespace, name: host } };
}

/** The field is a host, or an object with `host`; `describe` gives what belongs to the edge. */
function toHost(
  edge: string,
  path: string,
  options: { readonly optional?: true; readonly describe?: (found: Found) => Outcome['attributes'] } = {},
): Relation {
  return relation(edge, path, HOSTS, { note: 'a name without dots is a Service of the same namespace' }, (found) => {
    const field = typeof found.value === 'string' ? undefined : 'host';
    const outcome = hostIn(field ? textAt(found.value, field) : found.value, found.namespace);
    if (outcome === undefined) return undefined;
    const attributes = options.describe?.(found);
    return {
      ...outcome,
      ...(field && { suffix: `.${field}` }),
      ...(options.optional && { optional: true }),
      ...(attributes && { attributes }),
    };
  });
}

/** Port and subset of a Destination, and the weight of the route that holds it. */
function destination({ value, up }: Found): Outcome['attributes'] {
  const { subset, port } = value as { subset?: unknown; port?: { number?: unknown } };
  const weight = (up(1) as { weight?: unknown }).weight;
  const attributes = {
    ...(typeof port?.number === 'number' && { port: port.number }),
    ...(typeof subset === 'string' && { subset }),
    ...(typeof weight === 'number' && { weight }),
  };
  return Object.keys(attributes).length === 0 ? undefined : attributes;
}

/** `mesh` is every sidecar, no object. */
function viaGateway(path: string): Relation {
  return relation('ATTACHES_TO', path, Gateway.kind, { note: 'name or namespace/name; mesh is none' }, (found) => {
    const target = found.value === 'mesh' ? undefined : qualifiedName(found.value, found.namespace);
    return target && { target: { by: 'name', group: GROUP, kind: Gateway.kind, ...target } };
  });
}

const virtualService = kind({
  group: GROUP,
  name: VirtualService.kind,
  plural: 'virtualservices',
  namespaced: true,
  summary: columns({ gateways: 'spec.gateways', hosts: 'spec.hosts' }),
  relations: [
    viaGateway('spec.gateways[*]'),
    viaGateway('spec.{http,tcp,tls}[*].match[*].gateways[*]'),
    toHost('APPLIES_TO', 'spec.hosts[*]', { optional: true }),
    toHost('ROUTES_TO', 'spec.{http,tcp,tls}[*].route[*].destination', { describe: destination }),
    toHost('MIRRORS_TO', 'spec.http[*].mirror'),
    toHost('MIRRORS_TO', 'spec.http[*].mirrors[*].destination'),
    names('ROUTES_TO', 'spec.http[*].delegate', VirtualService, { namespace: 'namespace' }),
  ],
});

/** The proxy that presents a credential reads it in its own namespace, which the object does not say. */
const proxys = { confidence: 'heuristic', note: 'if its proxies run in the same namespace' } as const;
const TLS = '{tls,portLevelSettings[*].tls}';

const destinationRule = kind({
  group: GROUP,
  name: 'DestinationRule',
  plural: 'destinationrules',
  namespaced: true,
  summary: columns({ host: 'spec.host' }),
  relations: [
    toHost('APPLIES_TO', 'spec.host', { optional: true }),
    selects('APPLIES_TO', 'spec.workloadSelector', Pod, { empty: 'all', note: 'the clients that heed it' }),
    names('USES_SECRET', `spec.trafficPolicy.${TLS}.credentialName`, Secret, proxys),
    names('USES_SECRET', `spec.subsets[*].trafficPolicy.${TLS}.credentialName`, Secret, proxys),
  ],
});

const gateway = kind({
  group: GROUP,
  name: Gateway.kind,
  plural: 'gateways',
  namespaced: true,
  relations: [
    selects('SELECTS', 'spec.selector', Pod, {
      form: 'map',
      empty: 'none',
      namespaces: () => ({ type: 'all' }),
      note: 'in every namespace, unless Istio is told to stay in the gateway’s',
    }),
    names('SERVES_CERTIFICATE', 'spec.servers[*].tls.credentialName', Secret, proxys),
    names('SERVES_CERTIFICATE', 'spec.servers[*].tls.credentialNames[*]', Secret, proxys),
    names('TRUSTS', 'spec.servers[*].tls.caCertCredentialName', Secret, proxys),
  ],
});

/** `namespace/host`: `.` is the own namespace, `*` any, `~` none; the host `*` is all of the namespace. */
function reachable({ value, namespace: own }: Found): Outcome | undefined {
  const [, space, host] = /^([^/]+)\/(.+)$/.exec(String(value)) ?? [];
  if (space === undefined || host === undefined || space === '~') return undefined;
  const where = space === '.' ? own : space;
  if (host !== '*') return hostIn(host, where);
  if (where === '*') return { target: allOf(Namespace) };
  return { target: { by: 'name', group: Namespace.group, kind: Namespace.kind, namespace: '', name: where } };
}

const sidecar = kind({
  group: GROUP,
  name: 'Sidecar',
  plural: 'sidecars',
  namespaced: true,
  relations: [
    relation(
      'APPLIES_TO',
      'spec',
      'Pod',
      { confidence: 'selector', note: 'those of workloadSelector; without one, all of its namespace' },
      ({ value, namespace }) => {
        const labels = (value as { workloadSelector?: { labels?: unknown } }).workloadSelector?.labels;
        const selector = labels == null ? [] : selectorFromMap(labels);
        if (selector === undefined) return undefined;
        return { ...labelled(Pod, selector, { type: 'names', names: [namespace] }), suffix: '.workloadSelector' };
      },
    ),
    relation(
      'ALLOWS_TO',
      'spec.egress[*].hosts[*]',
      'Service, Namespace, or ExternalHost (pseudo)',
      { note: 'namespace/host' },
      (found) => {
        const outcome = reachable(found);
        return outcome && { ...outcome, optional: true };
      },
    ),
  ],
});

/** Addresses of endpoints that are names; numbers and sockets are no hosts. */
const endpointHost = relation('ROUTES_TO', 'spec.endpoints[*].address', HOSTS, {}, ({ value, namespace }) => {
  if (typeof value !== 'string' || /^[\d.]+$|:/.test(value) || !value.includes('.')) return undefined;
  return hostIn(value, namespace);
});

const onWorkloads = (target: KindRef): Relation =>
  selects('SELECTS', 'spec.workloadSelector.labels', target, { form: 'map', empty: 'none', variant: target.kind });

const serviceEntry = kind({
  group: GROUP,
  name: 'ServiceEntry',
  plural: 'serviceentries',
  namespaced: true,
  summary: columns({ hosts: 'spec.hosts', location: 'spec.location', resolution: 'spec.resolution' }),
  relations: [
    toHost('DEFINES', 'spec.hosts[*]', { optional: true }),
    endpointHost,
    onWorkloads(Pod),
    onWorkloads(WorkloadEntry),
  ],
});

const workloadEntry = kind({
  group: GROUP,
  name: WorkloadEntry.kind,
  plural: 'workloadentries',
  namespaced: true,
  summary: columns({ address: 'spec.address' }),
  relations: [
    names('RUNS_AS', 'spec.serviceAccount', ServiceAccount),
    names('BELONGS_TO', 'metadata.annotations["istio.io/autoRegistrationGroup"]', WorkloadGroup, {
      confidence: 'naming',
    }),
  ],
});

const workloadGroup = kind({
  group: GROUP,
  name: WorkloadGroup.kind,
  plural: 'workloadgroups',
  namespaced: true,
  relations: [names('RUNS_AS', 'spec.template.serviceAccount', ServiceAccount, { via: 'template' })],
});

export const istio: readonly Kind[] = [
  virtualService,
  destinationRule,
  gateway,
  sidecar,
  serviceEntry,
  workloadEntry,
  workloadGroup,
  ...istioPolicies,
];

/**
 * Linkerd's policies and routes: which ports of which pods are servers, who may call them, and how traffic is split.
 * Sources: policy.linkerd.io, linkerd.io/v1alpha2 ServiceProfile, workload.linkerd.io.
 */
import { cidrOutcome, hostOutcome } from '../addresses.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { namespaced, Pod, ServiceAccount } from '../refs.ts';
import { groupIn, names, type ObjectOptions, refersTo, relation, selects, textAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

const GROUP = 'policy.linkerd.io';
const Server = namespaced(GROUP, 'Server');
const ExternalWorkload = namespaced('workload.linkerd.io', 'ExternalWorkload');

/** References follow the Gateway API's form: without a group, the core one. */
const local: ObjectOptions = { defaultGroup: '' };
const elsewhere: ObjectOptions = { ...local, namespace: 'namespace' };

const server = kind({
  group: GROUP,
  name: Server.kind,
  plural: 'servers',
  namespaced: true,
  summary: columns({
    port: 'spec.port',
    protocol: 'spec.proxyProtocol',
    accessPolicy: 'spec.accessPolicy',
  }),
  relations: [
    selects('SELECTS', 'spec.podSelector', Pod, { empty: 'all' }),
    selects('SELECTS', 'spec.externalWorkloadSelector', ExternalWorkload, { empty: 'all' }),
  ],
});

/** `sa.namespace.serviceaccount.identity.linkerd.cluster.local`; patterns name no single account. */
function identities(path: string): Relation {
  return relation('ALLOWS_FROM', path, 'ServiceAccount', { note: 'the identity of an account' }, ({ value }) => {
    const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.serviceaccount\.identity\./.exec(String(value)) ?? [];
    if (name === undefined || namespace === undefined) return undefined;
    return {
      target: { by: 'name', group: ServiceAccount.group, kind: ServiceAccount.kind, namespace, name },
      optional: true,
    };
  });
}

const networks = (path: string): Relation =>
  relation('ALLOWS_FROM', path, 'CIDR (pseudo)', {}, ({ value }) => {
    const cidr = textAt(value, 'cidr');
    return cidr === undefined ? undefined : cidrOutcome(cidr);
  });

const serverAuthorization = kind({
  group: GROUP,
  name: 'ServerAuthorization',
  plural: 'serverauthorizations',
  namespaced: true,
  summary: columns({ server: 'spec.server.name' }),
  relations: [
    names('APPLIES_TO', 'spec.server', Server),
    selects('APPLIES_TO', 'spec.server.selector', Server, { empty: 'all' }),
    names('ALLOWS_FROM', 'spec.client.meshTLS.serviceAccounts[*]', ServiceAccount, { namespace: 'namespace' }),
    identities('spec.client.meshTLS.identities[*]'),
    networks('spec.client.networks[*]'),
  ],
});

const authorizationPolicy = kind({
  group: GROUP,
  name: 'AuthorizationPolicy',
  plural: 'authorizationpolicies',
  namespaced: true,
  relations: [
    refersTo('APPLIES_TO', 'spec.targetRef', 'Server, HTTPRoute, GRPCRoute or Namespace', local),
    refersTo('DEPENDS_ON', 'spec.requiredAuthenticationRefs[*]', 'MeshTLSAuthentication or NetworkAuthentication', {
      ...elsewhere,
      kinds: ['MeshTLSAuthentication', 'NetworkAuthentication'],
    }),
    refersTo('ALLOWS_FROM', 'spec.requiredAuthenticationRefs[*]', 'ServiceAccount', {
      ...elsewhere,
      kinds: ['ServiceAccount'],
    }),
  ],
});

/** An identity reference without a name means every object of the kind in the namespace. */
function identityRef(found: Found): Outcome | undefined {
  const { value, namespace: own, lookup } = found;
  const kindName = textAt(value, 'kind');
  if (kindName === undefined) return undefined;
  const target = lookup(groupIn(value) ?? '', kindName);
  const namespace = target.namespaced ? (textAt(value, 'namespace') ?? own) : '';
  const name = textAt(value, 'name');
  const { group, kind: targetKind } = target;
  if (name !== undefined) return { target: { by: 'name', group, kind: targetKind, namespace, name }, suffix: '.name' };
  if (namespace === '') return undefined;
  return labelled(target, [], { type: 'names', names: [namespace] });
}

const meshTlsAuthentication = kind({
  group: GROUP,
  name: 'MeshTLSAuthentication',
  plural: 'meshtlsauthentications',
  namespaced: true,
  summary: columns({ identities: 'spec.identities' }),
  relations: [
    identities('spec.identities[*]'),
    relation('ALLOWS_FROM', 'spec.identityRefs[*]', 'ServiceAccount or Namespace', {}, identityRef),
  ],
});

const networkAuthentication = kind({
  group: GROUP,
  name: 'NetworkAuthentication',
  plural: 'networkauthentications',
  namespaced: true,
  relations: [networks('spec.networks[*]')],
});

const rateLimit = kind({
  group: GROUP,
  name: 'HTTPLocalRateLimitPolicy',
  plural: 'httplocalratelimitpolicies',
  namespaced: true,
  summary: columns({
    targetKind: 'spec.targetRef.kind',
    targetName: 'spec.targetRef.name',
    totalRps: 'spec.total.requestsPerSecond',
    identityRps: 'spec.identity.requestsPerSecond',
  }),
  relations: [
    refersTo('LIMITS', 'spec.targetRef', 'Server', local),
    refersTo('LIMITS', 'spec.overrides[*].clientRefs[*]', 'ServiceAccount', elsewhere),
  ],
});

const weight = ({ value }: Found): Readonly<Record<string, number>> | undefined => {
  const { port, weight: share } = value as { port?: unknown; weight?: unknown };
  const known = { ...(typeof port === 'number' && { port }), ...(typeof share === 'number' && { weight: share }) };
  return Object.keys(known).length === 0 ? undefined : known;
};

/** Linkerd's own copy of the Gateway API's HTTPRoute, older than the real one. */
const httpRoute = kind({
  group: GROUP,
  name: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
  relations: [
    refersTo('ATTACHES_TO', 'spec.parentRefs[*]', 'Server or Service', elsewhere),
    refersTo('ROUTES_TO', 'spec.rules[*].backendRefs[*]', 'Service', {
      ...elsewhere,
      defaultKind: 'Service',
      attributes: weight,
    }),
  ],
});

/** A profile bears the host name that it profiles, and splits its traffic among other hosts. */
const serviceProfile = kind({
  group: 'linkerd.io',
  name: 'ServiceProfile',
  plural: 'serviceprofiles',
  namespaced: true,
  relations: [
    relation('APPLIES_TO', 'metadata.name', 'Service, or ExternalHost (pseudo)', {}, ({ name }) => {
      const outcome = hostOutcome(name);
      return outcome && { ...outcome, optional: true };
    }),
    relation('ROUTES_TO', 'spec.dstOverrides[*]', 'Service, or ExternalHost (pseudo)', {}, ({ value }) => {
      const authority = textAt(value, 'authority');
      const outcome = authority === undefined ? undefined : hostOutcome(authority.replace(/:\d+$/, ''));
      return outcome && { ...outcome, suffix: '.authority' };
    }),
  ],
});

const externalWorkload = kind({
  group: ExternalWorkload.group,
  name: ExternalWorkload.kind,
  plural: 'externalworkloads',
  namespaced: true,
  summary: columns({ identity: 'spec.meshTLS.identity' }),
});

export const linkerd: readonly Kind[] = [
  server,
  serverAuthorization,
  authorizationPolicy,
  meshTlsAuthentication,
  networkAuthentication,
  rateLimit,
  httpRoute,
  serviceProfile,
  externalWorkload,
];

/** Gateway API routes: from listeners (or, in a mesh, from Services) to backends. Source: gateway.networking.k8s.io/v1. */
import type { Health, Scalar } from '../model/resource.ts';
import { conditionHealth } from './conditions.ts';
import { GATEWAY_GROUP, Gateway } from './gateway-refs.ts';
import { type Found, type Kind, kind, type Relation } from './kind.ts';
import { type ObjectOptions, refersTo, textAt } from './relations.ts';

const RULE = 'spec.rules[*]';
/** Filters of a rule, and of one of its backends. */
const FILTER = `${RULE}.{filters[*],backendRefs[*].filters[*]}`;

/** A backend is a Service unless it says otherwise; in another namespace it needs a ReferenceGrant there. */
const backend: ObjectOptions = {
  defaultKind: 'Service',
  defaultGroup: '',
  namespace: 'namespace',
  guard: 'grant',
};

const parent: ObjectOptions = {
  defaultKind: Gateway.kind,
  defaultGroup: GATEWAY_GROUP,
  namespace: 'namespace',
  guard: 'listener',
};

const attachments: readonly Relation[] = [
  refersTo('ATTACHES_TO', 'spec.parentRefs[*]', 'Gateway, ListenerSet, or Service', {
    ...parent,
    note: 'across namespaces the listener decides (allowedRoutes, default Same); a Service as parent makes it a mesh route',
    attributes: attachment,
  }),
  refersTo('ATTACHES_TO', 'status.parents[*].parentRef', 'Gateway', {
    ...parent,
    optional: true,
    note: 'only with useDefaultGateways: the controller says which',
    when: ({ object, up }) => {
      const wanted = textAt(object['spec'], 'useDefaultGateways');
      return wanted !== undefined && wanted !== 'None' && isTrue(up(1), 'Accepted');
    },
  }),
  refersTo('ROUTES_TO', `${RULE}.backendRefs[*]`, 'Service, ServiceImport, or any', {
    ...backend,
    attributes: ({ value }) => facts(value, ['port', 'weight']),
  }),
];

/** What filters of HTTP and gRPC routes add; the other protocols have none. */
const filters: readonly Relation[] = [
  refersTo('MIRRORS_TO', `${FILTER}.requestMirror.backendRef`, 'Service, or any', {
    ...backend,
    attributes: ({ value }) => facts(value, ['port']),
  }),
  refersTo('EXTENDED_BY', `${FILTER}.extensionRef`, 'any'),
];
const externalAuth: Relation = refersTo('EXTENDED_BY', `${FILTER}.externalAuth.backendRef`, 'Service, or any', backend);

interface Route {
  readonly spec?: { readonly hostnames?: readonly string[] };
}

export const gatewayRoutes: readonly Kind[] = [
  route('HTTPRoute', 'httproutes', [...filters, externalAuth]),
  route('GRPCRoute', 'grpcroutes', filters),
  route('TLSRoute', 'tlsroutes'),
  route('TCPRoute', 'tcproutes'),
  route('UDPRoute', 'udproutes'),
];

function route(name: string, plural: string, own: readonly Relation[] = []): Kind {
  return kind<Route>({
    group: GATEWAY_GROUP,
    name,
    plural,
    namespaced: true,
    summary: ({ spec }) => ({ hostnames: spec?.hostnames?.join(',') }),
    health: routeHealth,
    relations: [...attachments, ...own],
  });
}

/** What the reference asks for, and what the controller made of it. */
function attachment({ value, object }: Found): Readonly<Record<string, Scalar>> | undefined {
  const asked = facts(value, ['sectionName', 'port']);
  const state = parentsOf(object).find((entry) => sameParent(entry.parentRef, value));
  const accepted = state && conditionStatus(state, 'Accepted');
  const known = { ...asked, ...(accepted !== undefined && { accepted: accepted === 'True' }) };
  return Object.keys(known).length > 0 ? known : undefined;
}

interface ParentStatus {
  readonly parentRef?: unknown;
  readonly conditions?: unknown;
}

function parentsOf(object: unknown): readonly ParentStatus[] {
  const { parents } = (object as { status?: { parents?: unknown } }).status ?? {};
  return Array.isArray(parents) ? parents : [];
}

function sameParent(a: unknown, b: unknown): boolean {
  const fields = ['group', 'kind', 'namespace', 'name', 'sectionName', 'port'];
  const defaults: Readonly<Record<string, unknown>> = { group: GATEWAY_GROUP, kind: Gateway.kind };
  const field = (reference: unknown, name: string): unknown =>
    (reference as Readonly<Record<string, unknown>> | undefined)?.[name] ?? defaults[name];
  return fields.every((name) => name === 'namespace' || field(a, name) === field(b, name));
}

function conditionStatus(parentStatus: unknown, type: string): string | undefined {
  const { conditions } = parentStatus as { conditions?: unknown };
  return Array.isArray(conditions) ? conditions.find((entry) => entry?.type === type)?.status : undefined;
}

const isTrue = (parentStatus: unknown, type: string): boolean => conditionStatus(parentStatus, type) === 'True';

function facts(value: unknown, fields: readonly string[]): Readonly<Record<string, Scalar>> | undefined {
  const record = value as Readonly<Record<string, unknown>>;
  const known = fields
    .map((field) => [field, record[field]] as const)
    .filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    );
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

/** critical: no parent takes it · warning: some do not, or a backend cannot be used. */
function routeHealth(object: object): Health {
  const parents = parentsOf(object);
  if (parents.length === 0) return { status: 'unknown', reason: 'NotAttached' };
  const verdicts = parents.map((status) => conditionHealth({ status }, { good: ['Accepted', 'ResolvedRefs'] }));
  const faulty = verdicts.find(({ status }) => status !== 'healthy');
  if (faulty === undefined) return { status: 'healthy' };
  return parents.some((status) => isTrue(status, 'Accepted')) && faulty.status === 'critical'
    ? { ...faulty, status: 'warning' }
    : faulty;
}

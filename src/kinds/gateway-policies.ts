/**
 * Gateway API: permissions across namespaces, and policies attached to Services and Gateways.
 * Sources: gateway.networking.k8s.io ReferenceGrant, BackendTLSPolicy; gateway.networking.x-k8s.io (experiments).
 */
import type { Grant } from '../model/reference.ts';
import type { Health } from '../model/resource.ts';
import { hostOutcome } from './addresses.ts';
import { condition, conditionHealth } from './conditions.ts';
import { GATEWAY_GROUP, GATEWAY_GROUP_X } from './gateway-refs.ts';
import { type Kind, kind, type Relation } from './kind.ts';
import { Namespace, Pod } from './refs.ts';
import { names, namesPseudo, refersTo, relation, selects, textAt } from './relations.ts';

interface ReferenceGrant {
  readonly spec?: {
    readonly from?: readonly { readonly group?: string; readonly kind?: string; readonly namespace?: string }[];
    readonly to?: readonly { readonly group?: string; readonly kind?: string; readonly name?: string }[];
  };
}

const referenceGrant = kind<ReferenceGrant>({
  group: GATEWAY_GROUP,
  name: 'ReferenceGrant',
  plural: 'referencegrants',
  namespaced: true,
  grants: ({ spec }): readonly Grant[] => [
    {
      from: (spec?.from ?? []).map(({ group = '', kind: kindName = '', namespace = '' }) => ({
        group,
        kind: kindName,
        namespace,
      })),
      to: (spec?.to ?? []).map(({ group = '', kind: kindName = '', name }) => ({
        group,
        kind: kindName,
        ...(name !== undefined && name !== '' && { name }),
      })),
    },
  ],
  relations: [
    names('ADMITS', 'spec.from[*]', Namespace, {
      name: 'namespace',
      optional: true,
      attributes: ({ value }) => ({ group: textAt(value, 'group') ?? '', kind: textAt(value, 'kind') ?? '' }),
    }),
    refersTo('PERMITS', 'spec.to[*]', 'any', {
      optional: true,
      note: 'only with a name; without one every object of the kind may be referred to',
    }),
  ],
});

/** Where a policy attaches: `targetRefs`, before v1alpha3 a single `targetRef`. */
const attaches: Relation = refersTo('APPLIES_TO', 'spec.{targetRef,targetRefs[*]}', 'Service, Gateway, or any', {
  attributes: ({ value }) => {
    const sectionName = textAt(value, 'sectionName');
    return sectionName === undefined ? undefined : { sectionName };
  },
});

const backendTlsPolicy = policy(GATEWAY_GROUP, 'BackendTLSPolicy', 'backendtlspolicies', [
  refersTo('TRUSTS', 'spec.{validation.caCertificateRefs,tls.caCertRefs}[*]', 'ConfigMap, or Secret', {
    defaultKind: 'ConfigMap',
    defaultGroup: '',
  }),
]);

const backendTrafficPolicy = policy(GATEWAY_GROUP_X, 'XBackendTrafficPolicy', 'xbackendtrafficpolicies', []);

const telemetryPolicy = policy(GATEWAY_GROUP_X, 'XTelemetryPolicy', 'xtelemetrypolicies', [
  refersTo('NOTIFIES', 'spec.tracing.provider.backendRef', 'Service, or any', {
    defaultKind: 'Service',
    defaultGroup: '',
    namespace: 'namespace',
    guard: 'grant',
  }),
]);

function policy(group: string, name: string, plural: string, own: readonly Relation[]): Kind {
  return kind<object>({ group, name, plural, namespaced: true, health: policyHealth, relations: [attaches, ...own] });
}

const mesh = kind<object>({
  group: GATEWAY_GROUP_X,
  name: 'XMesh',
  plural: 'xmeshes',
  namespaced: false,
  summary: (object) => ({ accepted: condition(object, 'Accepted')?.status }),
  health: (object) => conditionHealth(object, { good: ['Accepted'] }),
  relations: [
    namesPseudo('SERVED_BY', 'spec.controllerName', 'Controller'),
    refersTo('CONFIGURED_BY', 'spec.parametersRef', 'any', { namespace: 'namespace' }),
  ],
});

const backend = kind<object>({
  group: GATEWAY_GROUP_X,
  name: 'XBackend',
  plural: 'xbackends',
  namespaced: true,
  health: policyHealth,
  relations: [
    selects('SELECTS', 'spec.endpointSelector', Pod, { empty: 'none' }),
    relation('ALIAS_OF', 'spec.externalHostname.hostname', 'ExternalHost (pseudo), or Service', {}, ({ value }) =>
      typeof value === 'string' ? hostOutcome(value) : undefined,
    ),
    refersTo('USES_SECRET', 'spec.tls.clientCertificateRef', 'Secret, or any', {
      defaultKind: 'Secret',
      defaultGroup: '',
      namespace: 'namespace',
      guard: 'grant',
    }),
    refersTo('TRUSTS', 'spec.tls.validation.caCertificateRefs[*]', 'ConfigMap, or Secret', {
      defaultKind: 'ConfigMap',
      defaultGroup: '',
    }),
  ],
});

export const gatewayPolicies: readonly Kind[] = [
  referenceGrant,
  backendTlsPolicy,
  backendTrafficPolicy,
  telemetryPolicy,
  mesh,
  backend,
];

/** A policy has conditions for each ancestor (a Gateway, mostly) that it takes effect through. */
function policyHealth(object: object): Health {
  const { ancestors } = (object as { status?: { ancestors?: unknown } }).status ?? {};
  if (!Array.isArray(ancestors) || ancestors.length === 0) return { status: 'unknown' };
  const verdicts = ancestors.map((status) => conditionHealth({ status }, { good: ['Accepted', 'ResolvedRefs'] }));
  return verdicts.find(({ status }) => status !== 'healthy') ?? { status: 'healthy' };
}

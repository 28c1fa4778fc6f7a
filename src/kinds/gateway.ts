/**
 * Gateway API: where traffic comes in. GatewayClass, Gateway, and the ListenerSets that add listeners to a Gateway.
 * Source: gateway.networking.k8s.io/v1; older fields from v1alpha2 and v1beta1, ListenerSet also as gateway.networking.x-k8s.io XListenerSet.
 */
import type { Health } from '../model/resource.ts';
import { exposedBy } from './addresses.ts';
import { issuerAnnotations } from './cert-manager-annotations.ts';
import { condition, conditionHealth } from './conditions.ts';
import { gatewayListeners, setListeners } from './gateway-listeners.ts';
import { GATEWAY_GROUP, GATEWAY_GROUP_X, Gateway, GatewayClass, labelledGateway } from './gateway-refs.ts';
import { type Kind, kind, type Relation } from './kind.ts';
import { namespacesOf, wholeNamespaces } from './pod-peers.ts';
import { names, namesPseudo, refersTo, relation } from './relations.ts';

const LISTENER = 'spec.listeners[*]';

/** Listeners of a Gateway or ListenerSet: their certificates, whose routes they admit, and what extends them. */
const listenerRelations: readonly Relation[] = [
  refersTo('SERVES_CERTIFICATE', `${LISTENER}.tls.certificateRefs[*]`, 'Secret, or any', {
    defaultKind: 'Secret',
    defaultGroup: '',
    namespace: 'namespace',
    guard: 'grant',
    attributes: ({ up }) => {
      const { name } = up(3) as { name?: unknown };
      return typeof name === 'string' ? { listener: name } : undefined;
    },
  }),
  relation(
    'ADMITS',
    `${LISTENER}.allowedRoutes.namespaces`,
    'Namespace',
    { confidence: 'selector', note: 'only `from: Selector`; `Same` and `All` need no edge' },
    ({ value, up }) => {
      const { from, selector } = value as { from?: unknown; selector?: unknown };
      const namespaces = from === 'Selector' ? namespacesOf(selector) : undefined;
      const { name } = up(2) as { name?: unknown };
      return namespaces && wholeNamespaces(namespaces, typeof name === 'string' ? { listener: name } : undefined);
    },
  ),
  refersTo('EXTENDED_BY', `${LISTENER}.filters.requests[*].extensionRef`, 'any'),
  refersTo('EXTENDED_BY', `${LISTENER}.filters.requests[*].externalAuth.backendRef`, 'Service, or any', {
    defaultKind: 'Service',
    defaultGroup: '',
    namespace: 'namespace',
    guard: 'grant',
  }),
  ...issuerAnnotations,
];

interface GatewayObject {
  readonly spec?: { readonly gatewayClassName?: string };
  readonly status?: { readonly addresses?: readonly { readonly value?: string }[] };
}

const gateway = kind<GatewayObject>({
  ...Gateway,
  name: Gateway.kind,
  plural: 'gateways',
  summary: (object) => ({
    class: object.spec?.gatewayClassName,
    address: object.status?.addresses?.map(({ value }) => value).join(','),
    programmed: condition(object, 'Programmed')?.status,
  }),
  health: gatewayHealth,
  listeners: gatewayListeners,
  relations: [
    names('USES_CLASS', 'spec.gatewayClassName', GatewayClass),
    refersTo('CONFIGURED_BY', 'spec.infrastructure.parametersRef', 'any'),
    refersTo(
      'TRUSTS',
      'spec.{tls.frontend.default.validation,tls.frontend.perPort[*].tls.validation,listeners[*].tls.frontendValidation}.caCertificateRefs[*]',
      'ConfigMap, or any',
      { defaultKind: 'ConfigMap', defaultGroup: '', namespace: 'namespace', guard: 'grant' },
    ),
    refersTo('USES_SECRET', 'spec.{tls.backend,backendTLS}.clientCertificateRef', 'Secret, or any', {
      defaultKind: 'Secret',
      defaultGroup: '',
      namespace: 'namespace',
      guard: 'grant',
    }),
    relation('ADMITS', 'spec.allowedListeners.namespaces', 'Namespace', { confidence: 'selector' }, ({ value }) => {
      const { from, selector } = value as { from?: unknown; selector?: unknown };
      const namespaces = from === 'Selector' ? namespacesOf(selector) : undefined;
      return namespaces && wholeNamespaces(namespaces, { listenerSets: true });
    }),
    exposedBy('status.addresses[*]', 'value'),
    labelledGateway,
    ...listenerRelations,
  ],
});

interface GatewayClassObject {
  readonly spec?: { readonly controllerName?: string; readonly description?: string };
}

const gatewayClass = kind<GatewayClassObject>({
  ...GatewayClass,
  name: GatewayClass.kind,
  plural: 'gatewayclasses',
  summary: (object) => ({
    controller: object.spec?.controllerName,
    accepted: condition(object, 'Accepted')?.status,
  }),
  health: (object) => conditionHealth(object, { good: ['Accepted'] }),
  relations: [
    namesPseudo('SERVED_BY', 'spec.controllerName', 'Controller'),
    refersTo('CONFIGURED_BY', 'spec.parametersRef', 'any', { namespace: 'namespace' }),
  ],
});

function listenerSet(group: string, name: string, plural: string): Kind {
  return kind<object>({
    group,
    name,
    plural,
    namespaced: true,
    summary: (object) => ({
      accepted: condition(object, 'Accepted')?.status,
      programmed: condition(object, 'Programmed')?.status,
    }),
    health: gatewayHealth,
    listeners: setListeners,
    relations: [
      refersTo('ATTACHES_TO', 'spec.parentRef', 'Gateway', {
        defaultKind: Gateway.kind,
        defaultGroup: GATEWAY_GROUP,
        namespace: 'namespace',
        guard: 'listener',
        note: "the Gateway's allowedListeners must admit the namespace; by default none",
      }),
      ...listenerRelations,
    ],
  });
}

export const gatewayKinds: readonly Kind[] = [
  gateway,
  gatewayClass,
  listenerSet(GATEWAY_GROUP, 'ListenerSet', 'listenersets'),
  listenerSet(GATEWAY_GROUP_X, 'XListenerSet', 'xlistenersets'),
];

/** Accepted and Programmed; a listener that refers to what is not there or not permitted makes it less than well. */
function gatewayHealth(object: object): Health {
  const health = conditionHealth(object, { good: ['Accepted', 'Programmed'] });
  if (health.status !== 'healthy') return health;
  const { listeners } = (object as { status?: { listeners?: unknown } }).status ?? {};
  for (const listener of Array.isArray(listeners) ? listeners : []) {
    const faulty = conditionHealth({ status: listener }, { good: ['ResolvedRefs', 'Programmed'], bad: ['Conflicted'] });
    if (faulty.status === 'critical') {
      return { ...faulty, status: 'warning', message: `listener ${listener.name}: ${faulty.message ?? faulty.reason}` };
    }
  }
  return health;
}

/**
 * Istio's policies: the workloads they apply to and whom they let in.
 * Sources: security.istio.io/v1, telemetry.istio.io/v1, extensions.istio.io/v1alpha1, networking.istio.io EnvoyFilter and ProxyConfig.
 */
import type { Namespaces } from '../../model/reference.ts';
import { type Selector, selectorFromMap } from '../../model/selector.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { qualifiedName } from '../qualified-name.ts';
import { Namespace, Pod, Secret, ServiceAccount } from '../refs.ts';
import { names, refersTo, relation, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

/** Policies of the root namespace hold for the whole mesh. Its name is Istio's to configure; this is the default. */
const ROOT = 'istio-system';

/** What a policy says of workloads when it names no target: its selector, in its namespace or, from the root namespace, everywhere. */
function toWorkloads(field: 'selector.matchLabels' | 'workloadSelector.labels'): Relation {
  return relation(
    'APPLIES_TO',
    'spec',
    'Pod',
    {
      confidence: 'selector',
      note: `those of ${field}; without it and without targetRefs, all of its namespace (of all namespaces, from ${ROOT})`,
    },
    ({ value, namespace }) => {
      const labels = valueAt(value, field);
      if (labels === undefined && (valueAt(value, 'targetRef') ?? valueAt(value, 'targetRefs')) !== undefined)
        return undefined;
      const selector: Selector | undefined = labels == null ? [] : selectorFromMap(labels);
      if (selector === undefined) return undefined;
      const reach: Namespaces = namespace === ROOT ? { type: 'all' } : { type: 'names', names: [namespace] };
      return { ...labelled(Pod, selector, reach), suffix: `.${field}` };
    },
  );
}

const TARGETS = 'Gateway, GatewayClass, Service or ServiceEntry';
const toTarget = refersTo('APPLIES_TO', 'spec.targetRef', TARGETS, { namespace: 'namespace' });
const toTargets = refersTo('APPLIES_TO', 'spec.targetRefs[*]', TARGETS, { namespace: 'namespace' });
const targeted: readonly Relation[] = [toWorkloads('selector.matchLabels'), toTarget, toTargets];

const acts =
  (action: string) =>
  ({ object }: Found) =>
    (valueAt(object, 'spec.action') ?? 'ALLOW') === action;

const SOURCE = 'spec.rules[*].from[*].source';

/** Accounts that a source names; patterns, and accounts of other clusters of the mesh, name none here. */
function accounts(edge: string, action: string): readonly Relation[] {
  const when = acts(action);
  const account = (place: { namespace: string; name: string }): Outcome => ({
    target: { by: 'name', group: ServiceAccount.group, kind: ServiceAccount.kind, ...place },
    optional: true,
  });
  return [
    relation(
      edge,
      `${SOURCE}.principals[*]`,
      'ServiceAccount',
      { note: 'trust-domain/ns/NAMESPACE/sa/NAME' },
      (found) => {
        const [, namespace, name] = /^[^/]+\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(String(found.value)) ?? [];
        return when(found) && namespace && name ? account({ namespace, name }) : undefined;
      },
    ),
    relation(edge, `${SOURCE}.serviceAccounts[*]`, 'ServiceAccount', { note: 'name or namespace/name' }, (found) => {
      const place = qualifiedName(found.value, found.namespace);
      return when(found) && place ? account(place) : undefined;
    }),
    names(edge, `${SOURCE}.namespaces[*]`, Namespace, {
      when: (found) => when(found) && !String(found.value).includes('*'),
      optional: true,
    }),
  ];
}

const authorizationPolicy = kind({
  group: 'security.istio.io',
  name: 'AuthorizationPolicy',
  plural: 'authorizationpolicies',
  namespaced: true,
  summary: columns({ action: 'spec.action' }),
  relations: [...targeted, ...accounts('ALLOWS_FROM', 'ALLOW'), ...accounts('DENIES_FROM', 'DENY')],
});

const peerAuthentication = kind({
  group: 'security.istio.io',
  name: 'PeerAuthentication',
  plural: 'peerauthentications',
  namespaced: true,
  summary: columns({ mode: 'spec.mtls.mode' }),
  relations: [toWorkloads('selector.matchLabels')],
});

const requestAuthentication = kind({
  group: 'security.istio.io',
  name: 'RequestAuthentication',
  plural: 'requestauthentications',
  namespaced: true,
  relations: targeted,
});

const telemetry = kind({
  group: 'telemetry.istio.io',
  name: 'Telemetry',
  plural: 'telemetries',
  namespaced: true,
  relations: targeted,
});

const wasmPlugin = kind({
  group: 'extensions.istio.io',
  name: 'WasmPlugin',
  plural: 'wasmplugins',
  namespaced: true,
  relations: [...targeted, names('PULLS_WITH', 'spec.imagePullSecret', Secret)],
});

const trafficExtension = kind({
  group: 'extensions.istio.io',
  name: 'TrafficExtension',
  plural: 'trafficextensions',
  namespaced: true,
  relations: [toWorkloads('selector.matchLabels'), toTargets, names('PULLS_WITH', 'spec.wasm.imagePullSecret', Secret)],
});

const envoyFilter = kind({
  group: 'networking.istio.io',
  name: 'EnvoyFilter',
  plural: 'envoyfilters',
  namespaced: true,
  relations: [toWorkloads('workloadSelector.labels'), toTargets],
});

const proxyConfig = kind({
  group: 'networking.istio.io',
  name: 'ProxyConfig',
  plural: 'proxyconfigs',
  namespaced: true,
  relations: [toWorkloads('selector.matchLabels')],
});

export const istioPolicies: readonly Kind[] = [
  authorizationPolicy,
  peerAuthentication,
  requestAuthentication,
  telemetry,
  wasmPlugin,
  trafficExtension,
  envoyFilter,
  proxyConfig,
];

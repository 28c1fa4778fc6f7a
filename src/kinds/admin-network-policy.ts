/**
 * Network policies of a cluster's administrators. Sources: policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy and
 * BaselineAdminNetworkPolicy, v1alpha2 ClusterNetworkPolicy.
 */
import { selectorFrom } from '../model/selector.ts';
import { cidrOutcome } from './addresses.ts';
import { type Found, type Kind, kind, type Outcome, type Relation } from './kind.ts';
import { namespacesOf, podsIn, portsText, wholeNamespaces } from './pod-peers.ts';
import { Node } from './refs.ts';
import { namesPseudo, relation, selects, textAt } from './relations.ts';

const GROUP = 'policy.networking.k8s.io';
/** What the rules say of traffic. `Pass` leaves the decision to the next tier and says neither. */
const ALLOW: ReadonlySet<unknown> = new Set(['Allow', 'Accept']);
const DENY: ReadonlySet<unknown> = new Set(['Deny']);

interface AdminPolicy {
  readonly spec?: { readonly tier?: string; readonly priority?: number };
}

const TO = 'spec.egress[*].to[*]';

const relations: readonly Relation[] = [
  relation('APPLIES_TO', 'spec.subject.namespaces', 'Namespace', { confidence: 'selector' }, ({ value }) => {
    const namespaces = namespacesOf(value);
    return namespaces && wholeNamespaces(namespaces);
  }),
  relation('APPLIES_TO', 'spec.subject.pods', 'Pod', { confidence: 'selector' }, ({ value }) => pods(value)),
  ...rules('ALLOWS_FROM', ALLOW, 'spec.ingress[*].from[*]'),
  ...rules('DENIES_FROM', DENY, 'spec.ingress[*].from[*]'),
  ...rules('ALLOWS_TO', ALLOW, TO),
  ...rules('DENIES_TO', DENY, TO),
  ...outside('ALLOWS_TO', ALLOW),
  ...outside('DENIES_TO', DENY),
];

/** Hosts outside the cluster; a baseline cannot name any. */
const domainNames: readonly Relation[] = [
  namesPseudo('ALLOWS_TO', `${TO}.domainNames[*]`, 'ExternalHost', { when: (found) => ruleHas(found, 4, ALLOW) }),
  namesPseudo('DENIES_TO', `${TO}.domainNames[*]`, 'ExternalHost', { when: (found) => ruleHas(found, 4, DENY) }),
];

export const adminNetworkPolicies: readonly Kind[] = [
  adminPolicy('AdminNetworkPolicy', 'adminnetworkpolicies', [...relations, ...domainNames]),
  adminPolicy('BaselineAdminNetworkPolicy', 'baselineadminnetworkpolicies', relations),
  adminPolicy('ClusterNetworkPolicy', 'clusternetworkpolicies', [...relations, ...domainNames]),
];

function adminPolicy(name: string, plural: string, relations: readonly Relation[]): Kind {
  return kind<AdminPolicy>({
    group: GROUP,
    name,
    plural,
    namespaced: false,
    summary: ({ spec }) => ({ tier: spec?.tier, priority: spec?.priority }),
    relations,
  });
}

/** The rule that holds a peer: `peer → list → rule`, or one step more for fields of the peer. */
function ruleHas(found: Found, levels: number, actions: ReadonlySet<unknown>): boolean {
  return actions.has((found.up(levels) as { action?: unknown }).action);
}

function rules(edge: string, actions: ReadonlySet<unknown>, path: string): readonly Relation[] {
  return [
    relation(edge, path, 'Pod, or Namespace', { confidence: 'selector' }, (found) => {
      if (!ruleHas(found, 2, actions)) return undefined;
      const { namespaces, pods: chosen } = found.value as { namespaces?: unknown; pods?: unknown };
      const { ports, protocols } = found.up(2) as { ports?: unknown; protocols?: unknown };
      const attributes = portFacts(ports ?? protocols);
      if (chosen != null) return pods(chosen, attributes);
      const where = isSelector(namespaces) ? namespacesOf(namespaces) : undefined;
      return where && wholeNamespaces(where, attributes);
    }),
  ];
}

/** Peers beyond pods, which only egress rules have. */
function outside(edge: string, actions: ReadonlySet<unknown>): readonly Relation[] {
  return [
    selects(edge, `${TO}.nodes`, Node, { empty: 'all', when: (found) => ruleHas(found, 3, actions) }),
    relation(edge, `${TO}.networks[*]`, 'CIDR (pseudo)', {}, (found) =>
      typeof found.value === 'string' && ruleHas(found, 4, actions) ? cidrOutcome(found.value) : undefined,
    ),
  ];
}

/** Before v0.1.2 of the API a peer's `namespaces` held `sameLabels` and the like: read as a selector, they would mean everybody. */
function isSelector(value: unknown): boolean {
  return Object.keys(value ?? {}).every((key) => key === 'matchLabels' || key === 'matchExpressions');
}

/** A NamespacedPod: empty selectors select all, and absent ones count as empty. */
function pods(value: unknown, attributes?: Outcome['attributes']): readonly Outcome[] | undefined {
  const { namespaceSelector, podSelector } = value as { namespaceSelector?: unknown; podSelector?: unknown };
  const namespaces = namespacesOf(namespaceSelector ?? {});
  const selector = selectorFrom(podSelector ?? {});
  return namespaces && selector && podsIn(namespaces, selector, attributes);
}

/** Ports of v1alpha1 (`portNumber`, `portRange`, `namedPort`) and protocols of v1alpha2 (`tcp.destinationPort`, …) as text. */
function portFacts(list: unknown): { readonly ports: string } | undefined {
  if (!Array.isArray(list)) return undefined;
  return portsText(
    list.map((entry: unknown) => {
      const { portNumber, portRange, namedPort, destinationNamedPort, ...byProtocol } = entry as Readonly<
        Record<string, unknown>
      >;
      if (portNumber != null) return portNumber;
      if (portRange != null) return rangeOf(portRange, textAt(portRange, 'protocol'));
      if (namedPort != null || destinationNamedPort != null) return namedPort ?? destinationNamedPort;
      const [protocol, { destinationPort } = {}] = (Object.entries(byProtocol)[0] ?? []) as [
        string?,
        { destinationPort?: unknown }?,
      ];
      const { number, range } = (destinationPort ?? {}) as { number?: unknown; range?: unknown };
      return range == null
        ? { protocol: protocol?.toUpperCase(), port: number }
        : rangeOf(range, protocol?.toUpperCase());
    }),
  );
}

function rangeOf(range: unknown, protocol: string | undefined): object {
  const { start, end } = range as { start?: unknown; end?: unknown };
  return { protocol, port: start, endPort: end };
}

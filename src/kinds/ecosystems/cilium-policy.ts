/** Cilium's network policies. Source: cilium.io/v2 CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy; pkg/policy/api Rule. */
import { selectorFrom } from '../../model/selector.ts';
import { cidrOutcome, hostOutcome } from '../addresses.ts';
import { conditionHealth } from '../conditions.ts';
import { type Found, type Kind, kind, type Outcome, type Relation } from '../kind.ts';
import { entity, labelled, podsIn, portsText } from '../pod-peers.ts';
import { Node, Secret, Service } from '../refs.ts';
import { names, refersTo, relation, textAt } from '../relations.ts';
import { CiliumCIDRGroup } from './cilium.ts';
import { endpointChoice, endpointPeers, nodeChoice } from './cilium-selector.ts';

/** A policy holds one rule in `spec` or several in `specs`. */
const RULES = '{spec,specs[*]}';

const relations: readonly Relation[] = [
  relation('APPLIES_TO', `${RULES}.endpointSelector`, 'Pod, or Namespace', { confidence: 'selector' }, subjects),
  ...direction('ALLOWS_FROM', 'ingress', 'from'),
  ...direction('DENIES_FROM', 'ingressDeny', 'from'),
  ...direction('ALLOWS_TO', 'egress', 'to'),
  ...direction('DENIES_TO', 'egressDeny', 'to'),
  ...services('ALLOWS_TO', 'egress'),
  ...services('DENIES_TO', 'egressDeny'),
  relation('ALLOWS_TO', `${RULES}.egress[*].toFQDNs[*]`, 'ExternalHost (pseudo), or Service', {}, ({ value, up }) =>
    withPorts(hostOutcome(textAt(value, 'matchName') ?? textAt(value, 'matchPattern') ?? ''), up(2)),
  ),
  names('USES_SECRET', `${RULES}.{ingress,egress}[*].toPorts[*].{terminatingTLS,originatingTLS}.secret`, Secret, {
    namespace: 'namespace',
  }),
  refersTo('CONFIGURED_BY', `${RULES}.{ingress,egress}[*].toPorts[*].listener.envoyConfig`, 'CiliumEnvoyConfig', {
    defaultKind: 'CiliumEnvoyConfig',
    defaultGroup: 'cilium.io',
  }),
];

/** Host policies, which only clusterwide ones can be. */
const hostSubjects = relation('APPLIES_TO', `${RULES}.nodeSelector`, 'Node', { confidence: 'selector' }, ({ value }) =>
  nodes(value),
);

export const ciliumPolicies: readonly Kind[] = [
  policy('CiliumNetworkPolicy', 'ciliumnetworkpolicies', true),
  policy('CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', false, [hostSubjects]),
];

function policy(name: string, plural: string, namespaced: boolean, own: readonly Relation[] = []): Kind {
  return kind<object>({
    group: 'cilium.io',
    name,
    plural,
    namespaced,
    health: (object) => conditionHealth(object, { good: ['Valid'] }),
    relations: [...relations, ...own],
  });
}

/** A policy of a namespace applies there, whatever its selector says of namespaces. */
function subjects({ value, namespace }: Found): readonly Outcome[] | undefined {
  const choice = endpointChoice(value);
  if (choice === undefined || choice.accounts.length > 0 || choice.entities.length > 0) return undefined;
  if (namespace !== '') return podsIn({ type: 'names', names: [namespace] }, choice.pods);
  return endpointPeers(value, '');
}

/** Relations of the rules of one direction. */
function direction(edge: string, list: string, peers: 'from' | 'to'): readonly Relation[] {
  const rule = `${RULES}.${list}[*]`;
  const set = `${rule}.${peers}CIDRSet[*]`;
  return [
    relation(
      edge,
      `${rule}.${peers}Endpoints[*]`,
      'Pod, Namespace, ServiceAccount, or Entity (pseudo)',
      { confidence: 'selector', note: 'without a label of their namespace: those of the own namespace' },
      ({ value, namespace, up }) => endpointPeers(value, namespace, portsOf(up(2))),
    ),
    relation(edge, `${rule}.${peers}Nodes[*]`, 'Node', { confidence: 'selector' }, ({ value }) => nodes(value)),
    relation(edge, `${rule}.${peers}Entities[*]`, 'Entity (pseudo)', {}, ({ value, up }) =>
      typeof value === 'string' ? entity(value, portsOf(up(2))) : undefined,
    ),
    relation(edge, `${rule}.{${peers}CIDR,${peers}CIDRSet}[*]`, 'CIDR (pseudo)', {}, ({ value, up }) => {
      const cidr = typeof value === 'string' ? value : textAt(value, 'cidr');
      return cidr === undefined ? undefined : cidrOutcome(cidr, portsOf(up(2)));
    }),
    names(edge, set, CiliumCIDRGroup, { name: 'cidrGroupRef' }),
    relation(edge, `${set}.cidrGroupSelector`, 'CiliumCIDRGroup', { confidence: 'selector' }, ({ value }) => {
      const selector = selectorFrom(value);
      return selector && labelled(CiliumCIDRGroup, selector, { type: 'all' });
    }),
    relation(edge, rule, 'Entity (pseudo)', { note: 'a rule on ports alone means everybody' }, ({ value }) =>
      isOpen(value, peers) ? entity('all', portsOf(value)) : undefined,
    ),
  ];
}

function services(edge: string, list: string): readonly Relation[] {
  const entry = `${RULES}.${list}[*].toServices[*]`;
  return [
    names(edge, `${entry}.k8sService`, Service, { name: 'serviceName', namespace: 'namespace' }),
    relation(edge, `${entry}.k8sServiceSelector`, 'Service', { confidence: 'selector' }, ({ value, namespace }) => {
      const { selector, namespace: where } = value as { selector?: unknown; namespace?: unknown };
      const wanted = selectorFrom(selector);
      const place = typeof where === 'string' && where !== '' ? where : namespace;
      return wanted && labelled(Service, wanted, place === '' ? { type: 'all' } : { type: 'names', names: [place] });
    }),
  ];
}

function nodes(value: unknown): Outcome | undefined {
  const selector = nodeChoice(value);
  return selector && labelled(Node, selector, { type: 'all' });
}

/** An empty rule lets nobody through; one that only names ports or ICMP types lets everybody through there. */
function isOpen(rule: unknown, peers: string): boolean {
  const fields = Object.keys(rule as object);
  return fields.some((field) => /^(toPorts|icmps)$/.test(field)) && !fields.some((field) => isPeer(field, peers));
}

function isPeer(field: string, peers: string): boolean {
  return field !== 'toPorts' && field.startsWith(peers);
}

function portsOf(rule: unknown): ReturnType<typeof portsText> {
  const { toPorts } = rule as { toPorts?: unknown };
  if (!Array.isArray(toPorts)) return undefined;
  return portsText(toPorts.flatMap(({ ports }: { ports?: unknown }) => (Array.isArray(ports) ? ports : [])));
}

function withPorts(outcome: Outcome | undefined, rule: unknown): Outcome | undefined {
  const attributes = portsOf(rule);
  return outcome && attributes ? { ...outcome, attributes } : outcome;
}

/** NetworkPolicy: which traffic pods accept and send. Source: networking.k8s.io/v1 NetworkPolicy. */
import type { V1NetworkPolicy } from '@kubernetes/client-node';
import { selectorFrom } from '../model/selector.ts';
import { cidrOutcome } from './addresses.ts';
import { type Found, kind, type Outcome, type Relation } from './kind.ts';
import { entity, namespacesOf, podsIn, portsText } from './pod-peers.ts';
import { Pod } from './refs.ts';
import { relation, selectorText, selects, textAt } from './relations.ts';

export const networkPolicy = kind<V1NetworkPolicy>({
  group: 'networking.k8s.io',
  name: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  summary: ({ spec }) => {
    const selector = selectorFrom(spec?.podSelector ?? {});
    return { podSelector: selector && selector.length > 0 ? selectorText(selector) : '<none>' };
  },
  relations: [
    selects('APPLIES_TO', 'spec.podSelector', Pod, {
      empty: 'all',
      note: 'an empty selector selects every pod of the namespace',
    }),
    ...rules('ALLOWS_FROM', 'Ingress', 'spec.ingress[*]', 'from'),
    ...rules('ALLOWS_TO', 'Egress', 'spec.egress[*]', 'to'),
  ],
});

/** Relations of the rules of one direction; rules of a direction that `policyTypes` leaves out have no effect. */
function rules(edge: string, direction: string, path: string, peers: string): readonly Relation[] {
  const counts = ({ object }: Found): boolean => {
    const { policyTypes } = object['spec'] as { policyTypes?: unknown };
    return !Array.isArray(policyTypes) || policyTypes.length === 0 || policyTypes.includes(direction);
  };
  return [
    relation(
      edge,
      `${path}.${peers}[*]`,
      'Pod, or Namespace',
      {
        confidence: 'selector',
        note: 'podSelector alone: the own namespace; both selectors: pods of these namespaces; namespaceSelector alone: the Namespaces',
      },
      (found) => (counts(found) ? peer(found) : undefined),
    ),
    relation(edge, `${path}.${peers}[*].ipBlock`, 'CIDR (pseudo)', {}, (found) => {
      const cidr = textAt(found.value, 'cidr');
      if (cidr === undefined || !counts(found)) return undefined;
      const { except } = found.value as { except?: unknown };
      const attributes = {
        ...portsText((found.up(3) as { ports?: unknown }).ports),
        ...(Array.isArray(except) && except.length > 0 && { except: except.join(',') }),
      };
      return { ...cidrOutcome(cidr, Object.keys(attributes).length > 0 ? attributes : undefined), suffix: '.cidr' };
    }),
    relation(edge, path, 'Entity (pseudo)', { note: `a rule without ${peers} allows everybody` }, (found) => {
      const rule = found.value as Readonly<Record<string, unknown>>;
      const list = rule[peers];
      const open = list == null || (Array.isArray(list) && list.length === 0);
      return open && counts(found) ? entity('all', portsText(rule['ports'])) : undefined;
    }),
  ];
}

function peer({ value, namespace, up }: Found): readonly Outcome[] | undefined {
  const { podSelector, namespaceSelector } = value as { podSelector?: unknown; namespaceSelector?: unknown };
  const attributes = portsText((up(2) as { ports?: unknown }).ports);
  const pods = podSelector == null ? undefined : selectorFrom(podSelector);
  if (podSelector != null && pods === undefined) return undefined;
  if (namespaceSelector == null) {
    return pods && podsIn({ type: 'names', names: [namespace] }, pods, attributes);
  }
  const namespaces = namespacesOf(namespaceSelector);
  return namespaces && podsIn(namespaces, pods, attributes);
}

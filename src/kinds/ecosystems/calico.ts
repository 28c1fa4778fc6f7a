/**
 * Calico's policies and what they choose. Source: projectcalico.org/v3; the same kinds are stored as crd.projectcalico.org/v1, and a cluster
 * may serve either or both.
 */
import { cidrOutcome } from '../addresses.ts';
import { conditionHealth } from '../conditions.ts';
import { type Found, type Kind, kind, type Outcome, type Relation } from '../kind.ts';
import { accountsIn, entity, labelled, podsIn } from '../pod-peers.ts';
import { clusterScoped, Node, Service, ServiceAccount } from '../refs.ts';
import { names, namesPseudo, relation, textAt } from '../relations.ts';
import { alternativesOf } from './calico-expression.ts';
import { choicesOf, entityPeers, hostEndpoint, namespaceAlternatives, placesOf } from './calico-peers.ts';

export const calicoKinds: readonly Kind[] = ['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) => [
  policy(group, 'NetworkPolicy', 'networkpolicies', true),
  policy(group, 'GlobalNetworkPolicy', 'globalnetworkpolicies', false),
  networkSet(group, 'NetworkSet', 'networksets', true),
  networkSet(group, 'GlobalNetworkSet', 'globalnetworksets', false),
  kind<object>({
    group,
    name: 'HostEndpoint',
    plural: 'hostendpoints',
    namespaced: false,
    relations: [names('BELONGS_TO', 'spec.node', Node)],
  }),
]);

function networkSet(group: string, name: string, plural: string, local: boolean): Kind {
  const ranges = relation('HAS_RANGE', 'spec.nets[*]', 'CIDR (pseudo)', {}, ({ value }) =>
    typeof value === 'string' ? cidrOutcome(value) : undefined,
  );
  return kind<object>({ group, name, plural, namespaced: local, relations: [ranges] });
}

interface Policy {
  readonly spec?: { readonly tier?: string; readonly order?: number };
}

function policy(group: string, name: string, plural: string, local: boolean): Kind {
  return kind<Policy>({
    group,
    name,
    plural,
    namespaced: local,
    summary: ({ spec }) => ({ tier: spec?.tier, order: spec?.order }),
    health: (object) => conditionHealth(object, { good: ['Valid'] }),
    relations: [
      names('BELONGS_TO', 'spec.tier', clusterScoped(group, 'Tier'), { optional: true }),
      relation(
        'APPLIES_TO',
        'spec',
        'Pod, Namespace, ServiceAccount, or HostEndpoint',
        {
          confidence: 'selector',
          note: 'an empty selector means all endpoints of the namespace, of a global policy all',
        },
        (found) => subjects(found, group),
      ),
      ...rules(group, 'ALLOWS_FROM', 'Allow', 'ingress', 'source'),
      ...rules(group, 'DENIES_FROM', 'Deny', 'ingress', 'source'),
      ...rules(group, 'ALLOWS_TO', 'Allow', 'egress', 'destination'),
      ...rules(group, 'DENIES_TO', 'Deny', 'egress', 'destination'),
      ...destinations('ALLOWS_TO', 'Allow'),
      ...destinations('DENIES_TO', 'Deny'),
    ],
  });
}

/** A serviceAccountSelector narrows the pods to those of some accounts, which only the accounts themselves can say: the edges lead there. */
function subjects({ value, namespace }: Found, group: string): readonly Outcome[] {
  const where = textAt(value, 'namespaceSelector');
  const inside = where === undefined ? [undefined] : namespaceAlternatives(where).inside;
  const accounts = textAt(value, 'serviceAccountSelector');
  if (accounts !== undefined) return inside.flatMap((each) => accountsLike(accounts, each ?? [], namespace));
  const choices = choicesOf(alternativesOf(textAt(value, 'selector') ?? ''));
  return choices.flatMap((choice) => {
    const { labels, namespaces, accounts: named } = choice;
    const outcomes = inside.flatMap((each) => {
      const places = placesOf(each, namespace, choice);
      if (places === undefined) return [];
      if (named.length > 0) return labels.length > 0 ? [] : accountsIn(places, named);
      return podsIn(places, labels.length > 0 || namespace !== '' ? labels : undefined);
    });
    const hosts = namespace === '' && where === undefined && namespaces.length === 0 && named.length === 0;
    return hosts ? [...outcomes, labelled(hostEndpoint(group), labels, { type: 'all' })] : outcomes;
  });
}

function accountsLike(expression: string, inside: Parameters<typeof placesOf>[0], own: string): readonly Outcome[] {
  return alternativesOf(expression).flatMap((selector) => {
    const isName = ({ key }: { key: string }): boolean => key === 'projectcalico.org/name';
    const choice = { labels: selector, namespaces: [], accounts: [] };
    const places = placesOf(own === '' ? inside : undefined, own, choice);
    if (places === undefined) return [];
    const [first, ...others] = selector;
    if (first && others.length === 0 && isName(first) && first.operator === 'In')
      return accountsIn(places, first.values);
    return selector.some(isName) ? [] : [labelled(ServiceAccount, selector, places)];
  });
}

/** Relations of one direction's rules of one action. `Log` and `Pass` neither allow nor deny. */
function rules(group: string, edge: string, action: string, direction: string, side: string): readonly Relation[] {
  const rule = `spec.${direction}[*]`;
  return [
    relation(
      edge,
      `${rule}.${side}`,
      'Pod, Namespace, ServiceAccount, NetworkSet, GlobalNetworkSet, or HostEndpoint',
      { confidence: 'selector' },
      (found) =>
        counts(found, found.up(1), direction, action)
          ? entityPeers(found.value, { own: found.namespace, group, attributes: portsOf(found.up(1)) })
          : undefined,
    ),
    relation(edge, `${rule}.${side}.nets[*]`, 'CIDR (pseudo)', {}, (found) => {
      const { value } = found;
      const chosen = isChosen(found.up(2));
      if (typeof value !== 'string' || chosen || !counts(found, found.up(3), direction, action)) return undefined;
      return cidrOutcome(value, portsOf(found.up(3)));
    }),
    relation(edge, rule, 'Entity (pseudo)', { note: `a rule without ${side} means everybody` }, (found) => {
      const { [side]: peer } = found.value as Readonly<Record<string, unknown>>;
      const fields = Object.keys(peer ?? {}).filter((field) => field !== 'ports' && field !== 'notPorts');
      if (fields.length > 0 || !counts(found, found.value, direction, action)) return undefined;
      return entity('all', portsOf(found.value));
    }),
  ];
}

/** What only a destination can be. */
function destinations(edge: string, action: string): readonly Relation[] {
  const destination = 'spec.egress[*].destination';
  return [
    names(edge, `${destination}.services`, Service, {
      namespace: 'namespace',
      when: (found) => counts(found, found.up(2), 'egress', action),
    }),
    namesPseudo(edge, `${destination}.domains[*]`, 'ExternalHost', {
      when: (found) => counts(found, found.up(3), 'egress', action),
    }),
  ];
}

/** Whether a rule has the action, in a direction that the policy's `types` include. */
function counts({ object }: Found, rule: unknown, direction: string, action: string): boolean {
  const { types } = object['spec'] as { types?: unknown };
  if (Array.isArray(types) && types.length > 0 && !types.some((type) => String(type).toLowerCase() === direction)) {
    return false;
  }
  return textAt(rule, 'action') === action;
}

/** Whether a rule's side chooses by labels; its nets then only narrow the choice. */
function isChosen(side: unknown): boolean {
  const { selector, namespaceSelector, serviceAccounts } = side as Readonly<Record<string, unknown>>;
  return Boolean(selector) || Boolean(namespaceSelector) || serviceAccounts != null;
}

function portsOf(rule: unknown): Outcome['attributes'] {
  const { protocol, destination } = rule as { protocol?: unknown; destination?: { ports?: unknown } };
  const ports = destination?.ports;
  const facts = {
    ...(protocol != null && { protocol: String(protocol) }),
    ...(Array.isArray(ports) && ports.length > 0 && { ports: ports.join(',') }),
  };
  return Object.keys(facts).length > 0 ? facts : undefined;
}

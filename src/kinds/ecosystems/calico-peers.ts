/**
 * Whom Calico's expressions choose. Besides their own labels, endpoints carry labels that Calico adds: their namespace, service account and
 * orchestrator; namespaces and service accounts carry their name. Source: Calico automatic labels; projectcalico.org/v3 EntityRule.
 */
import type { Namespaces } from '../../model/reference.ts';
import { matches, type Requirement, type Selector } from '../../model/selector.ts';
import type { KindRef, Outcome } from '../kind.ts';
import { accountsIn, labelled, NAMESPACE_NAME, namespacesFrom, podsIn } from '../pod-peers.ts';
import { clusterScoped, namespaced } from '../refs.ts';
import { textAt } from '../relations.ts';
import { type Alternatives, alternativesOf, both, GLOBAL } from './calico-expression.ts';

const NAME = 'projectcalico.org/name';
const NAMESPACE = 'projectcalico.org/namespace';
const ORCHESTRATOR = 'projectcalico.org/orchestrator';
const ACCOUNT = 'projectcalico.org/serviceaccount';
/** Labels of an endpoint's namespace, as Calico copies them onto the endpoint; those of the account cannot be resolved here. */
const NAMESPACE_LABELS = 'pcns.';
const ACCOUNT_LABELS = 'pcsa.';

/** One alternative of an endpoint selector, taken apart. */
export interface Choice {
  readonly labels: Selector;
  readonly namespaces: Selector;
  readonly accounts: readonly string[];
}

/** The alternatives of an endpoint selector that can hold for pods. */
export function choicesOf(alternatives: Alternatives): readonly Choice[] {
  return alternatives.map(choiceFrom).filter((choice) => choice !== undefined);
}

function choiceFrom(selector: Selector): Choice | undefined {
  const labels: Requirement[] = [];
  const namespaces: Requirement[] = [];
  const accounts: string[] = [];
  for (const requirement of selector) {
    const { key, operator, values } = requirement;
    if (key === ORCHESTRATOR) {
      if (!matches([requirement], { [ORCHESTRATOR]: 'k8s' })) return undefined;
    } else if (key === ACCOUNT) {
      if (operator !== 'In') return undefined;
      accounts.push(...values);
    } else if (key === NAMESPACE) namespaces.push({ ...requirement, key: NAMESPACE_NAME });
    else if (key.startsWith(NAMESPACE_LABELS)) {
      namespaces.push(onNamespace({ ...requirement, key: key.slice(NAMESPACE_LABELS.length) }));
    } else if (key === GLOBAL || key.startsWith(ACCOUNT_LABELS)) return undefined;
    else labels.push(requirement);
  }
  return { labels, namespaces, accounts };
}

const onNamespace = (requirement: Requirement): Requirement =>
  requirement.key === NAME ? { ...requirement, key: NAMESPACE_NAME } : requirement;

/** An expression over namespaces as alternatives over their labels; those with `global()` mean what is in none. */
export function namespaceAlternatives(expression: string): {
  readonly inside: readonly Selector[];
  readonly global: boolean;
} {
  const alternatives = alternativesOf(expression);
  const isGlobal = (selector: Selector): boolean =>
    selector.some(({ key, operator }) => key === GLOBAL && operator === 'Exists');
  return {
    inside: alternatives
      .filter((selector) => !isGlobal(selector))
      .map((selector) => selector.filter(({ key }) => key !== GLOBAL).map(onNamespace)),
    global: alternatives.some(isGlobal),
  };
}

/** Where a choice looks: the given namespaces, narrowed by what it says of them itself. Undefined: nowhere. */
export function placesOf(inside: Selector | undefined, own: string, choice: Choice): Namespaces | undefined {
  if (inside !== undefined || own === '') return namespacesFrom([...(inside ?? []), ...choice.namespaces]);
  const named = choice.namespaces.filter(({ key }) => key === NAMESPACE_NAME);
  return matches(named, { [NAMESPACE_NAME]: own }) ? { type: 'names', names: [own] } : undefined;
}

/** Kinds of Calico beside pods that carry labels for its selectors; they live in the policy's own API group. */
const networkSet = (group: string): KindRef => namespaced(group, 'NetworkSet');
const globalNetworkSet = (group: string): KindRef => clusterScoped(group, 'GlobalNetworkSet');
export const hostEndpoint = (group: string): KindRef => clusterScoped(group, 'HostEndpoint');

/**
 * Source or destination of a rule: `selector`, `namespaceSelector`, `notSelector`, `serviceAccounts`. Without a namespaceSelector a policy of
 * a namespace means that namespace, a global one everything, namespaced or not. A notSelector narrows what a selector chooses; alone it chooses nobody.
 */
export function entityPeers(
  rule: unknown,
  { own, group, attributes }: { own: string; group: string; attributes: Outcome['attributes'] },
): readonly Outcome[] {
  const selector = textAt(rule, 'selector');
  const where = textAt(rule, 'namespaceSelector');
  const { serviceAccounts } = rule as { serviceAccounts?: unknown };
  if (selector === undefined && where === undefined && serviceAccounts == null) return [];
  const { inside, global } =
    where === undefined ? { inside: [undefined], global: own === '' } : namespaceAlternatives(where);
  if (serviceAccounts != null) {
    const { names } = serviceAccounts as { names?: unknown };
    const places = inside.map((each) => placesOf(each, own, { labels: [], namespaces: [], accounts: [] }));
    return places.flatMap((place) => (place && Array.isArray(names) ? accountsIn(place, names, attributes) : []));
  }
  const excluded = textAt(rule, 'notSelector');
  const wanted = alternativesOf(selector ?? '');
  const choices = choicesOf(excluded === undefined ? wanted : both(wanted, alternativesOf(`!(${excluded})`)));
  return choices.flatMap((choice) => [
    ...inside.flatMap((each) => namespacedPeers(choice, placesOf(each, own, choice), group, attributes)),
    ...(global ? globalPeers(choice, group, attributes) : []),
  ]);
}

function namespacedPeers(
  { labels, accounts }: Choice,
  places: Namespaces | undefined,
  group: string,
  attributes: Outcome['attributes'],
): readonly Outcome[] {
  if (places === undefined) return [];
  if (accounts.length > 0) return labels.length > 0 ? [] : accountsIn(places, accounts, attributes);
  if (labels.length === 0) return podsIn(places, undefined, attributes);
  return [...podsIn(places, labels, attributes), labelled(networkSet(group), labels, places, attributes)];
}

function globalPeers(
  { labels, namespaces, accounts }: Choice,
  group: string,
  attributes: Outcome['attributes'],
): readonly Outcome[] {
  if (namespaces.length > 0 || accounts.length > 0) return [];
  const everywhere: Namespaces = { type: 'all' };
  return [
    labelled(globalNetworkSet(group), labels, everywhere, attributes),
    labelled(hostEndpoint(group), labels, everywhere, attributes),
  ];
}

/**
 * All objects of one kind in one cluster: their names, and (once somebody selects them) an index of their labels in both directions:
 * label → nodes, to answer a new selector, and selector → statements, to answer a new or changed node.
 * Invariant: a node is indexed under every fact it has, a selector statement under one requirement that every match must satisfy.
 */

import type { Target } from '../model/reference.ts';
import type { Requirement, Selector } from '../model/selector.ts';
import type { Slots } from './columns.ts';
import {
  addTo,
  addToBoth,
  countOf,
  type Items,
  itemsOf,
  removeFrom,
  removeFromBoth,
  type SetsByKey,
  type SetsByTwoKeys,
} from './keyed-sets.ts';
import { Address, type Node } from './node.ts';

/** A target chosen by labels. */
export type SelectorTarget = Extract<Target, { by: 'labels' }>;

/** Selector statements over one namespace, by the requirement they are filed under. */
interface Subscriptions {
  readonly byPair: SetsByTwoKeys<number>;
  readonly byKey: SetsByKey<number>;
  readonly rest: Set<number>;
}

/** Key for statements that select in all namespaces. */
const EVERYWHERE = '*';

export class Population {
  readonly cluster: string;
  readonly group: string;
  readonly kind: string;
  readonly pseudo: boolean;
  size = 0;
  readonly #addresses = new Map<string, Map<string, Address>>();
  readonly #labels = new Map<string, SetsByTwoKeys<Node>>();
  readonly #subscriptions = new Map<string, Subscriptions>();
  #indexed = false;
  readonly #slots: Slots<Address>;
  readonly #drop: () => void;

  /** `drop` is called when the last address and the last subscription are gone; the population must not be used after that. */
  constructor(cluster: string, group: string, kind: string, pseudo: boolean, slots: Slots<Address>, drop: () => void) {
    this.#slots = slots;
    this.#drop = drop;
    this.cluster = cluster;
    this.group = group;
    this.kind = kind;
    this.pseudo = pseudo;
  }

  /** The address of a name, made when absent. */
  address(namespace: string, name: string, number?: number): Address {
    let names = this.#addresses.get(namespace);
    if (names === undefined) {
      names = new Map();
      this.#addresses.set(namespace, names);
    }
    let address = names.get(name);
    if (address === undefined) {
      address = this.#slots.make((number) => new Address(number, this, namespace, name), number);
      names.set(name, address);
    }
    return address;
  }

  peek(namespace: string, name: string): Address | undefined {
    return this.#addresses.get(namespace)?.get(name);
  }

  /** Drops an address that nobody bears, waits for or expects. */
  release(address: Address): void {
    if (address.node || address.firstWaiting !== 0 || address.firstExpected) return;
    this.#slots.remove(address.number);
    const names = this.#addresses.get(address.namespace);
    names?.delete(address.name);
    if (names?.size === 0) this.#addresses.delete(address.namespace);
    this.#dropIfEmpty();
  }

  #dropIfEmpty(): void {
    if (this.#addresses.size + this.#subscriptions.size === 0) this.#drop();
  }

  *addresses(): Iterable<Address> {
    for (const names of this.#addresses.values()) yield* names.values();
  }

  /** Nodes of one namespace, or all. */
  *nodes(namespace?: string): Iterable<Node> {
    const maps =
      namespace === undefined
        ? this.#addresses.values()
        : [this.#addresses.get(namespace) ?? new Map<string, Address>()];
    for (const names of maps) for (const { node } of names.values()) if (node) yield node;
  }

  namespaces(): Iterable<string> {
    return this.#addresses.keys();
  }

  #index(): void {
    if (this.#indexed) return;
    this.#indexed = true;
    for (const node of this.nodes()) this.file(node);
  }

  /** Files a node under its facts. Call when it joins, and after `unfile` when its facts change. */
  file(node: Node): void {
    if (!this.#indexed) return;
    const { namespace } = node.resource;
    let index = this.#labels.get(namespace);
    for (const [key, value] of Object.entries(node.facts)) {
      if (index === undefined) {
        index = new Map();
        this.#labels.set(namespace, index);
      }
      addToBoth(index, key, value, node);
    }
  }

  unfile(node: Node): void {
    const { namespace } = node.resource;
    const index = this.#labels.get(namespace);
    if (index === undefined) return;
    for (const [key, value] of Object.entries(node.facts)) removeFromBoth(index, key, value, node);
    if (index.size === 0) this.#labels.delete(namespace);
  }

  subscribe(statement: number, target: SelectorTarget): void {
    for (const namespace of scopesOf(target)) {
      const subscriptions = this.#subscriptionsOf(namespace);
      const anchor = anchorOf(target.selector, subscriptions);
      if (anchor === undefined) subscriptions.rest.add(statement);
      else if (anchor.operator === 'In')
        for (const value of anchor.values) addToBoth(subscriptions.byPair, anchor.key, value, statement);
      else addTo(subscriptions.byKey, anchor.key, statement);
    }
  }

  unsubscribe(statement: number, target: SelectorTarget): void {
    for (const namespace of scopesOf(target)) {
      const subscriptions = this.#subscriptions.get(namespace);
      if (subscriptions === undefined) continue;
      subscriptions.rest.delete(statement);
      for (const { key, operator, values } of target.selector) {
        if (operator === 'In') for (const value of values) removeFromBoth(subscriptions.byPair, key, value, statement);
        removeFrom(subscriptions.byKey, key, statement);
      }
      if (subscriptions.byPair.size + subscriptions.byKey.size + subscriptions.rest.size === 0)
        this.#subscriptions.delete(namespace);
    }
    this.#dropIfEmpty();
  }

  #subscriptionsOf(namespace: string): Subscriptions {
    let subscriptions = this.#subscriptions.get(namespace);
    if (subscriptions === undefined) {
      subscriptions = { byPair: new Map(), byKey: new Map(), rest: new Set() };
      this.#subscriptions.set(namespace, subscriptions);
    }
    return subscriptions;
  }

  /** Statements that might select a node; the caller checks the whole selector. None comes twice. */
  *candidates(node: Node): Iterable<number> {
    for (const namespace of [node.resource.namespace, EVERYWHERE]) {
      const subscriptions = this.#subscriptions.get(namespace);
      if (subscriptions === undefined) continue;
      if (subscriptions.byPair.size > 0 || subscriptions.byKey.size > 0) {
        for (const [key, value] of Object.entries(node.facts)) {
          yield* itemsOf(subscriptions.byPair.get(key)?.get(value));
          yield* itemsOf(subscriptions.byKey.get(key));
        }
      }
      yield* subscriptions.rest;
    }
  }

  /** Nodes of a namespace that might match a selector: those under its rarest equality; the caller checks the rest. None comes twice. */
  *near(namespace: string, selector: Selector): Iterable<Node> {
    this.#index();
    const index = this.#labels.get(namespace);
    let best: readonly (Items<Node> | undefined)[] | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const { key, operator, values } of selector) {
      if (operator !== 'In') continue;
      const sets = Array.from(new Set(values), (value) => index?.get(key)?.get(value));
      const count = sets.reduce((sum, set) => sum + countOf(set), 0);
      if (count < fewest) {
        fewest = count;
        best = sets;
      }
    }
    if (best === undefined) yield* this.nodes(namespace);
    else for (const set of best) yield* itemsOf(set);
  }
}

function scopesOf({ namespaces }: SelectorTarget): Iterable<string> {
  return namespaces.type === 'names' ? new Set(namespaces.names) : [EVERYWHERE];
}

/** The requirement to file a selector under: the equality with the fewest others there, else an Exists, else none. */
function anchorOf(selector: Selector, { byPair }: Subscriptions): Requirement | undefined {
  let best: Requirement | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const requirement of selector) {
    if (requirement.operator !== 'In') continue;
    const count = requirement.values.reduce((sum, value) => sum + countOf(byPair.get(requirement.key)?.get(value)), 0);
    if (count < fewest) {
      fewest = count;
      best = requirement;
    }
  }
  return best ?? selector.find(({ operator }) => operator === 'Exists' || operator === 'Gt' || operator === 'Lt');
}

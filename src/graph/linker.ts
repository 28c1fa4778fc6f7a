/**
 * Keeps statements resolved while nodes come, change and go. Only the pair that changed is linked again.
 * Invariant after every call: a link exists exactly when some statement's target is present, fits and differs from its declarer.
 */
import { edgeInfo } from '../model/edges.ts';
import type { Reference } from '../model/reference.ts';
import { objection } from './guards.ts';
import { Address, type Node } from './node.ts';
import type { Population } from './population.ts';
import { appear, disappear } from './pseudo.ts';
import { matching, selectsNode } from './selection.ts';
import type { Extras } from './statements.ts';
import type { Store } from './store.ts';

/** Makes the node's statements say what the references say. Statements that did not change are left alone. */
export function declare(store: Store, node: Node, references: readonly Reference[]): void {
  const { statements } = store;
  let last = 0;
  let statement = node.firstStatement;
  let same = 0;
  for (; statement !== 0 && same < references.length; same++) {
    const reference = references[same];
    if (reference === undefined || !sameStatement(store, statement, reference)) break;
    refresh(store, statement, reference);
    last = statement;
    statement = statements.sibling(statement);
  }
  retractFrom(store, statement);
  if (last === 0) node.firstStatement = 0;
  else statements.setSibling(last, 0);
  for (; same < references.length; same++) {
    const made = assert(store, node, references[same] as Reference);
    if (last === 0) node.firstStatement = made;
    else statements.setSibling(last, made);
    last = made;
  }
}

/** Takes back everything a node says. */
export function silence(store: Store, node: Node): void {
  retractFrom(store, node.firstStatement);
  node.firstStatement = 0;
}

/** Takes back a statement and those that follow it in its node's list. */
function retractFrom(store: Store, first: number): void {
  for (let statement = first; statement !== 0; ) {
    const next = store.statements.sibling(statement);
    retract(store, statement);
    store.statements.remove(statement);
    statement = next;
  }
}

function sameStatement({ statements }: Store, statement: number, { rule, field, target: other }: Reference): boolean {
  if (statements.rule(statement) !== rule || statements.field(statement) !== field) return false;
  const { target } = statements.extras(statement);
  if (target === undefined) {
    const address = statements.address(statement);
    return address !== undefined && isPlain(other) && bears(address, other);
  }
  if (target.by === 'id' && other.by === 'id')
    return target.uid === other.uid && target.sameNamespace === other.sameNamespace && sameNames(target, other);
  return JSON.stringify(target) === JSON.stringify(other);
}

type NamedTarget = Extract<Reference['target'], { by: 'id' | 'name' }>;

function sameNames(a: NamedTarget, b: NamedTarget): boolean {
  return a.name === b.name && a.kind === b.kind && a.namespace === b.namespace && a.group === b.group;
}

type PlainTarget = Extract<Reference['target'], { by: 'name' | 'pseudo' }>;

/** Whether the address alone says everything about a target. */
function isPlain(target: Reference['target']): target is PlainTarget {
  if (target.by === 'pseudo') return true;
  return target.by === 'name' && !target.uid && !target.owned && !target.labels && !target.guard;
}

function bears({ population, namespace, name }: Address, target: PlainTarget): boolean {
  if (name !== target.name || namespace !== target.namespace || population.kind !== target.kind) return false;
  return target.by === 'pseudo' ? population.pseudo : !population.pseudo && population.group === target.group;
}

function extrasOf({ target, value, attributes }: Reference): Extras {
  return { value, attributes, target: isPlain(target) ? undefined : target };
}

/** Takes over what may differ while the target stays. */
function refresh(store: Store, statement: number, reference: Reference): void {
  const { statements } = store;
  const { value, optional = false, attributes } = reference;
  const before = statements.extras(statement);
  const same =
    before.value === value &&
    (before.attributes === attributes || JSON.stringify(before.attributes) === JSON.stringify(attributes));
  if (same && statements.optional(statement) === optional) return;
  for (const link of linksOf(store, statement)) store.commit.touch(link);
  statements.refresh(statement, optional, extrasOf(reference));
}

function assert(store: Store, node: Node, reference: Reference): number {
  const { rule, field, target, optional = false } = reference;
  const { statements } = store;
  const cluster = store.cluster(node.resource.cluster);
  const statement = statements.add(node, rule, field, optional, extrasOf(reference));
  if (target.by === 'labels') {
    cluster.population(target.group, target.kind).subscribe(statement, target);
    if (target.namespaces.type === 'labels') cluster.byNamespaceLabels.add(statement);
    if (!edgeInfo(rule.edge).computed) for (const match of matching(store, statement)) support(store, statement, match);
    return statement;
  }
  const address = addressOf(store, node.resource.cluster, target);
  statements.startWaiting(statement, address);
  const watched = guardedNamespace(node, target);
  if (watched !== undefined) addTo(cluster.guarded, watched, statement);
  if (target.by === 'pseudo' && address.node === undefined) appear(store, address);
  resolve(store, statement);
  return statement;
}

function addressOf(store: Store, clusterName: string, target: Exclude<Reference['target'], { by: 'labels' }>): Address {
  const cluster = store.cluster(clusterName);
  if (target.by === 'pseudo') return cluster.population('', target.kind, true).address(target.namespace, target.name);
  const population = cluster.population(target.group, target.kind);
  if (target.by === 'name') return population.address(target.namespace, target.name);
  const id = `${clusterName}/${target.uid}`;
  let address = store.waiting.get(id);
  if (address === undefined) {
    address = store.addresses.make((number) => new Address(number, population, target.namespace, target.name, id));
    address.node = store.nodes.get(id);
    store.waiting.set(id, address);
  }
  return address;
}

/** Namespace whose grants (for `grant`) or labels (for `listener`) decide over a reference. */
function guardedNamespace(node: Node, target: Reference['target'] | undefined): string | undefined {
  if (target?.by !== 'name' || target.guard === undefined) return undefined;
  return target.guard.type === 'grant' ? target.namespace : node.resource.namespace;
}

function retract(store: Store, statement: number): void {
  const { statements } = store;
  const node = statements.node(statement);
  const { target } = statements.extras(statement);
  const cluster = store.cluster(node.resource.cluster);
  const address = statements.address(statement);
  if (address === undefined) {
    if (target?.by !== 'labels') return;
    cluster.population(target.group, target.kind).unsubscribe(statement, target);
    cluster.byNamespaceLabels.delete(statement);
    for (const link of [...linksOf(store, statement)]) withdraw(store, link, statement);
    return;
  }
  const watched = guardedNamespace(node, target);
  if (watched !== undefined) removeFrom(cluster.guarded, watched, statement);
  store.unresolved.delete(statement);
  const link = statements.link(statement);
  if (link !== 0) withdraw(store, link, statement);
  statements.stopWaiting(statement, address);
  if (address.firstWaiting !== 0) return;
  if (address.id !== undefined) {
    store.waiting.delete(address.id);
    store.addresses.remove(address.number);
    return;
  }
  if (address.population.pseudo) disappear(store, address);
  address.population.release(address);
}

/** Links or unlinks a statement with whoever is at its address now. */
function resolve(store: Store, statement: number): void {
  const { statements } = store;
  const found = statements.address(statement)?.node;
  if (found !== undefined && objection(store, statement, found) === undefined) {
    store.unresolved.delete(statement);
    support(store, statement, found);
    return;
  }
  const link = statements.link(statement);
  if (link !== 0) withdraw(store, link, statement);
  if (statements.rule(statement).confidence === 'exact') store.unresolved.add(statement);
}

/** Adds a statement's support to the edge that it means, and the edge when it is the first. */
function support(store: Store, statement: number, target: Node): void {
  const { statements, links, commit } = store;
  const node = statements.node(statement);
  if (target === node) return;
  const { edge, reverse } = statements.rule(statement);
  const from = reverse ? target : node;
  const to = reverse ? node : target;
  let link = links.between(edge, from, to);
  if (link === 0) {
    link = links.add(edge, from, to, statement, commit.at, commit.number);
    commit.linked(link);
  } else if (!links.supportedBy(link, statement)) {
    commit.touch(link);
    links.support(link, statement);
  }
  if (!statements.selects(statement)) statements.setLink(statement, link);
}

/** Removes a statement's support, and the edge when it was the last. */
function withdraw(store: Store, link: number, statement: number): void {
  const { statements, links, commit } = store;
  if (!statements.selects(statement)) statements.setLink(statement, 0);
  if (links.supports(link).length > 1) commit.touch(link);
  if (links.withdraw(link, statement)) return;
  commit.unlinked(link);
  links.unhang(link);
}

/** Links that a statement supports. */
function* linksOf({ statements, links }: Store, statement: number): Iterable<number> {
  if (!statements.selects(statement)) {
    const link = statements.link(statement);
    if (link !== 0) yield link;
    return;
  }
  const { edge, reverse } = statements.rule(statement);
  if (edgeInfo(edge).computed) return;
  const node = statements.node(statement);
  for (let link = reverse ? node.firstIn : node.firstOut; link !== 0; ) {
    const next = reverse ? links.nextIn(link) : links.nextOut(link);
    if (links.supportedBy(link, statement)) yield link;
    link = next;
  }
}

/** A node joined: everybody who waits for its name or id, or selects its labels, is linked to it. */
export function welcome(store: Store, node: Node, address: Address, population: Population): void {
  for (const at of [address, store.waiting.get(node.resource.id)]) {
    if (at === undefined) continue;
    at.node = node;
    for (let statement = at.firstWaiting; statement !== 0; statement = store.statements.nextWaiting(statement))
      resolve(store, statement);
  }
  population.file(node);
  linkSelected(store, node, population);
}

function linkSelected(store: Store, node: Node, population: Population): void {
  for (const statement of population.candidates(node)) {
    if (edgeInfo(store.statements.rule(statement).edge).computed) continue;
    if (selectsNode(store, statement, node)) support(store, statement, node);
  }
}

/** A node left: whoever was linked to it waits again. Call after `silence`. */
export function dismiss(store: Store, node: Node, address: Address, population: Population): void {
  population.unfile(node);
  unlinkSelected(store, node, () => false);
  for (const at of [address, store.waiting.get(node.resource.id)]) {
    if (at === undefined) continue;
    if (at.node === node) at.node = undefined;
    for (let statement = at.firstWaiting; statement !== 0; statement = store.statements.nextWaiting(statement))
      resolve(store, statement);
  }
}

/** Facts changed (`change` sets them): selectors that no longer match let go, those that now match take hold. */
export function reselect(store: Store, node: Node, population: Population, change: () => void): void {
  population.unfile(node);
  change();
  population.file(node);
  unlinkSelected(store, node, (statement) => selectsNode(store, statement, node));
  linkSelected(store, node, population);
}

/** Withdraws selector statements of others from this node's links, but for those that still hold. */
function unlinkSelected(store: Store, node: Node, holds: (statement: number) => boolean): void {
  const { statements, links } = store;
  const check = (link: number): void => {
    for (const statement of links.supports(link)) {
      if (statements.selects(statement) && statements.node(statement) !== node && !holds(statement))
        withdraw(store, link, statement);
    }
  };
  for (let link = node.firstIn; link !== 0; ) {
    const next = links.nextIn(link);
    check(link);
    link = next;
  }
  for (let link = node.firstOut; link !== 0; ) {
    const next = links.nextOut(link);
    check(link);
    link = next;
  }
}

/** What a node is to others (owners, labels, listeners) changed: those who name it with conditions look again. */
export function reconsider(store: Store, node: Node, address: Address): void {
  const { statements } = store;
  for (const at of [address, store.waiting.get(node.resource.id)]) {
    for (let statement = at?.firstWaiting ?? 0; statement !== 0; statement = statements.nextWaiting(statement)) {
      if (statements.extras(statement).target) resolve(store, statement);
    }
  }
}

/** Grants in a namespace, or its labels, changed: guarded references and selectors by namespace labels look again. */
export function reconsiderNamespace(store: Store, cluster: string, namespace: string, labelsChanged: boolean): void {
  const { statements, links } = store;
  const { guarded, byNamespaceLabels } = store.cluster(cluster);
  for (const statement of [...(guarded.get(namespace) ?? [])]) resolve(store, statement);
  if (!labelsChanged) return;
  for (const statement of byNamespaceLabels) {
    const { edge, reverse } = statements.rule(statement);
    if (edgeInfo(edge).computed) continue;
    const selected = new Set(matching(store, statement));
    for (const link of [...linksOf(store, statement)]) {
      if (!selected.has(reverse ? links.from(link) : links.to(link))) withdraw(store, link, statement);
    }
    for (const node of selected) support(store, statement, node);
  }
}

export function addTo<T>(map: Map<string, Set<T>>, key: string, item: T): void {
  const set = map.get(key);
  if (set) set.add(item);
  else map.set(key, new Set([item]));
}

export function removeFrom<T>(map: Map<string, Set<T>>, key: string, item: T): void {
  const set = map.get(key);
  if (set?.delete(item) && set.size === 0) map.delete(key);
}

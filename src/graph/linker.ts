/**
 * Keeps statements resolved while nodes come, change and go. Only the pair that changed is linked again.
 * Invariant after every call: a link exists exactly when some statement's target is present, fits and differs from its declarer.
 */
import { edgeInfo } from '../model/edges.ts';
import type { Reference } from '../model/reference.ts';
import type { ResourceId } from '../model/resource.ts';
import { matches } from '../model/selector.ts';
import { namespaceLabels, objection } from './guards.ts';
import type { Population } from './population.ts';
import {
  Address,
  hang,
  Link,
  linkBetween,
  Node,
  type SelectorTarget,
  Statement,
  startWaiting,
  stopWaiting,
  supports,
  unhang,
} from './records.ts';
import type { Store } from './store.ts';

const NOTHING = Object.freeze({});

/** Makes the node's statements say what the references say. Statements that did not change are left alone. */
export function declare(store: Store, node: Node, references: readonly Reference[]): void {
  const old = node.statements;
  let same = 0;
  while (same < old.length && same < references.length) {
    const statement = old[same];
    const reference = references[same];
    if (statement === undefined || reference === undefined || !sameStatement(statement, reference)) break;
    refresh(store, statement, reference);
    same++;
  }
  if (same === old.length && same === references.length) return;
  for (const statement of old.slice(same)) retract(store, statement);
  node.statements = old.slice(0, same);
  for (const reference of references.slice(same)) node.statements.push(assert(store, node, reference));
}

/** Takes back everything a node says. */
export function silence(store: Store, node: Node): void {
  for (const statement of node.statements) retract(store, statement);
  node.statements = [];
}

function sameStatement({ rule, field, address, target }: Statement, reference: Reference): boolean {
  if (rule !== reference.rule || field !== reference.field) return false;
  const { target: other } = reference;
  if (target === undefined) return address !== undefined && isPlain(other) && bears(address, other);
  return target === other || JSON.stringify(target) === JSON.stringify(other);
}

type PlainTarget = Extract<Reference['target'], { by: 'name' | 'pseudo' }>;

/** Whether the address alone says everything about a target. */
function isPlain(target: Reference['target']): target is PlainTarget {
  if (target.by === 'pseudo') return true;
  return target.by === 'name' && !target.uid && !target.owned && !target.labels && !target.guard;
}

function bears(address: Address, target: PlainTarget): boolean {
  const { population } = address;
  if (address.name !== target.name || address.namespace !== target.namespace || population.kind !== target.kind)
    return false;
  return target.by === 'pseudo' ? population.pseudo : !population.pseudo && population.group === target.group;
}

/** Takes over what may differ while the target stays. */
function refresh(store: Store, statement: Statement, { value, optional = false, attributes }: Reference): void {
  if (
    statement.optional === optional &&
    statement.value === value &&
    JSON.stringify(statement.attributes) === JSON.stringify(attributes)
  )
    return;
  for (const link of linksOf(statement)) store.commit.touch(link);
  statement.optional = optional;
  statement.value = value;
  statement.attributes = attributes;
}

function assert(
  store: Store,
  node: Node,
  { rule, field, target, value, optional = false, attributes }: Reference,
): Statement {
  const cluster = store.cluster(node.resource.cluster);
  if (target.by === 'labels') {
    const statement = new Statement(node, rule, field, undefined, target);
    statement.value = value;
    statement.attributes = attributes;
    cluster.population(target.group, target.kind).subscribe(statement, target);
    if (target.namespaces.type === 'labels') cluster.byNamespaceLabels.add(statement);
    if (!edgeInfo(rule.edge).computed) for (const match of matching(store, statement)) support(store, statement, match);
    return statement;
  }
  const address = addressOf(store, node.resource.cluster, target);
  const statement = new Statement(node, rule, field, address, isPlain(target) ? undefined : target);
  statement.value = value;
  statement.optional = optional;
  statement.attributes = attributes;
  startWaiting(address, statement);
  const watched = guardedNamespace(statement);
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
    address = new Address(population, target.namespace, target.name, id);
    address.node = store.nodes.get(id);
    store.waiting.set(id, address);
  }
  return address;
}

/** Namespace whose grants (for `grant`) or labels (for `listener`) decide over a statement. */
function guardedNamespace({ node, target }: Statement): string | undefined {
  if (target?.by !== 'name' || target.guard === undefined) return undefined;
  return target.guard.type === 'grant' ? target.namespace : node.resource.namespace;
}

/** A pseudo resource exists while somebody names it. */
function appear(store: Store, address: Address): void {
  const { population, namespace, name } = address;
  const id: ResourceId = `${population.cluster}/~${population.kind}/${namespace}/${name}`;
  const node = new Node(
    {
      id,
      cluster: population.cluster,
      group: '',
      kind: population.kind,
      namespace,
      name,
      uid: '',
      pseudo: true,
      labels: NOTHING,
      summary: NOTHING,
      health: { status: 'unknown' },
    },
    NOTHING,
  );
  store.commit.resource(id, undefined);
  store.nodes.set(id, node);
  address.node = node;
  population.size++;
}

function disappear(store: Store, address: Address): void {
  const { node } = address;
  if (node === undefined) return;
  store.commit.resource(node.resource.id, node.resource);
  store.nodes.delete(node.resource.id);
  address.node = undefined;
  address.population.size--;
}

function retract(store: Store, statement: Statement): void {
  const { address, target, node } = statement;
  const cluster = store.cluster(node.resource.cluster);
  if (address === undefined) {
    if (target?.by !== 'labels') return;
    cluster.population(target.group, target.kind).unsubscribe(statement, target);
    cluster.byNamespaceLabels.delete(statement);
    for (const link of [...linksOf(statement)]) withdraw(store, link, statement);
    return;
  }
  const watched = guardedNamespace(statement);
  if (watched !== undefined) removeFrom(cluster.guarded, watched, statement);
  store.unresolved.delete(statement);
  if (statement.link) withdraw(store, statement.link, statement);
  stopWaiting(address, statement);
  if (address.firstWaiting !== undefined) return;
  if (address.population.pseudo && address.id === undefined && !isDeclared(address)) disappear(store, address);
  if (address.id !== undefined) store.waiting.delete(address.id);
  else address.population.release(address);
}

/** Occurrences are pseudo resources of their own; they stay when nobody names them. */
function isDeclared(address: Address): boolean {
  return address.population.kind === 'Occurrence';
}

/** Links or unlinks a statement with whoever is at its address now. */
export function resolve(store: Store, statement: Statement): void {
  const found = statement.address?.node;
  const usable = found !== undefined && objection(store, statement, found) === undefined;
  if (usable) {
    store.unresolved.delete(statement);
    support(store, statement, found);
  } else {
    if (statement.link) withdraw(store, statement.link, statement);
    if (statement.rule.confidence === 'exact') store.unresolved.add(statement);
  }
}

/** Adds a statement's support to the edge that it means, and the edge when it is the first. */
function support(store: Store, statement: Statement, target: Node): void {
  if (target === statement.node) return;
  const { rule, node } = statement;
  const from = rule.reverse ? target : node;
  const to = rule.reverse ? node : target;
  const existing = linkBetween(rule.edge, from, to);
  if (existing === undefined) {
    const link = new Link(rule.edge, from, to, statement, store.commit.at, store.commit.number);
    hang(link);
    store.edgeCount++;
    store.commit.linked(link);
    if (statement.address) statement.link = link;
    return;
  }
  if (statement.address) statement.link = existing;
  if (existing.support === statement || existing.more?.includes(statement)) return;
  store.commit.touch(existing);
  existing.more = [...(existing.more ?? []), statement];
}

/** Removes a statement's support, and the edge when it was the last. */
function withdraw(store: Store, link: Link, statement: Statement): void {
  statement.link = undefined;
  const rest = supports(link).filter((other) => other !== statement);
  const [first, ...more] = rest;
  if (first === undefined) {
    store.commit.unlinked(link);
    unhang(link);
    store.edgeCount--;
    return;
  }
  store.commit.touch(link);
  link.support = first;
  link.more = more.length === 0 ? undefined : more;
}

/** Links that a statement supports. */
function* linksOf(statement: Statement): Iterable<Link> {
  const { rule, node, link: only, address } = statement;
  if (address !== undefined) {
    if (only) yield only;
    return;
  }
  if (edgeInfo(rule.edge).computed) return;
  for (let link = rule.reverse ? node.firstIn : node.firstOut; link; ) {
    const next = rule.reverse ? link.nextIn : link.nextOut;
    if (link.type === rule.edge && (link.support === statement || link.more?.includes(statement))) yield link;
    link = next;
  }
}

/** Nodes that a selector statement selects now. */
export function* matching(store: Store, statement: Statement): Iterable<Node> {
  const { target, node } = statement;
  if (target?.by !== 'labels') return;
  const { cluster } = node.resource;
  const population = store.cluster(cluster).population(target.group, target.kind);
  for (const namespace of namespacesOf(store, cluster, target, population)) {
    for (const candidate of population.near(namespace, target.selector)) {
      if (candidate !== node && matches(target.selector, candidate.facts)) yield candidate;
    }
  }
}

function namespacesOf(
  store: Store,
  cluster: string,
  { namespaces }: SelectorTarget,
  population: Population,
): Iterable<string> {
  if (namespaces.type === 'names') return new Set(namespaces.names);
  const all = [...population.namespaces()];
  return namespaces.type === 'all'
    ? all
    : all.filter((namespace) => matches(namespaces.selector, namespaceLabels(store, cluster, namespace)));
}

/** Whether a selector statement selects a node now. */
export function selectsNode(store: Store, { target, node: declarer }: Statement, node: Node): boolean {
  if (target?.by !== 'labels' || node === declarer) return false;
  const { namespaces, selector } = target;
  const { cluster, namespace } = node.resource;
  if (namespaces.type === 'names' && !namespaces.names.includes(namespace)) return false;
  if (namespaces.type === 'labels' && !matches(namespaces.selector, namespaceLabels(store, cluster, namespace)))
    return false;
  return matches(selector, node.facts);
}

/** A node joined: everybody who waits for its name or id, or selects its labels, is linked to it. */
export function welcome(store: Store, node: Node, address: Address, population: Population): void {
  for (const at of [address, store.waiting.get(node.resource.id)]) {
    if (at === undefined) continue;
    at.node = node;
    for (let statement = at.firstWaiting; statement; statement = statement.next) resolve(store, statement);
  }
  population.file(node);
  for (const statement of population.candidates(node)) linkSelected(store, statement, node);
}

function linkSelected(store: Store, statement: Statement, node: Node): void {
  if (!edgeInfo(statement.rule.edge).computed && selectsNode(store, statement, node)) support(store, statement, node);
}

/** A node left: whoever was linked to it waits again. Call after `silence`. */
export function dismiss(store: Store, node: Node, address: Address, population: Population): void {
  population.unfile(node);
  unlinkSelected(store, node, () => false);
  for (const at of [address, store.waiting.get(node.resource.id)]) {
    if (at === undefined) continue;
    if (at.node === node) at.node = undefined;
    for (let statement = at.firstWaiting; statement; statement = statement.next)
      if (statement.link) resolve(store, statement);
  }
}

/** Facts changed (`change` sets them): selectors that no longer match let go, those that now match take hold. */
export function reselect(store: Store, node: Node, population: Population, change: () => void): void {
  population.unfile(node);
  change();
  population.file(node);
  unlinkSelected(store, node, (statement) => selectsNode(store, statement, node));
  for (const statement of population.candidates(node)) linkSelected(store, statement, node);
}

/** Withdraws selector statements of others from this node's links, but for those that still hold. */
function unlinkSelected(store: Store, node: Node, holds: (statement: Statement) => boolean): void {
  const check = (link: Link): void => {
    for (const statement of supports(link)) {
      if (statement.address === undefined && statement.node !== node && !holds(statement))
        withdraw(store, link, statement);
    }
  };
  for (let link = node.firstIn; link; ) {
    const next = link.nextIn;
    check(link);
    link = next;
  }
  for (let link = node.firstOut; link; ) {
    const next = link.nextOut;
    check(link);
    link = next;
  }
}

/** What a node is to others (owners, labels, listeners) changed: those who name it with conditions look again. */
export function reconsider(store: Store, node: Node, address: Address): void {
  for (const at of [address, store.waiting.get(node.resource.id)]) {
    for (let statement = at?.firstWaiting; statement; statement = statement.next)
      if (statement.target) resolve(store, statement);
  }
}

/** Grants in a namespace, or its labels, changed: guarded references and selectors by namespace labels look again. */
export function reconsiderNamespace(store: Store, cluster: string, namespace: string, labelsChanged: boolean): void {
  const { guarded, byNamespaceLabels } = store.cluster(cluster);
  for (const statement of [...(guarded.get(namespace) ?? [])]) resolve(store, statement);
  if (!labelsChanged) return;
  for (const statement of byNamespaceLabels) {
    if (edgeInfo(statement.rule.edge).computed) continue;
    const selected = new Set(matching(store, statement));
    for (const link of [...linksOf(statement)]) {
      if (!selected.has(statement.rule.reverse ? link.from : link.to)) withdraw(store, link, statement);
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

/**
 * Keeps statements resolved while nodes come, change and go. Only the pair that changed is linked again.
 * Invariant after every call: a link exists exactly when some statement's target is present, fits and differs from its declarer, but for
 * `computed` statements, which are answered when read and never linked.
 */
import { itemsOf } from './keyed-sets.ts';
import type { Address, Node } from './node.ts';
import type { Population } from './population.ts';
import { fits, isSelective, matching, meant } from './selection.ts';
import type { Store } from './store.ts';

/** Links or unlinks a statement with whoever is at its address now. */
export function resolve(store: Store, statement: number): void {
  const { statements } = store;
  const found = meant(store, statement);
  const link = statements.link(statement);
  if (link !== 0 && otherEnd(store, link, statement) !== found) withdraw(store, link, statement);
  if (found !== undefined) {
    store.unresolved.delete(statement);
    support(store, statement, found);
  } else if (statements.rule(statement).confidence === 'exact') store.unresolved.add(statement);
}

/** The end of a link at which the declarer of a statement that supports it is not. */
function otherEnd({ statements, links }: Store, link: number, statement: number): Node {
  return statements.rule(statement).reverse ? links.from(link) : links.to(link);
}

/** Adds a statement's support to the edge that it means, and the edge when it is the first. */
export function support(store: Store, statement: number, target: Node): void {
  const { statements, links, commit } = store;
  const node = statements.node(statement);
  if (target === node || statements.computed(statement)) return;
  const { edge, reverse } = statements.rule(statement);
  const from = reverse ? target : node;
  const to = reverse ? node : target;
  let link = links.between(edge, from, to);
  if (link === 0) {
    link = links.add(edge, from, to, statement, commit.at);
    commit.linked(link);
  } else if (!links.supportedBy(link, statement)) {
    commit.touch(link);
    links.support(link, statement);
  }
  if (!statements.selects(statement)) statements.setLink(statement, link);
}

/** Removes a statement's support, and the edge when it was the last. */
export function withdraw(store: Store, link: number, statement: number): void {
  const { statements, links, commit } = store;
  if (!statements.selects(statement)) statements.setLink(statement, 0);
  if (links.supports(link).length > 1) commit.touch(link);
  if (links.withdraw(link, statement)) return;
  commit.unlinked(link);
  links.unhang(link);
}

/** Links that a statement supports. */
export function* linksOf({ statements, links }: Store, statement: number): Iterable<number> {
  if (!statements.selects(statement)) {
    const link = statements.link(statement);
    if (link !== 0) yield link;
    return;
  }
  if (statements.computed(statement)) return;
  const { reverse } = statements.rule(statement);
  const node = statements.node(statement);
  for (let link = reverse ? node.firstIn : node.firstOut; link !== 0; ) {
    const next = reverse ? links.nextIn(link) : links.nextOut(link);
    if (links.supportedBy(link, statement)) yield link;
    link = next;
  }
}

/** Makes a selector statement's links lead to exactly those that it selects now. */
function choose(store: Store, statement: number): void {
  if (store.statements.computed(statement)) return;
  const selected = new Set(matching(store, statement));
  for (const link of [...linksOf(store, statement)]) {
    if (!selected.has(otherEnd(store, link, statement))) withdraw(store, link, statement);
  }
  for (const node of selected) support(store, statement, node);
}

/** A node joined: everybody who waits for its name or id, or selects its labels, is linked to it. */
export function welcome(store: Store, node: Node, address: Address, population: Population): void {
  address.node = node;
  resolveAt(store, node, address);
  population.file(node);
  linkSelected(store, node, population);
}

/** A node left: whoever was linked to it waits again. Call after `silence`, when the store does not know it any more. */
export function dismiss(store: Store, node: Node, address: Address, population: Population): void {
  address.node = undefined;
  population.unfile(node);
  unlinkSelected(store, node, () => false);
  resolveAt(store, node, address);
}

/** Resolves all statements that wait where a node may be found. */
function resolveAt(store: Store, node: Node, named: Address): void {
  const { statements, uidAddresses } = store;
  const resolveAll = ({ firstWaiting }: Address): void => {
    for (let statement = firstWaiting; statement !== 0; statement = statements.nextWaiting(statement))
      resolve(store, statement);
  };
  resolveAll(named);
  for (const address of uidAddresses.of(node, named)) {
    uidAddresses.look(address);
    resolveAll(address);
  }
}

function linkSelected(store: Store, node: Node, population: Population): void {
  for (const statement of population.candidates(node)) {
    if (store.statements.computed(statement) || !fits(store, statement, node)) continue;
    if (isSelective(store, statement)) choose(store, statement);
    else support(store, statement, node);
  }
}

/** Facts or age changed (`change` sets them): selectors that no longer match let go, those that now match take hold. */
export function reselect(store: Store, node: Node, population: Population, change: () => void): void {
  population.unfile(node);
  change();
  population.file(node);
  unlinkSelected(store, node, (statement) => fits(store, statement, node));
  linkSelected(store, node, population);
}

/** Withdraws selector statements of others from this node's links, but for those that still hold. */
function unlinkSelected(store: Store, node: Node, holds: (statement: number) => boolean): void {
  const { statements, links } = store;
  const selective = new Set<number>();
  const check = (link: number): void => {
    for (const statement of links.supports(link)) {
      if (!statements.selects(statement) || statements.node(statement) === node) continue;
      if (isSelective(store, statement)) selective.add(statement);
      if (!holds(statement)) withdraw(store, link, statement);
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
  for (const statement of selective) choose(store, statement);
}

/** What a node is to others (owners, labels, listeners) changed: those who name it with conditions look again. */
export function reconsider(store: Store, node: Node, named: Address): void {
  const { statements, uidAddresses } = store;
  for (const address of [named, ...uidAddresses.of(node, named)]) {
    for (let statement = address.firstWaiting; statement !== 0; statement = statements.nextWaiting(statement)) {
      if (statements.target(statement) !== undefined) resolve(store, statement);
    }
  }
}

/** Grants in a namespace, or its labels, changed: guarded references and selectors by namespace labels look again. */
export function reconsiderNamespace(store: Store, cluster: string, namespace: string, labelsChanged: boolean): void {
  const { guarded, byNamespaceLabels } = store.cluster(cluster);
  for (const statement of [...itemsOf(guarded.get(namespace))]) resolve(store, statement);
  if (labelsChanged) for (const statement of byNamespaceLabels) choose(store, statement);
}

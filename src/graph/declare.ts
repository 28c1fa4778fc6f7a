/**
 * What a node says: its statements, kept equal to its references. Each says where it looks for its target; linker.ts keeps them resolved.
 * Invariant: statements of a node stand in the order of its references.
 */
import type { Reference } from '../model/reference.ts';
import { addTo, removeFrom } from './keyed-sets.ts';
import { linksOf, resolve, support, withdraw } from './linker.ts';
import { type Address, type Node, UidAddress } from './node.ts';
import { appear, disappear, isOnlyNamed } from './pseudo.ts';
import { sameJson } from './sameness.ts';
import { matching } from './selection.ts';
import { isPlain } from './statements.ts';
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
  const target = statements.target(statement);
  if (target === other) return true;
  if (target === undefined) {
    const address = statements.address(statement);
    return address !== undefined && isPlain(other) && bears(address, other);
  }
  if (target.by === 'id' && other.by === 'id')
    return target.uid === other.uid && target.sameNamespace === other.sameNamespace && sameNames(target, other);
  return sameJson(target, other);
}

type NamedTarget = Extract<Reference['target'], { by: 'id' | 'name' }>;
type PseudoTarget = Extract<Reference['target'], { by: 'pseudo' }>;

function sameNames(a: NamedTarget, b: NamedTarget): boolean {
  return a.name === b.name && a.kind === b.kind && a.namespace === b.namespace && a.group === b.group;
}

function bears({ population, namespace, name }: Address, target: NamedTarget | PseudoTarget): boolean {
  if (name !== target.name || namespace !== target.namespace || population.kind !== target.kind) return false;
  return target.by === 'pseudo' ? population.pseudo : !population.pseudo && population.group === target.group;
}

/** Takes over what may differ while the target stays. */
function refresh(store: Store, statement: number, reference: Reference): void {
  const { statements } = store;
  const { value, optional = false, attributes } = reference;
  const same = statements.value(statement) === value && sameJson(statements.attributes(statement), attributes);
  if (same && statements.optional(statement) === optional) return;
  for (const link of linksOf(store, statement)) store.commit.touch(link);
  statements.refresh(statement, reference);
}

function assert(store: Store, node: Node, reference: Reference): number {
  const { target } = reference;
  const { statements } = store;
  const statement = statements.add(node, reference);
  enlist(store, statement);
  if (target.by === 'labels') {
    if (!statements.computed(statement))
      for (const match of matching(store, statement)) support(store, statement, match);
    return statement;
  }
  const address = addressOf(store, node.resource.cluster, target);
  statements.startWaiting(statement, address);
  if (target.by === 'pseudo' && !target.existing && address.node === undefined) {
    appear(store, address);
    for (const other of waiting(store, address)) resolve(store, other);
  }
  resolve(store, statement);
  return statement;
}

/** Files a statement where those look who change what it needs besides a name: labels, grants, listeners. */
export function enlist(store: Store, statement: number): void {
  const target = store.statements.target(statement);
  if (target === undefined) return;
  const node = store.statements.node(statement);
  const cluster = store.cluster(node.resource.cluster);
  if (target.by === 'labels') {
    cluster.population(target.group, target.kind).subscribe(statement, target);
    if (target.namespaces.type === 'labels') cluster.byNamespaceLabels.add(statement);
  }
  const watched = guardedNamespace(node, target);
  if (watched !== undefined) addTo(cluster.guarded, watched, statement);
}

function addressOf(store: Store, clusterName: string, target: Exclude<Reference['target'], { by: 'labels' }>): Address {
  const cluster = store.cluster(clusterName);
  if (target.by === 'pseudo') return cluster.population('', target.kind, true).address(target.namespace, target.name);
  const population = cluster.population(target.group, target.kind);
  const named = population.address(target.namespace, target.name);
  return target.by === 'name' ? named : store.uidAddresses.address(`${clusterName}/${target.uid}`, named);
}

/** Namespace whose grants (for `grant`) or labels (for `listener`) decide over a reference. */
function guardedNamespace(node: Node, target: Reference['target'] | undefined): string | undefined {
  if (target?.by !== 'name' || target.guard === undefined) return undefined;
  return target.guard.type === 'grant' ? target.namespace : node.resource.namespace;
}

function retract(store: Store, statement: number): void {
  const { statements } = store;
  const node = statements.node(statement);
  const target = statements.target(statement);
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
  if (address.node && isOnlyNamed(address.population) && !isNamed(store, address)) {
    for (const other of waiting(store, address)) {
      const others = statements.link(other);
      if (others !== 0) withdraw(store, others, other);
    }
    disappear(store, address);
  }
  if (address.firstWaiting !== 0) return;
  if (address instanceof UidAddress) {
    store.uidAddresses.release(address);
    return;
  }
  address.population.release(address);
}

function* waiting({ statements }: Store, { firstWaiting }: Address): Iterable<number> {
  for (let statement = firstWaiting; statement !== 0; statement = statements.nextWaiting(statement)) yield statement;
}

/** Whether anybody names what is at an address of pseudo resources, and not only if it is there. */
function isNamed(store: Store, address: Address): boolean {
  for (const statement of waiting(store, address)) if (store.statements.target(statement) === undefined) return true;
  return false;
}

/** Whom statements mean now: which nodes a selector selects, and who means a node. Pure reading. */
import { matches } from '../model/selector.ts';
import { compareTime } from '../model/time.ts';
import { namespaceLabels, objection } from './guards.ts';
import type { Node } from './node.ts';
import type { Population, SelectorTarget } from './population.ts';
import type { Store } from './store.ts';

/** Nodes that a selector statement selects now. */
export function matching(store: Store, statement: number): Iterable<Node> {
  const target = store.statements.target(statement);
  if (target?.by !== 'labels') return [];
  const all = fitting(store, statement, target);
  return target.newest ? newestOf(all) : all;
}

function* fitting(store: Store, statement: number, target: SelectorTarget): Iterable<Node> {
  const node = store.statements.node(statement);
  const { cluster } = node.resource;
  const population = store.clusters.get(cluster)?.find(target.group, target.kind);
  if (population === undefined) return;
  for (const namespace of namespacesOf(store, cluster, target, population)) {
    for (const candidate of population.near(namespace, target.selector)) {
      if (candidate !== node && matches(target.selector, candidate.facts)) yield candidate;
    }
  }
}

/** Source: kubernetes pkg/volume/util GetDefaultClass. */
function newestOf(nodes: Iterable<Node>): readonly Node[] {
  let newest: Node | undefined;
  for (const node of nodes) if (newest === undefined || isNewer(node, newest)) newest = node;
  return newest === undefined ? [] : [newest];
}

function isNewer({ resource: a }: Node, { resource: b }: Node): boolean {
  const order = compareTime(a.createdAt ?? '', b.createdAt ?? '');
  if (order !== 0) return order > 0;
  return a.name === b.name ? a.namespace < b.namespace : a.name < b.name;
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

/** Whether a node meets the selector of a statement. */
export function fits(store: Store, statement: number, node: Node): boolean {
  const target = store.statements.target(statement);
  if (target?.by !== 'labels' || store.statements.node(statement) === node) return false;
  const { namespaces, selector } = target;
  const { cluster, namespace } = node.resource;
  if (namespaces.type === 'names' && !namespaces.names.includes(namespace)) return false;
  if (namespaces.type === 'labels' && !matches(namespaces.selector, namespaceLabels(store, cluster, namespace)))
    return false;
  return matches(selector, node.facts);
}

/** Whether a selector statement selects one of several that fit. */
export function isSelective(store: Store, statement: number): boolean {
  const target = store.statements.target(statement);
  return target?.by === 'labels' && target.newest === true;
}

/** The node that a statement by name or uid means now; it may be its declarer. */
export function meant(store: Store, statement: number): Node | undefined {
  const found = store.statements.address(statement)?.node;
  return found === undefined || objection(store, statement, found) !== undefined ? undefined : found;
}

/** Nodes other than its declarer that a statement means now, by name or by labels. */
export function targetsOf(store: Store, statement: number): Iterable<Node> {
  if (store.statements.selects(statement)) return matching(store, statement);
  const found = meant(store, statement);
  return found === undefined || found === store.statements.node(statement) ? [] : [found];
}

/** Those wanted of the statements of others that mean a node now. None comes twice. */
export function* statementsAbout(store: Store, node: Node, wanted: (statement: number) => boolean): Iterable<number> {
  const { statements, uidAddresses } = store;
  const { cluster, group, kind, namespace, name, pseudo } = node.resource;
  const population = store.clusters.get(cluster)?.find(group, kind, pseudo);
  const named = population?.peek(namespace, name);
  if (population === undefined || named === undefined) return;
  for (const statement of population.candidates(node)) {
    if (!wanted(statement) || !fits(store, statement, node)) continue;
    if (!isSelective(store, statement) || includes(matching(store, statement), node)) yield statement;
  }
  for (const { firstWaiting } of [named, ...uidAddresses.of(node, named)]) {
    for (let statement = firstWaiting; statement !== 0; statement = statements.nextWaiting(statement))
      if (wanted(statement) && includes(targetsOf(store, statement), node)) yield statement;
  }
}

function includes(nodes: Iterable<Node>, node: Node): boolean {
  for (const each of nodes) if (each === node) return true;
  return false;
}

/** Which nodes a selector statement selects, and whether it selects one. Pure reading. */
import { matches } from '../model/selector.ts';
import { namespaceLabels } from './guards.ts';
import type { Node } from './node.ts';
import type { Population, SelectorTarget } from './population.ts';
import type { Store } from './store.ts';

/** Nodes that a selector statement selects now. */
export function* matching(store: Store, statement: number): Iterable<Node> {
  const { target } = store.statements.extras(statement);
  if (target?.by !== 'labels') return;
  const node = store.statements.node(statement);
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
export function selectsNode(store: Store, statement: number, node: Node): boolean {
  const { target } = store.statements.extras(statement);
  if (target?.by !== 'labels' || store.statements.node(statement) === node) return false;
  const { namespaces, selector } = target;
  const { cluster, namespace } = node.resource;
  if (namespaces.type === 'names' && !namespaces.names.includes(namespace)) return false;
  if (namespaces.type === 'labels' && !matches(namespaces.selector, namespaceLabels(store, cluster, namespace)))
    return false;
  return matches(selector, node.facts);
}

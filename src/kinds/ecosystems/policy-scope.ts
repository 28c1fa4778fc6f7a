/** What policy engines govern: objects of some kinds, by their labels and by their namespaces. */
import type { Requirement, Selector } from '../../model/selector.ts';
import type { KindRef, Outcome } from '../kind.ts';
import { labelled, NAMESPACE_NAME, namespacesFrom } from '../pod-peers.ts';
import { Namespace } from '../refs.ts';

export interface PolicyScope {
  readonly kinds: readonly KindRef[];
  /** Over the objects' own labels. */
  readonly objects: Selector;
  /** Over the labels of their namespaces; a Namespace counts as its own. */
  readonly namespaces: Selector;
}

/** One selector target for each kind. */
export function inScope({ kinds, objects, namespaces }: PolicyScope): readonly Outcome[] {
  return kinds.map((target) => {
    if (target.group === Namespace.group && target.kind === Namespace.kind)
      return labelled(Namespace, [...objects, ...namespaces], { type: 'all' });
    return labelled(target, objects, target.namespaced ? namespacesFrom(namespaces) : { type: 'all' });
  });
}

/** Namespaces of these names, in which `*` stands for any text; or all but those. */
export function namespaceNames(patterns: readonly string[], sense: 'these' | 'others'): Requirement {
  const wild = patterns.some((pattern) => pattern.includes('*'));
  const operator = sense === 'these' ? (wild ? 'Like' : 'In') : wild ? 'NotLike' : 'NotIn';
  return { key: NAMESPACE_NAME, operator, values: patterns };
}

/** Whether a named target may be used: the right uid, owner and labels, and permission across namespaces (Gateway API). Pure decisions. */

import type { DanglingReason } from '../model/edge.ts';
import type { Guard, Listener } from '../model/reference.ts';
import { type Labels, matches } from '../model/selector.ts';
import { itemsOf } from './keyed-sets.ts';
import type { Node } from './node.ts';
import type { Store } from './store.ts';

/** Why the node at a statement's address is not its target, or undefined when it is. */
export function objection(
  store: Store,
  statement: number,
  found: Node,
): Exclude<DanglingReason, 'missing'> | undefined {
  const target = store.statements.target(statement);
  if (target === undefined || target.by === 'labels' || target.by === 'pseudo') return undefined;
  const declarer = store.statements.node(statement);
  const { resource } = found;
  if (target.by === 'id') {
    const foreign =
      target.sameNamespace && resource.namespace !== '' && resource.namespace !== declarer.resource.namespace;
    return foreign ? 'refused' : undefined;
  }
  if (target.uid !== undefined && resource.uid !== '' && target.uid !== resource.uid) return 'stale';
  if (target.owned && !isOwned(found, declarer)) return 'stale';
  if (target.labels && !matches(target.labels, found.facts)) return 'stale';
  if (target.guard && !permitted(store, target.guard, declarer, found)) return 'refused';
  return undefined;
}

/** Who has no known uid may be any of the owners. */
function isOwned({ standing }: Node, { resource: { uid } }: Node): boolean {
  return standing?.owners !== undefined && (uid === '' || standing.owners.includes(uid));
}

function permitted(store: Store, guard: Guard, declarer: Node, found: Node): boolean {
  if (guard.type === 'listener') return listening(store, guard, declarer, found);
  return declarer.resource.namespace === found.resource.namespace || granted(store, declarer, found);
}

/** Gateway API: routes attach where a listener allows their namespace and kind; a target without listeners (a Service) takes all. */
function listening(store: Store, guard: Extract<Guard, { type: 'listener' }>, declarer: Node, found: Node): boolean {
  const listeners = found.standing?.listeners;
  if (listeners === undefined) return true;
  return listeners.some(
    (listener) =>
      (guard.section === undefined || listener.section === guard.section) &&
      (guard.port === undefined || listener.port === undefined || listener.port === guard.port) &&
      allowsKind(listener, declarer) &&
      allowsNamespace(store, listener, declarer, found),
  );
}

function allowsKind({ kinds }: Listener, { resource }: Node): boolean {
  return kinds === undefined || kinds.some(({ group, kind }) => group === resource.group && kind === resource.kind);
}

function allowsNamespace(store: Store, { from }: Listener, { resource }: Node, found: Node): boolean {
  if (from === 'All') return true;
  if (from === 'None') return false;
  if (from === 'Same') return resource.namespace === found.resource.namespace;
  return matches(from.selector, namespaceLabels(store, resource.cluster, resource.namespace));
}

/** Gateway API ReferenceGrant: someone in the target's namespace lets the declarer's kind and namespace refer to it. */
function granted(store: Store, { resource: declarer }: Node, { resource: target }: Node): boolean {
  for (const { standing } of itemsOf(store.clusters.get(target.cluster)?.granting.get(target.namespace))) {
    for (const { from, to } of standing?.grants ?? []) {
      const fits = from.some(
        ({ group, kind, namespace }) =>
          group === declarer.group && kind === declarer.kind && namespace === declarer.namespace,
      );
      if (
        fits &&
        to.some(
          ({ group, kind, name }) =>
            group === target.group && kind === target.kind && (name ?? target.name) === target.name,
        )
      )
        return true;
    }
  }
  return false;
}

const NAMESPACE = { group: '', kind: 'Namespace' };

/** A Namespace's labels; before it is seen, the one that the API server gives to each (kubernetes KEP-2161). */
export function namespaceLabels(store: Store, cluster: string, namespace: string): Labels {
  const node = store.bearer({ cluster, ...NAMESPACE, namespace: '', name: namespace });
  return node?.facts ?? { 'kubernetes.io/metadata.name': namespace };
}

/**
 * Pods as network policies choose them: by labels, in namespaces. A choice without any condition on pods is said of the Namespaces,
 * once each, not of every pod in them: "allows traffic from Namespace shop" is what was written, and stays true while pods come and go.
 */
import type { Namespaces } from '../model/reference.ts';
import { everything, type Selector, selectorFrom } from '../model/selector.ts';
import type { KindRef, Outcome } from './kind.ts';
import { Namespace, Pod, ServiceAccount } from './refs.ts';
import { selectorText } from './relations.ts';

type Attributes = Outcome['attributes'];

/** The label that the API server gives to every namespace (KEP-2161). */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** Namespaces that a selector chooses; an empty one chooses all. Names given by label are taken as names. */
export function namespacesFrom(selector: Selector): Namespaces {
  const [first, ...others] = selector;
  if (first === undefined) return { type: 'all' };
  if (others.length === 0 && first.key === NAMESPACE_NAME && first.operator === 'In') {
    return { type: 'names', names: first.values };
  }
  return { type: 'labels', selector };
}

/** Namespaces of a LabelSelector; undefined when it is absent or malformed. */
export function namespacesOf(labelSelector: unknown): Namespaces | undefined {
  const selector = labelSelector == null ? undefined : selectorFrom(labelSelector);
  return selector && namespacesFrom(selector);
}

/** Objects of a kind with these labels in these namespaces. */
export function labelled(
  target: KindRef,
  selector: Selector,
  namespaces: Namespaces,
  attributes?: Attributes,
): Outcome {
  return {
    target: { by: 'labels', group: target.group, kind: target.kind, selector, namespaces },
    value: selectorText(selector),
    ...(attributes && { attributes }),
  };
}

/** The namespaces themselves. */
export function wholeNamespaces(namespaces: Namespaces, attributes?: Attributes): readonly Outcome[] {
  const { group, kind } = Namespace;
  if (namespaces.type !== 'names') {
    return [
      labelled(Namespace, namespaces.type === 'all' ? everything : namespaces.selector, { type: 'all' }, attributes),
    ];
  }
  return namespaces.names.map((name) => ({
    target: { by: 'name', group, kind, namespace: '', name },
    optional: true,
    ...(attributes && { attributes }),
  }));
}

/** Pods with these labels in these namespaces; without a selector, the namespaces. */
export function podsIn(
  namespaces: Namespaces,
  pods: Selector | undefined,
  attributes?: Attributes,
): readonly Outcome[] {
  return pods === undefined ? wholeNamespaces(namespaces, attributes) : [labelled(Pod, pods, namespaces, attributes)];
}

/** Service accounts of these names, meaning their pods; only where the namespaces are known by name. */
export function accountsIn(
  namespaces: Namespaces,
  names: readonly string[],
  attributes?: Attributes,
): readonly Outcome[] {
  if (namespaces.type !== 'names') return [];
  const { group, kind } = ServiceAccount;
  return namespaces.names.flatMap((namespace) =>
    names.map(
      (name): Outcome => ({
        target: { by: 'name', group, kind, namespace, name },
        optional: true,
        ...(attributes && { attributes }),
      }),
    ),
  );
}

/** Something that policies name and that is no object: `all`, `world`, `host` (Cilium's entities). */
export function entity(name: string, attributes?: Attributes): Outcome {
  return { target: { by: 'pseudo', kind: 'Entity', namespace: '', name }, ...(attributes && { attributes }) };
}

/** Ports as text, `TCP/80,UDP/8000-8010`; undefined when the list is empty: then every port is meant. */
export function portsText(ports: unknown): { readonly ports: string } | undefined {
  if (!Array.isArray(ports) || ports.length === 0) return undefined;
  return { ports: ports.map(portText).join(',') };
}

function portText(port: unknown): string {
  if (typeof port !== 'object' || port === null) return String(port);
  const { protocol = 'TCP', port: first, endPort } = port as Readonly<Record<string, unknown>>;
  const range = endPort == null ? first : `${first}-${endPort}`;
  return first == null ? String(protocol) : `${protocol}/${range}`;
}

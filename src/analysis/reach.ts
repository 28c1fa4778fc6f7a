/**
 * Whether NetworkPolicies let one pod reach another, by the rules themselves: policies only add what is allowed, and a pod that no policy of a direction
 * chooses is open in it. What cannot be judged counts as allowed. Source: networking.k8s.io/v1 NetworkPolicySpec.
 */
import type { Resource } from '../model/resource.ts';
import { matches, selectorFrom } from '../model/selector.ts';
import { type Case, listAt, text, treeAt } from './case.ts';
import { containerPorts } from './services.ts';

export interface Port {
  readonly port: number | string;
  readonly protocol: string;
}

/** A direction in which a pair is cut, and the policies that choose the pod and do not allow it. */
export interface Cut {
  readonly direction: 'Egress' | 'Ingress';
  readonly policies: readonly Resource[];
}

type Tree = Readonly<Record<string, unknown>>;

/** Where traffic from one pod to a port of another is cut; undefined when it is allowed. Without a port: when no port is allowed. */
export function cutBetween(known: Case, from: Resource, to: Resource, port: Port | undefined): Cut | undefined {
  if (usesHostNetwork(known, to) && usesHostNetwork(known, from)) return undefined;
  return cut(known, 'Egress', from, to, port) ?? cut(known, 'Ingress', to, from, port);
}

function cut(
  known: Case,
  direction: Cut['direction'],
  own: Resource,
  other: Resource,
  port: Port | undefined,
): Cut | undefined {
  // Policies do not hold for the network of the node.
  if (usesHostNetwork(known, own)) return undefined;
  const policies = policiesOf(known, own, direction);
  const asked = port && resolved(known, direction === 'Egress' ? other : own, port);
  const allows = policies.some((policy) => allowsPeer(known, policy, direction, other, asked));
  return policies.length === 0 || allows ? undefined : { direction, policies };
}

/** The same for what lies outside of the cluster: cut where no rule names addresses, or everybody. */
export function cutFromOutside(known: Case, from: Resource): Cut | undefined {
  const policies = usesHostNetwork(known, from) ? [] : policiesOf(known, from, 'Egress');
  const allows = policies.some((policy) =>
    listAt(treeAt(known.object(policy.id), 'spec'), 'egress').some((rule) => {
      const peers = listAt(rule, 'to');
      return peers.length === 0 || peers.some((peer) => peer['ipBlock'] != null);
    }),
  );
  return policies.length === 0 || allows ? undefined : { direction: 'Egress', policies };
}

/** Policies that isolate a pod in a direction. */
export function policiesOf(known: Case, pod: Resource, direction: Cut['direction']): readonly Resource[] {
  const { cluster, namespace } = pod;
  const all = known.view.resources({ cluster, group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace });
  return [...all].filter((policy) => {
    const spec = treeAt(known.object(policy.id), 'spec');
    const selector = selectorFrom(spec?.['podSelector'] ?? {});
    return selector !== undefined && matches(selector, pod.labels) && typesOf(spec).includes(direction);
  });
}

/** Without `policyTypes`: Ingress, and Egress where there are rules of it. */
function typesOf(spec: Tree | undefined): readonly unknown[] {
  const types = spec?.['policyTypes'];
  if (Array.isArray(types) && types.length > 0) return types;
  return listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function allowsPeer(
  known: Case,
  policy: Resource,
  direction: Cut['direction'],
  other: Resource,
  port: Port | undefined,
): boolean {
  const spec = treeAt(known.object(policy.id), 'spec');
  const peers = direction === 'Egress' ? 'to' : 'from';
  return listAt(spec, direction.toLowerCase()).some((rule) => {
    const list = listAt(rule, peers);
    return (
      (list.length === 0 || list.some((peer) => isPeer(known, policy, peer, other))) &&
      (port === undefined || allowsPort(rule, port))
    );
  });
}

function isPeer(known: Case, policy: Resource, peer: Tree, pod: Resource): boolean {
  const block = treeAt(peer, 'ipBlock');
  if (block) return holds(block, text(treeAt(known.object(pod.id), 'status')?.['podIP']));
  const namespaces = peer['namespaceSelector'];
  const pods = peer['podSelector'];
  const isPlace =
    namespaces == null ? pod.namespace === policy.namespace : choosesNamespace(known, selectorFrom(namespaces), pod);
  const selector = pods == null ? [] : selectorFrom(pods);
  return isPlace && (selector === undefined || matches(selector, pod.labels));
}

function choosesNamespace(known: Case, selector: ReturnType<typeof selectorFrom>, pod: Resource): boolean {
  if (selector === undefined || selector.length === 0) return true;
  const { cluster, namespace: name } = pod;
  const namespace = known.view.byName({ cluster, group: '', kind: 'Namespace', namespace: '', name });
  const labels = { 'kubernetes.io/metadata.name': name, ...namespace?.labels };
  // Labels of a namespace that was not seen are not known, but for its name.
  if (namespace === undefined && selector.some(({ key }) => key !== 'kubernetes.io/metadata.name')) return true;
  return matches(selector, labels);
}

/** Whether a block of addresses holds one; what is no IPv4 is not judged. */
function holds(block: Tree, address: string): boolean {
  const inside = (range: unknown): boolean | undefined => inRange(text(range), address);
  if (inside(block['cidr']) === false) return false;
  const except = block['except'];
  return !(Array.isArray(except) && except.some((range) => inside(range) === true));
}

function inRange(range: string, address: string): boolean | undefined {
  const [base = '', bits = '32'] = range.split('/');
  const [a, b] = [number4(base), number4(address)];
  if (a === undefined || b === undefined) return undefined;
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(a / shift) === Math.floor(b / shift);
}

function number4(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  return parts.length === 4 && parts.every((part) => part >= 0 && part < 256)
    ? parts.reduce((sum, part) => sum * 256 + part, 0)
    : undefined;
}

function allowsPort(rule: Tree, { port, protocol }: Port): boolean {
  const ports = listAt(rule, 'ports');
  return (
    ports.length === 0 ||
    ports.some((one) => {
      if ((text(one['protocol']) || 'TCP') !== protocol) return false;
      const first = one['port'];
      if (first == null || first === port) return true;
      const last = one['endPort'];
      return typeof first === 'number' && typeof last === 'number' && typeof port === 'number'
        ? port >= first && port <= last
        : // The name of a port that the pod does not declare is not judged.
          typeof first !== typeof port;
    })
  );
}

/** A named port as the number that the pod gives it. */
function resolved(known: Case, pod: Resource, { port, protocol }: Port): Port {
  const found = typeof port === 'string' ? containerPorts(known, pod).find(({ name }) => name === port) : undefined;
  return { port: found?.port ?? port, protocol };
}

function usesHostNetwork(known: Case, pod: Resource): boolean {
  return treeAt(known.object(pod.id), 'spec')?.['hostNetwork'] === true;
}

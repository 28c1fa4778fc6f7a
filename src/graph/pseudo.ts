/** Pseudo resources (images, hosts, users, applications) exist while somebody names them. */
import type { ResourceId } from '../model/resource.ts';
import { type Address, Node } from './node.ts';
import type { Store } from './store.ts';

const NOTHING = Object.freeze({});
const UNKNOWN = Object.freeze({ status: 'unknown' });

/** The id of the pseudo resource at an address. */
export function pseudoId({ population, namespace, name }: Address): ResourceId {
  return [population.cluster, `~${population.kind}`, namespace, name].join('/');
}

/** Puts a pseudo resource at an address. */
export function appear(store: Store, address: Address): void {
  const { population, namespace, name } = address;
  const id = pseudoId(address);
  const resource = {
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
    health: UNKNOWN,
  };
  const node = store.numbers.make((number) => new Node(number, resource, NOTHING));
  store.commit.resource(id, undefined);
  store.nodes.set(id, node);
  address.node = node;
  population.size++;
}

/** Pseudo resources in their own right: nobody need name them. */
const OWN: ReadonlySet<string> = new Set(['Occurrence', 'Incident']);

/** Whether it is there only as long as somebody names it. */
export function isOnlyNamed({ pseudo, kind }: { readonly pseudo: boolean; readonly kind: string }): boolean {
  return pseudo && !OWN.has(kind);
}

/** Takes it away again; nothing may be linked to it any more. */
export function disappear(store: Store, address: Address): void {
  const { node, population } = address;
  if (node === undefined) return;
  store.commit.resource(node.resource.id, node.resource);
  store.nodes.delete(node.resource.id);
  store.numbers.remove(node.number);
  address.node = undefined;
  population.size--;
}

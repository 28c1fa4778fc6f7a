/** Lease: a node's heartbeat, or who leads among the replicas of a controller. Source: coordination.k8s.io/v1. */
import type { V1Lease } from '@kubernetes/client-node';
import { kind, type Relation } from './kind.ts';
import { Node, Pod } from './refs.ts';
import { names, relation } from './relations.ts';

const HEARTBEATS = 'kube-node-lease';

/** Leader election writes the host name, which is the pod's or (with hostNetwork) the node's, and `_` with something unique. */
const heldBy: Relation = relation(
  'HOLDS_LEASE',
  'spec.holderIdentity',
  'Pod or Node',
  { confidence: 'naming', reverse: true, note: 'what stands before the first _' },
  ({ value, namespace }) => {
    const [name] = String(value).split('_', 1);
    if (name === undefined || name === '') return undefined;
    return [
      { target: { by: 'name', group: Pod.group, kind: Pod.kind, namespace, name } },
      { target: { by: 'name', group: Node.group, kind: Node.kind, namespace: '', name } },
    ];
  },
);

export const lease = kind<V1Lease>({
  group: 'coordination.k8s.io',
  name: 'Lease',
  plural: 'leases',
  namespaced: true,
  summary: ({ spec }) => ({ holder: spec?.holderIdentity }),
  relations: [
    names('HOLDS_LEASE', 'metadata.name', Node, {
      reverse: true,
      optional: true,
      when: ({ namespace }) => namespace === HEARTBEATS,
      note: `only in namespace ${HEARTBEATS}, where the lease has the node's name`,
    }),
    heldBy,
  ],
});

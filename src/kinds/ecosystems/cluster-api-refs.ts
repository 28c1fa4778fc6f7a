/** Names that the kinds of Cluster API share. */
import type { Relation } from '../kind.ts';
import { namespaced } from '../refs.ts';
import { names, relation, textAt } from '../relations.ts';

export const CLUSTER_API = 'cluster.x-k8s.io';
/** The label of everything that makes up a cluster, and an annotation of its nodes. */
export const CLUSTER_NAME = 'cluster.x-k8s.io/cluster-name';
export const Cluster = namespaced(CLUSTER_API, 'Cluster');

export const clusterOf = (path: string): Relation => names('BELONGS_TO', path, Cluster);

const annotation = (name: string): string => `metadata.annotations["cluster.x-k8s.io/${name}"]`;

/** Of a Node that a Machine became; the Machine is here only where a cluster manages itself. */
export const machineOfNode: Relation = relation(
  'PRODUCES',
  annotation('machine'),
  'Machine',
  { reverse: true, confidence: 'naming', note: 'namespace from the annotation cluster.x-k8s.io/cluster-namespace' },
  ({ value, up }) => {
    const namespace = textAt(up(1), 'cluster.x-k8s.io/cluster-namespace');
    if (namespace === undefined) return undefined;
    return { target: { by: 'name', group: CLUSTER_API, kind: 'Machine', namespace, name: String(value) } };
  },
);

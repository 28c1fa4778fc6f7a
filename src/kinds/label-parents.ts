/**
 * Labels by which operators mark everything they make, built-in kinds included, with the name of the custom resource it is made for.
 * A naming rule each: an edge where such a resource exists, and silence where not.
 */
import type { KindRef, Outcome, Relation } from './kind.ts';
import { namespaced } from './refs.ts';
import { relation, textAt } from './relations.ts';

interface Parent {
  readonly kind: KindRef;
  /** The label that holds the parent's namespace; without it the parent lives where the object does. */
  readonly namespace?: string;
}

const parents: Readonly<Record<string, Parent>> = {
  'cluster.x-k8s.io/cluster-name': { kind: namespaced('cluster.x-k8s.io', 'Cluster') },
  'cnpg.io/cluster': { kind: namespaced('postgresql.cnpg.io', 'Cluster') },
  'elasticsearch.k8s.elastic.co/cluster-name': { kind: namespaced('elasticsearch.k8s.elastic.co', 'Elasticsearch') },
  'eventing.knative.dev/broker': { kind: namespaced('eventing.knative.dev', 'Broker') },
  'helm.toolkit.fluxcd.io/name': {
    kind: namespaced('helm.toolkit.fluxcd.io', 'HelmRelease'),
    namespace: 'helm.toolkit.fluxcd.io/namespace',
  },
  'jobset.sigs.k8s.io/jobset-name': { kind: namespaced('jobset.x-k8s.io', 'JobSet') },
  'kueue.x-k8s.io/queue-name': { kind: namespaced('kueue.x-k8s.io', 'LocalQueue') },
  'kustomize.toolkit.fluxcd.io/name': {
    kind: namespaced('kustomize.toolkit.fluxcd.io', 'Kustomization'),
    namespace: 'kustomize.toolkit.fluxcd.io/namespace',
  },
  'leaderworkerset.sigs.k8s.io/name': { kind: namespaced('leaderworkerset.x-k8s.io', 'LeaderWorkerSet') },
  'postgres-operator.crunchydata.com/cluster': {
    kind: namespaced('postgres-operator.crunchydata.com', 'PostgresCluster'),
  },
  'scaledjob.keda.sh/name': { kind: namespaced('keda.sh', 'ScaledJob') },
  'scaledobject.keda.sh/name': { kind: namespaced('keda.sh', 'ScaledObject') },
  'serving.knative.dev/configuration': { kind: namespaced('serving.knative.dev', 'Configuration') },
  'serving.knative.dev/revision': { kind: namespaced('serving.knative.dev', 'Revision') },
  'serving.knative.dev/route': { kind: namespaced('serving.knative.dev', 'Route') },
  'serving.knative.dev/service': { kind: namespaced('serving.knative.dev', 'Service') },
  'strimzi.io/cluster': { kind: namespaced('kafka.strimzi.io', 'Kafka') },
  'workflows.argoproj.io/cron-workflow': { kind: namespaced('argoproj.io', 'CronWorkflow') },
  'workflows.argoproj.io/workflow': { kind: namespaced('argoproj.io', 'Workflow') },
  'workflows.argoproj.io/workflow-template': { kind: namespaced('argoproj.io', 'WorkflowTemplate') },
};

const entries = Object.entries(parents);
const byLabel = new Map(entries);

export const labelParents: Relation = relation(
  'BELONGS_TO',
  'metadata.labels',
  [...new Set(entries.map(([, { kind }]) => `${kind.kind}.${kind.group}`))].join(', '),
  { confidence: 'naming', note: entries.map(([label]) => label).join(', ') },
  ({ value, namespace }) => {
    const outcomes: Outcome[] = [];
    for (const label in value as object) {
      const parent = byLabel.get(label);
      const name = parent && textAt(value, label);
      if (parent === undefined || name === undefined) continue;
      const { group, kind } = parent.kind;
      const where = (parent.namespace && textAt(value, parent.namespace)) ?? namespace;
      if (where === '') continue;
      outcomes.push({ target: { by: 'name', group, kind, namespace: where, name }, suffix: `["${label}"]` });
    }
    return outcomes.length === 0 ? undefined : outcomes;
  },
);

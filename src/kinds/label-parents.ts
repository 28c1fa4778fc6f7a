/**
 * Labels by which operators mark everything they make, built-in kinds included, with the name of the custom resource it is made for.
 * A naming rule each: an edge where such a resource exists, and silence where not.
 */
import { groupOf } from '../model/change.ts';
import type { Found, KindRef, Outcome, Relation } from './kind.ts';
import { clusterScoped, namespaced } from './refs.ts';
import { relation, textAt } from './relations.ts';

interface Parent {
  readonly kind: KindRef;
  /** The label that holds the parent's namespace; without it the parent lives where the object does. */
  readonly namespace?: string;
  /** The namespace in which parents live unless their operator is installed elsewhere; for objects of other API groups than theirs. */
  readonly home?: string;
  /** The kind, where it depends on more than the label. */
  readonly kindName?: (found: Found) => string;
}

const parents: Readonly<Record<string, Parent>> = {
  'agent.k8s.elastic.co/name': { kind: namespaced('agent.k8s.elastic.co', 'Agent') },
  'apm.k8s.elastic.co/name': { kind: namespaced('apm.k8s.elastic.co', 'ApmServer') },
  'beat.k8s.elastic.co/name': { kind: namespaced('beat.k8s.elastic.co', 'Beat') },
  'cluster.x-k8s.io/cluster-name': { kind: namespaced('cluster.x-k8s.io', 'Cluster') },
  'cnpg.io/cluster': { kind: namespaced('postgresql.cnpg.io', 'Cluster') },
  'elasticsearch.k8s.elastic.co/cluster-name': { kind: namespaced('elasticsearch.k8s.elastic.co', 'Elasticsearch') },
  'eventing.knative.dev/broker': { kind: namespaced('eventing.knative.dev', 'Broker') },
  'helm.toolkit.fluxcd.io/name': {
    kind: namespaced('helm.toolkit.fluxcd.io', 'HelmRelease'),
    namespace: 'helm.toolkit.fluxcd.io/namespace',
  },
  'jobset.sigs.k8s.io/jobset-name': { kind: namespaced('jobset.x-k8s.io', 'JobSet') },
  'karpenter.sh/nodepool': { kind: clusterScoped('karpenter.sh', 'NodePool') },
  'kibana.k8s.elastic.co/name': { kind: namespaced('kibana.k8s.elastic.co', 'Kibana') },
  'kueue.x-k8s.io/queue-name': { kind: namespaced('kueue.x-k8s.io', 'LocalQueue') },
  'kustomize.toolkit.fluxcd.io/name': {
    kind: namespaced('kustomize.toolkit.fluxcd.io', 'Kustomization'),
    namespace: 'kustomize.toolkit.fluxcd.io/namespace',
  },
  'leaderworkerset.sigs.k8s.io/name': { kind: namespaced('leaderworkerset.x-k8s.io', 'LeaderWorkerSet') },
  'olm.owner': { kind: namespaced('operators.coreos.com', 'ClusterServiceVersion'), namespace: 'olm.owner.namespace' },
  'openshift.io/build-config.name': { kind: namespaced('build.openshift.io', 'BuildConfig') },
  'openshift.io/build.name': { kind: namespaced('build.openshift.io', 'Build') },
  'postgres-operator.crunchydata.com/cluster': {
    kind: namespaced('postgres-operator.crunchydata.com', 'PostgresCluster'),
  },
  'scaledjob.keda.sh/name': { kind: namespaced('keda.sh', 'ScaledJob') },
  'scaledobject.keda.sh/name': { kind: namespaced('keda.sh', 'ScaledObject') },
  'serving.knative.dev/configuration': { kind: namespaced('serving.knative.dev', 'Configuration') },
  'serving.knative.dev/revision': { kind: namespaced('serving.knative.dev', 'Revision') },
  'serving.knative.dev/route': { kind: namespaced('serving.knative.dev', 'Route') },
  'serving.knative.dev/service': { kind: namespaced('serving.knative.dev', 'Service') },
  'strimzi.io/cluster': {
    kind: namespaced('kafka.strimzi.io', 'Kafka'),
    kindName: ({ object, up }) =>
      object.kind === 'KafkaConnector' ? 'KafkaConnect' : (textAt(up(1), 'strimzi.io/kind') ?? 'Kafka'),
  },
  'tekton.dev/pipelineRun': { kind: namespaced('tekton.dev', 'PipelineRun') },
  'tekton.dev/taskRun': { kind: namespaced('tekton.dev', 'TaskRun') },
  'velero.io/backup-name': { kind: namespaced('velero.io', 'Backup') },
  'velero.io/restore-name': { kind: namespaced('velero.io', 'Restore'), home: 'velero' },
  'velero.io/schedule-name': { kind: namespaced('velero.io', 'Schedule') },
  'workflows.argoproj.io/cron-workflow': { kind: namespaced('argoproj.io', 'CronWorkflow') },
  'workflows.argoproj.io/workflow': { kind: namespaced('argoproj.io', 'Workflow') },
  'workflows.argoproj.io/workflow-template': { kind: namespaced('argoproj.io', 'WorkflowTemplate') },
};

/** One row a label. */
export const labelParents: readonly Relation[] = Object.entries(parents).map(([label, parent]) =>
  relation(
    'BELONGS_TO',
    `metadata.labels["${label}"]`,
    parent.kindName ? `${parent.kind.kind} or another kind` : parent.kind.kind,
    {
      confidence: 'naming',
      ...(parent.namespace !== undefined && { note: `in the namespace of ${parent.namespace}` }),
    },
    (found) => parentOf(parent, found),
  ),
);

function parentOf({ kind: ref, namespace, home, kindName }: Parent, found: Found): Outcome | undefined {
  const { value: name, object, up } = found;
  if (typeof name !== 'string' || name === '') return undefined;
  const { group, kind: usual, namespaced: inNamespace } = ref;
  const own = groupOf(object.apiVersion) === group ? found.namespace : (home ?? found.namespace);
  const where = (namespace && textAt(up(1), namespace)) ?? own;
  if (inNamespace && where === '') return undefined;
  const kind = kindName?.(found) ?? usual;
  return { target: { by: 'name', group, kind, namespace: inNamespace ? where : '', name } };
}

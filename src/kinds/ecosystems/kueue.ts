/** Kueue: jobs wait in queues for quota of flavours of nodes. Source: kueue.x-k8s.io/v1beta1 and v1beta2 (kueue 0.14). */
import type { Health } from '../../model/resource.ts';
import { because, condition, holds } from '../conditions.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { clusterScoped, Namespace, Node, namespaced, PriorityClass, Secret } from '../refs.ts';
import { names, refersTo, selects, textAt, valueAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';

const GROUP = 'kueue.x-k8s.io';
const ClusterQueue = clusterScoped(GROUP, 'ClusterQueue');
const LocalQueue = namespaced(GROUP, 'LocalQueue');
const Cohort = clusterScoped(GROUP, 'Cohort');
const ResourceFlavor = clusterScoped(GROUP, 'ResourceFlavor');
const AdmissionCheck = clusterScoped(GROUP, 'AdmissionCheck');
const Topology = clusterScoped(GROUP, 'Topology');
const MultiKueueCluster = clusterScoped(GROUP, 'MultiKueueCluster');
const WorkloadPriorityClass = clusterScoped(GROUP, 'WorkloadPriorityClass');

const ClusterProfile = namespaced('multicluster.x-k8s.io', 'ClusterProfile');

const home = {
  namespace: () => 'kueue-system',
  confidence: 'naming',
  note: 'in Kueue’s own namespace, by default kueue-system',
} as const;

const active = healthBy({ good: ['Active'] });

/** Quota of node flavours. A flavour that is missing stops the queue. */
const flavors: Relation = names('ALLOCATED_FROM', 'spec.resourceGroups[*].flavors[*]', ResourceFlavor);

/** Called `cohort` until v1beta2. */
const cohortOf = (object: unknown): string | undefined =>
  textAt(valueAt(object, 'spec'), 'cohortName') ?? textAt(valueAt(object, 'spec'), 'cohort');

const clusterQueue = kind({
  group: GROUP,
  name: ClusterQueue.kind,
  plural: 'clusterqueues',
  namespaced: false,
  summary: columns({ cohort: cohortOf, pendingWorkloads: 'status.pendingWorkloads' }),
  health: active,
  relations: [
    flavors,
    names('BELONGS_TO', 'spec.{cohort,cohortName}', Cohort, {
      optional: true,
      note: 'a cohort exists by being named, with or without an object',
    }),
    names('DEPENDS_ON', 'spec.admissionChecks[*]', AdmissionCheck),
    names('DEPENDS_ON', 'spec.admissionChecksStrategy.admissionChecks[*]', AdmissionCheck),
    selects('APPLIES_TO', 'spec.namespaceSelector', Namespace, {
      empty: 'all',
      note: 'namespaces whose queues may use it; without a selector, none',
    }),
  ],
});

const localQueue = kind({
  group: GROUP,
  name: LocalQueue.kind,
  plural: 'localqueues',
  namespaced: true,
  summary: columns({
    clusterQueue: 'spec.clusterQueue',
    pendingWorkloads: 'status.pendingWorkloads',
    admittedWorkloads: 'status.admittedWorkloads',
  }),
  health: active,
  relations: [names('QUEUES_IN', 'spec.clusterQueue', ClusterQueue)],
});

const cohort = kind({
  group: GROUP,
  name: Cohort.kind,
  plural: 'cohorts',
  namespaced: false,
  relations: [names('BELONGS_TO', 'spec.{parent,parentName}', Cohort, { optional: true }), flavors],
});

function workloadHealth(object: unknown): Health {
  const finished = condition(object, 'Finished');
  if (finished?.status === 'True')
    return finished.reason === 'Failed' ? because('critical', finished) : { status: 'healthy', reason: 'Finished' };
  const evicted = condition(object, 'Evicted');
  if (evicted?.status === 'True') return because('warning', evicted);
  if (holds(object, 'Admitted')) return { status: 'healthy' };
  const reserved = condition(object, 'QuotaReserved');
  return reserved?.status === 'False' ? because('warning', reserved) : { status: 'warning', reason: 'Pending' };
}

/** Whose priority class `spec.priorityClassName` means stands beside it. */
const fromKueue = 'kueue.x-k8s.io/workloadpriorityclass';

const workload = kind({
  group: GROUP,
  name: 'Workload',
  plural: 'workloads',
  namespaced: true,
  summary: columns({
    queue: 'spec.queueName',
    reservedIn: 'status.admission.clusterQueue',
    admitted: '@Admitted',
    finished: '@Finished',
  }),
  health: workloadHealth,
  idle: (object: unknown) => holds(object, 'Finished'),
  relations: [
    names('QUEUES_IN', 'spec.queueName', LocalQueue),
    names('ALLOCATED_FROM', 'status.admission.clusterQueue', ClusterQueue),
    names('ALLOCATED_FROM', 'status.admission.podSetAssignments[*].flavors[*]', ResourceFlavor),
    names('DEPENDS_ON', 'status.admissionChecks[*]', AdmissionCheck, {
      attributes: ({ value }) => ({ state: textAt(value, 'state') ?? '' }),
    }),
    names('HAS_PRIORITY', 'spec.priorityClassName', WorkloadPriorityClass, {
      when: ({ up }) => textAt(up(1), 'priorityClassSource') === fromKueue,
      note: `with priorityClassSource ${fromKueue}`,
    }),
    names('HAS_PRIORITY', 'spec.priorityClassName', PriorityClass, {
      when: ({ up }) => textAt(up(1), 'priorityClassSource') !== fromKueue,
      variant: PriorityClass.kind,
    }),
    refersTo('HAS_PRIORITY', 'spec.priorityClassRef', 'PriorityClass or WorkloadPriorityClass'),
    ...podSpecRelations('spec.podSets[*].template.spec', 'template'),
  ],
});

const resourceFlavor = kind({
  group: GROUP,
  name: ResourceFlavor.kind,
  plural: 'resourceflavors',
  namespaced: false,
  relations: [
    selects('FITS_ON', 'spec.nodeLabels', Node, { form: 'map', empty: 'none' }),
    names('USES_CONFIG', 'spec.topologyName', Topology),
  ],
});

const admissionCheck = kind({
  group: GROUP,
  name: AdmissionCheck.kind,
  plural: 'admissionchecks',
  namespaced: false,
  health: active,
  relations: [refersTo('CONFIGURED_BY', 'spec.parameters', 'ProvisioningRequestConfig, MultiKueueConfig or any')],
});

const multiKueueConfig = kind({
  group: GROUP,
  name: 'MultiKueueConfig',
  plural: 'multikueueconfigs',
  namespaced: false,
  relations: [names('DEPENDS_ON', 'spec.clusters[*]', MultiKueueCluster)],
});

const multiKueueCluster = kind({
  group: GROUP,
  name: MultiKueueCluster.kind,
  plural: 'multikueueclusters',
  namespaced: false,
  summary: columns({ connected: '@Active' }),
  health: active,
  relations: [
    names('USES_SECRET', 'spec.{kubeConfig,clusterSource.kubeConfig}', Secret, {
      name: 'location',
      when: ({ value }) => (textAt(value, 'locationType') ?? 'Secret') === 'Secret',
      ...home,
    }),
    names('DEPENDS_ON', 'spec.clusterSource.clusterProfileRef', ClusterProfile, home),
  ],
});

const bare = (name: string, plural: string, cells: Parameters<typeof columns>[0] = {}): Kind =>
  kind({ group: GROUP, name, plural, namespaced: false, summary: columns(cells) });

export const kueue: readonly Kind[] = [
  clusterQueue,
  localQueue,
  cohort,
  workload,
  resourceFlavor,
  admissionCheck,
  multiKueueConfig,
  multiKueueCluster,
  bare('ProvisioningRequestConfig', 'provisioningrequestconfigs'),
  bare(Topology.kind, 'topologies'),
  bare(WorkloadPriorityClass.kind, 'workloadpriorityclasses', { value: 'value' }),
];

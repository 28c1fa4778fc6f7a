/**
 * Cluster API: clusters, the machines they are made of, and the templates of both. Providers' own kinds follow the generic rules.
 * Sources: cluster.x-k8s.io, controlplane, bootstrap, addons, ipam and runtime .cluster.x-k8s.io, v1beta1 and v1beta2 (cluster-api 1.14).
 */
import { selectorFrom } from '../../model/selector.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { Node, namespaced, Secret } from '../refs.ts';
import { names, refersTo, relation, textAt } from '../relations.ts';
import { clusterApiAddons } from './cluster-api-addons.ts';
import { CLUSTER_API, CLUSTER_NAME, Cluster, clusterOf } from './cluster-api-refs.ts';
import { type Column, columns, healthBy } from './custom-resource.ts';

const CONTROL_PLANE = 'controlplane.cluster.x-k8s.io';
const BOOTSTRAP = 'bootstrap.cluster.x-k8s.io';
const ClusterClass = namespaced(CLUSTER_API, 'ClusterClass');
const Machine = namespaced(CLUSTER_API, 'Machine');

/** v1beta1 names an apiVersion and may name a namespace, v1beta2 a group and never a namespace. */
const provided = (edge: string, path: string): Relation =>
  refersTo(edge, path, 'a kind of a provider', { namespace: 'namespace' });

/** The nodes are in the cluster that the machines make up; only a cluster that manages itself sees both. */
const elsewhere = {
  confidence: 'naming',
  note: 'only where a cluster manages itself are its nodes in this graph',
} as const;

const counts: Readonly<Record<string, Column>> = {
  desired: 'spec.replicas',
  current: 'status.replicas',
  ready: 'status.readyReplicas',
  availableReplicas: 'status.availableReplicas',
  upToDate: 'status.upToDateReplicas',
  paused: '@Paused',
};
const version = { version: 'spec.template.spec.version' };
/** v1beta1 says Ready, v1beta2 Available. */
const health = healthBy({
  good: ['Available', 'Ready'],
  progressing: ['Deleting', 'ScalingUp', 'RollingOut'],
  worrying: ['Paused'],
});

const cluster = kind({
  group: CLUSTER_API,
  name: Cluster.kind,
  plural: 'clusters',
  namespaced: true,
  summary: columns({
    clusterClass: 'spec.topology.classRef.name',
    available: '@Available',
    cpDesired: 'status.controlPlane.desiredReplicas',
    cpAvailable: 'status.controlPlane.availableReplicas',
    cpUpToDate: 'status.controlPlane.upToDateReplicas',
    wDesired: 'status.workers.desiredReplicas',
    wAvailable: 'status.workers.availableReplicas',
    wUpToDate: 'status.workers.upToDateReplicas',
    phase: 'status.phase',
    version: 'spec.topology.version',
  }),
  health,
  relations: [
    provided('DEPENDS_ON', 'spec.infrastructureRef'),
    provided('DEPENDS_ON', 'spec.controlPlaneRef'),
    names('USES_TEMPLATE', 'spec.topology.classRef', ClusterClass, { namespace: 'namespace' }),
    names('USES_TEMPLATE', 'spec.topology.class', ClusterClass, {
      namespace: ({ up }) => textAt(up(1), 'classNamespace'),
      note: 'v1beta1',
    }),
  ],
});

const machine = kind({
  group: CLUSTER_API,
  name: Machine.kind,
  plural: 'machines',
  namespaced: true,
  summary: columns({
    cluster: 'spec.clusterName',
    nodeName: 'status.nodeRef.name',
    providerId: 'spec.providerID',
    ready: '@Ready',
    available: '@Available',
    phase: 'status.phase',
    version: 'spec.version',
  }),
  health,
  relations: [
    clusterOf('spec.clusterName'),
    provided('DEPENDS_ON', 'spec.infrastructureRef'),
    provided('CONFIGURED_BY', 'spec.bootstrap.configRef'),
    names('USES_SECRET', 'spec.bootstrap.dataSecretName', Secret),
    names('PRODUCES', 'status.nodeRef', Node, elsewhere),
  ],
});

/** What makes machines names templates of what each machine needs. */
const template: readonly Relation[] = [
  clusterOf('spec.clusterName'),
  provided('USES_TEMPLATE', 'spec.template.spec.infrastructureRef'),
  provided('USES_TEMPLATE', 'spec.template.spec.bootstrap.configRef'),
  names('USES_SECRET', 'spec.template.spec.bootstrap.dataSecretName', Secret),
];

const machines = (name: string, plural: string, relations = template): Kind =>
  kind({
    group: CLUSTER_API,
    name,
    plural,
    namespaced: true,
    summary: columns({ cluster: 'spec.clusterName', ...counts, phase: 'status.phase', ...version }),
    health,
    relations,
  });

const machineHealthCheck = kind({
  group: CLUSTER_API,
  name: 'MachineHealthCheck',
  plural: 'machinehealthchecks',
  namespaced: true,
  summary: columns({
    cluster: 'spec.clusterName',
    replicas: 'status.expectedMachines',
    healthy: 'status.currentHealthy',
    paused: '@Paused',
  }),
  health: healthBy({ good: ['RemediationAllowed'] }),
  relations: [
    clusterOf('spec.clusterName'),
    relation(
      'APPLIES_TO',
      'spec.selector',
      Machine.kind,
      { confidence: 'selector', note: 'machines of its cluster only; an empty selector is not valid' },
      ({ value, namespace, up }) => {
        const selector = selectorFrom(value);
        const name = textAt(up(1), 'clusterName');
        if (selector === undefined || selector.length === 0 || name === undefined) return undefined;
        const ofCluster = { key: CLUSTER_NAME, operator: 'In', values: [name] } as const;
        return labelled(Machine, [...selector, ofCluster], { type: 'names', names: [namespace] });
      },
    ),
    provided('USES_TEMPLATE', 'spec.remediationTemplate'),
    provided('USES_TEMPLATE', 'spec.remediation.templateRef'),
  ],
});

const clusterClass = kind({
  group: CLUSTER_API,
  name: ClusterClass.kind,
  plural: 'clusterclasses',
  namespaced: true,
  summary: columns({ paused: '@Paused', variablesReady: '@VariablesReady' }),
  health: healthBy({ good: ['VariablesReady', 'RefVersionsUpToDate'] }),
  relations: [
    provided(
      'USES_TEMPLATE',
      'spec.{infrastructure,controlPlane,controlPlane.machineInfrastructure}.{ref,templateRef}',
    ),
    provided(
      'USES_TEMPLATE',
      'spec.workers.{machineDeployments,machinePools}[*].template.{bootstrap,infrastructure}.ref',
    ),
    provided(
      'USES_TEMPLATE',
      'spec.workers.{machineDeployments,machinePools}[*].{bootstrap,infrastructure}.templateRef',
    ),
  ],
});

/** Files and passwords of kubeadm's configuration. */
const kubeadm = (path: string): readonly Relation[] => [
  names('USES_SECRET', `${path}.files[*].contentFrom.secret`, Secret),
  names('USES_SECRET', `${path}.users[*].passwdFrom.secret`, Secret),
];

const kubeadmControlPlane = kind({
  group: CONTROL_PLANE,
  name: 'KubeadmControlPlane',
  plural: 'kubeadmcontrolplanes',
  namespaced: true,
  summary: columns({
    available: '@Available',
    ...counts,
    initialized: 'status.initialization.controlPlaneInitialized',
    version: 'spec.version',
  }),
  health,
  relations: [
    provided('USES_TEMPLATE', 'spec.machineTemplate.spec.infrastructureRef'),
    provided('USES_TEMPLATE', 'spec.machineTemplate.infrastructureRef'),
    ...kubeadm('spec.kubeadmConfigSpec'),
  ],
});

const kubeadmConfig = kind({
  group: BOOTSTRAP,
  name: 'KubeadmConfig',
  plural: 'kubeadmconfigs',
  namespaced: true,
  health: healthBy({
    good: ['Ready'],
    progressingReasons: ['WaitingForClusterInfrastructure', 'WaitingForControlPlaneAvailable'],
  }),
  relations: [...kubeadm('spec'), names('PRODUCES', 'status.dataSecretName', Secret)],
});

const kubeadmConfigTemplate = kind({
  group: BOOTSTRAP,
  name: 'KubeadmConfigTemplate',
  plural: 'kubeadmconfigtemplates',
  namespaced: true,
  relations: kubeadm('spec.template.spec'),
});

export const clusterApi: readonly Kind[] = [
  cluster,
  machine,
  machines('MachineSet', 'machinesets'),
  machines('MachineDeployment', 'machinedeployments'),
  machines('MachinePool', 'machinepools', [...template, names('PRODUCES', 'status.nodeRefs[*]', Node, elsewhere)]),
  machineHealthCheck,
  clusterClass,
  kubeadmControlPlane,
  kubeadmConfig,
  kubeadmConfigTemplate,
  ...clusterApiAddons,
];

/**
 * API groups: which are Kubernetes' own, and under which second names some stored objects are served as well.
 * Invariant: an object has one group and kind in the graph, whatever API it was read through.
 */

/** Group and kind, without a version. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** Identity of a kind as one text, for tables: `group/Kind`. */
export function kindKey({ group, kind }: GroupKind): string {
  return `${group}/${kind}`;
}

/** Whether a kind is Kubernetes' own Event; others have kinds of that name too (Knative). */
export function isEvent({ group, kind }: GroupKind): boolean {
  return kind === 'Event' && group === '';
}

/** Chooses among kinds. */
export type Wanted = (kind: GroupKind) => boolean;

/** The groups of Kubernetes itself with a dot in their name; every group of custom resources has one (apiextensions/v1 validation). */
const OWN: ReadonlySet<string> = new Set(
  `admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io authentication.k8s.io authorization.k8s.io certificates.k8s.io
  coordination.k8s.io discovery.k8s.io events.k8s.io flowcontrol.apiserver.k8s.io internal.apiserver.k8s.io metrics.k8s.io networking.k8s.io
  node.k8s.io rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io storagemigration.k8s.io`.split(
    /\s+/,
  ),
);

/** Whether a group belongs to Kubernetes itself, so that no CustomResourceDefinition serves it. */
export function isBuiltInGroup(group: string): boolean {
  return !group.includes('.') || OWN.has(group);
}

/** How people and rule ids write a kind: `Pod`, `Certificate.cert-manager.io`. A kind's title does not depend on what other kinds there are. */
export function kindTitle({ group, kind }: GroupKind): string {
  return isBuiltInGroup(group) ? kind : `${kind}.${group}`;
}

/**
 * Second names of stored objects, `group/Kind`, and the names they are known by. The uid is the same under both, so without this an Event would
 * be two resources in one place, and a Project of OpenShift a Namespace that changes its kind.
 */
const SECOND_NAMES: ReadonlyMap<string, GroupKind> = new Map(
  Object.entries({
    'events.k8s.io/Event': '/Event',
    'extensions/Ingress': 'networking.k8s.io/Ingress',
    'extensions/NetworkPolicy': 'networking.k8s.io/NetworkPolicy',
    'extensions/Deployment': 'apps/Deployment',
    'extensions/DaemonSet': 'apps/DaemonSet',
    'extensions/ReplicaSet': 'apps/ReplicaSet',
    'extensions/PodSecurityPolicy': 'policy/PodSecurityPolicy',
    'project.openshift.io/Project': '/Namespace',
    // Pseudo resources have no group.
    'kube-kg.dev/Incident': '/Incident',
    'authorization.openshift.io/Role': 'rbac.authorization.k8s.io/Role',
    'authorization.openshift.io/RoleBinding': 'rbac.authorization.k8s.io/RoleBinding',
    'authorization.openshift.io/ClusterRole': 'rbac.authorization.k8s.io/ClusterRole',
    'authorization.openshift.io/ClusterRoleBinding': 'rbac.authorization.k8s.io/ClusterRoleBinding',
  }).map(([second, first]) => {
    const [group = '', kind = ''] = first.split('/');
    return [second, { group, kind }];
  }),
);

/** The name by which objects of a kind are known: its own but for second names. */
export function canonicalKind(group: string, kind: string): GroupKind {
  return SECOND_NAMES.get(kindKey({ group, kind })) ?? { group, kind };
}

/** A kind as an API server serves it, and which of them a user wants. Pure. */

export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Path of the collection, of one namespace or of all. */
export function pathOf(resource: ApiResource, namespace?: string): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.version}${within}/${resource.plural}`;
}

/** Identity of a kind whatever its version: `apps/Deployment`, `/Pod`. */
export function kindKey({ group, kind }: Pick<ApiResource, 'group' | 'kind'>): string {
  return `${group}/${kind}`;
}

/**
 * Whether a kind is wanted: named by `include` (an empty list names all) and not by `exclude`.
 * A pattern is a kind, a plural, `group/Kind`, `plural.group` (the core group is `core`), with `*` for any letters; case does not matter.
 */
export function kindFilter(
  include: readonly string[],
  exclude: readonly string[],
): (resource: Pick<ApiResource, 'group' | 'kind' | 'plural'>) => boolean {
  const included = include.map(patternOf);
  const excluded = exclude.map(patternOf);
  return ({ group, kind, plural }) => {
    const groupName = group === '' ? 'core' : group;
    const names = [kind, plural, `${groupName}/${kind}`, `${groupName}/${plural}`, `${plural}.${groupName}`];
    const named = (patterns: readonly RegExp[]): boolean =>
      patterns.some((pattern) => names.some((name) => pattern.test(name)));
    return (included.length === 0 || named(included)) && !named(excluded);
  };
}

function patternOf(text: string): RegExp {
  const escaped = text.replace(/^\//, 'core/').replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`, 'i');
}

/**
 * The same stored objects under a second name, and the name they are read by. Without this an Event would be two, and a Project of OpenShift
 * a Namespace with another kind and the same uid.
 */
const SAME_OBJECTS: Readonly<Record<string, string>> = {
  'events.k8s.io/Event': '/Event',
  'extensions/Ingress': 'networking.k8s.io/Ingress',
  'extensions/NetworkPolicy': 'networking.k8s.io/NetworkPolicy',
  'extensions/Deployment': 'apps/Deployment',
  'extensions/DaemonSet': 'apps/DaemonSet',
  'extensions/ReplicaSet': 'apps/ReplicaSet',
  'extensions/PodSecurityPolicy': 'policy/PodSecurityPolicy',
  'project.openshift.io/Project': '/Namespace',
  'authorization.openshift.io/Role': 'rbac.authorization.k8s.io/Role',
  'authorization.openshift.io/RoleBinding': 'rbac.authorization.k8s.io/RoleBinding',
  'authorization.openshift.io/ClusterRole': 'rbac.authorization.k8s.io/ClusterRole',
  'authorization.openshift.io/ClusterRoleBinding': 'rbac.authorization.k8s.io/ClusterRoleBinding',
};

/** Leaves out second names of what is there under its first. */
export function onceEach(resources: readonly ApiResource[]): readonly ApiResource[] {
  const keys = new Set(resources.map(kindKey));
  return resources.filter((resource) => {
    const same = SAME_OBJECTS[kindKey(resource)];
    return same === undefined || !keys.has(same);
  });
}

/** OpenShift's security context constraints: who may use them, and which one admitted a pod. Source: security.openshift.io/v1. */
import type { Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { userOutcome } from '../rbac.ts';
import { clusterScoped } from '../refs.ts';
import { names, namesPseudo, relation } from '../relations.ts';
import { columns } from './custom-resource.ts';

const SecurityContextConstraints = clusterScoped('security.openshift.io', 'SecurityContextConstraints');

/** The constraints that admission chose for a pod. */
export const constraintsOfPod: Relation = names(
  'APPLIES_TO',
  'metadata.annotations["openshift.io/scc"]',
  SecurityContextConstraints,
  { reverse: true, optional: true },
);

export const securityContextConstraints = kind({
  group: SecurityContextConstraints.group,
  name: SecurityContextConstraints.kind,
  plural: 'securitycontextconstraints',
  namespaced: false,
  // The fields of these constraints stand beside metadata, not in a spec.
  summary: columns({
    priv: 'allowPrivilegedContainer',
    caps: 'allowedCapabilities',
    selinux: 'seLinuxContext.type',
    runAsUser: 'runAsUser.type',
    fsGroup: 'fsGroup.type',
    supGroup: 'supplementalGroups.type',
    priority: 'priority',
    readOnlyRootFs: 'readOnlyRootFilesystem',
    volumes: 'volumes',
  }),
  relations: [
    relation('GRANTS_TO', 'users[*]', 'ServiceAccount, or User (pseudo)', {}, ({ value }) =>
      typeof value === 'string' && value !== '' ? userOutcome(value) : undefined,
    ),
    namesPseudo('GRANTS_TO', 'groups[*]', 'Group'),
  ],
});

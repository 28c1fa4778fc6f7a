/** Programs that may not do any more what they did at the API server. */
import type { Case } from '../fault.ts';
import { logged, patch, patchPod, restarted, unready } from '../fault.ts';
import { deployment, named } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const API = 'rbac.authorization.k8s.io/v1';
const reasons = ['rbac', 'role', 'permission', 'forbidden', 'access', 'rights', 'binding', 'subject'];

function role(namespace: string, name: string, verbs: readonly string[], resources = ['configmaps']): Tree {
  return named(API, 'Role', namespace, name, { rules: [{ apiGroups: [''], resources, verbs }] });
}

function binding(namespace: string, name: string, to: Tree, account = name): Tree {
  const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
  const [subject, home = namespace] = account.split('@');
  return named(API, kind, namespace, name, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...to },
    subjects: [{ kind: 'ServiceAccount', name: subject, namespace: home }],
  });
}

/** A program that lists ConfigMaps under an account of its own name. */
function reader(
  namespace: string,
  name: string,
  args: readonly string[],
  path = `/api/v1/namespaces/${namespace}/configmaps`,
): readonly Tree[] {
  return [
    named('v1', 'ServiceAccount', namespace, name),
    deployment(namespace, name, { args: [`-api=${path}`, ...args], pod: { serviceAccountName: name } }),
  ];
}

export const rightsFaults: readonly Case[] = [
  {
    id: 'role-loses-verb',
    family: 'rbac',
    row: 'RBAC-1',
    namespaces: ['chancery'],
    before: [
      role('chancery', 'seals', ['get', 'list', 'watch']),
      binding('chancery', 'seals', { kind: 'Role', name: 'seals' }),
      ...reader('chancery', 'seals', ['-exit']),
    ],
    inject: [{ apply: [role('chancery', 'seals', ['get'])] }],
    shows: restarted('seals-', 2),
    label: { root: 'Role/chancery/seals', reasons },
  },
  {
    id: 'binding-deleted',
    family: 'rbac',
    row: 'RBAC-1',
    namespaces: ['cloister'],
    before: [
      role('cloister', 'gardener', ['get', 'list', 'watch']),
      binding('cloister', 'gardener', { kind: 'Role', name: 'gardener' }),
      ...reader('cloister', 'gardener', ['-ready=all', '-tongue=json']),
    ],
    inject: [{ kubectl: ['delete', 'rolebinding', 'gardener'] }],
    shows: unready('gardener-'),
    label: { root: 'RoleBinding/cloister/gardener', also: ['Role/cloister/gardener'], reasons },
    linger: 80,
  },
  {
    id: 'binding-other-subject',
    family: 'rbac',
    row: 'RBAC-1',
    namespaces: ['almshouse'],
    before: [
      role('almshouse', 'keeper', ['get', 'list', 'watch']),
      binding('almshouse', 'keeper', { kind: 'Role', name: 'keeper' }),
      ...reader('almshouse', 'keeper', ['-exit', '-tongue=python']),
    ],
    inject: [{ apply: [binding('almshouse', 'keeper', { kind: 'Role', name: 'keeper' }, 'keepers')] }],
    shows: restarted('keeper-', 2),
    label: { root: 'RoleBinding/almshouse/keeper', reasons },
  },
  {
    id: 'account-exchanged',
    family: 'rbac',
    row: 'RBAC-1',
    namespaces: ['belfry'],
    before: [
      role('belfry', 'ringer', ['get', 'list', 'watch']),
      binding('belfry', 'ringer', { kind: 'Role', name: 'ringer' }),
      ...reader('belfry', 'ringer', ['-exit']),
    ],
    inject: [patchPod('deployment/ringer', { serviceAccountName: 'default', serviceAccount: 'default' })],
    shows: restarted('ringer-', 2),
    label: { root: 'Deployment/belfry/ringer', reasons: [...reasons, 'account'] },
  },
  {
    id: 'cluster-role-edited',
    family: 'rbac',
    row: 'RBAC-1',
    namespaces: ['surveyor'],
    before: [
      named(API, 'ClusterRole', '', 'land-surveyor', {
        rules: [{ apiGroups: [''], resources: ['nodes', 'configmaps'], verbs: ['get', 'list', 'watch'] }],
      }),
      binding('', 'land-surveyor', { kind: 'ClusterRole', name: 'land-surveyor' }, 'theodolite@surveyor'),
      ...reader('surveyor', 'theodolite', ['-ready=all'], '/api/v1/nodes'),
    ],
    inject: [
      patch(
        'clusterrole/land-surveyor',
        { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }] },
        'merge',
      ),
    ],
    shows: logged('theodolite-', /cannot list resource/),
    label: { root: 'ClusterRole//land-surveyor', reasons },
    linger: 80,
  },
  {
    id: 'token-not-mounted',
    family: 'rbac',
    row: 'RBAC-1',
    namespaces: ['parsonage'],
    before: [
      role('parsonage', 'clerk', ['get', 'list', 'watch']),
      binding('parsonage', 'clerk', { kind: 'Role', name: 'clerk' }),
      ...reader('parsonage', 'clerk', ['-exit']),
    ],
    inject: [patchPod('deployment/clerk', { automountServiceAccountToken: false })],
    shows: restarted('clerk-', 2),
    label: { root: 'Deployment/parsonage/clerk', reasons: [...reasons, 'token', 'account', 'template', 'cert'] },
  },
];

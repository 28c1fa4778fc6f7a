/** Who may do what. Source: rbac.authorization.k8s.io/v1. */
import type { V1ClusterRole, V1ClusterRoleBinding, V1Role, V1RoleBinding } from '@kubernetes/client-node';
import { everything } from '../model/selector.ts';
import { type Found, type Kind, kind, type Outcome, type Raw, type Relation } from './kind.ts';
import { labelled } from './pod-peers.ts';
import { ClusterRole, Role, ServiceAccount } from './refs.ts';
import { refersTo, relation, selects, textAt } from './relations.ts';
import { pairsOf, resourceType, texts } from './resource-type.ts';

const permits: readonly Relation[] = [
  relation(
    'PERMITS',
    'rules[*]',
    'ResourceType (pseudo), or the named object',
    {
      note: 'with resourceNames the objects, where their namespace is known: not for namespaced kinds in a ClusterRole, nor for kinds outside the table',
    },
    permitted,
  ),
  relation('PERMITS', 'rules[*].nonResourceURLs[*]', 'NonResourceURL (pseudo)', {}, ({ value, up }) => ({
    target: { by: 'pseudo', kind: 'NonResourceURL', namespace: '', name: String(value) },
    attributes: { verbs: texts((up(2) as { verbs?: unknown }).verbs).join(',') },
  })),
];

export const role = kind<V1Role>({ ...Role, name: Role.kind, plural: 'roles', relations: permits });

export const clusterRole = kind<V1ClusterRole>({
  ...ClusterRole,
  name: ClusterRole.kind,
  plural: 'clusterroles',
  relations: [
    ...permits,
    selects('AGGREGATES', 'aggregationRule.clusterRoleSelectors[*]', ClusterRole, { empty: 'all' }),
  ],
});

export const roleBinding = binding<V1RoleBinding>('RoleBinding', 'rolebindings', true);
export const clusterRoleBinding = binding<V1ClusterRoleBinding>('ClusterRoleBinding', 'clusterrolebindings', false);

function binding<T extends V1RoleBinding | V1ClusterRoleBinding>(name: string, plural: string, local: boolean): Kind {
  return kind<T>({
    group: 'rbac.authorization.k8s.io',
    name,
    plural,
    namespaced: local,
    summary: (object) => {
      const { roleRef } = object as Raw<V1RoleBinding>;
      return { role: roleRef && `${roleRef.kind}/${roleRef.name}` };
    },
    relations: [
      refersTo('BINDS', 'roleRef', 'Role, or ClusterRole', { defaultGroup: 'rbac.authorization.k8s.io' }),
      relation(
        'GRANTS_TO',
        'subjects[*]',
        'ServiceAccount, User (pseudo), or Group (pseudo)',
        {
          note: "an account lives in the namespace the subject names, not the binding's; User system:serviceaccount:… is one",
        },
        subject,
      ),
      relation(
        'GRANTS_TO',
        'subjects[*].name',
        'ServiceAccount',
        { confidence: 'selector', note: 'the members of groups that every account is in' },
        ({ value, up }) => (textAt(up(1), 'kind') === 'Group' ? membersOf(value) : undefined),
      ),
    ],
  });
}

const ACCOUNT_USER = /^system:serviceaccount:([^:]+):([^:]+)$/;
const ACCOUNTS_GROUP = /^system:serviceaccounts(?::([^:]+))?$/;

function subject({ value, namespace }: Found): Outcome | undefined {
  const name = textAt(value, 'name');
  const kindName = textAt(value, 'kind');
  if (name === undefined) return undefined;
  if (kindName === 'ServiceAccount') return account(textAt(value, 'namespace') ?? namespace, name);
  const [, where, who] = (kindName === 'User' && ACCOUNT_USER.exec(name)) || [];
  if (where !== undefined && who !== undefined) return account(where, who);
  if (kindName !== 'User' && kindName !== 'Group') return undefined;
  return { target: { by: 'pseudo', kind: kindName, namespace: '', name }, suffix: '.name' };
}

/** An account as a subject of rights or the requester of something. */
function account(namespace: string, name: string): Outcome {
  const { group, kind: kindName } = ServiceAccount;
  return { target: { by: 'name', group, kind: kindName, namespace, name }, suffix: '.name' };
}

/** The ServiceAccount that a user name means, else the user as a pseudo resource. */
export function userOutcome(name: string): Outcome {
  const [, where, who] = ACCOUNT_USER.exec(name) ?? [];
  const { group, kind: kindName } = ServiceAccount;
  return where !== undefined && who !== undefined
    ? { target: { by: 'name', group, kind: kindName, namespace: where, name: who }, optional: true }
    : { target: { by: 'pseudo', kind: 'User', namespace: '', name } };
}

/** The accounts of a group: all of a namespace, or all. `system:authenticated` is everybody with credentials, so every account too. */
function membersOf(name: unknown): Outcome | undefined {
  if (name === 'system:authenticated') return labelled(ServiceAccount, everything, { type: 'all' });
  const match = typeof name === 'string' ? ACCOUNTS_GROUP.exec(name) : null;
  if (match === null) return undefined;
  return labelled(ServiceAccount, everything, match[1] ? { type: 'names', names: [match[1]] } : { type: 'all' });
}

function permitted({ value, namespace, resource }: Found): readonly Outcome[] {
  const { verbs, resourceNames } = value as { verbs?: unknown; resourceNames?: unknown };
  const names = texts(resourceNames);
  const attributes = { verbs: texts(verbs).join(',') };
  return pairsOf(value).flatMap(({ group, resource: plural }): readonly Outcome[] => {
    if (names.length === 0) return [resourceType(group, plural, attributes)];
    const target = resource(group, plural);
    if (target === undefined || (target.namespaced && namespace === '')) {
      return [resourceType(group, plural, { ...attributes, resourceNames: names.join(',') })];
    }
    const [, subresource] = plural.split('/');
    return names.map((name, index) => ({
      target: {
        by: 'name',
        group: target.group,
        kind: target.kind,
        namespace: target.namespaced ? namespace : '',
        name,
      },
      suffix: `.resourceNames[${index}]`,
      optional: true,
      attributes: subresource === undefined ? attributes : { ...attributes, subresource },
    }));
  });
}

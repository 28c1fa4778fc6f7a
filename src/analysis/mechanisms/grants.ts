/** Who may do what, read from bindings and roles as the API server does. Source: plugin/pkg/auth/authorizer/rbac, and its messages. */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { type Evidence, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { linesAbout } from './lines.ts';
import type { Tree } from './template.ts';

export const RBAC = 'rbac.authorization.k8s.io';

/** `User "system:serviceaccount:shop:web" cannot list resource "pods" in API group "" in the namespace "shop"`, quoted or escaped. */
const FORBIDDEN =
  /User \\*"system:serviceaccount:([^:"\\]+):([^"\\]+)\\*" cannot (\w+) (?:resource|path) \\*"([^"\\]+)\\*"(?: in API group \\*"([^"\\]*)\\*")?(?:[^\n]*? in the namespace \\*"([^"\\]+)\\*")?/;

/** What was refused to whom. */
export interface Refusal {
  readonly account: { readonly namespace: string; readonly name: string };
  readonly verb: string;
  readonly plural: string;
  readonly group: string;
  /** Empty for all namespaces. */
  readonly namespace: string;
  readonly said: Evidence;
}

/** The first refusal of the API server that is told of a symptom. */
export function refusalOf(known: Case, symptom: Symptom): Refusal | undefined {
  for (const { text: said, evidence } of linesAbout(known, symptom)) {
    const found = FORBIDDEN.exec(said);
    if (found === null) continue;
    const [, own = '', name = '', verb = '', plural = '', group = '', namespace = ''] = found;
    const account = { namespace: own, name };
    return { account, verb, plural, group, namespace, said: { ...evidence, weight: weights.usual } };
  }
  return undefined;
}

/** All bindings of a cluster. */
export function bindingsIn(known: Case, cluster: string): readonly Resource[] {
  return ['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) => [
    ...known.view.resources({ cluster, group: RBAC, kind }),
  ]);
}

/** Whether a binding counts where something was refused. */
export function countsFor({ namespace, account }: Refusal, binding: Resource): boolean {
  return binding.namespace === '' || binding.namespace === (namespace || account.namespace);
}

/** Whether a binding grants to the account, by its name or through a group. */
export function grantsTo(binding: unknown, { account }: Refusal): boolean {
  const own = text(treeAt(binding, 'metadata')?.['namespace']);
  return listAt(binding, 'subjects').some(({ kind, name, namespace }) => {
    switch (kind) {
      case 'ServiceAccount':
        return name === account.name && (text(namespace) || own) === account.namespace;
      case 'User':
        return name === `system:serviceaccount:${account.namespace}:${account.name}`;
      default:
        return name === 'system:serviceaccounts' || name === `system:serviceaccounts:${account.namespace}`;
    }
  });
}

/** Whether a role allows what was refused. */
export function permits(known: Case, role: Resource, refusal: Refusal): boolean {
  return rulesOf(known, role).some((rule) => allows(rule, refusal));
}

/** Whether a role speaks of the same resource at all. */
export function speaksOf(known: Case, role: Resource, { plural }: Refusal): boolean {
  return rulesOf(known, role).some((rule) => has(rule['resources'], plural));
}

function rulesOf(known: Case, role: Resource): readonly Tree[] {
  return listAt(known.object(role.id), 'rules');
}

function allows(rule: Tree, { verb, plural, group }: Refusal): boolean {
  return (
    has(rule['verbs'], verb) &&
    (has(rule['resources'], plural) || has(rule['nonResourceURLs'], plural)) &&
    (rule['apiGroups'] === undefined || has(rule['apiGroups'], group)) &&
    !Array.isArray(rule['resourceNames'])
  );
}

function has(list: unknown, wanted: string): boolean {
  return Array.isArray(list) && (list.includes('*') || list.includes(wanted));
}

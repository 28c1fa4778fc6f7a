/**
 * Whole resource types, as RBAC rules and webhooks name them: `pods`, `deployments.apps`, `deployments.apps/scale`, `*`.
 * They are pseudo resources of kind ResourceType, so that everybody who speaks of a type meets at one.
 */
import type { Outcome } from './kind.ts';

/** kubectl's name of a resource of a group; `*.core` for all of the core group, `*` for all of every group. */
export function resourceTypeName(group: string, resource: string): string {
  const [plural = '', ...rest] = resource.split('/');
  const sub = rest.length === 0 ? '' : `/${rest.join('/')}`;
  if (group === '') return plural === '*' ? `*.core${sub}` : `${plural}${sub}`;
  if (group === '*' && plural === '*') return `*${sub}`;
  return `${plural}.${group}${sub}`;
}

export function resourceType(group: string, resource: string, attributes?: Outcome['attributes']): Outcome {
  return {
    target: { by: 'pseudo', kind: 'ResourceType', namespace: '', name: resourceTypeName(group, resource) },
    ...(attributes && { attributes }),
  };
}

/** The texts of a list; anything else counts as none. */
export function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [];
}

/** Every pair of `apiGroups` and `resources` of a rule. */
export function pairsOf(rule: unknown): readonly { readonly group: string; readonly resource: string }[] {
  const { apiGroups, resources } = rule as { apiGroups?: unknown; resources?: unknown };
  return texts(apiGroups).flatMap((group) => texts(resources).map((resource) => ({ group, resource })));
}

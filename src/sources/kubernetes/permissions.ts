/**
 * What we may follow in one namespace, asked of the API server itself (SelfSubjectRulesReview), so that a narrow role costs one question a
 * namespace and not one refused list for every kind.
 */
import type { ApiResource } from './api-resource.ts';
import type { KubeClient } from './client.ts';

/** Whether a kind may be listed and watched there. */
export type Allowed = (resource: ApiResource) => boolean;

/** `authorization.k8s.io/v1 ResourceRule`. */
interface ResourceRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Review {
  readonly status?: { readonly resourceRules?: readonly ResourceRule[]; readonly incomplete?: boolean };
}

/** Asks once. When the answer is not to be had or not complete, everything may be tried. */
export async function allowedIn(
  client: Pick<KubeClient, 'post'>,
  namespace: string,
  stop: AbortSignal,
): Promise<Allowed> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const answer = await client.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', review, stop);
  const { resourceRules, incomplete } = (answer.type === 'ok' ? (answer.body as Review).status : undefined) ?? {};
  if (resourceRules === undefined) return () => true;
  const allowed = (resource: ApiResource): boolean =>
    may(resourceRules, resource, 'list') && may(resourceRules, resource, 'watch');
  // An authorizer that cannot list its rules (a webhook) may allow more than it says.
  return incomplete === true && !resourceRules.some((rule) => grants(rule, 'watch')) ? () => true : allowed;
}

function may(rules: readonly ResourceRule[], { group, plural }: ApiResource, verb: string): boolean {
  return rules.some(
    (rule) =>
      grants(rule, verb) &&
      (rule.resourceNames ?? []).length === 0 &&
      holds(rule.apiGroups, group) &&
      holds(rule.resources, plural),
  );
}

function grants(rule: ResourceRule, verb: string): boolean {
  return holds(rule.verbs, verb);
}

function holds(list: readonly string[] | undefined, value: string): boolean {
  return list?.includes(value) === true || list?.includes('*') === true;
}

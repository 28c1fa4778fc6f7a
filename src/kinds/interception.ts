/**
 * Which requests admission looks at: the resource types of its rules, the namespaces of its namespaceSelector, the objects of its objectSelector.
 * Shared by webhook configurations and admission policies. Source: admissionregistration.k8s.io/v1 RuleWithOperations, MatchResources.
 */
import { selectorFrom } from '../model/selector.ts';
import type { Found, Outcome, Relation } from './kind.ts';
import { labelled, namespacesOf, wholeNamespaces } from './pod-peers.ts';
import { relation, textAt } from './relations.ts';
import { pairsOf, resourceType, texts } from './resource-type.ts';

export interface Interception {
  /** The path of what holds `rules`, `namespaceSelector` and `objectSelector`. */
  readonly path: string;
  /** The field of the rules there. */
  readonly rules: 'rules' | 'resourceRules';
  /** What an empty or absent namespaceSelector says: all namespaces, or nothing beyond what the rules say. */
  readonly empty: 'all' | 'none';
}

export function intercepts({ path, rules, empty }: Interception): readonly Relation[] {
  return [
    relation('INTERCEPTS', `${path}.${rules}[*]`, 'ResourceType (pseudo)', {}, ({ value, up }) => {
      const { operations, scope, resourceNames } = value as Readonly<Record<string, unknown>>;
      const { name, failurePolicy } = up(2) as { name?: unknown; failurePolicy?: unknown };
      const attributes = {
        operations: texts(operations).join(','),
        ...(typeof scope === 'string' && scope !== '*' && { scope }),
        ...(texts(resourceNames).length > 0 && { resourceNames: texts(resourceNames).join(',') }),
        ...(typeof name === 'string' && { webhook: name }),
        ...(typeof failurePolicy === 'string' && { failurePolicy }),
      };
      return pairsOf(value).map(({ group, resource }) => resourceType(group, resource, attributes));
    }),
    relation(
      'INTERCEPTS',
      path,
      'Namespace',
      {
        confidence: 'selector',
        note:
          empty === 'all'
            ? 'by namespaceSelector, which when empty or absent means all; not when the rules only match cluster-scoped resources'
            : 'by a namespaceSelector that is not empty',
      },
      (found) => namespaces(found, rules, empty),
    ),
    relation(
      'INTERCEPTS',
      `${path}.objectSelector`,
      'any',
      { confidence: 'selector', note: 'objects of the kinds that the rules name, if the selector is not empty' },
      (found) => objects(found, rules),
    ),
  ];
}

function namespaces(found: Found, rules: string, empty: 'all' | 'none'): readonly Outcome[] | undefined {
  const { [rules]: list, namespaceSelector, name } = found.value as Readonly<Record<string, unknown>>;
  const chosen = namespacesOf(namespaceSelector ?? {});
  if (chosen === undefined || (chosen.type === 'all' && empty === 'none')) return undefined;
  if (!Array.isArray(list) || !list.some((rule) => concernsNamespaces(rule, found))) return undefined;
  const attributes = typeof name === 'string' ? { webhook: name } : undefined;
  return wholeNamespaces(chosen, attributes).map((outcome) => ({ ...outcome, suffix: '.namespaceSelector' }));
}

/** Whether a rule can match what lives in a namespace, or a Namespace itself: the selector speaks of nothing else. */
function concernsNamespaces(rule: unknown, { resource }: Found): boolean {
  return pairsOf(rule).some(({ group, resource: plural }) => {
    if (group === '' && plural.split('/', 1)[0] === 'namespaces') return textAt(rule, 'scope') !== 'Namespaced';
    return textAt(rule, 'scope') !== 'Cluster' && (resource(group, plural)?.namespaced ?? true);
  });
}

function objects({ value, up, resource }: Found, rules: string): readonly Outcome[] | undefined {
  const selector = selectorFrom(value);
  if (selector === undefined || selector.length === 0) return undefined;
  const { [rules]: list, namespaceSelector, name } = up(1) as Readonly<Record<string, unknown>>;
  const places = namespacesOf(namespaceSelector ?? {});
  if (places === undefined || !Array.isArray(list)) return undefined;
  const attributes = typeof name === 'string' ? { webhook: name } : undefined;
  const targets = list.flatMap(pairsOf).map(({ group, resource: plural }) => resource(group, plural));
  return [...new Set(targets.filter((target) => target !== undefined))].map((target) =>
    labelled(target, selector, target.namespaced ? places : { type: 'all' }, attributes),
  );
}

/** Where pods may run and beside whom: node selectors, taints, affinity. Sources: core/v1 NodeSelectorTerm, Toleration, PodAffinityTerm. */
import type { Namespaces } from '../model/reference.ts';
import {
  type Labels,
  type Requirement,
  requirementsFrom,
  type Selector,
  selectorFrom,
  selectorFromMap,
} from '../model/selector.ts';
import type { Found, Outcome } from './kind.ts';
import { Node, Pod } from './refs.ts';
import { selectorText, textAt } from './relations.ts';

/** Selectable key of a node's own name, for `matchFields`; no label can have it (a label key has at most one slash, no colon). */
export const FIELD_NAME = 'field:metadata.name';
const taintKey = (key: string, effect: string): string => `taint:${key}:${effect}`;
/** Present on every node that has a taint of the effect. */
const anyTaint = (effect: string): string => `taint::${effect}`;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What selectors may match of a node besides its labels. */
export function nodeSelectable(name: string, taints: unknown): Labels {
  const facts: Record<string, string> = { [FIELD_NAME]: name };
  for (const taint of Array.isArray(taints) ? taints : []) {
    const key = textAt(taint, 'key');
    const effect = textAt(taint, 'effect');
    if (key === undefined || effect === undefined) continue;
    facts[taintKey(key, effect)] = textAt(taint, 'value') ?? '';
    facts[anyTaint(effect)] = '';
  }
  return facts;
}

/** A NodeSelectorTerm: expressions over labels and fields, all of which must hold; an empty term matches no node. */
export function nodeRequirements({ value }: Found): Outcome | undefined {
  const selector = termSelector(value);
  return selector === undefined ? undefined : nodes(selector);
}

/** A required term of a pod spec: the pod's nodeSelector must hold as well (core/v1 PodSpec). `levels` up from the term is the pod spec. */
export function requiredNodes(levels: number): (found: Found) => Outcome | undefined {
  return ({ value, up }) => {
    const selector = termSelector(value);
    const also = selectorFromMap((up(levels) as { nodeSelector?: unknown }).nodeSelector) ?? [];
    return selector === undefined ? undefined : nodes([...selector, ...also]);
  };
}

function termSelector(value: unknown): Selector | undefined {
  const { matchExpressions, matchFields } = value as { matchExpressions?: unknown; matchFields?: unknown };
  const expressions = matchExpressions == null ? [] : requirementsFrom(matchExpressions);
  const fields = matchFields == null ? [] : requirementsFrom(matchFields);
  if (expressions === undefined || fields === undefined || expressions.length + fields.length === 0) return undefined;
  return [...expressions, ...fields.map((field) => ({ ...field, key: `field:${field.key}` }))];
}

/** A TopologySelectorTerm: each key must have one of its values; an empty term says nothing. */
export function topologyNodes({ value }: Found): Outcome | undefined {
  const { matchLabelExpressions } = value as { matchLabelExpressions?: readonly { key: string; values: string[] }[] };
  if (matchLabelExpressions === undefined || matchLabelExpressions.length === 0) return undefined;
  return nodes(matchLabelExpressions.map(({ key, values }) => ({ key, operator: 'In', values })));
}

/** Nodes by labels. */
function nodes(selector: Selector): Outcome {
  return {
    target: { by: 'labels', group: Node.group, kind: Node.kind, selector, namespaces: { type: 'all' } },
    value: selectorText(selector),
  };
}

/** Nodes with a taint that this toleration tolerates; one outcome an effect, none for nodes without taints. */
export function tolerated({ value }: Found): readonly Outcome[] {
  const {
    key,
    operator = 'Equal',
    value: wanted = '',
    effect,
  } = value as { key?: string; operator?: string; value?: string; effect?: string };
  const effects = effect === undefined || effect === '' ? EFFECTS : [effect];
  return effects.flatMap((each): Outcome[] => {
    const requirement = toleration(key, operator, wanted, each);
    return requirement === undefined ? [] : [nodes([requirement])];
  });
}

function toleration(
  key: string | undefined,
  operator: string,
  wanted: string,
  effect: string,
): Requirement | undefined {
  if (key === undefined || key === '') {
    return operator === 'Exists' ? { key: anyTaint(effect), operator: 'Exists', values: [] } : undefined;
  }
  if (operator === 'Exists') return { key: taintKey(key, effect), operator: 'Exists', values: [] };
  if (operator === 'Equal') return { key: taintKey(key, effect), operator: 'In', values: [wanted] };
  if (operator === 'Gt' || operator === 'Lt') return { key: taintKey(key, effect), operator, values: [wanted] };
  return undefined;
}

/**
 * Pods among which a TopologySpreadConstraint counts: the selector, narrowed by `matchLabelKeys` to the pod's own values.
 * Keys that the labels lack are left out, as the scheduler does; a null selector selects none, an empty one all.
 */
export function spread(labelsOf: (found: Found) => Labels): (found: Found) => Outcome | undefined {
  return (found) => {
    const { labelSelector, matchLabelKeys, topologyKey } = found.value as Readonly<Record<string, unknown>>;
    const selector = labelSelector == null ? undefined : selectorFrom(labelSelector);
    if (selector === undefined) return undefined;
    const labels = labelsOf(found);
    const keys: readonly unknown[] = Array.isArray(matchLabelKeys) ? matchLabelKeys : [];
    const narrowed = keys.flatMap((key): Requirement[] => {
      const own = typeof key === 'string' ? labels[key] : undefined;
      return own === undefined ? [] : [{ key: String(key), operator: 'In', values: [own] }];
    });
    const all = [...selector, ...narrowed];
    return {
      target: {
        by: 'labels',
        group: Pod.group,
        kind: Pod.kind,
        selector: all,
        namespaces: { type: 'names', names: [found.namespace] },
      },
      value: selectorText(all),
      ...(typeof topologyKey === 'string' && { attributes: { topologyKey } }),
    };
  };
}

/** Pods that a PodAffinityTerm means: a null selector none, an empty one all; in the namespaces listed or selected, else the own. */
export function peers({ value, namespace }: Found): readonly Outcome[] | undefined {
  const { labelSelector, namespaces, namespaceSelector, topologyKey } = value as Readonly<Record<string, unknown>>;
  const selector = labelSelector == null ? undefined : selectorFrom(labelSelector);
  if (selector === undefined) return undefined;
  const listed = Array.isArray(namespaces) ? namespaces.filter((name) => typeof name === 'string') : [];
  const chosen = namespaceSelector == null ? undefined : selectorFrom(namespaceSelector);
  const where: Namespaces[] = [];
  if (chosen !== undefined) where.push(chosen.length === 0 ? { type: 'all' } : { type: 'labels', selector: chosen });
  if (listed.length > 0) where.push({ type: 'names', names: listed });
  if (where.length === 0) where.push({ type: 'names', names: [namespace] });
  return where.map((each) => ({
    target: { by: 'labels', group: Pod.group, kind: Pod.kind, selector, namespaces: each },
    value: selectorText(selector),
    ...(typeof topologyKey === 'string' && { attributes: { topologyKey } }),
  }));
}

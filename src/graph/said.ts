/**
 * What is said of a resource by others than itself: conclusions (`relate`), kept as statements of their own at the end of its list.
 * Invariant: they stay when the resource is described again, and go with it.
 */
import type { SaidRelation } from '../model/change.ts';
import { CONCLUDED } from '../model/edge.ts';
import type { Reference, Rule, Target } from '../model/reference.ts';
import type { ResourceId } from '../model/resource.ts';
import { everything } from '../model/selector.ts';
import type { Node } from './node.ts';
import type { Statements } from './statements.ts';

/** Conclusions about one resource. */
export const SAID_MAX = 64;

/** By what distinguishes them; few, since confidences count in hundredths. */
const rules = new Map<string, Rule>();

function ruleFor(edge: string, reverse: boolean, certainty: number): Rule {
  const key = `${edge} ${reverse} ${certainty}`;
  const known = rules.get(key);
  if (known) return known;
  const rule: Rule = {
    id: `${CONCLUDED}${edge}`,
    edge,
    confidence: 'heuristic',
    certainty,
    ...(reverse && { reverse }),
  };
  rules.set(key, rule);
  return rule;
}

/** The rule in use that says the same; undefined for a rule of kinds. */
export function saidRule({ id, edge, reverse = false, certainty = 1 }: Rule): Rule | undefined {
  return id.startsWith(CONCLUDED) ? ruleFor(edge, reverse, certainty) : undefined;
}

export function isSaid({ id }: Pick<Rule, 'id'>): boolean {
  return id.startsWith(CONCLUDED);
}

/** A conclusion as a reference; undefined when its target is not of the cluster. */
export function saidReference(
  cluster: string,
  { edge, target, reverse, confidence = 1, attributes }: SaidRelation,
): Reference | undefined {
  const meant = targetOf(cluster, target);
  if (meant === undefined) return undefined;
  const certainty = Math.round(Math.min(1, Math.max(0, confidence)) * 100) / 100;
  return {
    rule: ruleFor(edge, reverse === true, certainty),
    target: meant,
    field: '',
    optional: true,
    ...(attributes && { attributes }),
  };
}

/** By the three forms of ids (model/resource.ts). */
function targetOf(cluster: string, id: ResourceId): Target | undefined {
  if (!id.startsWith(`${cluster}/`)) return undefined;
  const rest = id.slice(cluster.length + 1);
  const parts = rest.slice(1).split('/');
  if (rest.startsWith('~')) {
    const [kind = '', namespace = '', ...name] = parts;
    return { by: 'pseudo', kind, namespace, name: name.join('/'), existing: true };
  }
  if (rest.startsWith('=')) {
    const [group = '', kind = '', namespace = '', ...name] = parts;
    return { by: 'name', group, kind, namespace, name: name.join('/'), labels: everything };
  }
  return { by: 'id', uid: rest, group: '', kind: '', namespace: '', name: '' };
}

/** What a node says itself, and what is said of it. */
export function spokenBy(
  statements: Statements,
  node: Node,
): { readonly own: Reference[]; readonly said: Reference[] } {
  const own: Reference[] = [];
  const said: Reference[] = [];
  for (const statement of statements.of(node)) {
    const reference = statements.reference(statement);
    (isSaid(reference.rule) ? said : own).push(reference);
  }
  return { own, said };
}

/**
 * Generic rules for custom resources that no file describes: what looks like a reference probably is one.
 * Lower confidence than any typed rule; never across namespaces without a namespace field; never broken when missing.
 */
import { groupOf } from '../model/change.ts';
import { selectorFrom, selectorFromMap } from '../model/selector.ts';
import { conditionHealth } from './conditions.ts';
import { dnsTargets } from './dns.ts';
import type { Found, Kind, KindRef, Outcome, Relation } from './kind.ts';
import { type Step, stepsText } from './path.ts';
import { ConfigMap, IngressClass, Node, PersistentVolumeClaim, Pod, PriorityClass, Secret, Service, ServiceAccount, StorageClass } from './refs.ts';
import { groupIn, ownNamespace, relation, selectorText, textAt } from './relations.ts';

type Visit = (value: unknown, key: string, steps: readonly Step[], holder: object) => Outcome | undefined;

const DEPTH_MAX = 24;

/** Calls `visit` for every field below a value. Lists keep the key of the field that holds them. */
function explore(value: unknown, visit: Visit): Outcome[] {
  const outcomes: Outcome[] = [];
  const steps: Step[] = [];
  const go = (inner: unknown, key: string): void => {
    if (typeof inner !== 'object' || inner === null || steps.length > DEPTH_MAX) return;
    for (const [name, next] of Object.entries(inner)) {
      if (next === null || next === undefined) continue;
      const step = Array.isArray(inner) ? Number(name) : name;
      const nextKey = Array.isArray(inner) ? key : name;
      steps.push(step);
      const outcome = visit(next, nextKey, steps, inner);
      if (outcome) outcomes.push({ ...outcome, suffix: `${stepsText(steps)}${outcome.suffix ?? ''}` });
      go(next, nextKey);
      steps.pop();
    }
  };
  go(value, '');
  return outcomes;
}

/** A target by name in the namespace given, else the own; nothing when a namespaced target would have none. */
function named({ namespace }: Found, target: KindRef, name: string, where: string | undefined): Outcome['target'] | undefined {
  const place = target.namespaced ? (where ?? namespace) : '';
  if (target.namespaced && place === '') return undefined;
  return { by: 'name', group: target.group, kind: target.kind, namespace: place, name };
}

const REFERENCE_KEY = /(?:Refs?|References?|^ref|^from|^to)$/;

/** `{kind, name}` under a key that ends like a reference. With a group it is nearly certain, with a kind alone less so. */
function structured(withGroup: boolean): Relation['resolve'] {
  return (found) =>
    explore(found.value, (value, key) => {
      const name = textAt(value, 'name');
      const kind = textAt(value, 'kind');
      if (name === undefined || kind === undefined || !REFERENCE_KEY.test(key)) return undefined;
      const group = groupIn(value);
      if ((group !== undefined) !== withGroup) return undefined;
      const target = named(found, found.lookup(group, kind), name, textAt(value, 'namespace'));
      return target && { target, suffix: '.name' };
    });
}

const suffixes: readonly (readonly [RegExp, KindRef])[] = [
  [/(?:^s|S)ecret(?:Name|Ref|KeyRef)?$|^(?:existing|credentials|password)Secret$/, Secret],
  [/(?:^c|C)onfig[Mm]ap(?:Name|Ref|KeyRef)?$/, ConfigMap],
  [/(?:^s|S)erviceAccount(?:Name|Ref)?$/, ServiceAccount],
  [/(?:^p|P)ersistentVolumeClaim(?:Name)?$|^claimName$/, PersistentVolumeClaim],
  [/(?:^s|S)torageClass(?:Name)?$/, StorageClass],
  [/(?:^i|I)ngressClass(?:Name)?$/, IngressClass],
  [/(?:^p|P)riorityClass(?:Name)?$/, PriorityClass],
  [/^nodeName$/, Node],
  [/(?:^s|S)ervice(?:Name|Ref)$/, Service],
];

/** A string, or an object with a `name`, under a key that says which kind it names. */
const suffixed: Relation['resolve'] = (found) =>
  explore(found.value, (value, key, _, holder) => {
    const kind = suffixes.find(([pattern]) => pattern.test(key))?.[1];
    if (kind === undefined) return undefined;
    if (typeof value === 'string') {
      const target = value === '' ? undefined : named(found, kind, value, textAt(holder, 'namespace'));
      return target && { target };
    }
    const field = textAt(value, 'name') === undefined ? `${kind.kind.charAt(0).toLowerCase()}${kind.kind.slice(1)}Name` : 'name';
    const name = textAt(value, field);
    const otherKind = textAt(value, 'kind');
    if (name === undefined || (otherKind !== undefined && otherKind !== kind.kind)) return undefined;
    const target = named(found, kind, name, textAt(value, 'namespace'));
    return target && { target, suffix: `.${field}` };
  });

/** `…selector` with labels selects pods of the own namespace. An empty one says nothing. */
const selecting: Relation['resolve'] = (found) => {
  if (found.namespace === '') return undefined;
  return explore(found.value, (value, key) => {
    if (!/[sS]elector$/.test(key) || /[nN](?:ode|amespace)Selector$/.test(key)) return undefined;
    const labelled = typeof value === 'object' && value !== null && ('matchLabels' in value || 'matchExpressions' in value);
    const flat = !labelled && typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
    const selector = labelled ? selectorFrom(value) : flat ? selectorFromMap(value) : undefined;
    if (selector === undefined || selector.length === 0) return undefined;
    return {
      target: { by: 'labels', group: Pod.group, kind: Pod.kind, selector, namespaces: ownNamespace(found, Pod) },
      value: selectorText(selector),
    };
  });
};

/** Service names in any text of the spec. */
const hosts: Relation['resolve'] = (found) => {
  const outcomes: Outcome[] = [];
  explore(found.value, (value, _, steps) => {
    const at: Found = { ...plain(found), value };
    for (const outcome of dnsTargets(at) ?? []) {
      if (outcome.target.by === 'name' && outcome.target.namespace !== '') outcomes.push({ ...outcome, suffix: stepsText(steps) });
    }
    return undefined;
  });
  return outcomes;
};

function plain({ object, namespace, name, steps, up, lookup, resource }: Found): Omit<Found, 'value'> {
  return { object, namespace, name, steps, up, lookup, resource };
}

/** A label `group/gadget-name` of the object's own API group names its Gadget, in the namespace of `group/gadget-namespace` or the own. */
const labelParents: Relation['resolve'] = (found) => {
  const group = groupOf(found.object.apiVersion);
  const outcomes: Outcome[] = [];
  for (const [key, name] of Object.entries(found.value as object)) {
    const [, prefix, kind] = /^([a-z0-9.-]+)\/([a-z]+)-name$/.exec(key) ?? [];
    if (kind === undefined || prefix !== group || typeof name !== 'string' || name === '') continue;
    const parent = found.lookup(group, kind.charAt(0).toUpperCase() + kind.slice(1));
    const target = named(found, parent, name, textAt(found.value, key.replace(/name$/, 'namespace')));
    if (target) outcomes.push({ target, suffix: stepsText([key]) });
  }
  return outcomes;
};

const rows = (id: string, edge: Relation['edge'], path: string, to: string, options: Pick<Relation, 'confidence' | 'certainty' | 'note'>, resolve: Relation['resolve']): Relation => ({
  ...relation(edge, path, to, options as never, resolve),
  id: `custom/${id}`,
});
const confidence = 'heuristic';

/** What is said of every kind without a file of its own. */
export const customRelations: readonly Relation[] = [
  rows('typed-reference', 'REFERS_TO', '{spec,data}', 'any', { confidence, certainty: 0.9, note: '{apiVersion or group, kind, name} under a key ending in Ref' }, structured(true)),
  rows('kind-reference', 'REFERS_TO', '{spec,data}', 'any', { confidence, certainty: 0.7, note: '{kind, name} under a key ending in Ref' }, structured(false)),
  rows('named-key', 'REFERS_TO', 'spec', 'by the key', { confidence, note: 'secretName, configMapRef, serviceAccountName and their like' }, suffixed),
  rows('selector', 'SELECTS', 'spec', 'Pod', { confidence, note: 'any key ending in selector; own namespace, never an empty one' }, selecting),
  rows('host', 'CALLS', 'spec', 'Service', { confidence, note: 'name.namespace.svc in any text' }, hosts),
  rows('label-parent', 'BELONGS_TO', 'metadata.labels', 'by the label', { confidence: 'naming', note: 'labels group/kind-name, with group/kind-namespace' }, labelParents),
];

export const customKind: Pick<Kind, 'relations' | 'health'> = {
  relations: customRelations,
  health: (object) => conditionHealth(object, { good: ['Ready', 'Available', 'Synced'], bad: ['Failed', 'Stalled'] }),
};

/**
 * Generic rules for custom resources that no file describes: what looks like a reference probably is one.
 * Lower confidence than any typed rule; never across namespaces without a namespace field; never broken when missing.
 */
import { groupOf } from '../model/change.ts';
import { selectorFrom, selectorFromMap } from '../model/selector.ts';
import { conditionHealth } from './conditions.ts';
import { dnsTargets } from './dns.ts';
import { crossplaneResources } from './ecosystems/crossplane-resources.ts';
import type { Found, Kind, KindRef, Outcome, Relation } from './kind.ts';
import { type Step, stepsText } from './path.ts';
import {
  ConfigMap,
  IngressClass,
  Node,
  PersistentVolumeClaim,
  Pod,
  PriorityClass,
  Secret,
  Service,
  ServiceAccount,
  StorageClass,
} from './refs.ts';
import { groupIn, ownNamespace, relation, selectorText, textAt, valueAt } from './relations.ts';

/** What a field's name says of its value. */
interface KeyMeaning {
  readonly reference: boolean;
  readonly names: KindRef | undefined;
  readonly selector: boolean;
}

/** A field worth looking at. */
interface Field extends KeyMeaning {
  readonly value: unknown;
  /** The object or list that holds it. */
  readonly holder: object;
  /** The way from where the search began, `.parts[0].secretName`. */
  readonly path: string;
}

const DEPTH_MAX = 24;
const fieldsKnown = new WeakMap<object, readonly Field[]>();

/** Fields below a value whose name means something, or whose text may hold a host. Searched once an object, however many relations ask. */
function fieldsOf(root: unknown): readonly Field[] {
  if (typeof root !== 'object' || root === null) return [];
  const known = fieldsKnown.get(root);
  if (known) return known;
  const fields: Field[] = [];
  const steps: Step[] = [];
  const go = (holder: object, key: string): void => {
    const list = Array.isArray(holder);
    for (const [name, value] of Object.entries(holder)) {
      if (value === null || value === undefined) continue;
      const nextKey = list ? key : name;
      steps.push(list ? Number(name) : name);
      const meaning = meaningOf(nextKey);
      const text = typeof value === 'string' && /\.svc|:\/\//.test(value);
      if (text || meaning !== meaningless) fields.push({ ...meaning, value, holder, path: stepsText(steps) });
      if (typeof value === 'object' && steps.length < DEPTH_MAX) go(value, nextKey);
      steps.pop();
    }
  };
  go(root, '');
  fieldsKnown.set(root, fields);
  return fields;
}

const meaningless: KeyMeaning = { reference: false, names: undefined, selector: false };
const meanings = new Map<string, KeyMeaning>();
const MEANINGS_MAX = 20_000;

function meaningOf(key: string): KeyMeaning {
  let meaning = meanings.get(key);
  if (meaning === undefined) {
    const reference = /(?:Refs?|References?|^ref|^from|^to)$/.test(key);
    const names = suffixes.find(([pattern]) => pattern.test(key))?.[1];
    const selector = /[sS]elector$/.test(key) && !/[nN](?:ode|amespace)Selector$/.test(key);
    meaning = reference || names || selector ? { reference, names, selector } : meaningless;
    if (meanings.size < MEANINGS_MAX) meanings.set(key, meaning);
  }
  return meaning;
}

type Looked = ReturnType<Found['lookup']>;

/**
 * Where a target may live: in the namespace given, else in the own; of a kind whose scope is not known also outside of all namespaces.
 * None of these is missed when it is not there.
 */
function placesOf({ namespace }: Found, { namespaced, guessed }: Looked, where?: string): readonly string[] {
  if (guessed) return where === undefined ? [...new Set([namespace, ''])] : [where];
  if (!namespaced) return [''];
  const place = where ?? namespace;
  return place === '' ? [] : [place];
}

function named(found: Found, target: Looked, name: string, where: string | undefined, suffix: string): Outcome[] {
  const { group, kind } = target;
  return placesOf(found, target, where).map((namespace) => ({
    target: { by: 'name', group, kind, namespace, name },
    suffix,
  }));
}

/** `{kind, name}` under a key that ends like a reference. With a group it is nearly certain, with a kind alone less so. */
function structured(withGroup: boolean): Relation['resolve'] {
  return (found) =>
    fieldsOf(found.value).flatMap(({ reference, value, path }): Outcome[] => {
      const name = reference ? textAt(value, 'name') : undefined;
      const kind = textAt(value, 'kind');
      if (name === undefined || kind === undefined) return [];
      const group = groupIn(value);
      if ((group !== undefined) !== withGroup) return [];
      return named(found, found.lookup(group, kind), name, textAt(value, 'namespace'), `${path}.name`);
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
  fieldsOf(found.value).flatMap(({ names: kind, value, holder, path }): Outcome[] => {
    if (kind === undefined) return [];
    if (typeof value === 'string')
      return value === '' ? [] : named(found, kind, value, textAt(holder, 'namespace'), path);
    const field =
      textAt(value, 'name') === undefined ? `${kind.kind.charAt(0).toLowerCase()}${kind.kind.slice(1)}Name` : 'name';
    const name = textAt(value, field);
    const otherKind = textAt(value, 'kind');
    if (name === undefined || (otherKind !== undefined && otherKind !== kind.kind)) return [];
    return named(found, kind, name, textAt(value, 'namespace'), `${path}.${field}`);
  });

/** `…selector` with labels selects pods of the own namespace. An empty one says nothing. */
const selecting: Relation['resolve'] = (found) => {
  if (found.namespace === '') return undefined;
  return fieldsOf(found.value).flatMap(({ selector: isSelector, value, path }): Outcome[] => {
    if (!isSelector || typeof value !== 'object' || value === null) return [];
    const labelled = 'matchLabels' in value || 'matchExpressions' in value;
    const flat = !labelled && Object.values(value).every((text) => typeof text === 'string');
    const selector = labelled ? selectorFrom(value) : flat ? selectorFromMap(value) : undefined;
    if (selector === undefined || selector.length === 0) return [];
    const target = {
      by: 'labels',
      group: Pod.group,
      kind: Pod.kind,
      selector,
      namespaces: ownNamespace(found, Pod),
    } as const;
    return [{ target, suffix: path, value: selectorText(selector) }];
  });
};

/** Service names in any text of the spec. */
const hosts: Relation['resolve'] = ({ value: root, namespace }) =>
  fieldsOf(root).flatMap(({ value, path }) =>
    (dnsTargets({ value, namespace }) ?? []).map((outcome) => ({ ...outcome, suffix: path })),
  );

/** A label `group/gadget-name` of the object's own API group names its Gadget, in the namespace of `group/gadget-namespace` or the own. */
const labelParents: Relation['resolve'] = (found) => {
  const group = groupOf(found.object.apiVersion);
  const outcomes: Outcome[] = [];
  for (const [key, name] of Object.entries(found.value as object)) {
    const [, prefix, kind] = /^([a-z0-9.-]+)\/([a-z]+)-name$/.exec(key) ?? [];
    if (kind === undefined || prefix !== group || typeof name !== 'string' || name === '') continue;
    const parent = found.lookup(group, kind.charAt(0).toUpperCase() + kind.slice(1));
    const where = textAt(found.value, key.replace(/name$/, 'namespace'));
    outcomes.push(...named(found, parent, name, where, stepsText([key])));
  }
  return outcomes;
};

const confidence = 'heuristic';

/** `{group, kind}` with `matchLabels`: objects of that kind in the own namespace. */
const policySelected: Relation['resolve'] = (found) => {
  const kindName = textAt(found.value, 'kind');
  const selector = selectorFrom({ matchLabels: valueAt(found.value, 'matchLabels') });
  if (kindName === undefined || found.namespace === '' || selector === undefined || selector.length === 0)
    return undefined;
  const target = found.lookup(groupIn(found.value), kindName);
  const namespaces = { type: 'names', names: placesOf(found, target) } as const;
  return {
    target: { by: 'labels', group: target.group, kind: target.kind, selector, namespaces },
    value: selectorText(selector),
  };
};

/** `{group, kind, name, namespace?}`. */
const policyTarget: Relation['resolve'] = (found) => {
  const name = textAt(found.value, 'name');
  const kindName = textAt(found.value, 'kind');
  if (name === undefined || kindName === undefined) return undefined;
  const target = found.lookup(groupIn(found.value), kindName);
  return named(found, target, name, textAt(found.value, 'namespace'), '.name');
};

/** What is said of every kind without a file of its own. */
export const customRelations: readonly Relation[] = [
  relation(
    'REFERS_TO',
    '{spec,data}',
    'any',
    {
      confidence,
      certainty: 0.9,
      note: '{apiVersion or group, kind, name} under a key ending in Ref',
      variant: 'group',
    },
    structured(true),
  ),
  relation(
    'REFERS_TO',
    '{spec,data}',
    'any',
    { confidence, certainty: 0.7, note: '{kind, name} under a key ending in Ref', variant: 'kind' },
    structured(false),
  ),
  relation(
    'REFERS_TO',
    'spec',
    'by the key',
    { confidence, note: 'secretName, configMapRef, serviceAccountName and their like' },
    suffixed,
  ),
  relation(
    'SELECTS',
    'spec',
    'Pod',
    { confidence, note: 'any key ending in selector; own namespace, never an empty one' },
    selecting,
  ),
  relation('CALLS', 'spec', 'Service', { confidence, note: 'name.namespace.svc and URLs in any text' }, hosts),
  relation(
    'APPLIES_TO',
    'spec.{targetRef,targetRefs[*]}',
    'any',
    { confidence, certainty: 0.9, note: 'policy attachment (GEP-713)' },
    policyTarget,
  ),
  relation(
    'APPLIES_TO',
    'spec.targetSelectors[*]',
    'any',
    { confidence, certainty: 0.9, note: 'policy attachment (GEP-713), own namespace' },
    policySelected,
  ),
  relation(
    'BELONGS_TO',
    'metadata.labels',
    'by the label',
    { confidence: 'naming', note: 'labels group/kind-name, with group/kind-namespace' },
    labelParents,
  ),
  ...crossplaneResources,
];

export const customKind: Pick<Kind, 'relations' | 'health'> = {
  relations: customRelations,
  health: (object) => conditionHealth(object, { good: ['Ready', 'Available', 'Synced'], bad: ['Failed', 'Stalled'] }),
};

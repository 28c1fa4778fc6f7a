/**
 * The match and exclude blocks of Kyverno's rules as selectors. Source: kyverno.io/v1 MatchResources, ResourceDescription.
 * A block is `{any: [filter]}`, `{all: [filter]}` or one filter itself; a filter holds `resources` and the users it concerns.
 */
import { type Requirement, type Selector, selectorFrom } from '../../model/selector.ts';
import type { Found, KindRef, Outcome } from '../kind.ts';
import { textAt } from '../relations.ts';
import { texts } from '../resource-type.ts';
import { inScope, namespaceNames, type PolicyScope } from './policy-scope.ts';

interface Filter {
  /** Undefined: any kind. */
  readonly kinds: readonly KindRef[] | undefined;
  readonly objects: Selector;
  readonly namespaces: Selector;
  /** It asks for more than labels, kinds and namespaces: names, annotations, users. */
  readonly narrower: boolean;
}

/** `Pod`, `v1/Pod`, `apps/v1/Deployment`, `*` for group or version; undefined for subresources and patterns of kinds. */
function kindFrom(text: string, lookup: Found['lookup']): KindRef | undefined {
  const [, prefix = '', kind] = /^((?:[a-z0-9.*-]+\/){0,2})([A-Z][A-Za-z0-9]*)$/.exec(text) ?? [];
  if (kind === undefined) return undefined;
  const parts = prefix.split('/').filter((part) => part !== '');
  const group = parts.length === 2 ? parts[0] : parts[0] === 'v1' ? '' : undefined;
  return lookup(group === '*' ? undefined : group, kind);
}

/** Kyverno's selectors may hold `*` in their values. `?` is one letter, which no selector here can say. */
function patternSelector(value: unknown): Selector | undefined {
  if (value == null) return [];
  const selector = selectorFrom(value);
  if (selector?.some(({ key, values }) => /[*?]/.test(key) || values.some((text) => text.includes('?'))))
    return undefined;
  return selector?.map((requirement): Requirement => {
    const wild = requirement.values.some((text) => text.includes('*'));
    if (!wild) return requirement;
    return { ...requirement, operator: requirement.operator === 'NotIn' ? 'NotLike' : 'Like' };
  });
}

function filterFrom(entry: unknown, lookup: Found['lookup']): Filter | undefined {
  const { resources = {}, subjects, roles, clusterRoles } = entry as Readonly<Record<string, unknown>>;
  const { kinds, names, name, annotations, namespaces, selector, namespaceSelector } = resources as Readonly<
    Record<string, unknown>
  >;
  const objects = patternSelector(selector);
  const bySelector = patternSelector(namespaceSelector);
  const places = texts(namespaces);
  if (objects === undefined || bySelector === undefined || places.some((place) => place.includes('?')))
    return undefined;
  return {
    kinds: kinds === undefined ? undefined : texts(kinds).flatMap((text) => kindFrom(text, lookup) ?? []),
    objects,
    namespaces: places.length > 0 ? [namespaceNames(places, 'these'), ...bySelector] : bySelector,
    narrower: [names, name, annotations, subjects, roles, clusterRoles].some(
      (field) => field !== undefined && field !== '',
    ),
  };
}

/** A block's alternatives; `all` becomes one filter with every condition. Undefined when part of it cannot be said. */
function alternatives(block: unknown, lookup: Found['lookup']): readonly Filter[] | undefined {
  if (block == null) return [];
  const { any, all } = block as { any?: unknown; all?: unknown };
  const entries = Array.isArray(any) ? any : Array.isArray(all) ? all : [block];
  const filters = entries.map((entry) => filterFrom(entry, lookup));
  if (!filters.every((filter) => filter !== undefined)) return undefined;
  if (!Array.isArray(all) || Array.isArray(any) || filters.length < 2) return filters;
  const kinds = filters.flatMap((filter) => (filter.kinds ? [filter.kinds] : []));
  return [
    {
      kinds: kinds[0]?.filter((one) => kinds.every((list) => list.some((other) => same(one, other)))),
      objects: filters.flatMap(({ objects }) => objects),
      namespaces: filters.flatMap(({ namespaces }) => namespaces),
      narrower: filters.some(({ narrower }) => narrower),
    },
  ];
}

const same = (a: KindRef, b: KindRef): boolean => a.group === b.group && a.kind === b.kind;

const OPPOSITE: Readonly<Record<string, Requirement['operator']>> = {
  In: 'NotIn',
  NotIn: 'In',
  Exists: 'DoesNotExist',
  DoesNotExist: 'Exists',
  Like: 'NotLike',
  NotLike: 'Like',
};

/** The filter's opposite, when it has one condition; with more, "not both" is no selector. */
function negated({ objects, namespaces, narrower }: Filter): Pick<PolicyScope, 'objects' | 'namespaces'> | undefined {
  const [only, ...more] = [...objects, ...namespaces];
  const operator = only && OPPOSITE[only.operator];
  if (only === undefined || operator === undefined || more.length > 0 || narrower) return undefined;
  const opposite = [{ ...only, operator }];
  return objects.length > 0 ? { objects: opposite, namespaces: [] } : { objects: [], namespaces: opposite };
}

export interface Governed {
  readonly outcomes: readonly Outcome[];
  /** The block asks for more than can be said here: some of the targets are not governed. */
  readonly approximate: boolean;
}

/** Objects that a rule `{match, exclude}` is about. `own` is the namespace of a namespaced policy, which reaches no further. */
export function governed(rule: unknown, own: string, lookup: Found['lookup']): Governed | undefined {
  const { match, exclude } = rule as { match?: unknown; exclude?: unknown };
  const matches = alternatives(match, lookup);
  const exceptions = alternatives(exclude, lookup);
  if (matches === undefined || matches.length === 0) return undefined;
  let approximate = exceptions === undefined || matches.some(({ narrower }) => narrower);
  const home: Selector = own === '' ? [] : [namespaceNames([own], 'these')];
  const outcomes = matches.flatMap(({ kinds = [], objects, namespaces }) =>
    kinds.flatMap((target) => {
      let scope: PolicyScope = { kinds: [target], objects, namespaces: [...home, ...namespaces] };
      for (const exception of exceptions ?? []) {
        if (exception.kinds && !exception.kinds.some((other) => same(other, target))) continue;
        if (exception.kinds && exception.objects.length + exception.namespaces.length === 0 && !exception.narrower)
          return [];
        const but = negated(exception);
        if (but === undefined) approximate = true;
        else {
          scope = {
            ...scope,
            objects: [...scope.objects, ...but.objects],
            namespaces: [...scope.namespaces, ...but.namespaces],
          };
        }
      }
      return inScope(scope);
    }),
  );
  return { outcomes, approximate };
}

/** Text that is a value and neither a pattern nor a variable (`{{…}}`). */
export function isPlain(value: unknown, ...fields: readonly string[]): boolean {
  return fields.every((field) => {
    const text = textAt(value, field);
    return text === undefined || !/[*?]|\{\{/.test(text);
  });
}

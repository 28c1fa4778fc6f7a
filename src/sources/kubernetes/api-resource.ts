/** A kind as an API server serves it, and which of them a user wants. Pure. */
import { canonicalKind, isBuiltInGroup, kindKey } from '../../model/groups.ts';

export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
}

export function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Path of the collection, of one namespace or of all. */
export function pathOf(resource: ApiResource, namespace?: string): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.version}${within}/${resource.plural}`;
}

/**
 * Whether a kind is wanted: named by `include` (an empty list names all) and not by `exclude`.
 * A pattern is a kind, a plural, a short name, `group/Kind`, `plural.group` (the core group is `core`), with `*` for any letters; case does not
 * matter. `custom` is every custom resource.
 */
export function kindFilter(
  include: readonly string[],
  exclude: readonly string[],
): (resource: Pick<ApiResource, 'group' | 'kind' | 'plural' | 'shortNames'>) => boolean {
  const included = include.map(patternOf);
  const excluded = exclude.map(patternOf);
  return ({ group, kind, plural, shortNames = [] }) => {
    const groupName = group === '' ? 'core' : group;
    const names = [
      kind,
      plural,
      `${groupName}/${kind}`,
      `${groupName}/${plural}`,
      `${plural}.${groupName}`,
      ...shortNames,
      ...(isBuiltInGroup(group) ? [] : ['custom']),
    ];
    const named = (patterns: readonly RegExp[]): boolean =>
      patterns.some((pattern) => names.some((name) => pattern.test(name)));
    return (included.length === 0 || named(included)) && !named(excluded);
  };
}

function patternOf(text: string): RegExp {
  const escaped = text.replace(/^\//, 'core/').replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`, 'i');
}

/** Leaves out second names of what is there under its first. */
export function onceEach(resources: readonly ApiResource[]): readonly ApiResource[] {
  const keys = new Set(resources.map(kindKey));
  return resources.filter((resource) => {
    const own = kindKey(resource);
    const known = kindKey(canonicalKind(resource.group, resource.kind));
    return own === known || !keys.has(known);
  });
}

/**
 * The constructors of relations. Pick the weakest that fits: `names` (the field is a name), `refersTo` (the field names its kind itself),
 * `selects` (a label selector), `namesPseudo` (no Kubernetes object), and `relation` with a function for the few that need code.
 */
import type { EdgeType } from '../model/edges.ts';
import type { Guard, Namespaces, Rule, Target } from '../model/reference.ts';
import type { Scalar } from '../model/resource.ts';
import { everything, type Selector, selectorFrom, selectorFromMap } from '../model/selector.ts';
import type { Found, KindRef, Outcome, Relation } from './kind.ts';

interface Common {
  readonly confidence?: Rule['confidence'];
  readonly certainty?: number;
  readonly reverse?: boolean;
  readonly via?: 'template';
  readonly note?: string;
  readonly variant?: string;
  /** Only when this holds. */
  readonly when?: (found: Found) => boolean;
  readonly attributes?: (found: Found) => Readonly<Record<string, Scalar>> | undefined;
}

export interface NameOptions extends Common {
  /** The field of the matched object that holds the name; `name` by default. A matched string is the name itself. */
  readonly name?: string;
  /** The field of the matched object that may name a namespace. Without it the target lives where the object does. */
  readonly namespace?: string | ((found: Found) => string | undefined);
  /** The target is not breakage when missing: always, when this field of the matched object is true, or when the function says so. */
  readonly optional?: true | string | ((found: Found) => boolean);
  /** The field that holds a uid which the target must have. */
  readonly uid?: string;
  readonly owned?: true;
  readonly guard?: Guard['type'];
  readonly labels?: (found: Found) => Selector | undefined;
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** A field of a value, when it is a non-empty string. */
export function textAt(value: unknown, field: string): string | undefined {
  const inner = asRecord(value)[field];
  return typeof inner === 'string' && inner !== '' ? inner : undefined;
}

/** The value at a plain path, field names and dots only; undefined when it leads nowhere. */
export function valueAt(value: unknown, path: string): unknown {
  let inner = value;
  for (const field of path.split('.')) inner = asRecord(inner)[field];
  return inner;
}

function namespaceFor(found: Found, target: KindRef, { namespace }: NameOptions): string {
  if (!target.namespaced) return '';
  if (typeof namespace === 'function') return namespace(found) ?? found.namespace;
  return (namespace === undefined ? undefined : textAt(found.value, namespace)) ?? found.namespace;
}

/** Runs for every name in every object: builds no more than it must. */
function outcome(found: Found, kind: KindRef, name: string, suffix: string | undefined, options: NameOptions): Outcome {
  const { optional, uid, owned, guard, labels, attributes } = options;
  const namespace = namespaceFor(found, kind, options);
  const conditional = uid !== undefined || owned || guard !== undefined || labels !== undefined;
  const target: Outcome['target'] = conditional
    ? { by: 'name', group: kind.group, kind: kind.kind, namespace, name, ...conditionsOf(found, options) }
    : { by: 'name', group: kind.group, kind: kind.kind, namespace, name };
  const result = suffix === undefined ? { target } : { target, suffix };
  const extra = attributes?.(found);
  const mayMiss = optional !== undefined && isOptional(found, optional);
  if (!mayMiss && extra === undefined) return result;
  return { ...result, ...(mayMiss && { optional: true }), ...(extra !== undefined && { attributes: extra }) };
}

function conditionsOf(found: Found, { uid, owned, guard, labels }: NameOptions): object {
  const uidText = uid === undefined ? undefined : textAt(found.value, uid);
  const selector = labels?.(found);
  return {
    ...(uidText !== undefined && { uid: uidText }),
    ...(owned && { owned }),
    ...(guard !== undefined && { guard: guardFrom(guard, found) }),
    ...(selector !== undefined && { labels: selector }),
  };
}

function isOptional(found: Found, optional: NameOptions['optional']): boolean {
  if (typeof optional === 'function') return optional(found);
  return optional === true || (typeof optional === 'string' && asRecord(found.value)[optional] === true);
}

function guardFrom(type: Guard['type'], { value }: Found): Guard {
  if (type === 'grant') return { type };
  const section = textAt(value, 'sectionName');
  const port = asRecord(value)['port'];
  return { type, ...(section !== undefined && { section }), ...(typeof port === 'number' && { port }) };
}

const common = ({ confidence, certainty, reverse, via, note, variant }: Common, fallback: Rule['confidence']) => ({
  confidence: confidence ?? fallback,
  ...(certainty !== undefined && { certainty }),
  ...(reverse && { reverse }),
  ...(via && { via }),
  ...(note !== undefined && { note }),
  ...(variant !== undefined && { variant }),
});

/** The field names an object of a known kind: a string, or an object with `name` (and `namespace` when the option says so). */
export function names(edge: EdgeType, path: string, target: KindRef, options: NameOptions = {}): Relation {
  const nameField = options.name ?? 'name';
  return {
    edge,
    path,
    to: target.kind,
    ...common(options, 'exact'),
    resolve(found) {
      if (options.when && !options.when(found)) return undefined;
      if (typeof found.value === 'string') {
        return found.value === '' ? undefined : outcome(found, target, found.value, undefined, options);
      }
      const name = textAt(found.value, nameField);
      return name === undefined ? undefined : outcome(found, target, name, `.${nameField}`, options);
    },
  };
}

export interface ObjectOptions extends NameOptions {
  /** Kind when the reference does not name one. */
  readonly defaultKind?: string;
  /** Group when the reference names none; without it, the first kind of that name in the table. */
  readonly defaultGroup?: string;
  /** The field that holds the kind, `kind` by default. */
  readonly kindField?: string;
  /** Kinds that are followed; others are not references to objects (for example User). */
  readonly kinds?: readonly string[];
}

/** The field is an object reference that names its kind itself: `{apiVersion | apiGroup | group, kind, name, namespace?}`. */
export function refersTo(edge: EdgeType, path: string, to: string, options: ObjectOptions = {}): Relation {
  return {
    edge,
    path,
    to,
    ...common(options, 'exact'),
    resolve(found) {
      if (options.when && !options.when(found)) return undefined;
      const name = textAt(found.value, options.name ?? 'name');
      const kindName = textAt(found.value, options.kindField ?? 'kind') ?? options.defaultKind;
      if (name === undefined || kindName === undefined) return undefined;
      if (options.kinds && !options.kinds.includes(kindName)) return undefined;
      const target = found.lookup(groupIn(found.value) ?? options.defaultGroup, kindName);
      return outcome(found, target, name, `.${options.name ?? 'name'}`, options);
    },
  };
}

/**
 * API group that a reference names through `apiVersion`, `apiGroup` or `group`; undefined when it names none.
 * The meshes accept `core` for the core group, whose name is empty.
 */
export function groupIn(value: unknown): string | undefined {
  const record = asRecord(value);
  for (const field of ['apiGroup', 'group', 'apiVersion']) {
    const text = record[field];
    if (typeof text !== 'string') continue;
    const slash = text.indexOf('/');
    if (text === 'core') return '';
    if (field !== 'apiVersion') return slash < 0 ? text : text.slice(0, slash);
    return slash < 0 ? '' : text.slice(0, slash);
  }
  return undefined;
}

export interface SelectOptions extends Common {
  /** `map`: flat labels · `selector` (default): LabelSelector. */
  readonly form?: 'map' | 'selector';
  /** What an empty selector selects; the API says so for each kind. */
  readonly empty: 'none' | 'all';
  /** Where the targets live; the declaring object's namespace by default. */
  readonly namespaces?: (found: Found) => Namespaces | undefined;
}

/** The field selects objects by labels. */
export function selects(edge: EdgeType, path: string, target: KindRef, options: SelectOptions): Relation {
  const read = options.form === 'map' ? selectorFromMap : selectorFrom;
  return {
    edge,
    path,
    to: target.kind,
    ...common(options, 'selector'),
    resolve(found) {
      if (options.when && !options.when(found)) return undefined;
      const selector = read(found.value);
      if (selector === undefined || (selector.length === 0 && options.empty === 'none')) return undefined;
      const namespaces = options.namespaces ? options.namespaces(found) : ownNamespace(found, target);
      if (namespaces === undefined) return undefined;
      const extra = options.attributes?.(found);
      return {
        target: { by: 'labels', group: target.group, kind: target.kind, selector, namespaces },
        value: selectorText(selector),
        ...(extra !== undefined && { attributes: extra }),
      };
    },
  };
}

/** Where a selector looks by default: the declaring object's namespace, everywhere for cluster-scoped targets. */
export function ownNamespace(found: Found, target: KindRef): Namespaces {
  return target.namespaced && found.namespace !== '' ? { type: 'names', names: [found.namespace] } : { type: 'all' };
}

/** The selector in kubectl's syntax. */
export function selectorText(selector: Selector): string {
  if (selector.length === 0) return '{}';
  return selector
    .map(({ key, operator, values }) => {
      if (operator === 'In') return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(',')})`;
      if (operator === 'NotIn') return `${key} notin (${values.join(',')})`;
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      if (operator === 'Like' || operator === 'NotLike') {
        return `${key} ${operator === 'Like' ? 'like' : 'notlike'} (${values.join(',')})`;
      }
      return `${key} ${operator === 'Gt' ? '>' : '<'} ${values[0] ?? ''}`;
    })
    .join(',');
}

/** The field names something that is no Kubernetes object: an image, a host, a user. */
export function namesPseudo(
  edge: EdgeType,
  path: string,
  pseudoKind: string,
  options: Common & { readonly read?: (found: Found) => string | undefined; readonly namespace?: 'own' } = {},
): Relation {
  return {
    edge,
    path,
    to: pseudoKind,
    ...common(options, 'exact'),
    resolve(found) {
      if (options.when && !options.when(found)) return undefined;
      const name = options.read ? options.read(found) : typeof found.value === 'string' ? found.value : undefined;
      if (name === undefined || name === '') return undefined;
      const namespace = options.namespace === 'own' ? found.namespace : '';
      const extra = options.attributes?.(found);
      return {
        target: { by: 'pseudo', kind: pseudoKind, namespace, name },
        ...(extra !== undefined && { attributes: extra }),
      };
    },
  };
}

/** Any other relation: the function turns what was found into targets. */
export function relation(
  edge: EdgeType,
  path: string,
  to: string,
  options: Omit<Common, 'when' | 'attributes'>,
  resolve: Relation['resolve'],
): Relation {
  return { edge, path, to, ...common(options, 'exact'), resolve };
}

/** Every object of a kind, wherever it lives. */
export function allOf(target: KindRef): Target {
  return { by: 'labels', group: target.group, kind: target.kind, selector: everything, namespaces: { type: 'all' } };
}

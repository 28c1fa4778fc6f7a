/**
 * KubeObject → Description, by the kinds table. One object in, never a second one.
 * Invariant: never throws and never drops an object that has a name; what cannot be read is a fault beside the resource.
 */
import { groupOf, type KubeObject } from '../model/change.ts';
import type { Describer, Description, Rules } from '../model/describe.ts';
import { canonicalKind } from '../model/groups.ts';
import type { Reference, Rule } from '../model/reference.ts';
import type { Health, Resource, Scalar } from '../model/resource.ts';
import { timeFrom } from '../model/time.ts';
import {
  type CompiledKind,
  CompiledKinds,
  type CompiledRelation,
  type CustomKind,
  type UserRelations,
} from './compiled-kinds.ts';
import { describeOccurrence } from './describe-occurrence.ts';
import { Interner } from './intern.ts';
import type { Found, Kind, Outcome } from './kind.ts';
import type { Match, PathTrie } from './path.ts';

/** What a relation may ask the table of kinds. */
type Lookups = Pick<Found, 'lookup' | 'resource'>;

const unknownHealth: Health = { status: 'unknown' };
const noSummary = {};
const noLabels = {};

/** A describer whose users' relations may be replaced while it is in use. */
export interface KindDescriber extends Describer, Rules {
  /**
   * Puts other users' relations in force and returns the kinds, `group/Kind`, whose objects are to be described again. Rules that stay as they
   * were stay the same objects, so that the graph leaves their statements alone.
   */
  relate(relations: UserRelations): ReadonlySet<string>;
}

/** A describer over a table of kinds. `custom` describes every other kind. */
export function describerFor(
  table: readonly Kind[],
  custom: CustomKind = {},
  userRelations: UserRelations = new Map(),
): KindDescriber {
  const kinds = new CompiledKinds(table, custom, userRelations);
  const intern = new Interner();
  return {
    groupKind: (apiVersion, kind) => canonicalKind(groupOf(apiVersion), kind),
    object(cluster, object) {
      const reason = unusable(object);
      return reason === undefined ? describeObject(kinds.of(object), cluster, object, kinds, intern) : { reason };
    },
    occurrence: (cluster, at, occurrence) => describeOccurrence(cluster, at, occurrence, kinds.lookup),
    referencesIn: (object) => referencesIn(kinds.of(object).trie, object),
    relate: (relations) => kinds.relate(relations),
    text: () => kinds.text(),
    rule: (said) => kinds.rule(said),
  };
}

/** Why an object cannot be a resource at all, or undefined when it can. */
function unusable(object: unknown): string | undefined {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return 'not an object';
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
  if (typeof apiVersion !== 'string' || apiVersion === '') return 'no apiVersion';
  if (typeof kind !== 'string' || kind === '') return 'no kind';
  if (typeof metadata !== 'object' || metadata === null) return 'no metadata';
  if (typeof metadata.name !== 'string' || metadata.name === '') return 'no metadata.name';
  if (metadata.namespace != null && typeof metadata.namespace !== 'string') return 'metadata.namespace is not text';
  return undefined;
}

/** Identity of an object: its uid, or its names where a recording has none. */
export function resourceId(
  cluster: string,
  group: string,
  kind: string,
  namespace: string,
  name: string,
  uid: unknown,
): string {
  // Joined, not concatenated: an id is a key for as long as its object lives, and should be one flat text in memory.
  return typeof uid === 'string' && uid !== ''
    ? [cluster, uid].join('/')
    : [cluster, `=${group}`, kind, namespace, name].join('/');
}

function describeObject(
  { kind, trie }: CompiledKind,
  cluster: string,
  object: KubeObject,
  lookups: Lookups,
  intern: Interner,
): Description {
  const { name, uid, labels, creationTimestamp, ownerReferences } = object.metadata;
  const namespace = object.metadata.namespace ?? '';
  const faults: string[] = [];
  const attempt = <T>(what: string, run: (() => T) | undefined, otherwise: T): T => {
    if (run === undefined) return otherwise;
    try {
      return run();
    } catch (error) {
      faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  };
  const raw = object as never;
  const createdAt = timeFrom(creationTimestamp);
  const id = kind.pseudo
    ? [cluster, `~${kind.kind}`, namespace, name].join('/')
    : resourceId(cluster, kind.group, kind.kind, namespace, name, uid);
  const resource: Resource = {
    id,
    cluster,
    group: kind.group,
    kind: kind.kind,
    namespace: intern.text(namespace),
    name,
    // A slice shares the text of the id.
    uid: typeof uid === 'string' && uid !== '' && !kind.pseudo ? id.slice(cluster.length + 1) : '',
    pseudo: kind.pseudo === true,
    labels: isLabels(labels) ? intern.labels(labels) : noLabels,
    ...(createdAt !== undefined && { createdAt }),
    summary: kind.summary
      ? intern.texts(defined(attempt('summary', () => kind.summary?.(raw) ?? noSummary, noSummary)))
      : noSummary,
    health: intern.health(
      deletingOr(object, attempt('health', kind.health && (() => kind.health?.(raw) ?? unknownHealth), unknownHealth)),
    ),
  };
  const references: Reference[] = [];
  collectReferences(trie, object, lookups, intern, references, faults);
  const idle = attempt('idle', kind.idle && (() => kind.idle?.(raw)), false);
  const selectable = attempt('selectable', kind.selectable && (() => kind.selectable?.(raw)), undefined);
  const grants = attempt('grants', kind.grants && (() => kind.grants?.(raw)), undefined);
  const seenAt = kind.seenAt && attempt('seenAt', () => timeFrom(kind.seenAt?.(raw)) ?? createdAt ?? '', '');
  const listeners = attempt('listeners', kind.listeners && (() => kind.listeners?.(raw)), undefined);
  return {
    resource,
    references: excused(references, idle, resource.health),
    ...(selectable && { selectable }),
    ...(Array.isArray(ownerReferences) &&
      ownerReferences.length > 0 && { owners: ownerReferences.map((owner) => intern.text(String(owner?.uid))) }),
    ...(grants && { grants }),
    ...(listeners && { listeners }),
    ...(seenAt !== undefined && { seenAt }),
    ...(faults.length > 0 && { faults }),
  };
}

/** Idle objects need nothing, and what a maker only promises is not missing as long as it is not well: it is yet to be made. */
function excused(
  references: readonly Reference[],
  idle: boolean | undefined,
  { status }: Health,
): readonly Reference[] {
  const mayMiss = ({ rule, field }: Reference): boolean =>
    idle === true || (status !== 'healthy' && rule.edge === 'PRODUCES' && !field.startsWith('status.'));
  if (!idle && status === 'healthy') return references;
  return references.some(mayMiss)
    ? references.map((reference) => (mayMiss(reference) ? { ...reference, optional: true } : reference))
    : references;
}

function collectReferences(
  trie: PathTrie<CompiledRelation>,
  object: KubeObject,
  lookups: Lookups,
  intern: Interner,
  references: Reference[],
  faults: string[],
): void {
  const { name } = object.metadata;
  const namespace = object.metadata.namespace ?? '';
  const found = new FoundAt(object, namespace, name, lookups);
  trie.walk(object, ({ relation, rule, field }, match) => {
    found.match = match;
    try {
      const result = relation.resolve(found);
      if (result === undefined) return;
      if (isMany(result)) for (const one of result) references.push(referenceFrom(rule, one, field, match, intern));
      else references.push(referenceFrom(rule, result, field, match, intern));
    } catch (error) {
      faults.push(`${rule.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

function referencesIn(trie: PathTrie<CompiledRelation>, object: KubeObject): (holder: object, key: string) => boolean {
  const names = new Map<unknown, Set<unknown>>();
  try {
    trie.walk(object, ({ relation }, { value, values, steps }) => {
      const holder = values.at(-2);
      const key = Array.isArray(holder) ? '[*]' : steps.at(-1);
      if (typeof value !== 'string' || (key !== '[*]' && relation.path.endsWith(']'))) return;
      names.set(holder, (names.get(holder) ?? new Set()).add(key));
    });
  } catch {
    // Nested beyond the stack: what is not known to be a name is none.
  }
  return (holder, key) => names.get(holder)?.has(key) ?? false;
}

const isMany = (result: Outcome | readonly Outcome[]): result is readonly Outcome[] => Array.isArray(result);

function referenceFrom(
  rule: Rule,
  outcome: Outcome,
  field: string | undefined,
  { steps }: Match,
  intern: Interner,
): Reference {
  const { suffix, value, optional, attributes } = outcome;
  const target = intern.target(outcome.target);
  const path = suffix === undefined && field !== undefined ? field : intern.paths.text(steps, suffix);
  const reference: Reference = { rule, target, field: path };
  if (value === undefined && !optional && attributes === undefined) return reference;
  return {
    ...reference,
    ...(value !== undefined && { value: intern.text(value) }),
    ...(optional && { optional }),
    ...(attributes && { attributes: intern.record(attributes) }),
  };
}

/** The walk's view of the current match; one instance serves all matches of an object. */
class FoundAt implements Found {
  readonly object: KubeObject;
  readonly namespace: string;
  readonly name: string;
  readonly lookup: Found['lookup'];
  readonly resource: Found['resource'];
  match: Match = { value: undefined, steps: [], values: [] };

  constructor(object: KubeObject, namespace: string, name: string, { lookup, resource }: Lookups) {
    this.object = object;
    this.namespace = namespace;
    this.name = name;
    this.lookup = lookup;
    this.resource = resource;
    this.up = this.up.bind(this);
  }

  get value(): unknown {
    return this.match.value;
  }

  get steps(): Match['steps'] {
    return this.match.steps;
  }

  up(levels: number): unknown {
    return this.match.values[this.match.values.length - 1 - levels];
  }
}

function isLabels(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function defined(summary: Readonly<Record<string, Scalar | undefined>>): Record<string, Scalar> {
  let complete = true;
  for (const key in summary) if (summary[key] === undefined) complete = false;
  if (complete) return summary as Record<string, Scalar>;
  const kept: Record<string, Scalar> = {};
  for (const [key, value] of Object.entries(summary)) if (value !== undefined) kept[key] = value;
  return kept;
}

/** What is being deleted is on its way out, whatever its kind says of it; an object that fails keeps its own word. */
function deletingOr(object: KubeObject, health: Health): Health {
  if (object.metadata.deletionTimestamp == null || health.status === 'critical') return health;
  return { ...health, status: 'warning', reason: 'Terminating' };
}

/**
 * KubeObject → Description, by the kinds table. One object in, never a second one.
 * Invariant: never throws and never drops an object that has a name; what cannot be read is a fault beside the resource.
 */
import { groupOf, type KubeObject, type Occurrence } from '../model/change.ts';
import type { Describer, Description } from '../model/describe.ts';
import { canonicalKind, kindTitle } from '../model/groups.ts';
import type { Reference, Rule } from '../model/reference.ts';
import type { Health, Resource, Scalar } from '../model/resource.ts';
import { type Time, timeFrom } from '../model/time.ts';
import { bareKinds, genericRelations } from './generic.ts';
import { Interner } from './intern.ts';
import type { Found, Kind, Outcome, Relation } from './kind.ts';
import { type Match, PathTrie, pathText } from './path.ts';

interface CompiledRelation {
  readonly relation: Relation;
  readonly rule: Rule;
  /** The field path when the pattern has no wildcard. */
  readonly field: string | undefined;
}

/** What a relation may ask the table of kinds. */
interface Lookups extends Pick<Found, 'lookup' | 'resource'> {
  readonly intern: Interner;
}

interface CompiledKind {
  readonly kind: Kind;
  readonly trie: PathTrie<CompiledRelation>;
}

const unknownHealth: Health = { status: 'unknown' };
const noSummary = {};
const noLabels = {};

/**
 * Rule ids read `owner/pattern#EDGE[:variant]` and are stable as long as the statement is. The owner is the title of the table's row,
 * `*` where every kind has the rule, `custom` where every kind without a row has it.
 */
export function ruleFor(owner: string, { variant, edge, path, confidence, certainty, reverse, via }: Relation): Rule {
  return {
    id: `${owner}/${path}#${edge}${variant === undefined ? '' : `:${variant}`}`,
    edge,
    confidence,
    ...(certainty !== undefined && { certainty }),
    ...(reverse && { reverse }),
    ...(via && { via }),
  };
}

/** What is said of every kind that no file describes. */
export type CustomKind = Pick<Kind, 'relations' | 'summary' | 'health'>;

/** Users' relations by the `group/Kind` that declares them. */
export type UserRelations = ReadonlyMap<string, readonly Relation[]>;

/** A describer whose users' relations may be replaced while it is in use. */
export interface KindDescriber extends Describer {
  /**
   * Puts other users' relations in force and returns the kinds, `group/Kind`, whose objects are to be described again. Rules that stay as they
   * were stay the same objects, so that the graph leaves their statements alone.
   */
  relate(relations: UserRelations): ReadonlySet<string>;
}

/** A kind outside the table; external issuers of cert-manager are called …ClusterIssuer where they belong to the cluster. */
function guess(group: string, kind: string): ReturnType<Found['lookup']> {
  return { group, kind, namespaced: !/^Cluster|ClusterIssuer$/.test(kind), guessed: true };
}

/** A describer over a table of kinds. `custom` describes every other kind. */
export function describerFor(
  table: readonly Kind[],
  custom: CustomKind = {},
  userRelations: UserRelations = new Map(),
): KindDescriber {
  const byKey = new Map(table.map((kind) => [`${kind.group}/${kind.kind}`, kind]));
  const compiled = new Map<string, CompiledKind>();
  const rules = new Map<string, Rule>();
  let extra = userRelations;

  const byName = new Map(table.toReversed().map((kind) => [kind.kind, kind]));
  const lookup: Found['lookup'] = (group, name) => {
    if (group === undefined) return byName.get(name) ?? guess('', name);
    const { group: canonical, kind } = canonicalKind(group, name);
    const described = byKey.get(`${canonical}/${kind}`);
    if (described) return described;
    const row = byKey.get(`${canonical}/*`);
    return row ? { group: canonical, kind, namespaced: row.namespaced } : guess(canonical, kind);
  };
  const byPlural = new Map(table.map((kind) => [`${kind.group}/${kind.plural}`, kind]));
  const resource: Found['resource'] = (group, plural) => byPlural.get(`${group}/${plural.split('/', 1)[0]}`);
  const lookups = { lookup, resource, intern: new Interner() };

  const compiledFor = (group: string, name: string): CompiledKind => {
    const key = `${group}/${name}`;
    let known = compiled.get(key);
    if (known === undefined) {
      const row = byKey.get(key) ?? byKey.get(`${group}/*`);
      const kind = { ...(row ?? { ...custom, group, namespaced: true, plural: '' }), kind: name };
      const relations = [...(kind.relations ?? []), ...(extra.get(key) ?? [])];
      known = { kind, trie: compile(key, row ? kindTitle(row) : 'custom', relations, rules) };
      compiled.set(key, known);
    }
    return known;
  };

  const bySpelling = new Map<string, Map<string, CompiledKind>>();
  const compiledOf = ({ apiVersion, kind: name }: KubeObject): CompiledKind => {
    const known = bySpelling.get(apiVersion)?.get(name);
    if (known) return known;
    const { group, kind } = canonicalKind(groupOf(apiVersion), name);
    const made = compiledFor(group, kind);
    const kinds = bySpelling.get(apiVersion) ?? new Map<string, CompiledKind>();
    bySpelling.set(apiVersion, kinds.set(name, made));
    return made;
  };

  return {
    groupKind: (apiVersion, kind) => canonicalKind(groupOf(apiVersion), kind),
    object(cluster, object) {
      const reason = unusable(object);
      return reason === undefined ? describeObject(compiledOf(object), cluster, object, lookups) : { reason };
    },
    occurrence: (cluster, at, occurrence) => describeOccurrence(cluster, at, occurrence, lookup),
    referencesIn: (object) => referencesIn(compiledOf(object).trie, object),
    relate(relations) {
      const changed = new Set([...extra.keys(), ...relations.keys()]);
      extra = relations;
      for (const key of changed) compiled.delete(key);
      bySpelling.clear();
      return changed;
    },
  };
}

/** `rules` holds those made before: what says the same is the same object. */
function compile(
  key: string,
  owner: string,
  own: readonly Relation[],
  rules: Map<string, Rule>,
): PathTrie<CompiledRelation> {
  const trie = new PathTrie<CompiledRelation>();
  const add = (relation: Relation, made: Rule): void => {
    const wild = /[*{]/.test(relation.path);
    const text = JSON.stringify(made);
    const rule = rules.get(text) ?? made;
    rules.set(text, rule);
    trie.add(relation.path, { relation, rule, field: wild ? undefined : relation.path });
  };
  if (!bareKinds.has(key)) for (const relation of genericRelations) add(relation, ruleFor('*', relation));
  for (const relation of own) add(relation, ruleFor(owner, relation));
  return trie;
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
  const { intern } = lookups;
  const createdAt = timeFrom(creationTimestamp);
  const id = resourceId(cluster, kind.group, kind.kind, namespace, name, uid);
  const resource: Resource = {
    id,
    cluster,
    group: kind.group,
    kind: kind.kind,
    namespace: intern.text(namespace),
    name,
    // A slice shares the text of the id.
    uid: typeof uid === 'string' && uid !== '' ? id.slice(cluster.length + 1) : '',
    pseudo: false,
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
  collectReferences(trie, object, lookups, references, faults);
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
      if (isMany(result))
        for (const one of result) references.push(referenceFrom(rule, one, field, match, lookups.intern));
      else references.push(referenceFrom(rule, result, field, match, lookups.intern));
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
  const path = suffix === undefined && field !== undefined ? field : pathText(steps, suffix);
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

const aboutRule: Rule = { id: 'Occurrence/subject#ABOUT', edge: 'ABOUT', confidence: 'exact' };
const severityHealth = {
  debug: 'healthy',
  info: 'healthy',
  warning: 'warning',
  error: 'critical',
  critical: 'critical',
} as const;

/** An occurrence is a pseudo resource about its subject; a subject that is not (or not yet) known is kept as a reference. */
function describeOccurrence(cluster: string, at: Time, occurrence: Occurrence, lookup: Found['lookup']): Description {
  const { source, subject, severity, reason = '', message = '' } = occurrence;
  const name = `${source}:${occurrence.id ?? `${at}:${subject.kind}/${subject.namespace ?? ''}/${subject.name}:${reason}:${message}`}`;
  const where = subject.cluster ?? cluster;
  const target = lookup(subject.apiVersion === undefined ? undefined : groupOf(subject.apiVersion), subject.kind);
  const namespace = target.namespaced ? (subject.namespace ?? '') : '';
  return {
    resource: {
      id: `${where}/~Occurrence/${namespace}/${name}`,
      cluster: where,
      group: '',
      kind: 'Occurrence',
      namespace,
      name,
      uid: '',
      pseudo: true,
      labels: noLabels,
      createdAt: at,
      summary: { source, severity, reason, message },
      health: { status: severityHealth[severity] ?? 'unknown' },
    },
    seenAt: at,
    references: [
      {
        rule: aboutRule,
        field: 'subject',
        optional: true,
        target: subject.uid
          ? { by: 'id', uid: subject.uid, group: target.group, kind: target.kind, namespace, name: subject.name }
          : { by: 'name', group: target.group, kind: target.kind, namespace, name: subject.name },
      },
    ],
  };
}

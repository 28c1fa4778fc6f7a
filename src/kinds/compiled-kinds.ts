/**
 * The table of kinds made ready for use: rule ids, look-ups by name, and the relations of each kind as one trie, compiled when its first object comes.
 * Invariant: rules that say the same are the same object, also after users' relations were replaced.
 */
import { groupOf, type KubeObject } from '../model/change.ts';
import { canonicalKind, type GroupKind, kindKey, kindTitle } from '../model/groups.ts';
import type { Rule } from '../model/reference.ts';
import { aboutRule, changedRule } from './describe-occurrence.ts';
import { bareKinds, genericRelations } from './generic.ts';
import type { Found, Kind, Relation } from './kind.ts';
import { PathTrie } from './path.ts';

export interface CompiledRelation {
  readonly relation: Relation;
  readonly rule: Rule;
  /** The field path when the pattern has no wildcard. */
  readonly field: string | undefined;
}

export interface CompiledKind {
  readonly kind: Kind;
  readonly trie: PathTrie<CompiledRelation>;
}

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

/** A kind outside the table; external issuers of cert-manager are called …ClusterIssuer where they belong to the cluster. */
function guess(group: string, kind: string): ReturnType<Found['lookup']> {
  return { group, kind, namespaced: !/^Cluster|ClusterIssuer$/.test(kind), guessed: true };
}

/** Apart from a cluster's own kinds a recording may name any number. */
const COMPILED_MAX = 5_000;

export class CompiledKinds implements Pick<Found, 'lookup' | 'resource'> {
  readonly #custom: CustomKind;
  readonly #byKey: ReadonlyMap<string, Kind>;
  readonly #byName: ReadonlyMap<string, Kind>;
  readonly #byPlural: ReadonlyMap<string, Kind>;
  readonly #rules = new Map<string, Rule>();
  /** By apiVersion and kind as objects write them. A full table is begun anew. */
  readonly #compiled = new Map<string, Map<string, CompiledKind>>();
  #compiledCount = 0;
  #users: UserRelations;
  #text: string | undefined;

  /** `custom` describes every kind that is not in the table. */
  constructor(table: readonly Kind[], custom: CustomKind, users: UserRelations) {
    this.#custom = custom;
    this.#users = users;
    this.#byKey = new Map(table.map((kind) => [kindKey(kind), kind]));
    this.#byName = new Map(table.toReversed().map((kind) => [kind.kind, kind]));
    this.rule(aboutRule);
    this.rule(changedRule);
    this.#byPlural = new Map(table.map((kind) => [kindKey({ group: kind.group, kind: kind.plural }), kind]));
  }

  of({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): CompiledKind {
    const known = this.#compiled.get(apiVersion)?.get(kind);
    if (known) return known;
    if (++this.#compiledCount > COMPILED_MAX) this.#forget();
    const made = this.#compile(canonicalKind(groupOf(apiVersion), kind));
    const kinds = this.#compiled.get(apiVersion) ?? new Map<string, CompiledKind>();
    this.#compiled.set(apiVersion, kinds.set(kind, made));
    return made;
  }

  readonly lookup: Found['lookup'] = (group, name) => {
    if (group === undefined) return this.#byName.get(name) ?? guess('', name);
    const known = canonicalKind(group, name);
    const row = this.#rowOf(known);
    return row ? { ...known, namespaced: row.namespaced } : guess(known.group, known.kind);
  };

  readonly resource: Found['resource'] = (group, plural) =>
    this.#byPlural.get(kindKey({ group, kind: plural.split('/', 1)[0] ?? '' }));

  /** Puts other users' relations in force and returns the kinds concerned, `group/Kind`. */
  relate(users: UserRelations): ReadonlySet<string> {
    const changed = new Set([...this.#users.keys(), ...users.keys()]);
    this.#users = users;
    this.#text = undefined;
    this.#forget();
    return changed;
  }

  #forget(): void {
    this.#compiled.clear();
    this.#compiledCount = 0;
  }

  #rowOf(kind: GroupKind): Kind | undefined {
    return this.#byKey.get(kindKey(kind)) ?? this.#byKey.get(kindKey({ group: kind.group, kind: '*' }));
  }

  #compile({ group, kind: name }: GroupKind): CompiledKind {
    const key = kindKey({ group, kind: name });
    const row = this.#rowOf({ group, kind: name });
    const kind = { ...(row ?? { ...this.#custom, group, namespaced: true, plural: '' }), kind: name };
    const trie = new PathTrie<CompiledRelation>();
    const add = (owner: string, relation: Relation): void => {
      const field = /[*{]/.test(relation.path) ? undefined : relation.path;
      trie.add(relation.path, { relation, rule: this.rule(ruleFor(owner, relation)), field });
    };
    if (!bareKinds.has(key)) for (const relation of genericRelations) add('*', relation);
    const owner = row ? kindTitle(row) : 'custom';
    for (const relation of [...(kind.relations ?? []), ...(this.#users.get(key) ?? [])]) add(owner, relation);
    return { kind, trie };
  }

  /** The one rule that says the same. */
  rule(said: Rule): Rule {
    const text = JSON.stringify(said);
    const rule = this.#rules.get(text) ?? said;
    this.#rules.set(text, rule);
    return rule;
  }

  /** All that kinds and relations say; what they do is code. */
  text(): string {
    this.#text ??= JSON.stringify([[...this.#byKey.values()], this.#custom, genericRelations, [...this.#users]]);
    return this.#text;
  }
}

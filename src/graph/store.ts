/** All records of the graph. Written by graph.ts and linker.ts only; read through view.ts. */
import type { Edge, Evidence } from '../model/edge.ts';
import { confidenceValue } from '../model/reference.ts';
import type { ResourceId } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import type { ResourceName } from '../model/view.ts';
import { Changeset } from './changeset.ts';
import { Slots } from './columns.ts';
import type { SetsByKey } from './keyed-sets.ts';
import { Links } from './links.ts';
import type { Address, Node } from './node.ts';
import { Population } from './population.ts';
import { Statements } from './statements.ts';
import { UidAddresses } from './uid-addresses.ts';

/** Stands for the group of pseudo resources; no group has such a name. */
const PSEUDO = '~';

/** What belongs to one cluster. */
export class ClusterStore {
  readonly name: string;
  readonly #addresses: Slots<Address>;
  /** By group, that of pseudo resources being `~`, and kind. Those in which nothing is and for which nobody waits go. */
  readonly #populations = new Map<string, Map<string, Population>>();
  /** Selector statements whose namespaces are chosen by labels: looked at again when a Namespace's labels change. */
  readonly byNamespaceLabels = new Set<number>();
  /** Statements that need a permission, by the namespace whose grants or labels decide. */
  readonly guarded: SetsByKey<number> = new Map();
  /** Nodes that give grants, by namespace. */
  readonly granting: SetsByKey<Node> = new Map();

  constructor(name: string, addresses: Slots<Address>) {
    this.name = name;
    this.#addresses = addresses;
  }

  /** The population of a kind, made when absent: for those who are about to put something there. */
  population(group: string, kind: string, pseudo = false): Population {
    const known = this.find(group, kind, pseudo);
    if (known) return known;
    const key = pseudo ? PSEUDO : group;
    const kinds = this.#populations.get(key) ?? new Map<string, Population>();
    const drop = (): void => {
      if (kinds.delete(kind) && kinds.size === 0) this.#populations.delete(key);
    };
    const population = new Population(this.name, group, kind, pseudo, this.#addresses, drop);
    this.#populations.set(key, kinds.set(kind, population));
    return population;
  }

  /** The same for those who only look. */
  find(group: string, kind: string, pseudo = false): Population | undefined {
    return this.#populations.get(pseudo ? PSEUDO : group)?.get(kind);
  }

  *populations(): Iterable<Population> {
    for (const kinds of this.#populations.values()) yield* kinds.values();
  }
}

export class Store {
  readonly nodes = new Map<ResourceId, Node>();
  readonly numbers = new Slots<Node>();
  readonly addresses = new Slots<Address>();
  readonly statements = new Statements(this.numbers, this.addresses);
  readonly links = new Links(this.numbers);
  readonly clusters = new Map<string, ClusterStore>();
  readonly uidAddresses = new UidAddresses(this.nodes, this.addresses);
  /** Exact statements without a usable target. */
  readonly unresolved = new Set<number>();
  commit = new Changeset(this);

  /** The store of a cluster, made when absent. */
  cluster(name: string): ClusterStore {
    let cluster = this.clusters.get(name);
    if (cluster === undefined) {
      cluster = new ClusterStore(name, this.addresses);
      this.clusters.set(name, cluster);
    }
    return cluster;
  }

  /** The node that bears a name. Makes nothing. */
  bearer({ cluster, group, kind, namespace, name }: ResourceName, pseudo = false): Node | undefined {
    return this.clusters.get(cluster)?.find(group, kind, pseudo)?.peek(namespace, name)?.node;
  }
}

/** A link as readers see it. Of several statements the first by field path is the evidence. */
export function edgeOf(store: Store, link: number): Edge {
  const { links, statements } = store;
  const supports = links.supports(link);
  let first = supports[0] ?? 0;
  for (const other of supports) if (before(store, other, first)) first = other;
  const evidence = evidenceOf(store, first, links.since(link));
  const optional = supports.every((support) => statements.optional(support));
  const detail = optional ? { ...evidence, optional } : evidence;
  return {
    type: links.type(link),
    from: links.from(link).resource.id,
    to: links.to(link).resource.id,
    detail: supports.length === 1 ? detail : { ...detail, more: supports.length - 1 },
  };
}

/** Order of statements about one edge, the same in every process. */
export function before({ statements }: Store, a: number, b: number): boolean {
  if (a === b) return false;
  const [x, y] = [statements.field(a), statements.field(b)];
  if (x !== y) return x < y;
  const [rule, other] = [statements.rule(a).id, statements.rule(b).id];
  if (rule !== other) return rule < other;
  const [id, otherId] = [statements.node(a).resource.id, statements.node(b).resource.id];
  if (id !== otherId) return id < otherId;
  return particulars(statements, a) < particulars(statements, b);
}

/** What distinguishes statements that one field makes by one rule about one target (a toleration of every effect). */
function particulars(statements: Statements, statement: number): string {
  return JSON.stringify([statements.value(statement), statements.attributes(statement)]);
}

export function evidenceOf({ statements }: Store, statement: number, since: Time | undefined): Evidence {
  const rule = statements.rule(statement);
  const field = statements.field(statement);
  const value = statements.value(statement);
  const attributes = statements.attributes(statement);
  const confidence = rule.certainty ?? confidenceValue[rule.confidence];
  if (value === undefined && rule.via === undefined && attributes === undefined) {
    const evidence = { rule: rule.id, field, class: rule.confidence, confidence };
    return since === undefined ? evidence : { ...evidence, since };
  }
  return {
    rule: rule.id,
    field,
    class: rule.confidence,
    confidence,
    ...(value !== undefined && { value }),
    ...(rule.via && { via: rule.via }),
    ...(attributes && { attributes }),
    ...(since !== undefined && { since }),
  };
}

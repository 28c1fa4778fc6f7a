/** All records of the graph. Written by graph.ts and linker.ts only; read through view.ts. */
import type { Edge, Evidence } from '../model/edge.ts';
import { freeze } from '../model/freeze.ts';
import type { Rule } from '../model/reference.ts';
import { confidenceValue } from '../model/reference.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Labels } from '../model/selector.ts';
import type { Time } from '../model/time.ts';
import type { ResourceName } from '../model/view.ts';
import { Changeset } from './changeset.ts';
import { Slots } from './columns.ts';
import type { SetsByKey } from './keyed-sets.ts';
import { Links } from './links.ts';
import { type Address, Node } from './node.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';
import { Population } from './population.ts';
import { pseudoId } from './pseudo.ts';
import { Statements } from './statements.ts';
import { UidAddresses } from './uid-addresses.ts';

/** Stands for the group of pseudo resources; no group has such a name. */
const PSEUDO = '~';

/** Numbers that are written of a node. */
const NODE_WIDTH = 15;

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

  /** What is written is what cannot be told from the rest; what can (by enlisting statements and grants again) is not. */
  write(frame: FrameWriter): void {
    this.numbers.write(frame);
    this.addresses.write(frame);
    this.#writeNames(frame);
    this.#writeNodes(frame);
    this.uidAddresses.write(frame);
    this.statements.write(frame);
    this.links.write(frame);
    frame.table(1, Int32Array.from(this.unresolved));
  }

  /** Takes over what was written, when nothing is in the store yet. `known` finds the rule in use that says the same. */
  read(frame: FrameReader, known: (rule: Rule) => Rule): void {
    this.numbers.read(frame);
    this.addresses.read(frame);
    this.#readNames(frame);
    this.#readNodes(frame);
    this.uidAddresses.read(frame);
    this.statements.read(frame, known);
    this.links.read(frame);
    for (const statement of frame.table(1)) this.unresolved.add(statement);
  }

  #writeNames(frame: FrameWriter): void {
    const populations = [...this.clusters.values()].flatMap((cluster) => [...cluster.populations()]);
    const names = populations.map((population) => [...population.addresses()]);
    frame.table(
      1,
      Int32Array.from(this.clusters.keys(), (cluster) => frame.value(cluster)),
    );
    frame.rows(5, (put) => {
      for (const [index, { cluster, group, kind, pseudo }] of populations.entries()) {
        put(frame.value(cluster));
        put(frame.value(group));
        put(frame.value(kind));
        put(pseudo ? 1 : 0);
        put(names[index]?.length ?? 0);
      }
    });
    frame.rows(4, (put) => {
      for (const { number, namespace, name, firstWaiting } of names.flat()) {
        put(number);
        put(frame.value(namespace));
        put(frame.value(name));
        put(firstWaiting);
      }
    });
  }

  #readNames(frame: FrameReader): void {
    for (const cluster of frame.table(1)) this.cluster(frame.value(cluster));
    const populations = frame.rows(5);
    const names = frame.rows(4);
    while (!populations.ended) {
      const cluster = this.cluster(frame.value(populations.next()));
      const [group, kind] = [frame.value<string>(populations.next()), frame.value<string>(populations.next())];
      const population = cluster.population(group, kind, populations.next() === 1);
      for (let count = populations.next(); count > 0; count--) {
        const number = names.next();
        const address = population.address(frame.value(names.next()), frame.value(names.next()), number);
        address.firstWaiting = names.next();
      }
    }
  }

  #writeNodes(frame: FrameWriter): void {
    const homes = new Int32Array(this.numbers.end);
    for (const cluster of this.clusters.values())
      for (const population of cluster.populations())
        for (const { node, number } of population.addresses()) if (node) homes[node.number] = number;
    frame.rows(NODE_WIDTH, (put) => {
      for (const node of this.nodes.values()) {
        const { id, pseudo, uid, labels, createdAt, summary, health } = node.resource;
        const home = homes[node.number] as number;
        put(home);
        put(node.number);
        put(pseudo && id === pseudoId(this.addresses.get(home)) ? 0 : frame.value(id));
        put(uid === '' ? 0 : 1);
        put(frame.value(labels));
        put(frame.value(createdAt));
        put(pseudo ? frame.value(summary) : frame.only(summary));
        put(frame.value(health));
        put(frame.value(node.facts));
        put(frame.only(node.standing));
        put(node.firstStatement);
        put(node.firstOut);
        put(node.firstIn);
        put(node.outCount);
        put(node.inCount);
      }
    });
  }

  #readNodes(frame: FrameReader): void {
    for (const rows = frame.rows(NODE_WIDTH); !rows.ended; ) {
      const address = this.addresses.get(rows.next());
      const { population, namespace, name } = address;
      const { cluster, group, kind, pseudo } = population;
      const number = rows.next();
      const id = frame.value<ResourceId | undefined>(rows.next()) ?? pseudoId(address);
      const uid = rows.next() === 0 ? '' : id.slice(cluster.length + 1);
      const labels = frame.value<Labels>(rows.next());
      const createdAt = frame.value<Time | undefined>(rows.next());
      const summary = frame.value<Resource['summary']>(rows.next());
      const health = frame.value<Resource['health']>(rows.next());
      const resource: Resource =
        createdAt === undefined
          ? { id, cluster, group, kind, namespace, name, uid, pseudo, labels, summary, health }
          : { id, cluster, group, kind, namespace, name, uid, pseudo, labels, createdAt, summary, health };
      const facts = frame.value<Labels>(rows.next());
      const node = this.numbers.make((of) => new Node(of, freeze(resource), facts), number);
      node.standing = frame.value(rows.next());
      node.firstStatement = rows.next();
      node.firstOut = rows.next();
      node.firstIn = rows.next();
      node.outCount = rows.next();
      node.inCount = rows.next();
      this.nodes.set(id, node);
      address.node = node;
      population.size++;
    }
  }

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
  const { certainty } = statements.rule(statement);
  return JSON.stringify([statements.value(statement), statements.attributes(statement), certainty]);
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

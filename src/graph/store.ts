/** All records of the graph, and what one commit changed in them. Written by graph.ts and linker.ts only; read through view.ts. */
import { type Diff, edgeKey, type GraphDiff, type Updated } from '../model/diff.ts';
import type { Edge, Evidence } from '../model/edge.ts';
import { freeze } from '../model/freeze.ts';
import { confidenceValue } from '../model/reference.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import { Population } from './population.ts';
import { type Address, type Link, type Node, type Statement, supports } from './records.ts';

/** What belongs to one cluster. */
export class ClusterStore {
  readonly name: string;
  readonly #populations = new Map<string, Population>();
  /** Selector statements whose namespaces are chosen by labels: looked at again when a Namespace's labels change. */
  readonly byNamespaceLabels = new Set<Statement>();
  /** Statements that need a permission, by the namespace whose grants or labels decide. */
  readonly guarded = new Map<string, Set<Statement>>();
  /** Nodes that give grants, by namespace. */
  readonly granting = new Map<string, Set<Node>>();

  constructor(name: string) {
    this.name = name;
  }

  population(group: string, kind: string, pseudo = false): Population {
    const key = pseudo ? `~${kind}` : `${group}/${kind}`;
    let population = this.#populations.get(key);
    if (population === undefined) {
      population = new Population(this.name, group, kind, pseudo);
      this.#populations.set(key, population);
    }
    return population;
  }

  populations(): Iterable<Population> {
    return this.#populations.values();
  }
}

export class Store {
  readonly nodes = new Map<ResourceId, Node>();
  readonly clusters = new Map<string, ClusterStore>();
  /** Addresses by id: who waits for a resource of this id. */
  readonly waiting = new Map<ResourceId, Address>();
  /** Exact statements without a usable target. */
  readonly unresolved = new Set<Statement>();
  edgeCount = 0;
  commit = new Changeset(0);

  cluster(name: string): ClusterStore {
    let cluster = this.clusters.get(name);
    if (cluster === undefined) {
      cluster = new ClusterStore(name);
      this.clusters.set(name, cluster);
    }
    return cluster;
  }
}

/** Collects what a commit does; at its end, only what differs from before counts. */
export class Changeset {
  readonly number: number;
  /** Time of the change being applied. */
  at: Time = '';
  readonly #resources = new Map<ResourceId, Resource | undefined>();
  readonly #added: Link[] = [];
  readonly #removed = new Map<string, { link: Link; edge: Edge }>();
  readonly #touched = new Map<Link, Edge>();

  constructor(number: number) {
    this.number = number;
  }

  /** Call before a resource is added (`before` undefined), replaced or removed. */
  resource(id: ResourceId, before: Resource | undefined): void {
    if (!this.#resources.has(id)) this.#resources.set(id, before);
  }

  /** A link that came, or came back within this commit: then it keeps its age. */
  linked(link: Link): void {
    const key = this.#removed.size === 0 ? undefined : keyOf(link);
    const before = key === undefined ? undefined : this.#removed.get(key);
    if (key === undefined || before === undefined) {
      this.#added.push(link);
      return;
    }
    this.#removed.delete(key);
    link.since = before.link.since;
    link.born = before.link.born;
    this.#touched.set(link, before.edge);
  }

  unlinked(link: Link): void {
    link.dead = true;
    if (link.born === this.number) return;
    this.#removed.set(keyOf(link), { link, edge: this.#touched.get(link) ?? edgeOf(link) });
    this.#touched.delete(link);
  }

  /** Call before the evidence of a link changes. */
  touch(link: Link): void {
    if (link.born !== this.number && !this.#touched.has(link)) this.#touched.set(link, edgeOf(link));
  }

  diff(nodes: ReadonlyMap<ResourceId, Node>): GraphDiff {
    return { resources: this.#resourceDiff(nodes), edges: this.#edgeDiff() };
  }

  #resourceDiff(nodes: ReadonlyMap<ResourceId, Node>): Diff<Resource> {
    const added: Resource[] = [];
    const updated: Updated<Resource>[] = [];
    const removed: Resource[] = [];
    for (const [id, before] of this.#resources) {
      const after = nodes.get(id)?.resource;
      if (before === undefined) {
        if (after !== undefined) added.push(after);
      } else if (after === undefined) removed.push(before);
      else if (before !== after) updated.push({ from: before, to: after });
    }
    return { added, updated, removed };
  }

  #edgeDiff(): Diff<Edge> {
    const added: Edge[] = [];
    for (const link of this.#added) if (!link.dead) added.push(freeze(edgeOf(link)));
    const updated: Updated<Edge>[] = [];
    for (const [link, from] of this.#touched) {
      const to = edgeOf(link);
      if (!sameEvidence(from.detail, to.detail)) updated.push({ from, to });
    }
    return { added, updated, removed: [...this.#removed.values()].map(({ edge }) => edge) };
  }
}

function keyOf({ type, from, to }: Link): string {
  return edgeKey({ type, from: from.resource.id, to: to.resource.id });
}

/** A link as readers see it. Of several statements the first by field path is the evidence. */
export function edgeOf(link: Link): Edge {
  let first = link.support;
  let { optional } = first;
  for (const other of link.more ?? []) {
    if (before(other, first)) first = other;
    if (!other.optional) optional = false;
  }
  const evidence = evidenceOf(first, link.since);
  const detail = optional ? { ...evidence, optional } : evidence;
  return {
    type: link.type,
    from: link.from.resource.id,
    to: link.to.resource.id,
    detail: link.more === undefined ? detail : { ...detail, more: supports(link).length - 1 },
  };
}

/** Order of statements about one edge, the same in every process. */
export function before(a: Statement, b: Statement): boolean {
  if (a.field !== b.field) return a.field < b.field;
  if (a.rule.id !== b.rule.id) return a.rule.id < b.rule.id;
  return a.node.resource.id < b.node.resource.id;
}

export function evidenceOf({ rule, field, value, attributes }: Statement, since: Time | undefined): Evidence {
  const confidence = rule.certainty ?? confidenceValue[rule.confidence];
  const evidence: Evidence = { rule: rule.id, field, class: rule.confidence, confidence };
  if (value === undefined && rule.via === undefined && attributes === undefined) {
    return since === undefined ? evidence : { rule: rule.id, field, class: rule.confidence, confidence, since };
  }
  return {
    ...evidence,
    ...(value !== undefined && { value }),
    ...(rule.via && { via: rule.via }),
    ...(attributes && { attributes }),
    ...(since !== undefined && { since }),
  };
}

function sameEvidence(a: Evidence, b: Evidence): boolean {
  return (
    a.rule === b.rule &&
    a.field === b.field &&
    a.value === b.value &&
    a.more === b.more &&
    a.optional === b.optional &&
    JSON.stringify(a.attributes) === JSON.stringify(b.attributes)
  );
}

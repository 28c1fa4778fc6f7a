/** The live View: reads the graph's records and makes frozen values of them. Holds no state of its own. */

import type { Dangling, DanglingReason, Edge } from '../model/edge.ts';
import { type EdgeType, edgeInfo } from '../model/edges.ts';
import { freeze } from '../model/freeze.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Gap, ResourceFilter, ResourceName, ScopeCoverage, View } from '../model/view.ts';
import type { CoverageLedger } from './coverage.ts';
import { objection } from './guards.ts';
import { matching, selectsNode } from './linker.ts';
import type { Population } from './population.ts';
import type { Link, Node, Statement } from './records.ts';
import { before, edgeOf, evidenceOf, type Store } from './store.ts';

export class LiveView implements View {
  readonly #store: Store;
  readonly #coverage: CoverageLedger;
  readonly #position: () => Pick<View, 'revision' | 'at'>;

  constructor(store: Store, coverage: CoverageLedger, position: () => Pick<View, 'revision' | 'at'>) {
    this.#store = store;
    this.#coverage = coverage;
    this.#position = position;
  }

  get revision(): number {
    return this.#position().revision;
  }

  get at(): View['at'] {
    return this.#position().at;
  }

  get clusters(): readonly string[] {
    const names = new Set(this.#store.clusters.keys());
    for (const { cluster } of this.#coverage.scopes()) names.add(cluster);
    return [...names].sort();
  }

  get resourceCount(): number {
    return this.#store.nodes.size;
  }

  get edgeCount(): number {
    return this.#store.edgeCount;
  }

  get(id: ResourceId): Resource | undefined {
    return this.#store.nodes.get(id)?.resource;
  }

  byName({ cluster, group, kind, namespace, name }: ResourceName): Resource | undefined {
    const known = this.#store.clusters.get(cluster);
    if (known === undefined) return undefined;
    for (const population of known.populations()) {
      if (population.kind !== kind || population.group !== group) continue;
      const found = population.peek(namespace, name)?.node;
      if (found) return found.resource;
    }
    return undefined;
  }

  *resources(filter: ResourceFilter = {}): Iterable<Resource> {
    for (const population of this.#populations(filter)) {
      for (const { resource } of population.nodes(filter.namespace)) yield resource;
    }
  }

  *#populations({ cluster, group, kind }: ResourceFilter): Iterable<Population> {
    for (const each of this.#store.clusters.values()) {
      if (cluster !== undefined && each.name !== cluster) continue;
      for (const population of each.populations()) {
        if (kind !== undefined && population.kind !== kind) continue;
        if (group !== undefined && population.group !== group) continue;
        yield population;
      }
    }
  }

  *edges(): Iterable<Edge> {
    for (const node of this.#store.nodes.values()) yield* this.#out(node, undefined);
  }

  *out(id: ResourceId, type?: EdgeType): Iterable<Edge> {
    const node = this.#store.nodes.get(id);
    if (node) yield* this.#out(node, type);
  }

  *#out(node: Node, type: EdgeType | undefined): Iterable<Edge> {
    for (let link = node.firstOut; link; ) {
      const next: Link | undefined = link.nextOut;
      if (type === undefined || link.type === type) yield freeze(edgeOf(link));
      link = next;
    }
    if (type === undefined || edgeInfo(type).computed) yield* this.#computed(node, type);
  }

  /** n × m statements of this node, evaluated now. */
  *#computed(node: Node, type: EdgeType | undefined): Iterable<Edge> {
    const best = new Map<string, { statement: Statement; target: Node; count: number }>();
    for (const statement of node.statements) {
      const { edge } = statement.rule;
      if (statement.address !== undefined || (type !== undefined && edge !== type) || !edgeInfo(edge).computed)
        continue;
      for (const target of matching(this.#store, statement)) collect(best, statement, target);
    }
    for (const { statement, target, count } of best.values()) yield computedEdge(statement, node, target, count);
  }

  *in(id: ResourceId, type?: EdgeType): Iterable<Edge> {
    const node = this.#store.nodes.get(id);
    if (node === undefined) return;
    for (let link = node.firstIn; link; ) {
      const next: Link | undefined = link.nextIn;
      if (type === undefined || link.type === type) yield freeze(edgeOf(link));
      link = next;
    }
    if (type === undefined || edgeInfo(type).computed) yield* this.#computedIn(node, type);
  }

  *#computedIn(node: Node, type: EdgeType | undefined): Iterable<Edge> {
    const { cluster, group, kind, pseudo } = node.resource;
    const population = this.#store.cluster(cluster).population(group, kind, pseudo);
    const best = new Map<string, { statement: Statement; target: Node; count: number }>();
    for (const statement of population.candidates(node)) {
      const { edge } = statement.rule;
      if ((type !== undefined && edge !== type) || !edgeInfo(edge).computed) continue;
      if (selectsNode(this.#store, statement, node)) collect(best, statement, statement.node);
    }
    for (const { statement, count } of best.values()) yield computedEdge(statement, statement.node, node, count);
  }

  *stored(id: ResourceId, direction: 'out' | 'in'): Iterable<Edge> {
    const node = this.#store.nodes.get(id);
    for (let link = direction === 'out' ? node?.firstOut : node?.firstIn; link; ) {
      const next: Link | undefined = direction === 'out' ? link.nextOut : link.nextIn;
      yield freeze(edgeOf(link));
      link = next;
    }
  }

  degree(id: ResourceId): { readonly out: number; readonly in: number } {
    const node = this.#store.nodes.get(id);
    return { out: node?.outCount ?? 0, in: node?.inCount ?? 0 };
  }

  *dangling(id?: ResourceId): Iterable<Dangling> {
    const statements = id === undefined ? this.#store.unresolved : (this.#store.nodes.get(id)?.statements ?? []);
    for (const statement of statements) {
      if (id !== undefined && !this.#store.unresolved.has(statement)) continue;
      const dangling = this.#danglingOf(statement);
      if (dangling) yield freeze(dangling);
    }
  }

  #danglingOf(statement: Statement): Dangling | undefined {
    const { node, rule, optional } = statement;
    const wanted = wantedBy(statement);
    const reason = wanted && this.#reasonFor(statement, wanted);
    if (reason === undefined || wanted === undefined) return undefined;
    if (reason === 'missing') {
      if (optional || !this.#coverage.knows(node.resource.cluster, wanted.group, wanted.kind, wanted.namespace))
        return undefined;
    }
    return {
      type: rule.edge,
      from: node.resource.id,
      target: wanted,
      detail: { ...evidenceOf(statement, undefined), reason, optional },
    };
  }

  #reasonFor(statement: Statement, { group, kind, namespace, name }: Dangling['target']): DanglingReason | undefined {
    const found = statement.address?.node;
    if (found) return objection(this.#store, statement, found);
    if (statement.target?.by !== 'id') return 'missing';
    const { cluster } = statement.node.resource;
    return this.#store.cluster(cluster).population(group, kind).peek(namespace, name)?.node ? 'stale' : 'missing';
  }

  coverage(): readonly ScopeCoverage[] {
    return this.#coverage.scopes();
  }

  gaps(): readonly Gap[] {
    return this.#coverage.gaps();
  }
}

/** What a statement looks for; several may look for one id and call it by different names. */
function wantedBy({ address, target }: Statement): Dangling['target'] | undefined {
  if (target?.by === 'id' || target?.by === 'name') {
    const { group, kind, namespace, name, uid } = target;
    return { group, kind, namespace, name, ...(uid !== undefined && { uid }) };
  }
  if (address === undefined) return undefined;
  const { population, namespace, name } = address;
  return { group: population.group, kind: population.kind, namespace, name };
}

/** Keeps, for each other end and type, the first statement by field path, as for stored edges. */
function collect(
  best: Map<string, { statement: Statement; target: Node; count: number }>,
  statement: Statement,
  target: Node,
): void {
  const key = `${statement.rule.edge}|${target.resource.id}`;
  const known = best.get(key);
  if (known === undefined) best.set(key, { statement, target, count: 1 });
  else if (known.statement !== statement)
    best.set(key, {
      statement: before(statement, known.statement) ? statement : known.statement,
      target,
      count: known.count + 1,
    });
}

function computedEdge(statement: Statement, from: Node, to: Node, count: number): Edge {
  const detail = evidenceOf(statement, undefined);
  return freeze({
    type: statement.rule.edge,
    from: from.resource.id,
    to: to.resource.id,
    detail: count === 1 ? detail : { ...detail, more: count - 1 },
  });
}

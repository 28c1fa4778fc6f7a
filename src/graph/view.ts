/** The live View: reads the graph's records and makes frozen values of them. Holds no state of its own. */

import type { Dangling, DanglingReason, Edge } from '../model/edge.ts';
import { type EdgeType, edgeInfo } from '../model/edges.ts';
import { freeze } from '../model/freeze.ts';
import type { GroupKind } from '../model/groups.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { EdgeVisitor, Gap, ResourceFilter, ResourceName, ScopeCoverage, View } from '../model/view.ts';
import type { CoverageLedger } from './coverage.ts';
import { objection } from './guards.ts';
import { type Node, UidAddress } from './node.ts';
import type { Population } from './population.ts';
import { statementsAbout, targetsOf } from './selection.ts';
import { before, edgeOf, evidenceOf, type Store } from './store.ts';

type Direction = 'out' | 'in';

/** An edge that is answered, not stored: the statement that stands for all, how many there are, and whether all are optional. */
interface Computed {
  statement: number;
  readonly other: Node;
  count: number;
  optional: boolean;
}

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
    return this.#store.links.count;
  }

  get(id: ResourceId): Resource | undefined {
    return this.#store.nodes.get(id)?.resource;
  }

  byName(name: ResourceName): Resource | undefined {
    const bearer = this.#store.bearer(name) ?? (name.group === '' ? this.#store.bearer(name, true) : undefined);
    return bearer?.resource;
  }

  *resources(filter: ResourceFilter = {}): Iterable<Resource> {
    for (const population of this.#populations(filter)) {
      for (const { resource } of population.nodes(filter.namespace)) yield resource;
    }
  }

  *kinds(): Iterable<GroupKind> {
    for (const population of this.#populations({})) if (population.size > 0) yield population;
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
    for (const node of this.#store.nodes.values()) yield* this.#edges(node, 'out', undefined);
  }

  *out(id: ResourceId, type?: EdgeType): Iterable<Edge> {
    const node = this.#store.nodes.get(id);
    if (node) yield* this.#edges(node, 'out', type);
  }

  *in(id: ResourceId, type?: EdgeType): Iterable<Edge> {
    const node = this.#store.nodes.get(id);
    if (node) yield* this.#edges(node, 'in', type);
  }

  *#edges(node: Node, direction: Direction, type: EdgeType | undefined): Iterable<Edge> {
    if (type === undefined || !edgeInfo(type).computed) yield* this.#stored(node, direction, type);
    if (type === undefined || edgeInfo(type).computed) yield* this.#computed(node, direction, type);
  }

  *stored(id: ResourceId, direction: Direction): Iterable<Edge> {
    const node = this.#store.nodes.get(id);
    if (node) yield* this.#stored(node, direction, undefined);
  }

  *#stored(node: Node, direction: Direction, type: EdgeType | undefined): Iterable<Edge> {
    const { links } = this.#store;
    for (let link = direction === 'out' ? node.firstOut : node.firstIn; link !== 0; ) {
      const next = direction === 'out' ? links.nextOut(link) : links.nextIn(link);
      if (type === undefined || links.type(link) === type) yield freeze(edgeOf(this.#store, link));
      link = next;
    }
  }

  scan(id: ResourceId, direction: Direction, visit: EdgeVisitor, wants?: (type: EdgeType) => boolean): void {
    const node = this.#store.nodes.get(id);
    if (node === undefined) return;
    const { links, statements } = this.#store;
    const out = direction === 'out';
    let link = out ? node.firstOut : node.firstIn;
    const isOptional = (statement: number): boolean => statements.optional(statement);
    const optional = (): boolean => links.isSupportedOnly(link, isOptional);
    for (; link !== 0; link = out ? links.nextOut(link) : links.nextIn(link)) {
      const type = links.type(link);
      if (wants && !wants(type)) continue;
      if (visit(type, (out ? links.to(link) : links.from(link)).resource, optional) === false) return;
    }
  }

  edge(type: EdgeType, from: ResourceId, to: ResourceId): Edge | undefined {
    const start = this.#store.nodes.get(from);
    const end = this.#store.nodes.get(to);
    const link = start && end ? this.#store.links.between(type, start, end) : 0;
    return link === 0 ? undefined : freeze(edgeOf(this.#store, link));
  }

  /** n × m statements, evaluated now. Of several about one edge the first by field path is the evidence, as for stored edges. */
  *#computed(node: Node, direction: Direction, type: EdgeType | undefined): Iterable<Edge> {
    const { statements } = this.#store;
    const found = new Map<string, Computed>();
    for (const [statement, other] of this.#pairs(node, direction, type)) {
      const key = `${statements.rule(statement).edge}|${other.resource.id}`;
      const known = found.get(key);
      const optional = statements.optional(statement);
      if (known === undefined) found.set(key, { statement, other, count: 1, optional });
      else {
        known.count++;
        known.optional &&= optional;
        if (before(this.#store, statement, known.statement)) known.statement = statement;
      }
    }
    for (const each of found.values()) yield this.#computedEdge(node, direction, each);
  }

  /** Computed statements that join a node to another in a direction: its own, and those of others about it. */
  *#pairs(node: Node, direction: Direction, type: EdgeType | undefined): Iterable<[number, Node]> {
    const { statements } = this.#store;
    const wanted = (statement: number, leavesDeclarer: boolean): boolean => {
      if (!statements.computed(statement)) return false;
      const { edge, reverse = false } = statements.rule(statement);
      return reverse !== leavesDeclarer && (type === undefined || edge === type);
    };
    for (const statement of statements.of(node)) {
      if (!wanted(statement, direction === 'out')) continue;
      for (const target of targetsOf(this.#store, statement)) yield [statement, target];
    }
    if (direction === 'out' && !statements.computesReversed) return;
    for (const statement of statementsAbout(this.#store, node, (each) => wanted(each, direction === 'in')))
      yield [statement, statements.node(statement)];
  }

  #computedEdge(node: Node, direction: Direction, { statement, other, count, optional }: Computed): Edge {
    const evidence = evidenceOf(this.#store, statement, undefined);
    const detail = optional ? { ...evidence, optional } : evidence;
    const [from, to] = direction === 'out' ? [node, other] : [other, node];
    return freeze({
      type: this.#store.statements.rule(statement).edge,
      from: from.resource.id,
      to: to.resource.id,
      detail: count === 1 ? detail : { ...detail, more: count - 1 },
    });
  }

  degree(id: ResourceId): { readonly out: number; readonly in: number } {
    const node = this.#store.nodes.get(id);
    return { out: node?.outCount ?? 0, in: node?.inCount ?? 0 };
  }

  *dangling(id?: ResourceId): Iterable<Dangling> {
    const { unresolved, statements, nodes } = this.#store;
    const node = id === undefined ? undefined : nodes.get(id);
    if (id !== undefined && node === undefined) return;
    for (const statement of node ? statements.of(node) : unresolved) {
      const dangling = unresolved.has(statement) ? this.#danglingOf(statement) : undefined;
      if (dangling) yield freeze(dangling);
    }
  }

  #danglingOf(statement: number): Dangling | undefined {
    const { statements } = this.#store;
    const wanted = this.#wantedBy(statement);
    const reason = this.#reasonFor(statement);
    if (reason === undefined || wanted === undefined) return undefined;
    const { resource } = statements.node(statement);
    const optional = statements.optional(statement);
    if (reason === 'missing') {
      if (optional || !this.#coverage.knows(resource.cluster, wanted.group, wanted.kind, wanted.namespace))
        return undefined;
    }
    const detail = { ...evidenceOf(this.#store, statement, undefined), reason, optional };
    return { type: statements.rule(statement).edge, from: resource.id, target: wanted, detail };
  }

  #reasonFor(statement: number): DanglingReason | undefined {
    const { statements } = this.#store;
    const address = statements.address(statement);
    if (address?.node) return objection(this.#store, statement, address.node);
    return address instanceof UidAddress && address.named.node ? 'stale' : 'missing';
  }

  /** What a statement looks for; several may look for one id and call it by different names. */
  #wantedBy(statement: number): Dangling['target'] | undefined {
    const { statements } = this.#store;
    const target = statements.target(statement);
    if (target?.by === 'id' || target?.by === 'name') {
      const { group, kind, namespace, name, uid } = target;
      return { group, kind, namespace, name, ...(uid !== undefined && { uid }) };
    }
    const address = statements.address(statement);
    if (address === undefined) return undefined;
    const { population, namespace, name } = address;
    return { group: population.group, kind: population.kind, namespace, name };
  }

  coverage(): readonly ScopeCoverage[] {
    return this.#coverage.scopes();
  }

  gaps(): readonly Gap[] {
    return this.#coverage.gaps();
  }
}

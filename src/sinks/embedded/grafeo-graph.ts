/**
 * The graph inside Grafeo (its own history off): takes rows over and answers Cypher.
 * Invariants: every write is idempotent, since it sets a state instead of changing one; a query sees the graph between two writes,
 * since it runs in a transaction of its own on a snapshot; nothing a query writes stays.
 */
import grafeo, { type GrafeoDB, type QueryResult } from '@grafeo-db/js';
import {
  type EdgeRow,
  LACKS,
  type LackRow,
  type NodeRow,
  type OutRow,
  type Properties,
  RESOURCE,
} from '../cypher/rows.ts';
import type { EdgeName, OutRows, WritePart } from './protocol.ts';

/** A node of the store, and the generation of the replacement that last named it. */
interface Known {
  readonly node: number;
  generation: number;
}

/** Properties that queries look things up by. */
const INDEXED = ['id', 'uid', 'name'] as const;

export class GrafeoGraph {
  readonly #db = grafeo.GrafeoDB.create();
  readonly #known = new Map<string, Known>();
  readonly #missing = new Map<string, number>();
  /** Edges LACKS by key. */
  readonly #lacks = new Map<string, number>();
  #generation = 0;
  /** Nodes made by the message being handled: they have no edges yet, so none need be looked for. */
  #fresh = new Set<number>();

  /** Call once, before anything else: makes the indexes. */
  async index(): Promise<void> {
    for (const property of INDEXED) {
      await this.#db.executeCypher(`CREATE INDEX ${RESOURCE}_${property} FOR (n:${RESOURCE}) ON (n.${property})`);
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Broken references are forgotten, so that only edges of the graph remain; whoever replaces says them anew. */
  begin(generation: number): void {
    this.#generation = generation;
    this.#fresh = new Set();
    for (const key of [...this.#lacks.keys()]) this.#mend(key);
  }

  /** Everything the replacement did not name goes, with its edges. */
  sweep(): void {
    for (const [id, { generation }] of this.#known) if (generation !== this.#generation) this.#removeNode(id);
    this.#fresh = new Set();
  }

  async nodes(rows: readonly NodeRow[]): Promise<void> {
    const made = new Map<string, NodeRow[]>();
    for (const row of rows) {
      const known = this.#known.get(row.properties.id);
      if (known) {
        known.generation = this.#generation;
        this.#setNode(known.node, row.properties);
      } else {
        const labels = row.labels.join('\n');
        const group = made.get(labels);
        if (group) group.push(row);
        else made.set(labels, [row]);
      }
    }
    for (const group of made.values()) await this.#createNodes(group);
  }

  async #createNodes(rows: readonly NodeRow[]): Promise<void> {
    const nodes = await this.#db.batchCreateNodesWithProps(
      [...(rows[0]?.labels ?? [])],
      rows.map(({ properties }) => properties),
    );
    for (const [index, { properties }] of rows.entries()) {
      const node = nodes[index];
      if (node === undefined) continue;
      this.#known.set(properties.id, { node, generation: this.#generation });
      this.#fresh.add(node);
    }
  }

  #setNode(node: number, properties: Properties): void {
    const before = this.#db.getNode(node)?.properties() ?? {};
    for (const [key, value] of changes(before, properties)) {
      if (value === undefined) this.#db.removeNodeProperty(node, key);
      else this.#db.setNodeProperty(node, key, value);
    }
  }

  /** Makes the out-edges of each resource exactly those named. Ends that are not in the store are left out. */
  async outs(rows: readonly OutRows[]): Promise<void> {
    const made: EdgeRow[] = [];
    for (const { from, edges } of rows) {
      const source = this.#known.get(from);
      if (source === undefined) continue;
      if (this.#fresh.has(source.node)) for (const edge of edges) made.push({ ...edge, from });
      else made.push(...this.#mergeOut(from, source.node, edges));
    }
    await this.#createEdges(made);
  }

  /** Updates and deletes what stands there, and returns what is to be made. */
  #mergeOut(from: string, source: number, edges: readonly OutRow[]): EdgeRow[] {
    const standing = new Map<string, number>();
    for (const [target, edge] of pairs(this.#db.getNodeEdges(source))) {
      standing.set(`${target}|${this.#db.getEdge(edge)?.edgeType}`, edge);
    }
    const made: EdgeRow[] = [];
    for (const row of edges) {
      const key = `${this.#known.get(row.to)?.node}|${row.type}`;
      const edge = standing.get(key);
      if (edge === undefined) made.push({ ...row, from });
      else this.#setEdge(edge, row.properties);
      standing.delete(key);
    }
    for (const edge of standing.values()) this.#db.deleteEdge(edge);
    return made;
  }

  #setEdge(edge: number, properties: Properties): void {
    const before = this.#db.getEdge(edge)?.properties() ?? {};
    for (const [key, value] of changes(before, properties)) {
      if (value === undefined) this.#db.removeEdgeProperty(edge, key);
      else this.#db.setEdgeProperty(edge, key, value);
    }
  }

  async #createEdges(rows: readonly EdgeRow[]): Promise<void> {
    const made = [];
    for (const { type, from, to, properties } of rows) {
      const [src, dst] = [this.#known.get(from)?.node, this.#known.get(to)?.node];
      if (src !== undefined && dst !== undefined) made.push({ src, dst, type, properties });
    }
    if (made.length > 0) await this.#db.batchCreateEdges(made);
  }

  /** One part of what a diff does. */
  async write({ gone, nodes, cut, edges, mended }: WritePart): Promise<void> {
    for (const key of mended) this.#mend(key);
    const lookup = new EdgeLookup(this.#db, this.#known);
    for (const name of cut) {
      const edge = lookup.find(name);
      if (edge !== undefined) this.#db.deleteEdge(edge);
    }
    for (const id of gone) this.#removeNode(id);
    await this.nodes(nodes);
    await this.#putEdges(edges);
  }

  /** Call when a write is complete: from now on its nodes may have edges. */
  written(): void {
    this.#fresh = new Set();
  }

  async #putEdges(rows: readonly EdgeRow[]): Promise<void> {
    const lookup = new EdgeLookup(this.#db, this.#known);
    const made: EdgeRow[] = [];
    for (const row of rows) {
      const isNew = this.#isFresh(row.from) || this.#isFresh(row.to);
      const edge = isNew ? undefined : lookup.find(row);
      if (edge === undefined) made.push(row);
      else this.#setEdge(edge, row.properties);
    }
    await this.#createEdges(made);
  }

  #isFresh(id: string): boolean {
    const node = this.#known.get(id)?.node;
    return node !== undefined && this.#fresh.has(node);
  }

  #removeNode(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    this.#db.detachDeleteNode(known.node);
    this.#known.delete(id);
  }

  /** Returns the keys of those whose resource is not in the store. */
  async lacks(came: readonly LackRow[], went: readonly string[]): Promise<string[]> {
    for (const key of went) this.#mend(key);
    const unplaced: string[] = [];
    for (const { key, from, missing, properties } of came) {
      const source = this.#known.get(from);
      if (source === undefined) unplaced.push(key);
      else if (!this.#lacks.has(key)) {
        this.#lacks.set(key, this.#db.createEdge(source.node, this.#missingNode(missing), LACKS, properties).id);
      }
    }
    return unplaced;
  }

  #missingNode({ labels, properties }: NodeRow): number {
    let node = this.#missing.get(properties.id);
    if (node === undefined) {
      node = this.#db.createNode([...labels], properties).id;
      this.#missing.set(properties.id, node);
    }
    return node;
  }

  /** A Missing node goes with the last that lacks it. */
  #mend(key: string): void {
    const edge = this.#lacks.get(key);
    this.#lacks.delete(key);
    const found = edge === undefined ? null : this.#db.getEdge(edge);
    if (found === null) return;
    const { targetId } = found;
    this.#db.deleteEdge(found.id);
    if (this.#db.getNodeEdges(targetId, { direction: 'in' }).length > 0) return;
    this.#missing.delete(String(this.#db.getNode(targetId)?.get('id')));
    this.#db.deleteNode(targetId);
  }

  /** Runs on a snapshot taken now; whatever it writes is taken back. Rejects with Grafeo's own error. */
  async query(text: string, params: Readonly<Record<string, unknown>>): Promise<QueryResult> {
    const transaction = this.#db.beginTransaction();
    try {
      return await transaction.executeCypher(text, params);
    } finally {
      if (transaction.isActive) transaction.rollback();
    }
  }

  /** `id` of the resource or missing thing that a node of the store is. */
  idOf(node: number): string {
    return String(this.#db.getNode(node)?.get('id') ?? node);
  }
}

/** Finds edges by type and ends; the edges of one type that leave a node are read once. */
class EdgeLookup {
  readonly #db: GrafeoDB;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #read = new Map<string, Map<number, number>>();

  constructor(db: GrafeoDB, known: ReadonlyMap<string, Known>) {
    this.#db = db;
    this.#known = known;
  }

  find({ type, from, to }: EdgeName): number | undefined {
    const [source, target] = [this.#known.get(from)?.node, this.#known.get(to)?.node];
    if (source === undefined || target === undefined) return undefined;
    const key = `${source}|${type}`;
    let edges = this.#read.get(key);
    if (edges === undefined) {
      edges = new Map(pairs(this.#db.getNodeEdges(source, { edgeTypes: [type] })));
      this.#read.set(key, edges);
    }
    return edges.get(target);
  }
}

/** Grafeo lists edges as `[neighbour, edge]`. */
function pairs(list: readonly number[][]): [number, number][] {
  return list as [number, number][];
}

/** What to set, and with `undefined` what to remove, so that `before` becomes `after`. */
function* changes(before: object, after: Properties): Iterable<[string, Properties[string] | undefined]> {
  const known = new Map<string, unknown>(Object.entries(before));
  for (const [key, value] of Object.entries(after)) {
    const shown = typeof value === 'object' ? value.$zoned_datetime : value;
    if (!known.has(key) || known.get(key) !== shown) yield [key, value];
    known.delete(key);
  }
  for (const key of known.keys()) yield [key, undefined];
}

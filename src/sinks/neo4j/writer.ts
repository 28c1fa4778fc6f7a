/**
 * Resources, edges and broken references → rows of statements. Made for one replacement or one diff.
 * Invariant: nodes are written before the edges that need them, and edges cut before the nodes that they held.
 */
import { int } from 'neo4j-driver';
import { slices } from '../../lib/slices.ts';
import type { Edge } from '../../model/edge.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import { type NodeRow, nodeRow, outRow } from '../cypher/rows.ts';
import { Batches } from './batches.ts';
import type { Connection } from './connection.ts';
import { FINGERPRINT, Fingerprints, hash } from './fingerprint.ts';
import { tokenName } from './names.ts';
import * as statements from './statements.ts';
import { type Values, valuesFrom } from './values.ts';

export type EdgeName = Pick<Edge, 'type' | 'from' | 'to'>;

/** A broken reference in the store. */
export interface StoredLack {
  readonly from: ResourceId;
  /** Short for all that is said of it. */
  readonly lack: string;
}

export interface WriterOptions {
  /** Rows of a transaction. */
  readonly batchSize: number;
  /** When what ends has ended, as the driver takes it; without it, what ends is deleted. */
  readonly endedAt?: unknown;
}

/** Nodes that are cleared of their relationships at once. */
const CLEARED = 500;
/** Characters of an indexed value; an index takes 8 kB for all values of a node. */
const INDEXED_MAX = 2_000;

export class Writer {
  readonly #connection: Connection;
  readonly #batches: Batches;
  readonly #fingerprints = new Fingerprints();
  readonly #batchSize: number;
  readonly #endedAt: unknown;

  constructor(connection: Connection, { batchSize, endedAt }: WriterOptions) {
    this.#connection = connection;
    this.#batches = new Batches(connection, batchSize);
    this.#batchSize = batchSize;
    this.#endedAt = endedAt;
  }

  /** Only what `isIndexable`. */
  async putNode(resource: Resource): Promise<void> {
    const fingerprint = this.#fingerprints.node(resource);
    await this.#batches.add(statements.putNode, nodeValues(nodeRow(resource), fingerprint));
  }

  /** A node that stands for what is missing; only what `isIndexable`. */
  async putMissing(row: NodeRow): Promise<void> {
    await this.#batches.add(statements.putMissing, nodeValues(row, hash(row.properties.id)));
  }

  async putEdge(edge: Edge): Promise<void> {
    await this.#batches.add(statements.putEdge, this.#edgeValues(edge));
  }

  /** For what is known not to be there. */
  async createEdge(edge: Edge): Promise<void> {
    await this.#batches.add(statements.createEdge, this.#edgeValues(edge));
  }

  #edgeValues(edge: Edge): Values {
    const { type, to, properties } = outRow(edge);
    const fingerprint = int(this.#fingerprints.edge(edge));
    return {
      type: tokenName(type),
      from: edge.from,
      to,
      properties: { ...valuesFrom(properties), [FINGERPRINT]: fingerprint },
    };
  }

  async endEdge({ type, from, to }: EdgeName): Promise<void> {
    const at = this.#endedAt;
    if (at === undefined) await this.#batches.add(statements.deleteEdge, { type, from, to });
    else await this.#batches.add(statements.endEdge, { type, from, to, at });
  }

  /** For nodes whose edges have been ended. */
  async endNode(id: ResourceId): Promise<void> {
    const at = this.#endedAt;
    if (at === undefined) await this.#batches.add(statements.deleteNode, { id });
    else await this.#batches.add(statements.endNode, { id, at });
  }

  /** Nodes with all their edges, however many those are. */
  async endNodes(ids: readonly ResourceId[]): Promise<void> {
    const at = this.#endedAt;
    const text = at === undefined ? statements.cutSome : statements.endSome;
    for (const slice of slices(ids, CLEARED)) {
      const params = { ids: slice, max: this.#batchSize, ...(at !== undefined && { at }) };
      for (let cut = Infinity; cut >= this.#batchSize; ) {
        const [[[count = 0] = []] = []] = await this.#connection.write([{ text, params }]);
        cut = Number(count);
      }
      for (const id of slice) await this.endNode(id);
    }
  }

  async deleteLack(lack: StoredLack): Promise<void> {
    await this.#batches.add(statements.deleteLack, lack);
  }

  /** Resolves when all is written. Rejects with what went wrong since the last time. */
  async flush(): Promise<void> {
    await this.#batches.flush();
  }
}

function nodeValues({ labels, properties }: NodeRow, fingerprint: number): Values {
  return { labels: labels.map(tokenName), properties: { ...valuesFrom(properties), [FINGERPRINT]: int(fingerprint) } };
}

/** Whether the indexes take it. */
export function isIndexable({ id, uid, name }: { readonly [key in 'id' | 'uid' | 'name']?: unknown }): boolean {
  return [id, uid, name].every((value) => typeof value !== 'string' || value.length <= INDEXED_MAX);
}

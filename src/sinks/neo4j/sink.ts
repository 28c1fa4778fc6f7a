/**
 * Neo4j as a Sink: the same nodes and relationships as the embedded store has (sinks/cypher/rows.ts), in a database that others may use as well.
 *
 * Invariant: a replacement compares fingerprints and writes the differences, so that it is exact and, where nothing changed, cheap; it reads
 * the view while that moves on, and is right once the first write has followed (as sinks/embedded/sink.ts). Only what carries our
 * fingerprint, and belongs to the clusters of the view, is ever changed.
 */

import { slices } from '../../lib/slices.ts';
import type { GraphDiff } from '../../model/diff.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { Sink } from '../../model/sink.ts';
import type { ScopeCoverage, View } from '../../model/view.ts';
import { differences, edgeDifferences } from './compare.ts';
import type { Connection } from './connection.ts';
import { Lacks } from './lacks.ts';
import { ensureSchema, schemaOf } from './schema.ts';
import { instantFrom } from './values.ts';
import { isIndexable, Writer } from './writer.ts';

export interface Neo4jSinkOptions {
  /** Kinds to make indexes for beforehand; others get theirs when they come. */
  readonly kinds: readonly { readonly kind: string }[];
  /** Clusters that the view knows in full: what it does not have of these is gone. By default all it ever had. */
  readonly clusters?: () => readonly string[];
  /** Keeps what ends, with `validFrom` and `validTo`. */
  readonly keepEnded?: boolean;
  /** Rows of a transaction; 2,000 by default. */
  readonly batchSize?: number;
}

export interface Neo4jSink extends Sink {
  /** How many resources could not be written since a name of theirs is longer than an index takes. */
  readonly skipped: number;
  /** Scopes of which the last replacement left what it did not find, since they were still being listed. */
  readonly unswept: readonly ScopeCoverage[];
}

const BATCH_SIZE = 2_000;
/** Resources whose edges are read at once. */
const RETIED = 1_000;

export function neo4jSink(connection: Connection, options: Neo4jSinkOptions): Neo4jSink {
  return new Mirror(connection, options);
}

class Mirror implements Neo4jSink {
  readonly name = 'neo4j';
  readonly #connection: Connection;
  readonly #options: Neo4jSinkOptions;
  readonly #lacks: Lacks;
  /** Every cluster that was ever in a view. */
  readonly #seen = new Set<string>();
  readonly #skipped = new Set<ResourceId>();
  /** Kinds that have their index. */
  readonly #indexed = new Set<string>();
  /** What the store was last made equal to; the time, and what is broken, are read from it. */
  #view: View | undefined;
  unswept: readonly ScopeCoverage[] = [];

  constructor(connection: Connection, options: Neo4jSinkOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#lacks = new Lacks(connection, options.batchSize ?? BATCH_SIZE);
  }

  get skipped(): number {
    return this.#skipped.size;
  }

  async replace(view: View, _generation: number): Promise<void> {
    this.#view = view;
    const clusters = this.#clusters();
    this.unswept = view.coverage().filter(({ coverage }) => coverage === 'loading');
    for (const id of this.#skipped) if (!view.get(id)) this.#skipped.delete(id);
    this.#indexed.clear();
    await this.#index([...this.#options.kinds, ...view.kinds()]);
    const { gone, came, changed, retied } = await differences(this.#connection, view, clusters, this.unswept);
    const writer = this.#writer();
    await writer.endNodes(gone);
    for (const id of [...came, ...changed]) {
      const resource = view.get(id);
      if (resource) await this.#putNode(writer, resource);
    }
    await writer.flush();
    for (const ids of slices(retied, RETIED)) await this.#retie(view, ids);
    for (const id of came) for (const edge of view.stored(id, 'out')) await writer.createEdge(edge);
    await writer.flush();
    await this.#lacks.replace(view, clusters);
  }

  async write(diff: GraphDiff): Promise<void> {
    const { resources, edges } = diff;
    await this.#index(resources.added);
    const writer = this.#writer();
    for (const lack of this.#lacks.forget(resources.removed)) await writer.deleteLack(lack);
    for (const edge of edges.removed) await writer.endEdge(edge);
    for (const { id } of resources.removed) {
      await writer.endNode(id);
      this.#skipped.delete(id);
    }
    for (const resource of resources.added) await this.#putNode(writer, resource);
    for (const { to } of resources.updated) await this.#putNode(writer, to);
    for (const edge of edges.added) await writer.putEdge(edge);
    for (const { to } of edges.updated) await writer.putEdge(to);
    await writer.flush();
    if (this.#view) await this.#lacks.reconcile(this.#view, this.#clusters(), diff);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #index(kinds: readonly { readonly kind: string }[]): Promise<void> {
    const fresh = kinds.filter(({ kind }) => !this.#indexed.has(kind));
    if (fresh.length === 0) return;
    await ensureSchema(this.#connection, schemaOf(fresh));
    for (const { kind } of fresh) this.#indexed.add(kind);
  }

  #clusters(): readonly string[] {
    if (this.#options.clusters) return this.#options.clusters();
    for (const cluster of this.#view?.clusters ?? []) this.#seen.add(cluster);
    return [...this.#seen];
  }

  #writer(): Writer {
    const { batchSize = BATCH_SIZE, keepEnded = false } = this.#options;
    const at = this.#view?.at;
    return new Writer(this.#connection, {
      batchSize,
      ...(keepEnded && at !== undefined && { endedAt: instantFrom(at) }),
    });
  }

  async #putNode(writer: Writer, resource: Resource): Promise<void> {
    if (isIndexable(resource)) await writer.putNode(resource);
    else this.#skipped.add(resource.id);
  }

  /** Makes the edges that leave these resources those of the view. */
  async #retie(view: View, ids: readonly ResourceId[]): Promise<void> {
    const { ended, put } = await edgeDifferences(this.#connection, view, ids);
    const writer = this.#writer();
    for (const edge of ended) await writer.endEdge(edge);
    await writer.flush();
    for (const edge of put) await writer.putEdge(edge);
    await writer.flush();
  }
}

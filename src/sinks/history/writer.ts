/**
 * Entries → tables. The one writer of a history: what a call of `write` took is there when it resolves, all of it, or nothing of it when it
 * rejects, and then it may be called again with the same. Where that cannot be known when it rejects, the next call finds out: what is there is
 * not written again.
 */
import type { Removed } from './clear.ts';
import type { Database, Row, Value } from './database.ts';
import type { Entry, Named } from './entries.ts';
import { type FrameMade, keepFrame } from './frames.ts';
import { lastMoment } from './moments.ts';
import type { Readable } from './readable.ts';
import { type Pruned, type PruneOptions, prune, type Retention } from './retention.ts';
import { NAMES, namedIn } from './rows.ts';
import { migrate } from './schema.ts';
import {
  endEdge,
  endResource,
  insertEdge,
  insertEdgeType,
  insertKind,
  insertMoment,
  insertObservation,
  insertResource,
  putDeadLetter,
} from './statements.ts';
import { VersionWriter } from './version-writer.ts';

/** Numbers that have been given away; put back when a transaction fails. */
interface Counters {
  moment: number;
  at: number;
  resource: number;
  observation: number;
}

/** What one call of `write` adds, table by table. */
interface Batch {
  readonly moments: Row[];
  readonly kinds: Row[];
  readonly resources: Value[][];
  readonly ended: Row[];
  readonly types: Row[];
  readonly edges: Row[];
  readonly endedEdges: Row[];
  readonly observations: Row[];
  /** Dead letters by id, the last of each; undefined: gone. */
  readonly letters: Map<string, string | undefined>;
  /** Texts by resource and moment, in order. */
  readonly texts: {
    readonly resource: number;
    readonly moment: number;
    readonly text: string;
    readonly of: Named;
    readonly kind: number;
  }[];
}

export class HistoryWriter {
  readonly #db: Database;
  readonly #versions: VersionWriter;
  /** Numbers of the resources that exist, by id. */
  readonly #present = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  readonly #types = new Map<string, number>();
  #counters: Counters = { moment: 0, at: 0, resource: 0, observation: 0 };
  /** What the last call failed to write, as far as it knows, and the moment it ends with. */
  #doubt: { readonly entries: readonly Entry[]; readonly moment: number; readonly at: number } | undefined;

  private constructor(db: Database) {
    this.#db = db;
    this.#versions = new VersionWriter(db);
  }

  /** Makes the tables, or brings them up to date, and reads where they end. Throws Problem `store-unreachable`. */
  static async open(db: Database): Promise<HistoryWriter> {
    await migrate(db);
    const writer = new HistoryWriter(db);
    await writer.#load();
    return writer;
  }

  /** The last moment, in microseconds since 1970; 0 in an empty history. */
  get at(): number {
    return this.#counters.at;
  }

  async #load(): Promise<void> {
    for (const known of [this.#present, this.#kinds, this.#types]) known.clear();
    const one = async (sql: string): Promise<number> => Number((await this.#db.rows(sql))[0]?.[0] ?? 0);
    const counters = {
      moment: await one('SELECT max(no) FROM moment'),
      at: await one('SELECT max(at) FROM moment'),
      resource: await one('SELECT max(no) FROM resource'),
      observation: await one('SELECT max(no) FROM observation'),
    };
    for (const [no, cluster, group, name, pseudo] of await this.#db.rows(
      'SELECT no, cluster, api_group, name, pseudo FROM kind',
    ))
      this.#kinds.set(kindText(String(cluster), String(group), String(name), pseudo === 1), Number(no));
    for (const [no, name] of await this.#db.rows('SELECT no, name FROM edge_type'))
      this.#types.set(String(name), Number(no));
    const present = `SELECT ${NAMES} FROM resource r JOIN kind k ON k.no = r.kind WHERE r.until IS NULL`;
    for await (const rows of this.#db.batches(present))
      for (const row of rows) this.#present.set(namedIn(row).id, Number(row[0]));
    await this.#versions.load();
    // Last, so that a load that failed is not taken for one that was done.
    this.#counters = counters;
  }

  async write(entries: readonly Entry[]): Promise<void> {
    if (this.#doubt && (await this.#isThere(entries))) return;
    const before = { ...this.#counters };
    const undo: (() => void)[] = [];
    const batch = this.#sorted(entries, undo);
    try {
      await this.#db.transaction(() => this.#put(batch));
      this.#versions.commit();
    } catch (error) {
      const { moment, at } = this.#counters;
      this.#doubt = { entries, moment, at };
      this.#counters = before;
      for (const each of undo.reverse()) each();
      this.#versions.rollback();
      throw error;
    }
  }

  /** Removes what is not kept any longer, in short transactions; between two of them `write` may be called. */
  async *prune(retention: Retention, options: Omit<PruneOptions, 'writer'>): AsyncGenerator<Removed, Pruned> {
    try {
      return yield* prune(this.#db, retention, { ...options, writer: this.#versions });
    } catch (error) {
      this.#doubtAll();
      throw error;
    }
  }

  /** Writes what people read in SQL, in short transactions; between two of them `write` may be called. */
  async *tell(readable: Readable, options: Parameters<Readable['round']>[0]): AsyncGenerator<void> {
    try {
      yield* readable.round(options);
    } catch (error) {
      this.#doubtAll();
      throw error;
    }
  }

  /** Keeps the linked graph of the last moment. */
  async keep(frame: FrameMade): Promise<void> {
    if (this.#doubt || this.#counters.moment === 0) return;
    try {
      await keepFrame(this.#db, this.#counters.moment, frame);
    } catch (error) {
      this.#doubtAll();
      throw error;
    }
  }

  /** Who else wrote while the store could not be reached, the next call of `write` finds out. */
  #doubtAll(): void {
    const { moment, at } = this.#counters;
    this.#doubt ??= { entries: [], moment, at };
  }

  /**
   * Whether what the last call rejected with is there all the same: a connection may be lost after the server has committed and before it could
   * say so. Whatever came since we knew, from us or from another writer, is read again.
   */
  async #isThere(entries: readonly Entry[]): Promise<boolean> {
    const { no: moment, at } = (await lastMoment(this.#db)) ?? { no: 0, at: 0 };
    const doubt = this.#doubt;
    if (moment !== this.#counters.moment || at !== this.#counters.at) await this.#load();
    this.#doubt = undefined;
    return doubt?.entries === entries && doubt.moment === moment && doubt.at === at;
  }

  async #put(batch: Batch): Promise<void> {
    const db = this.#db;
    await db.write(insertMoment, batch.moments);
    await db.write(insertKind, batch.kinds);
    await db.write(insertResource, batch.resources);
    await db.write(insertEdgeType, batch.types);
    await db.write(insertEdge, batch.edges);
    await db.write(endEdge, batch.endedEdges);
    await db.write(endResource, batch.ended);
    await db.write(insertObservation, batch.observations);
    await this.#putLetters([...batch.letters]);
    await this.#versions.write(batch.texts);
  }

  async #putLetters(letters: readonly (readonly [id: string, text: string | undefined])[]): Promise<void> {
    const gone = letters.flatMap(([id, text]) => (text === undefined ? [id] : []));
    if (gone.length > 0)
      await this.#db.rows(`DELETE FROM dead_letter WHERE id IN (${this.#db.list('$1', 'texts')})`, [gone]);
    const kept = letters.flatMap(([id, text]): Row[] => (text === undefined ? [] : [[id, text]]));
    if (kept.length > 0) await this.#db.write(putDeadLetter, kept);
  }

  #sorted(entries: readonly Entry[], undo: (() => void)[]): Batch {
    const batch: Batch = {
      moments: [],
      kinds: [],
      resources: [],
      ended: [],
      types: [],
      edges: [],
      endedEdges: [],
      observations: [],
      letters: new Map(),
      texts: [],
    };
    const counters = this.#counters;
    /** Rows of resources that are not in the table yet. */
    const fresh = new Map<number, Value[]>();
    for (const entry of entries) {
      switch (entry.type) {
        case 'moment':
          counters.at = Math.max(counters.at, entry.at);
          batch.moments.push([++counters.moment, counters.at]);
          break;
        case 'version':
        case 'begin': {
          const { of } = entry;
          const kind = this.#kindOf(of, batch, undo);
          const resource = this.#present.get(of.id) ?? this.#begin(of, kind, batch, fresh, undo);
          if (entry.type === 'version')
            batch.texts.push({ resource, moment: counters.moment, text: entry.text, of, kind });
          break;
        }
        case 'end': {
          const resource = this.#present.get(entry.id);
          if (resource === undefined) break;
          this.#present.delete(entry.id);
          undo.push(() => this.#present.set(entry.id, resource));
          const row = fresh.get(resource);
          if (row) row[row.length - 1] = counters.moment;
          else batch.ended.push([resource, counters.moment]);
          break;
        }
        case 'link':
        case 'unlink': {
          const source = this.#present.get(entry.from);
          const target = this.#present.get(entry.to);
          if (source === undefined || target === undefined) break;
          const row = [source, target, this.#typeOf(entry.edge, batch, undo), counters.moment];
          (entry.type === 'link' ? batch.edges : batch.endedEdges).push(row);
          break;
        }
        case 'observe':
          batch.observations.push([++counters.observation, counters.moment, entry.text]);
          break;
        case 'letter':
          batch.letters.set(entry.id, entry.text);
          break;
        default:
          entry satisfies never;
      }
    }
    return batch;
  }

  #begin(of: Named, kind: number, batch: Batch, fresh: Map<number, Value[]>, undo: (() => void)[]): number {
    const no = ++this.#counters.resource;
    const row = [no, kind, of.namespace, of.name, of.uid, this.#counters.moment, null];
    batch.resources.push(row);
    fresh.set(no, row);
    this.#present.set(of.id, no);
    undo.push(() => this.#present.delete(of.id));
    return no;
  }

  #kindOf({ cluster, group, kind, pseudo }: Named, batch: Batch, undo: (() => void)[]): number {
    const key = kindText(cluster, group, kind, pseudo);
    return numberIn(this.#kinds, key, undo, (no) => batch.kinds.push([no, cluster, group, kind, pseudo ? 1 : 0]));
  }

  #typeOf(name: string, batch: Batch, undo: (() => void)[]): number {
    return numberIn(this.#types, name, undo, (no) => batch.types.push([no, name]));
  }
}

/** The number of a key; a new one is told to `made`. */
function numberIn(numbers: Map<string, number>, key: string, undo: (() => void)[], made: (no: number) => void): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const no = numbers.size + 1;
  numbers.set(key, no);
  undo.push(() => numbers.delete(key));
  made(no);
  return no;
}

function kindText(cluster: string, group: string, kind: string, pseudo: boolean): string {
  return JSON.stringify([cluster, group, kind, pseudo]);
}

/**
 * Broken references in Neo4j: relationships LACKS to nodes Missing, as the embedded store has them.
 * Invariant: after `reconcile` they are those of the view, but for resources that the store does not hold yet; those follow the next time.
 */
import { slices } from '../../lib/slices.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { Lacking, type LackName } from '../cypher/lacking.ts';
import type { LackRow } from '../cypher/rows.ts';
import type { Connection } from './connection.ts';
import { hash } from './fingerprint.ts';
import { LACK, putLack, readLacks, sweepMissing } from './statements.ts';
import { valuesFrom } from './values.ts';
import { isIndexable, type StoredLack, Writer } from './writer.ts';

export class Lacks {
  readonly #connection: Connection;
  readonly #batchSize: number;
  readonly #told = new Lacking();
  /** There may be nodes Missing that nobody lacks any more. */
  #orphaned = false;
  /** Something was begun that did not end, so what was told may not be there. */
  #isUnsure = false;
  #isUnderWay = false;

  constructor(connection: Connection, batchSize: number) {
    this.#connection = connection;
    this.#batchSize = batchSize;
  }

  /** Begins a write in which these resources go: says what they lacked. `reconcile` ends it. */
  forget(resources: readonly Resource[]): readonly StoredLack[] {
    this.#begin();
    const names = this.#told.forget(resources);
    if (names.length > 0) this.#orphaned = true;
    return names.map(stored);
  }

  /** Looks into the store, whatever it was told before. */
  async replace(view: View, clusters: readonly string[]): Promise<void> {
    this.#begin();
    this.#told.clear();
    const there = new Set<string>();
    for await (const [from, lack] of this.#connection.read({ text: readLacks, params: { clusters } }))
      there.add(textOf({ from: String(from), lack: String(lack) }));
    this.#orphaned = true;
    await this.#compare(view, clusters, there);
    this.#isUnsure = false;
    this.#isUnderWay = false;
  }

  /** Looks into the store only if what was begun before has failed. */
  async reconcile(view: View, clusters: readonly string[]): Promise<void> {
    if (this.#isUnsure) return this.replace(view, clusters);
    await this.#compare(view, clusters, new Set());
    this.#isUnderWay = false;
  }

  #begin(): void {
    if (this.#isUnderWay) this.#isUnsure = true;
    this.#isUnderWay = true;
  }

  /** `there`: what the store has besides what it was told, as `textOf`. */
  async #compare(view: View, clusters: readonly string[], there: ReadonlySet<string>): Promise<void> {
    const { came, went, revision } = this.#told.compare(view);
    const stale = new Set(there);
    const news = came.filter(
      (row) =>
        !stale.delete(textOf(stored(row))) && isIndexable(row.missing.properties) && isIndexable({ id: row.from }),
    );
    const ended = [...went.map(stored), ...Array.from(stale, fromText)];
    if (news.length > 0 || ended.length > 0) {
      const writer = new Writer(this.#connection, { batchSize: this.#batchSize });
      for (const lack of ended) await writer.deleteLack(lack);
      for (const { missing } of news) await writer.putMissing(missing);
      await writer.flush();
      for (const slice of slices(news, this.#batchSize)) this.#told.unplaced(await this.#place(slice), revision);
    }
    if (ended.length === 0 && !this.#orphaned) return;
    await this.#connection.write([{ text: sweepMissing, params: { clusters } }]);
    this.#orphaned = false;
  }

  /** Returns the keys of those whose resource is not in the store. */
  async #place(slice: readonly LackRow[]): Promise<readonly string[]> {
    const rows = slice.map((row) => {
      const name = stored(row);
      return {
        ...name,
        to: row.missing.properties.id,
        properties: { ...valuesFrom(row.properties), [LACK]: name.lack },
      };
    });
    const [placed = []] = await this.#connection.write([{ text: putLack, params: { rows } }]);
    const known = new Set(placed.map(([from, lack]) => textOf({ from: String(from), lack: String(lack) })));
    return slice.filter((row) => !known.has(textOf(stored(row)))).map(({ key }) => key);
  }
}

function stored({ from, key }: LackName): StoredLack {
  return { from, lack: hash(key).toString(36) };
}

function textOf({ from, lack }: StoredLack): string {
  return `${lack} ${from}`;
}

function fromText(text: string): StoredLack {
  const space = text.indexOf(' ');
  return { from: text.slice(space + 1), lack: text.slice(0, space) };
}

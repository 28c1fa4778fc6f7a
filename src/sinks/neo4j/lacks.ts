/**
 * Broken references in Neo4j: relationships LACKS to nodes Missing, as the embedded store has them.
 *
 * Invariant: after `reconcile` they are those of the view, of the clusters that were compared, but for two things that follow later: what resources
 * lack that the store does not hold yet; and, where much is broken, a reference that is broken in another way now, which no diff tells. To find
 * that out, all are compared, and that costs time on the thread that everybody waits for: so the more there are, the less often.
 */
import { slices } from '../../lib/slices.ts';
import type { GraphDiff } from '../../model/diff.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { Lacking, type LackName } from '../cypher/lacking.ts';
import type { LackRow } from '../cypher/rows.ts';
import type { Connection } from './connection.ts';
import { hash } from './fingerprint.ts';
import { LACK, putLack, readLacks, sweepMissing } from './statements.ts';
import { valuesFrom } from './values.ts';
import { isIndexable, type StoredLack, Writer } from './writer.ts';

/** Resources that lack something and are compared with each write; so many times more, and it is done in as many writes. */
const COMPARED = 500;

export class Lacks {
  readonly #connection: Connection;
  readonly #batchSize: number;
  readonly #told = new Lacking();
  /** There may be nodes Missing that nobody lacks any more. */
  #orphaned = false;
  /** Something was begun that did not end, so what was told may not be there. */
  #isUnsure = false;
  #isUnderWay = false;
  /** Since all were compared: how many times some were, and how well everything was observed. */
  #partly = 0;
  #coverage = '';

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
    await this.#compare(view, clusters, undefined, there);
    this.#isUnsure = false;
    this.#isUnderWay = false;
  }

  /** After a diff was written. Looks into the store only if what was begun before has failed. */
  async reconcile(view: View, clusters: readonly string[], diff: GraphDiff): Promise<void> {
    if (this.#isUnsure) return this.replace(view, clusters);
    await this.#compare(view, clusters, this.#concerned(view, diff), new Set());
    this.#isUnderWay = false;
  }

  /** The resources to compare; undefined for all. Whether a missing thing is known to be missing depends on how well its kind is observed. */
  #concerned(view: View, diff: GraphDiff): ReadonlySet<ResourceId> | undefined {
    if (++this.#partly * COMPARED >= this.#told.size || coverageText(view) !== this.#coverage) return undefined;
    const { resources, edges } = diff;
    const now = [...resources.added, ...resources.updated.map(({ to }) => to)];
    const ends = [...edges.added, ...edges.updated.map(({ to }) => to), ...edges.removed];
    return new Set([...now.map(({ id }) => id), ...ends.flatMap(({ from, to }) => [from, to])]);
  }

  #begin(): void {
    if (this.#isUnderWay) this.#isUnsure = true;
    this.#isUnderWay = true;
  }

  /** `resources`: all when there are none. `there`: what the store has besides what it was told, as `textOf`. */
  async #compare(
    view: View,
    clusters: readonly string[],
    resources: ReadonlySet<ResourceId> | undefined,
    there: ReadonlySet<string>,
  ): Promise<void> {
    if (resources === undefined) {
      this.#partly = 0;
      this.#coverage = coverageText(view);
    }
    const { came, went } = this.#told.compare(view, { clusters, ...(resources && { resources }) });
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
      for (const slice of slices(news, this.#batchSize)) this.#told.unplaced(await this.#place(slice));
    }
    if (ended.length === 0 && !this.#orphaned) return;
    await this.#connection.write([{ text: sweepMissing, params: { clusters } }]);
    this.#orphaned = false;
  }

  /** Returns those whose resource is not in the store. */
  async #place(slice: readonly LackRow[]): Promise<readonly LackName[]> {
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
    return slice.filter((row) => !known.has(textOf(stored(row))));
  }
}

function coverageText(view: View): string {
  return view
    .coverage()
    .map(({ coverage }) => coverage)
    .join();
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

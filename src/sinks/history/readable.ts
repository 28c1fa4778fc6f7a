/**
 * Versions → what people read in SQL (`readable-views.ts`), a little at a time and after the versions themselves. Invariant: what it writes follows
 * from the versions, so that it may lag, be lost or be done again; where it ends stands in the same transaction (`readable`).
 *
 * Texts of what changed are kept for some hours, and those of whole objects for what is there, or went within that time. Both are bounded: what was
 * seen least recently goes first. Events are kept for as long as they are known.
 */
import type { KubeObject } from '../../model/change.ts';
import type { Database, Row } from './database.ts';
import { lastMoment, momentAt } from './moments.ts';
import { objectOf } from './noise.ts';
import { learnPlurals } from './plurals.ts';
import { type About, diffText, eventRow } from './readable-rows.ts';
import { FLOOR } from './schema.ts';
import { tellSnapshots } from './snapshots.ts';
import { insertEventObject, putChangeText, putEvent, putObjectText, setReadable } from './statements.ts';
import { type Answer, STORED_WIDTH, stored, Texts } from './texts.ts';
import { contentOf } from './version-writer.ts';

export interface ReadableOptions {
  /** Hours for which texts are kept; 0: none are made. Counted from the last moment, whatever the clock says. */
  readonly hours: number;
  /** Bytes that texts of changes and of objects may take together; 0: no limit. */
  readonly maxBytes: number;
}

export const standardReadable: ReadableOptions = { hours: 24, maxBytes: 500_000_000 };

/** A version, in the order in which they are read. */
interface Position {
  readonly moment: number;
  readonly resource: number;
}

/** Versions of one transaction. */
const PIECE = 500;
/** Rows that go in one transaction. */
const GONE = 5_000;
/** Longer objects are left out. */
const YAML_MAX = 256 * 1024;
const HOUR_US = 3_600_000_000;
/** How old the figures of the hour that goes on may become. */
const SNAPSHOT_US = 300_000_000;
/** How far beyond its limit a table may grow before it is shortened, and how far below it is brought. */
const SLACK = 0.05;

const VERSION = stored('v');
const BEFORE = stored('p');
/** Where their columns begin. */
const TEXT = 6;
const TEXT_BEFORE = TEXT + STORED_WIDTH;

export class Readable {
  readonly #db: Database;
  readonly #options: ReadableOptions;
  readonly #texts: Texts;
  /** Characters written to each table since it was last measured; undefined before that. */
  readonly #written = new Map<Bounded, number>();
  /** Objects of resources that ended up to here are gone. */
  #ended = 0;
  /** What an earlier process has read of definitions, it may not have learnt. */
  #isFirst = true;
  /** How far retention had come when what it left was removed. */
  #cleared = 0;

  constructor(db: Database, options: ReadableOptions) {
    this.#db = db;
    this.#options = options;
    this.#texts = new Texts(db);
  }

  /** Brings everything up to the last version that is there now. Yields after each of its transactions, which are short. `final`: nothing follows soon. */
  async *round({ final = false } = {}): AsyncGenerator<void> {
    const end = await lastMoment(this.#db);
    if (end === undefined) return;
    const { no: last, at } = end;
    const window = (await momentAt(this.#db, Math.floor(at - this.#options.hours * HOUR_US))) ?? 0;
    let definitions = this.#isFirst;
    for (;;) {
      const piece = await this.#piece(last, window);
      if (piece === undefined) break;
      definitions ||= piece.definitions;
      yield;
    }
    await learnPlurals(this.#db, definitions);
    this.#isFirst = false;
    yield* tellSnapshots(this.#db, end, final ? 1 : SNAPSHOT_US);
    yield* this.#forget(window);
  }

  /** Reads the next versions; undefined when there are none. Tells whether some of them define kinds. */
  async #piece(last: number, window: number): Promise<{ readonly definitions: boolean } | undefined> {
    const [at] = await this.#db.rows('SELECT moment, resource FROM readable');
    const from: Position = { moment: Number(at?.[0] ?? 0), resource: Number(at?.[1] ?? 0) };
    const keys = await this.#db.rows(
      `SELECT moment, resource FROM version WHERE (moment, resource) > ($1, $2) AND moment <= $3 ORDER BY moment, resource LIMIT ${PIECE}`,
      [from.moment, from.resource, last],
    );
    const end = keys.at(-1);
    if (end === undefined) return undefined;
    const found = await this.#versions(from, { moment: Number(end[0]), resource: Number(end[1]) }, window);
    const rows = rowsOf(found);
    await this.#db.transaction(async () => {
      await this.#db.write(putChangeText, rows.changes);
      await this.#db.write(putObjectText, rows.objects);
      await this.#db.write(insertEventObject, rows.abouts);
      await this.#db.write(putEvent, rows.events);
      await this.#db.write(setReadable, [end]);
    });
    this.#count('change_text', rows.changes);
    this.#count('object_text', rows.objects);
    return { definitions: found.some(({ kind }) => kind === 'CustomResourceDefinition') };
  }

  #count(table: Bounded, rows: readonly Row[]): void {
    const known = this.#written.get(table);
    const size = rows.reduce((sum, row) => sum + String(row[2]).length, 0);
    if (known !== undefined) this.#written.set(table, known + size);
  }

  /** The versions of a stretch that say something: the last of each resource, and each that changed something not long ago. */
  async #versions(from: Position, to: Position, window: number): Promise<readonly Told[]> {
    const isEvent = "(k.name = 'Event' AND k.api_group = '')";
    const isRecent = `v.moment > $5 AND v.moment > r.since AND NOT ${isEvent}`;
    const isLast = '(SELECT max(moment) FROM version WHERE resource = v.resource) = v.moment';
    const wanted =
      this.#options.hours > 0
        ? `(${isRecent} OR (${isLast} AND (r.until IS NULL OR r.until > $5 OR ${isEvent})))`
        : `${isEvent} AND $5 >= 0 AND ${isLast}`;
    const sql = `SELECT v.moment, v.resource, k.api_group, k.name, r.namespace, CASE WHEN ${isLast} THEN 1 ELSE 0 END, ${VERSION.columns}, ${BEFORE.columns}
      FROM version v JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind ${VERSION.join}
      LEFT JOIN version p ON p.resource = v.resource AND p.moment =
        CASE WHEN ${isRecent} THEN (SELECT max(moment) FROM version WHERE resource = v.resource AND moment < v.moment) END
      ${BEFORE.join}
      WHERE (v.moment, v.resource) > ($1, $2) AND (v.moment, v.resource) <= ($3, $4) AND k.pseudo = 0 AND ${wanted}
      ORDER BY v.moment, v.resource`;
    const values = [from.moment, from.resource, to.moment, to.resource, window];
    const answer = await this.#texts.of(() => this.#db.rows(sql, values), [TEXT, TEXT_BEFORE]);
    return answer.rows.flatMap((row) => told(row, answer) ?? []);
  }

  /** What is too old, or too much. */
  async *#forget(window: number): AsyncGenerator<void> {
    const changes = `SELECT moment, resource FROM change_text WHERE moment <= $1 LIMIT ${GONE}`;
    yield* this.#drain(`DELETE FROM change_text WHERE (moment, resource) IN (${changes}) RETURNING 0`, [window]);
    const ended = `SELECT t.resource FROM resource r JOIN object_text t ON t.resource = r.no WHERE r.until > $1 AND r.until <= $2 LIMIT ${GONE}`;
    yield* this.#drain(`DELETE FROM object_text WHERE resource IN (${ended}) RETURNING 0`, [this.#ended, window]);
    this.#ended = window;
    for (const table of ['change_text', 'object_text'] as const) yield* this.#shorten(table);
    yield* this.#forgotten();
  }

  /** What retention left of what is gone, when it has removed something since. */
  async *#forgotten(): AsyncGenerator<void> {
    const [row] = await this.#db.rows('SELECT coalesce(sum(cleared), 0) FROM kept');
    const cleared = Number(row?.[0]);
    if (cleared === this.#cleared) return;
    yield* this.#drain(`DELETE FROM snapshot WHERE moment < ${FLOOR} RETURNING 0`, []);
    const unused = `SELECT no FROM event_object o WHERE NOT EXISTS (SELECT 1 FROM event WHERE about = o.no) LIMIT ${GONE}`;
    yield* this.#drain(`DELETE FROM event_object WHERE no IN (${unused}) RETURNING 0`, []);
    this.#cleared = cleared;
  }

  /** Removes what was seen least recently while there is too much. */
  async *#shorten(table: Bounded): AsyncGenerator<void> {
    const max = this.#options.maxBytes / 2;
    const written = this.#written.get(table);
    if (max === 0 || (written !== undefined && written < max * SLACK)) return;
    this.#written.set(table, 0);
    const column = texts[table];
    for (;;) {
      const [row] = await this.#db.rows(`SELECT count(*), coalesce(sum(octet_length(${column})), 0) FROM ${table}`);
      const [count = 0, bytes = 0] = (row ?? []).map(Number);
      if (bytes <= max) return;
      const part = Math.min(1, 1 - max / bytes + SLACK);
      const [cut] = await this.#db.rows(`SELECT moment FROM ${table} ORDER BY moment LIMIT 1 OFFSET $1`, [
        Math.floor((count - 1) * part),
      ]);
      const key = table === 'change_text' ? '(moment, resource)' : 'resource';
      const some = `SELECT ${key.replaceAll(/[()]/g, '')} FROM ${table} WHERE moment <= $1 LIMIT ${GONE}`;
      yield* this.#drain(`DELETE FROM ${table} WHERE ${key} IN (${some}) RETURNING 0`, [Number(cut?.[0] ?? 0)]);
    }
  }

  /** Removes until nothing is left that fits. */
  async *#drain(sql: string, values: readonly number[]): AsyncGenerator<void> {
    for (let count = GONE; count === GONE; ) {
      count = (await this.#db.rows(sql, values)).length;
      if (count > 0) yield;
    }
  }
}

/** Tables that are bounded by bytes, and the column that takes them. */
const texts = { change_text: 'diff', object_text: 'yaml' } as const;
type Bounded = keyof typeof texts;

/** A version that is worth telling. */
interface Told {
  readonly moment: number;
  readonly resource: number;
  readonly kind: string;
  readonly namespace: string;
  readonly isEvent: boolean;
  /** No later one is there. */
  readonly isLast: boolean;
  readonly text: string;
  readonly before: string | undefined;
}

/** Undefined for a version that cannot be read: `doctor` finds it. */
function told(row: Row, answer: Answer): Told | undefined {
  const [moment, resource, group, kind, namespace, last] = row as [number, number, string, string, string, number];
  const isEvent = kind === 'Event' && group === '';
  try {
    const [text, before] = [answer.textOf(row, TEXT), answer.textOf(row, TEXT_BEFORE)];
    return text === undefined
      ? undefined
      : { moment, resource, kind, namespace, isEvent, isLast: last === 1, text, before };
  } catch {
    return undefined;
  }
}

interface Rows {
  readonly changes: Row[];
  readonly objects: Row[];
  readonly abouts: About[];
  readonly events: Row[];
}

function rowsOf(versions: readonly Told[]): Rows {
  const rows: Rows = { changes: [], objects: [], abouts: [], events: [] };
  for (const { moment, resource, namespace, isEvent, isLast, text, before } of versions) {
    if (isEvent) {
      const { about, rest } = eventRow(objectIn(text), namespace);
      rows.abouts.push(about);
      rows.events.push([resource, ...about, ...rest]);
      continue;
    }
    if (before !== undefined) rows.changes.push([moment, resource, diffText(objectIn(before), objectIn(text))]);
    const yaml = contentOf(text);
    if (isLast && yaml.length <= YAML_MAX) rows.objects.push([resource, moment, yaml]);
  }
  return rows;
}

/** Empty when it is none. */
function objectIn(text: string): KubeObject {
  try {
    return objectOf(text);
  } catch {
    return { apiVersion: '', kind: '', metadata: { name: '' } };
  }
}

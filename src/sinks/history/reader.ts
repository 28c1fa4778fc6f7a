/** Tables → what was: the state at a moment, and what happened between two. Reads only; any number of readers beside the writer. */
import type { Change } from '../../model/change.ts';
import { Problem } from '../../model/problem.ts';
import { type Time, timeOfMicroseconds } from '../../model/time.ts';
import type { Database, Row } from './database.ts';
import type { Named } from './entries.ts';
import { frameBefore } from './frames.ts';
import { firstMoment, lastMoment, momentAt } from './moments.ts';
import { NAMES, NAMES_WIDTH, namedIn, TEXT } from './rows.ts';
import { FLOOR } from './schema.ts';
import { type Answer, stored, Texts } from './texts.ts';

type Observation = Extract<Change, { type: 'observe' }>;

/** A resource that existed at a moment, and the version of it that was valid then; pseudo resources have no text. */
export interface Standing {
  readonly no: number;
  readonly of: Named;
  /** When that version was observed. */
  readonly at?: Time;
  readonly text?: string;
}

/** An edge that was there at a moment. The ends are numbers of resources. */
export interface StandingEdge {
  readonly source: number;
  readonly target: number;
  readonly type: string;
  readonly since: Time;
}

/** What of a moment was not so at an earlier one. */
export interface Difference {
  /** What had been observed and was gone, and when. */
  readonly ended: readonly { readonly of: Named; readonly at: Time }[];
  /** Resources that were there in a version of their own. */
  readonly standing: readonly Standing[];
  /** Changes of type `observe`, as JSON. */
  readonly observations: readonly string[];
  readonly edges: readonly {
    readonly type: string;
    readonly from: string;
    readonly to: string;
    readonly since: Time;
  }[];
}

const VERSION = stored('v');

function standingIn(row: Row, answer: Answer): Standing {
  const standing = { no: Number(row[0]), of: namedIn(row) };
  const text = answer.textOf(row, TEXT);
  return text === undefined ? standing : { ...standing, at: timeOfMicroseconds(Number(row[NAMES_WIDTH])), text };
}

/** What was observed itself; other resources follow from it. */
const OBSERVED = '(k.pseudo = 0 OR EXISTS (SELECT 1 FROM version WHERE resource = r.no))';

export class HistoryReader {
  readonly #db: Database;
  readonly #texts: Texts;

  constructor(db: Database) {
    this.#db = db;
    this.#texts = new Texts(db);
  }

  /** The last moment at or before a time in microseconds since 1970; undefined when nothing was observed until then. */
  momentAt(at: number): Promise<number | undefined> {
    return momentAt(this.#db, at);
  }

  /** The last moment, and its time in microseconds since 1970; undefined in an empty history. */
  async last(): Promise<{ readonly moment: number; readonly at: number } | undefined> {
    const last = await lastMoment(this.#db);
    return last && { moment: last.no, at: last.at };
  }

  /** Microseconds since 1970 of the first moment of which everything is known; undefined in an empty history. */
  async first(): Promise<number | undefined> {
    return (await firstMoment(this.#db))?.at;
  }

  /**
   * How many versions came after a moment, up to another; without end where what is kept begins in between, for then nobody can tell any more what
   * happened from the first to the second.
   */
  async countBetween(after: number, until: number): Promise<number> {
    const cuts = await this.#db.rows('SELECT 1 FROM kept WHERE since > $1 AND since <= $2', [after, until]);
    if (cuts.length > 0) return Number.POSITIVE_INFINITY;
    const [row] = await this.#db.rows('SELECT count(*) FROM version WHERE moment > $1 AND moment <= $2', [
      after,
      until,
    ]);
    return Number(row?.[0] ?? 0);
  }

  /** The last linked graph of an edition that was kept up to a moment. */
  frameBefore(moment: number, edition: string): ReturnType<typeof frameBefore> {
    return frameBefore(this.#db, moment, edition);
  }

  /** Whether all that is there is of these clusters. */
  async isOf(clusters: readonly string[]): Promise<boolean> {
    const sql = `SELECT 1 FROM kind WHERE cluster NOT IN (${this.#db.list('$1', 'texts')}) LIMIT 1`;
    return (await this.#db.rows(sql, [clusters])).length === 0;
  }

  /** Every resource that existed at a moment, in batches and in no order. Throws `history-gone` when that moment is removed meanwhile. */
  async *standingAt(moment: number): AsyncIterable<readonly Standing[]> {
    const sql = `SELECT ${NAMES}, m.at, ${VERSION.columns}
      FROM resource r JOIN kind k ON k.no = r.kind
      LEFT JOIN version v ON v.resource = r.no AND v.moment = (SELECT max(moment) FROM version WHERE resource = r.no AND moment <= $1)
      ${VERSION.join}
      LEFT JOIN moment m ON m.no = v.moment
      WHERE r.since <= $1 AND (r.until IS NULL OR r.until > $1)`;
    const theSame = `${sql} AND r.no IN (${this.#db.list('$2')}) AND $1 >= ${FLOOR}`;
    for await (const batch of this.#db.batches(sql, [moment])) {
      const ask = async (again: boolean): Promise<readonly Row[]> =>
        again ? this.#db.rows(theSame, [moment, batch.map(([no]) => Number(no))]) : batch;
      const answer = await this.#texts.of(ask, [TEXT]);
      if (answer.rows.length < batch.length)
        throw new Problem('history-gone', 'that instant was removed from the history just now; ask for a later one');
      yield answer.rows.map((row) => standingIn(row, answer));
    }
  }

  /** What is not as it was between two moments; what came and went in between is left out. Held in memory: ask for short stretches. */
  async between(after: number, until: number): Promise<Difference> {
    const ended = await this.#db.rows(
      `SELECT ${NAMES}, m.at FROM resource r JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = r.until
      WHERE r.until > $1 AND r.until <= $2 AND r.since <= $1 AND ${OBSERVED} ORDER BY r.until`,
      [after, until],
    );
    const sql = `SELECT ${NAMES}, m.at, ${VERSION.columns}
      FROM (SELECT resource, max(moment) AS moment FROM version WHERE moment > $1 AND moment <= $2 GROUP BY resource) c
      JOIN version v ON v.resource = c.resource AND v.moment = c.moment
      JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = v.moment
      ${VERSION.join}
      WHERE r.until IS NULL OR r.until > $2 ORDER BY r.no`;
    const versions = await this.#texts.of(() => this.#db.rows(sql, [after, until]), [TEXT]);
    const observations = await this.#db.rows(
      'SELECT body FROM observation WHERE moment > $1 AND moment <= $2 ORDER BY no',
      [after, until],
    );
    return {
      ended: ended.map((row) => ({ of: namedIn(row), at: timeOfMicroseconds(Number(row[NAMES_WIDTH])) })),
      standing: versions.rows.map((row) => standingIn(row, versions)),
      observations: observations.map(([body]) => String(body)),
      edges: await this.#begun(after, until),
    };
  }

  /** Edges that began after a moment, up to another, and were there then. */
  async #begun(after: number, until: number): Promise<Difference['edges']> {
    const rows = await this.#db.rows(
      `SELECT e.source, e.target, t.name, m.at FROM edge e JOIN edge_type t ON t.no = e.type JOIN moment m ON m.no = e.since
      WHERE e.since > $1 AND e.since <= $2 AND (e.until IS NULL OR e.until > $2)`,
      [after, until],
    );
    const ends = await this.#db.rows(
      `SELECT ${NAMES} FROM resource r JOIN kind k ON k.no = r.kind
      WHERE r.no IN (${this.#db.list('$1')}) AND (r.until IS NULL OR r.until > $2)`,
      [[...new Set(rows.flatMap(([source, target]) => [Number(source), Number(target)]))], until],
    );
    const ids = new Map(ends.map((row) => [Number(row[0]), namedIn(row).id]));
    return rows.flatMap(([source, target, type, since]) => {
      const [from, to] = [ids.get(Number(source)), ids.get(Number(target))];
      return from === undefined || to === undefined
        ? []
        : [{ type: String(type), from, to, since: timeOfMicroseconds(Number(since)) }];
    });
  }

  /**
   * Every edge that was there at a moment between resources that were, given by their numbers. Each is looked for from the end that came last: a
   * Namespace has had a million edges, its resources few; and an edge ends with its resources, so those of what is gone are not looked at.
   */
  async *edgesAt(moment: number, standing: readonly number[]): AsyncIterable<readonly StandingEdge[]> {
    // `+` keeps SQLite from seeking by the other end.
    const side = (own: string, other: string, older: string): string =>
      `SELECT e.source, e.target, e.type, e.since FROM standing s CROSS JOIN edge e
      WHERE e.${own} = s.no AND e.${other} ${older} s.no AND +e.${other} IN (SELECT no FROM standing)
        AND e.since <= $1 AND (e.until IS NULL OR e.until > $1)`;
    const sql = `WITH standing (no) AS MATERIALIZED (${this.#db.list('$2')})
      SELECT e.source, e.target, t.name, m.at FROM (${side('source', 'target', '<=')} UNION ALL ${side('target', 'source', '<')}) e
      JOIN edge_type t ON t.no = e.type JOIN moment m ON m.no = e.since`;
    for await (const rows of this.#db.batches(sql, [moment, standing])) {
      yield (rows as readonly [number, number, string, number][]).map(([source, target, type, since]) => ({
        source,
        target,
        type,
        since: timeOfMicroseconds(since),
      }));
    }
  }

  /** Changes of type `observe`, as JSON, up to a moment; of kinds that are not kept for so long, that they are left out. */
  async observationsUntil(moment: number): Promise<readonly string[]> {
    const rows = await this.#db.rows('SELECT body FROM observation WHERE moment <= $1 ORDER BY no', [moment]);
    const observations = rows.map(([body]) => String(body));
    return [...observations, ...(await this.#forgotten(moment, observations))];
  }

  async #forgotten(moment: number, observations: readonly string[]): Promise<readonly string[]> {
    const kinds = await this.#db.rows(
      'SELECT k.cluster, k.api_group, k.name FROM kept c JOIN kind k ON k.no = c.kind WHERE c.since > $1',
      [moment],
    );
    if (kinds.length === 0) return [];
    const keys = new Set(kinds.map((kind) => JSON.stringify(kind)));
    const last = new Map<string, Observation>();
    for (const observation of observations.map((text) => JSON.parse(text) as Observation)) {
      const { cluster, scope } = observation;
      if (!keys.has(JSON.stringify([cluster, scope.group, scope.kind]))) continue;
      last.set(JSON.stringify([cluster, scope]), observation);
    }
    return [...last.values()].map(({ at, cluster, scope }) =>
      JSON.stringify({
        type: 'observe',
        at,
        cluster,
        scope,
        coverage: 'excluded',
        message: 'not kept in history for so long',
      } satisfies Observation),
    );
  }
}

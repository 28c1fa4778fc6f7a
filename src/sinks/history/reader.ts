/** Tables → what was: the state at a moment, and what happened between two. Reads only; any number of readers beside the writer. */
import type { Change } from '../../model/change.ts';
import { type Time, timeOfMicroseconds } from '../../model/time.ts';
import type { Database, Row } from './database.ts';
import type { Named } from './entries.ts';
import { firstMoment, lastMoment, momentAt } from './moments.ts';
import { NAMES, NAMES_WIDTH, namedIn, storedIn } from './rows.ts';
import { type TextOf, Texts } from './texts.ts';

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

/** Something that happened, in the order in which it did. */
export type Happening =
  | ({ readonly type: 'version'; readonly text: string } & Omit<Standing, 'text'>)
  | ({ readonly type: 'end' } & Omit<Standing, 'text'>)
  | { readonly type: 'observation'; readonly at: Time; readonly text: string };

function standingIn(row: Row, textOf: TextOf): Standing {
  const standing = { no: Number(row[0]), of: namedIn(row) };
  const text = textOf(storedIn(row));
  return text === undefined ? standing : { ...standing, at: timeOfMicroseconds(Number(row[NAMES_WIDTH])), text };
}

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

  /** Every resource that existed at a moment, in batches and in no order. */
  async *standingAt(moment: number): AsyncIterable<readonly Standing[]> {
    const sql = `SELECT ${NAMES}, m.at, coalesce(b.dictionary, v.dictionary), v.body, b.body
      FROM resource r JOIN kind k ON k.no = r.kind
      LEFT JOIN version v ON v.resource = r.no AND v.moment = (SELECT max(moment) FROM version WHERE resource = r.no AND moment <= $1)
      LEFT JOIN version b ON b.resource = v.resource AND b.moment = v.base
      LEFT JOIN moment m ON m.no = v.moment
      WHERE r.since <= $1 AND (r.until IS NULL OR r.until > $1)`;
    for await (const rows of this.#db.batches(sql, [moment])) {
      const textOf = await this.#texts.for(rows.map((row) => storedIn(row)));
      yield rows.map((row) => standingIn(row, textOf));
    }
  }

  /** What happened after a moment, up to and with another. Held in memory: ask for short stretches. */
  async happenedBetween(after: number, until: number): Promise<readonly Happening[]> {
    const versions = await this.#db.rows(
      `SELECT ${NAMES}, m.at, coalesce(b.dictionary, v.dictionary), v.body, b.body, v.moment
      FROM version v JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = v.moment
      LEFT JOIN version b ON b.resource = v.resource AND b.moment = v.base
      WHERE v.moment > $1 AND v.moment <= $2`,
      [after, until],
    );
    const textOf = await this.#texts.for(versions.map((row) => storedIn(row)));
    const ends = await this.#db.rows(
      `SELECT ${NAMES}, m.at, r.until FROM resource r JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = r.until
      WHERE r.until > $1 AND r.until <= $2`,
      [after, until],
    );
    const observations = await this.#db.rows(
      'SELECT o.body, m.at, o.moment FROM observation o JOIN moment m ON m.no = o.moment WHERE o.moment > $1 AND o.moment <= $2 ORDER BY o.no',
      [after, until],
    );
    const happenings: (readonly [moment: number, Happening])[] = [
      ...ends.map((row) => {
        const at = timeOfMicroseconds(Number(row[NAMES_WIDTH]));
        return [Number(row.at(-1)), { type: 'end', no: Number(row[0]), of: namedIn(row), at }] as const;
      }),
      ...versions.map(
        (row) => [Number(row.at(-1)), { type: 'version', text: '', ...standingIn(row, textOf) }] as const,
      ),
      ...observations.map(([body, us, moment]) => {
        return [
          Number(moment),
          { type: 'observation', at: timeOfMicroseconds(Number(us)), text: String(body) },
        ] as const;
      }),
    ];
    return happenings.sort(([a], [b]) => a - b).map(([, happening]) => happening);
  }

  /**
   * Every edge that was there at a moment. Each is looked for from the end that came last: a Namespace has had a million edges, its resources few; and
   * an edge ends with its resources, so those of what is gone are not looked at.
   */
  async *edgesAt(moment: number): AsyncIterable<readonly StandingEdge[]> {
    // `+` keeps SQLite from seeking by the other end.
    const side = (own: string, other: string, older: string): string =>
      `SELECT e.source, e.target, e.type, e.since FROM standing s CROSS JOIN edge e
      WHERE e.${own} = s.no AND e.${other} ${older} s.no AND +e.${other} IN (SELECT no FROM standing)
        AND e.since <= $1 AND (e.until IS NULL OR e.until > $1)`;
    const sql = `WITH standing AS MATERIALIZED (SELECT no FROM resource WHERE since <= $1 AND (until IS NULL OR until > $1))
      SELECT e.source, e.target, t.name, m.at FROM (${side('source', 'target', '<=')} UNION ALL ${side('target', 'source', '<')}) e
      JOIN edge_type t ON t.no = e.type JOIN moment m ON m.no = e.since`;
    for await (const rows of this.#db.batches(sql, [moment])) {
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

/** Questions about what was observed, in SQL that both databases understand. */
import type { KubeObject } from '../../model/change.ts';
import type { GroupKind } from '../../model/groups.ts';
import {
  type Changed,
  type ChangedEdge,
  type ChangeQuery,
  type Course,
  type EdgeChange,
  type Existence,
  type Extent,
  type Fill,
  type HistoryQueries,
  type KeptLess,
  SILENCE_MS,
  type Version,
  type VersionPage,
  type VersionQuery,
} from '../../model/history.ts';
import { compareTime, microseconds, type Time, timeOfMicroseconds } from '../../model/time.ts';
import type { Gap } from '../../model/view.ts';
import { conditions, Values } from './conditions.ts';
import type { Database, Row } from './database.ts';
import { changedEdges, edgeChanges } from './edge-queries.ts';
import { covers, Gaps } from './gaps.ts';
import { firstMoment, lastMoment, momentAt } from './moments.ts';
import { objectOf } from './noise.ts';
import { NAMES, NAMES_WIDTH, namedIn, TEXT, TEXT_BEFORE } from './rows.ts';
import { FLOOR } from './schema.ts';
import { sizeOf } from './size.ts';
import { type Answer, STORED_WIDTH, stored, Texts } from './texts.ts';

/** Versions of one object in a course, the last ones. */
const COURSE_MAX = 100;
/** Later than everything. */
const END = Number.MAX_SAFE_INTEGER;

const NOW = stored('v');
const BEFORE = stored('p');
/** The version before, of an end the last one. */
const JOIN_BEFORE = `LEFT JOIN version p ON p.resource = h.resource AND p.moment =
  (SELECT max(moment) FROM version WHERE resource = h.resource AND (moment < h.moment OR (h.place % 2 = 1 AND moment = h.moment))) ${BEFORE.join}`;
/** What follows two versions in a row. */
const AFTER_TEXTS = TEXT_BEFORE + STORED_WIDTH;

export class Queries implements HistoryQueries {
  readonly #db: Database;
  readonly #texts: Texts;
  /** Those of the observations that there were when they were last asked for. */
  #gaps: { readonly of: string; readonly gaps: Gaps } | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#texts = new Texts(db);
  }

  async versions(
    query: VersionQuery,
    { order = 'oldest', after, limit, withBefore = false }: VersionPage,
  ): Promise<readonly Version[]> {
    const values = new Values();
    const hits = await this.#hits(query, values);
    if (hits === undefined) return [];
    const [beyond, direction] = order === 'oldest' ? ['>', 'ASC'] : ['<', 'DESC'];
    const rest = after
      ? `WHERE (moment, place) ${beyond} (${values.add(after.moment)}, ${values.add(after.place)})`
      : '';
    const sql = `SELECT ${NAMES}, m.at, ${NOW.columns}, ${withBefore ? BEFORE.columns : 'NULL, NULL, NULL'}, h.moment, h.place, r.since
      FROM (SELECT * FROM (${hits}) every ${rest} ORDER BY moment ${direction}, place ${direction} LIMIT ${values.add(limit)}) h
      JOIN resource r ON r.no = h.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = h.moment
      JOIN version v ON v.resource = h.resource
        AND v.moment = (SELECT max(moment) FROM version WHERE resource = h.resource AND moment <= h.moment)
      ${NOW.join} ${withBefore ? JOIN_BEFORE : ''}
      ORDER BY h.moment ${direction}, h.place ${direction}`;
    const answer = await this.#texts.of(() => this.#db.rows(sql, values.list), [TEXT, TEXT_BEFORE]);
    const gaps = await this.#allGaps();
    return answer.rows.map((row) => versionIn(row, gaps, answer));
  }

  async courses(
    of: Parameters<HistoryQueries['courses']>[0],
    interval: Parameters<HistoryQueries['courses']>[1],
  ): Promise<readonly Course[]> {
    if (of.length === 0) return [];
    const [from, to] = await this.#momentsOf(interval);
    const values = new Values();
    const [first, last] = [values.add(from), values.add(to)];
    // Names have an index, uids decide.
    const where = conditions(
      this.#db,
      { names: [...new Set(of.map(({ name }) => name))], uids: of.map(({ uid }) => uid) },
      values,
    );
    const sql = `SELECT ${NAMES}, m.at, ${NOW.columns}
      FROM (
        SELECT v.resource, v.moment, row_number() OVER (PARTITION BY v.resource ORDER BY v.moment DESC) AS back
        FROM resource r JOIN kind k ON k.no = r.kind JOIN version v ON v.resource = r.no
        WHERE (r.until IS NULL OR r.until > ${last}) AND v.moment <= ${last}
          AND v.moment >= coalesce((SELECT max(moment) FROM version WHERE resource = r.no AND moment <= ${first}), 0) ${where}
      ) c JOIN version v ON v.resource = c.resource AND v.moment = c.moment
      JOIN resource r ON r.no = c.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = c.moment ${NOW.join}
      WHERE c.back <= ${COURSE_MAX} ORDER BY c.resource, c.moment`;
    const answer = await this.#texts.of(() => this.#db.rows(sql, values.list), [TEXT]);
    const courses = new Map<number, { of: Course['of']; versions: { at: Time; object: KubeObject }[] }>();
    for (const row of answer.rows) {
      const text = answer.textOf(row, TEXT);
      if (text === undefined) continue;
      const no = Number(row[0]);
      const course = courses.get(no) ?? { of: namedIn(row), versions: [] };
      courses.set(no, course);
      course.versions.push({ at: timeOfMicroseconds(Number(row[NAMES_WIDTH])), object: objectOf(text) });
    }
    return [...courses.values()];
  }

  async countVersions(query: VersionQuery): Promise<number> {
    const values = new Values();
    const hits = await this.#hits(query, values);
    if (hits === undefined) return 0;
    const [row] = await this.#db.rows(`SELECT count(*) FROM (${hits}) every`, values.list);
    return Number(row?.[0] ?? 0);
  }

  /** A query for `moment, resource, place` of every version and end; undefined when nothing can match. */
  async #hits(query: VersionQuery, values: Values): Promise<string | undefined> {
    const range = await this.#range(query);
    if (range === undefined) return undefined;
    const [first, last] = [values.add(range[0]), values.add(range[1])];
    const where = conditions(this.#db, query, values);
    const verbs = query.verbs ?? ['create', 'update', 'delete'];
    const parts: string[] = [];
    if (verbs.includes('create') || verbs.includes('update')) {
      const only =
        verbs.includes('create') && verbs.includes('update')
          ? ''
          : `AND v.moment ${verbs.includes('create') ? '=' : '<>'} r.since`;
      parts.push(`SELECT v.moment AS moment, r.no AS resource, r.no * 2 AS place
        FROM version v JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind
        WHERE v.moment BETWEEN ${first} AND ${last} ${only} ${where}`);
    }
    if (verbs.includes('delete'))
      parts.push(`SELECT r.until AS moment, r.no AS resource, r.no * 2 + 1 AS place
        FROM resource r JOIN kind k ON k.no = r.kind WHERE r.until BETWEEN ${first} AND ${last} ${where}`);
    return parts.length === 0 ? undefined : parts.join(' UNION ALL ');
  }

  /** The moments of an interval; undefined when it holds none. */
  async #range(interval: Pick<VersionQuery, 'from' | 'to'>): Promise<readonly [number, number] | undefined> {
    const [first, last] = await this.#ends(interval);
    return first <= last ? [first, last] : undefined;
  }

  /** The first moment at or after the beginning of an interval, and the last until its end, which may come before it. */
  async #ends({ from, to }: Pick<VersionQuery, 'from' | 'to'>): Promise<readonly [number, number]> {
    // Both ends by the index: walking all moments between them would take longer than what is asked.
    const [row] = await this.#db.rows(
      `SELECT (SELECT min(no) FROM moment WHERE at = (SELECT min(at) FROM moment WHERE at >= $1)),
        (SELECT max(no) FROM moment WHERE at = (SELECT max(at) FROM moment WHERE at <= $2))`,
      [from === undefined ? 0 : microseconds(from), to === undefined ? END : microseconds(to)],
    );
    const [first, last] = row ?? [];
    return [typeof first === 'number' ? first : END, typeof last === 'number' ? last : 0];
  }

  async existences(
    { connected, ...query }: Parameters<HistoryQueries['existences']>[0],
    limit: number,
  ): Promise<readonly Existence[]> {
    const values = new Values();
    const moments = connected && (await this.#ends(connected));
    const joined = moments && { with: connected.with, from: moments[0], to: moments[1] };
    const where = conditions(this.#db, { ...query, connected: joined }, values);
    const rows = await this.#db.rows(
      `SELECT ${NAMES}, s.at, u.at FROM resource r JOIN kind k ON k.no = r.kind
      JOIN moment s ON s.no = r.since LEFT JOIN moment u ON u.no = r.until
      WHERE 1 = 1 ${where} ORDER BY r.since DESC, r.no DESC LIMIT ${values.add(limit)}`,
      values.list,
    );
    return rows.map((row) => {
      const [since, until] = row.slice(NAMES_WIDTH) as unknown as readonly [number, number | null];
      return {
        number: Number(row[0]),
        of: namedIn(row),
        since: timeOfMicroseconds(since),
        ...(until !== null && { until: timeOfMicroseconds(until) }),
      };
    });
  }

  async edgeChanges(
    of: readonly number[],
    interval: Parameters<HistoryQueries['edgeChanges']>[1],
    page: Pick<VersionPage, 'order' | 'limit'>,
  ): Promise<readonly EdgeChange[]> {
    const range = await this.#range(interval);
    return range === undefined || of.length === 0 ? [] : edgeChanges(this.#db, of, range, page);
  }

  async changed(query: ChangeQuery, after: number, limit: number): Promise<readonly Changed[]> {
    const [from, to] = await this.#momentsOf(query);
    const values = new Values();
    const [a, b] = [values.add(from), values.add(to)];
    const where = conditions(this.#db, query, values);
    const versionAt = (moment: string): string =>
      `(SELECT max(moment) FROM version WHERE resource = r.no AND moment <= ${moment})`;
    const [first, last] = [stored('x'), stored('y')];
    const sql = `SELECT ${NAMES}, m.at, ${last.columns}, ${first.columns},
        c.since, c.until, (SELECT count(*) FROM version WHERE resource = c.no AND moment > ${a} AND moment <= ${b})
      FROM (
        SELECT * FROM (
          SELECT r.no, r.since, r.until, ${versionAt(a)} AS first, ${versionAt(b)} AS last FROM resource r JOIN kind k ON k.no = r.kind
          WHERE r.no > ${values.add(after)} AND r.since <= ${b} AND (r.until IS NULL OR r.until > ${a}) ${where}
        ) seen WHERE (since > ${a} AND (until IS NULL OR until > ${b})) OR (since <= ${a} AND (until <= ${b} OR first <> last))
        ORDER BY no LIMIT ${values.add(limit)}
      ) c JOIN resource r ON r.no = c.no JOIN kind k ON k.no = r.kind
      LEFT JOIN version x ON x.resource = c.no AND x.moment = c.first ${first.join}
      LEFT JOIN version y ON y.resource = c.no AND y.moment = c.last ${last.join}
      LEFT JOIN moment m ON m.no = CASE WHEN c.until <= ${b} THEN c.until ELSE c.last END
      ORDER BY c.no`;
    const answer = await this.#texts.of(() => this.#db.rows(sql, values.list), [TEXT, TEXT_BEFORE]);
    return answer.rows.map((row) => changedIn(row, from, to, answer));
  }

  async changedEdges(query: ChangeQuery, limit: number): Promise<readonly ChangedEdge[]> {
    return changedEdges(this.#db, query, await this.#momentsOf(query), limit);
  }

  /** The last moments at or before two instants; 0 where nothing was observed until then. */
  async #momentsOf({ from, to }: Pick<ChangeQuery, 'from' | 'to'>): Promise<readonly [number, number]> {
    const last = async (time: Time): Promise<number> => (await momentAt(this.#db, microseconds(time))) ?? 0;
    return [await last(from), await last(to)];
  }

  async gaps({
    clusters,
    kinds,
    namespaces,
    from,
    to,
  }: Parameters<HistoryQueries['gaps']>[0]): Promise<readonly Gap[]> {
    const { all, followed } = await this.#allGaps();
    const silent = to === undefined ? undefined : await this.#silentUntil(to);
    const last = silent === undefined ? [] : followed.map((scope): Gap => ({ ...scope, from: silent }));
    return [...all, ...last].filter(
      (gap) =>
        (clusters?.includes(gap.cluster) ?? true) &&
        (kinds?.some(({ group, kind }) =>
          covers(gap, { cluster: gap.cluster, group, kind, namespace: gap.namespace }),
        ) ??
          true) &&
        (gap.namespace === '' || (namespaces?.includes(gap.namespace) ?? true)) &&
        (from === undefined || gap.to === undefined || compareTime(gap.to, from) >= 0) &&
        (to === undefined || compareTime(gap.from, to) <= 0),
    );
  }

  /** The last sign of life, where an instant is well after it. */
  async #silentUntil(instant: Time): Promise<Time | undefined> {
    const last = await lastMoment(this.#db);
    const isSilent = last !== undefined && microseconds(instant) > last.at + SILENCE_MS * 1_000;
    return isSilent ? timeOfMicroseconds(last.at) : undefined;
  }

  /** Reading all observations takes seconds where there are many, which is why it is done once for each state of them. */
  async #allGaps(): Promise<Gaps> {
    const [row] = await this.#db.rows('SELECT max(no), count(*) FROM observation');
    const of = String(row);
    if (this.#gaps?.of !== of) {
      const rows = await this.#db.rows('SELECT body FROM observation ORDER BY no');
      this.#gaps = { of, gaps: new Gaps(rows.map(([body]) => String(body))) };
    }
    return this.#gaps.gaps;
  }

  async kinds(): Promise<readonly GroupKind[]> {
    const rows = await this.#db.rows(
      'SELECT DISTINCT api_group, name FROM kind WHERE pseudo = 0 ORDER BY name, api_group',
    );
    return rows.map(([group, kind]) => ({ group: String(group), kind: String(kind) }));
  }

  async extent(): Promise<Extent | undefined> {
    const [first, last] = [await firstMoment(this.#db), await lastMoment(this.#db)];
    if (first === undefined || last === undefined) return undefined;
    const [from, to] = [timeOfMicroseconds(first.at), timeOfMicroseconds(last.at)];
    // Observations of what is forgotten tell no more than how things stood at its end.
    const listed = first.no > 1 ? undefined : (await this.#allGaps()).listed;
    return { from, to, listed: listed === undefined || compareTime(listed, from) < 0 ? from : listed };
  }

  async keptLess(): Promise<readonly KeptLess[]> {
    const rows = await this.#db.rows(
      `SELECT k.cluster, k.api_group, k.name, m.at FROM kept c JOIN kind k ON k.no = c.kind JOIN moment m ON m.no = c.since
      WHERE c.since > ${FLOOR} ORDER BY k.cluster, k.name, k.api_group`,
    );
    return rows.map(([cluster, group, kind, at]) => ({
      cluster: String(cluster),
      group: String(group),
      kind: String(kind),
      oldest: timeOfMicroseconds(Number(at)),
    }));
  }

  async fill(): Promise<Fill> {
    const [row] = await this.#db.rows(
      'SELECT (SELECT count(*) FROM resource), (SELECT count(*) FROM version), (SELECT count(*) FROM edge)',
    );
    const [resources = 0, versions = 0, edges = 0] = (row ?? []).map(Number);
    const [extent, { total, used }] = [await this.extent(), await sizeOf(this.#db)];
    const span = extent && { oldest: extent.from, newest: extent.to };
    return { ...span, resources, versions, edges, bytes: total, usedBytes: used, keptLess: await this.keptLess() };
  }
}

function versionIn(row: Row, gaps: Gaps, answer: Answer): Version {
  const of = namedIn(row);
  const [moment, place, since] = row.slice(AFTER_TEXTS).map(Number) as [number, number, number];
  const at = timeOfMicroseconds(Number(row[NAMES_WIDTH]));
  const before = answer.textOf(row, TEXT_BEFORE);
  const gap = gaps.around(of, Number(row[NAMES_WIDTH]));
  return {
    position: { moment, place },
    at,
    ...(gap && { notBefore: gap.from }),
    verb: place % 2 === 1 ? 'delete' : moment === since ? 'create' : 'update',
    of,
    object: objectOf(answer.textOf(row, TEXT) ?? '{}'),
    ...(before !== undefined && { before: objectOf(before) }),
  };
}

function changedIn(row: Row, from: number, to: number, answer: Answer): Changed {
  const [since, until, versions] = row.slice(AFTER_TEXTS) as unknown as readonly [number, number | null, number];
  const [after, before] = [answer.textOf(row, TEXT), answer.textOf(row, TEXT_BEFORE)];
  return {
    number: Number(row[0]),
    of: namedIn(row),
    ...(since <= from && before !== undefined && { before: objectOf(before) }),
    ...((until === null || until > to) && after !== undefined && { after: objectOf(after) }),
    at: timeOfMicroseconds(Number(row[NAMES_WIDTH] ?? 0)),
    versions: Number(versions),
  };
}

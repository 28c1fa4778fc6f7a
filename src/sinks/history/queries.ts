/** Questions about what was observed, in SQL that both databases understand. */
import type { GroupKind } from '../../model/groups.ts';
import type {
  Changed,
  ChangedEdge,
  ChangeQuery,
  EdgeSpan,
  Existence,
  Fill,
  HistoryQueries,
  Version,
  VersionPage,
  VersionQuery,
} from '../../model/history.ts';
import { compareTime, microseconds, type Time, timeOfMicroseconds } from '../../model/time.ts';
import type { Gap } from '../../model/view.ts';
import type { Database, Row, Value } from './database.ts';
import { gapsFrom } from './gaps.ts';
import { firstMoment, lastMoment, momentAt } from './moments.ts';
import { objectOf } from './noise.ts';
import { NAMES, NAMES_WIDTH, namedIn, storedIn } from './rows.ts';
import { FLOOR } from './schema.ts';
import { sizeOf } from './size.ts';
import { type TextOf, Texts } from './texts.ts';

/** Later than everything. */
const END = Number.MAX_SAFE_INTEGER;

/** After every other, in the order of the names' columns. */
const LAST_CHARACTER = '\u{10FFFF}';

/** The version before, of an end the last one. */
const BEFORE = `LEFT JOIN version p ON p.resource = h.resource AND p.moment =
  (SELECT max(moment) FROM version WHERE resource = h.resource AND (moment < h.moment OR (h.place % 2 = 1 AND moment = h.moment)))
  LEFT JOIN version pb ON pb.resource = p.resource AND pb.moment = p.base`;

export class Queries implements HistoryQueries {
  readonly #db: Database;
  readonly #texts: Texts;

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
    const rows = await this.#db.rows(
      `SELECT ${NAMES}, m.at, coalesce(b.dictionary, v.dictionary), v.body, b.body,
        ${withBefore ? 'coalesce(pb.dictionary, p.dictionary), p.body, pb.body' : 'NULL, NULL, NULL'}, h.moment, h.place, r.since
      FROM (SELECT * FROM (${hits}) every ${rest} ORDER BY moment ${direction}, place ${direction} LIMIT ${values.add(limit)}) h
      JOIN resource r ON r.no = h.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = h.moment
      JOIN version v ON v.resource = h.resource
        AND v.moment = (SELECT max(moment) FROM version WHERE resource = h.resource AND moment <= h.moment)
      LEFT JOIN version b ON b.resource = v.resource AND b.moment = v.base
      ${withBefore ? BEFORE : ''}
      ORDER BY h.moment ${direction}, h.place ${direction}`,
      values.list,
    );
    const textOf = await this.#texts.for(rows.flatMap((row) => [storedIn(row), storedIn(row, 1)]));
    const gaps = await this.gaps(query);
    return rows.map((row) => versionIn(row, gaps, textOf));
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
    const where = this.#where(query, values);
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

  #where(
    { clusters, kinds, namespaces, names, namePrefix, uids, about }: Partial<VersionQuery>,
    values: Values,
  ): string {
    const conditions = ['k.pseudo = 0'];
    const among = (column: string, list: readonly string[] | undefined): void => {
      if (list) conditions.push(`${column} IN (${this.#db.list(values.add(list))})`);
    };
    among('k.cluster', clusters);
    among('r.namespace', namespaces);
    among('r.name', names);
    among('r.uid', uids);
    if (about) conditions.push(this.#isAbout(about, values));
    if (namePrefix)
      conditions.push(
        `r.name >= ${values.add(namePrefix)} AND r.name < ${values.add(`${namePrefix}${LAST_CHARACTER}`)}`,
      );
    if (kinds) {
      const each = kinds.map(
        ({ group, kind }) => `(k.api_group = ${values.add(group)} AND k.name = ${values.add(kind)})`,
      );
      conditions.push(`(${each.join(' OR ') || '1 = 0'})`);
    }
    return `AND ${conditions.join(' AND ')}`;
  }

  #isAbout({ names, kinds }: NonNullable<VersionQuery['about']>, values: Values): string {
    const ofKind = kinds ? `AND o.kind IN (${this.#db.list(values.add(kinds))})` : '';
    return `k.name = 'Event' AND k.api_group = '' AND r.no IN (
      SELECT e.resource FROM event_object o JOIN event e ON e.about = o.no WHERE o.name IN (${this.#db.list(values.add(names))}) ${ofKind}
      UNION ALL SELECT resource FROM version WHERE (moment, resource) > (SELECT coalesce(max(moment), 0), coalesce(max(resource), 0) FROM readable))`;
  }

  /** The moments of an interval; undefined when it holds none. */
  async #range({ from, to }: Pick<VersionQuery, 'from' | 'to'>): Promise<readonly [number, number] | undefined> {
    // Both ends by the index: walking all moments between them would take longer than what is asked.
    const [row] = await this.#db.rows(
      `SELECT (SELECT min(no) FROM moment WHERE at = (SELECT min(at) FROM moment WHERE at >= $1)),
        (SELECT max(no) FROM moment WHERE at = (SELECT max(at) FROM moment WHERE at <= $2))`,
      [from === undefined ? 0 : microseconds(from), to === undefined ? END : microseconds(to)],
    );
    const [first, last] = row ?? [];
    return typeof first === 'number' && typeof last === 'number' && first <= last ? [first, last] : undefined;
  }

  async existences(query: Parameters<HistoryQueries['existences']>[0], limit: number): Promise<readonly Existence[]> {
    const values = new Values();
    const where = this.#where(query, values);
    const rows = await this.#db.rows(
      `SELECT ${NAMES}, s.at, u.at FROM resource r JOIN kind k ON k.no = r.kind
      JOIN moment s ON s.no = r.since LEFT JOIN moment u ON u.no = r.until
      WHERE 1 = 1 ${where} ORDER BY r.since DESC, r.no DESC LIMIT ${values.add(limit)}`,
      values.list,
    );
    return rows.map((row) => {
      const [since, until] = row.slice(NAMES_WIDTH) as unknown as readonly [number, number | null];
      return {
        of: namedIn(row),
        since: timeOfMicroseconds(since),
        ...(until !== null && { until: timeOfMicroseconds(until) }),
      };
    });
  }

  async edgeSpans({ of, since }: Existence, from: Time, to: Time, limit: number): Promise<readonly EdgeSpan[]> {
    const range = await this.#range({ from, to });
    const no = await this.#numberOf(of, since);
    if (range === undefined || no === undefined) return [];
    const side = (own: string, other: string, direction: EdgeSpan['direction']): string =>
      `SELECT ${NAMES}, t.name, '${direction}', e.since,
        (SELECT min(u) FROM (SELECT e.until AS u UNION ALL SELECT r.until UNION ALL SELECT o.until) ends) AS until
      FROM edge e JOIN edge_type t ON t.no = e.type JOIN resource o ON o.no = e.${own}
      JOIN resource r ON r.no = e.${other} JOIN kind k ON k.no = r.kind WHERE e.${own} = $1`;
    const rows = await this.#db.rows(
      `SELECT spans.*, s.at, u.at FROM (${side('source', 'target', 'out')} UNION ALL ${side('target', 'source', 'in')}) spans
      JOIN moment s ON s.no = spans.since LEFT JOIN moment u ON u.no = spans.until
      WHERE spans.since BETWEEN $2 AND $3 OR spans.until BETWEEN $2 AND $3 ORDER BY spans.since DESC LIMIT $4`,
      [no, ...range, limit],
    );
    return rows.map((row) => {
      const [type, direction, , , start, end] = row.slice(NAMES_WIDTH) as unknown as readonly [
        string,
        EdgeSpan['direction'],
        number,
        number,
        number,
        number | null,
      ];
      return {
        type,
        direction,
        other: namedIn(row),
        since: timeOfMicroseconds(start),
        ...(end !== null && { until: timeOfMicroseconds(end) }),
      };
    });
  }

  async changed(query: ChangeQuery, after: number, limit: number): Promise<readonly Changed[]> {
    const [from, to] = await this.#momentsOf(query);
    const values = new Values();
    const [a, b] = [values.add(from), values.add(to)];
    const where = `${this.#where(query, values)} ${without(query, values)}`;
    const versionAt = (moment: string): string =>
      `(SELECT max(moment) FROM version WHERE resource = r.no AND moment <= ${moment})`;
    const rows = await this.#db.rows(
      `SELECT ${NAMES}, m.at, coalesce(yb.dictionary, y.dictionary), y.body, yb.body, coalesce(xb.dictionary, x.dictionary), x.body, xb.body,
        c.since, c.until, (SELECT count(*) FROM version WHERE resource = c.no AND moment > ${a} AND moment <= ${b})
      FROM (
        SELECT * FROM (
          SELECT r.no, r.since, r.until, ${versionAt(a)} AS first, ${versionAt(b)} AS last FROM resource r JOIN kind k ON k.no = r.kind
          WHERE r.no > ${values.add(after)} AND r.since <= ${b} AND (r.until IS NULL OR r.until > ${a}) ${where}
        ) seen WHERE (since > ${a} AND (until IS NULL OR until > ${b})) OR (since <= ${a} AND (until <= ${b} OR first <> last))
        ORDER BY no LIMIT ${values.add(limit)}
      ) c JOIN resource r ON r.no = c.no JOIN kind k ON k.no = r.kind
      LEFT JOIN version x ON x.resource = c.no AND x.moment = c.first
      LEFT JOIN version xb ON xb.resource = c.no AND xb.moment = x.base
      LEFT JOIN version y ON y.resource = c.no AND y.moment = c.last
      LEFT JOIN version yb ON yb.resource = c.no AND yb.moment = y.base
      LEFT JOIN moment m ON m.no = CASE WHEN c.until <= ${b} THEN c.until ELSE c.last END
      ORDER BY c.no`,
      values.list,
    );
    const textOf = await this.#texts.for(rows.flatMap((row) => [storedIn(row), storedIn(row, 1)]));
    return rows.map((row) => changedIn(row, from, to, textOf));
  }

  async changedEdges(query: ChangeQuery, limit: number): Promise<readonly ChangedEdge[]> {
    const [from, to] = await this.#momentsOf(query);
    const values = new Values();
    const [a, b] = [values.add(from), values.add(to)];
    const where = `${this.#where(query, values)} ${without(query, values)}`;
    const there = (moment: string, part: string): string => `(${part}.until IS NULL OR ${part}.until > ${moment})`;
    // Numbers ascend with time: what came later than the first instant is told by its number, without a look at it.
    const [newest] = await this.#db.rows('SELECT max(no) FROM resource WHERE since <= $1', [from]);
    const bound = values.add(Number(newest?.[0] ?? 0));
    const ends = `AND e.source <= ${bound} AND e.target <= ${bound} AND ${there(b, 'r')} AND ${there(b, 'o')}`;
    const side = (condition: string): string =>
      `FROM edge e JOIN resource r ON r.no = e.source JOIN resource o ON o.no = e.target JOIN kind k ON k.no = r.kind WHERE ${condition} ${ends} ${where}`;
    const rows = await this.#db.rows(
      `SELECT ${NAMES}, t.name, c.change, m.at, o.no, ok.cluster, ok.api_group, ok.name, ok.pseudo, o.namespace, o.name, o.uid FROM (
        SELECT e.source, e.target, e.type, 'added' AS change, e.since AS moment ${side(`e.since > ${a} AND e.since <= ${b} AND ${there(b, 'e')}`)}
        UNION ALL
        SELECT e.source, e.target, e.type, 'removed', e.until ${side(`e.until > ${a} AND e.until <= ${b} AND e.since <= ${a}`)}
      ) c JOIN edge_type t ON t.no = c.type JOIN moment m ON m.no = c.moment
      JOIN resource r ON r.no = c.source JOIN kind k ON k.no = r.kind JOIN resource o ON o.no = c.target JOIN kind ok ON ok.no = o.kind
      ORDER BY c.moment, c.source, c.target LIMIT ${values.add(limit)}`,
      values.list,
    );
    return rows.map((row) => {
      const [type, change, at] = row.slice(NAMES_WIDTH) as unknown as readonly [string, ChangedEdge['change'], number];
      return { change, type, from: namedIn(row), to: namedIn(row.slice(NAMES_WIDTH + 3)), at: timeOfMicroseconds(at) };
    });
  }

  /** The last moments at or before two instants; 0 where nothing was observed until then. */
  async #momentsOf({ from, to }: Pick<ChangeQuery, 'from' | 'to'>): Promise<readonly [number, number]> {
    const last = async (time: Time): Promise<number> => (await momentAt(this.#db, microseconds(time))) ?? 0;
    return [await last(from), await last(to)];
  }

  async #numberOf(
    { cluster, group, kind, pseudo, namespace, name, uid }: Version['of'],
    since: Time,
  ): Promise<number | undefined> {
    const [row] = await this.#db.rows(
      `SELECT r.no FROM resource r JOIN kind k ON k.no = r.kind JOIN moment s ON s.no = r.since
      WHERE r.name = $1 AND r.namespace = $2 AND r.uid = $3 AND k.cluster = $4 AND k.api_group = $5 AND k.name = $6 AND k.pseudo = $7 AND s.at = $8`,
      [name, namespace, uid, cluster, group, kind, pseudo ? 1 : 0, microseconds(since)],
    );
    return row && Number(row[0]);
  }

  async gaps({
    clusters,
    kinds,
    namespaces,
    from,
    to,
  }: Parameters<HistoryQueries['gaps']>[0]): Promise<readonly Gap[]> {
    const rows = await this.#db.rows('SELECT body FROM observation ORDER BY no');
    return gapsFrom(rows.map(([body]) => String(body))).filter(
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

  async kinds(): Promise<readonly GroupKind[]> {
    const rows = await this.#db.rows(
      'SELECT DISTINCT api_group, name FROM kind WHERE pseudo = 0 ORDER BY name, api_group',
    );
    return rows.map(([group, kind]) => ({ group: String(group), kind: String(kind) }));
  }

  async extent(): Promise<{ readonly from: Time; readonly to: Time } | undefined> {
    const [first, last] = [await firstMoment(this.#db), await lastMoment(this.#db)];
    return first && last && { from: timeOfMicroseconds(first.at), to: timeOfMicroseconds(last.at) };
  }

  async fill(): Promise<Fill> {
    const [row] = await this.#db.rows(
      'SELECT (SELECT count(*) FROM resource), (SELECT count(*) FROM version), (SELECT count(*) FROM edge)',
    );
    const [resources = 0, versions = 0, edges = 0] = (row ?? []).map(Number);
    const [extent, { total, used }] = [await this.extent(), await sizeOf(this.#db)];
    const less = await this.#db.rows(
      `SELECT k.cluster, k.api_group, k.name, m.at FROM kept c JOIN kind k ON k.no = c.kind JOIN moment m ON m.no = c.since
      WHERE c.since > ${FLOOR} ORDER BY k.cluster, k.name, k.api_group`,
    );
    const keptLess = less.map(([cluster, group, kind, at]) => ({
      cluster: String(cluster),
      group: String(group),
      kind: String(kind),
      oldest: timeOfMicroseconds(Number(at)),
    }));
    const span = extent && { oldest: extent.from, newest: extent.to };
    return { ...span, resources, versions, edges, bytes: total, usedBytes: used, keptLess };
  }
}

function versionIn(row: Row, gaps: readonly Gap[], textOf: TextOf): Version {
  const of = namedIn(row);
  const [moment, place, since] = row.slice(NAMES_WIDTH + 7).map(Number) as [number, number, number];
  const at = timeOfMicroseconds(Number(row[NAMES_WIDTH]));
  const before = textOf(storedIn(row, 1));
  const gap = gaps.find((each) => covers(each, of) && during(each, at));
  return {
    position: { moment, place },
    at,
    ...(gap && { notBefore: gap.from }),
    verb: place % 2 === 1 ? 'delete' : moment === since ? 'create' : 'update',
    of,
    object: objectOf(textOf(storedIn(row)) ?? '{}'),
    ...(before !== undefined && { before: objectOf(before) }),
  };
}

function changedIn(row: Row, from: number, to: number, textOf: TextOf): Changed {
  const [since, until, versions] = row.slice(NAMES_WIDTH + 7) as unknown as readonly [number, number | null, number];
  const [after, before] = [textOf(storedIn(row)), textOf(storedIn(row, 1))];
  return {
    number: Number(row[0]),
    of: namedIn(row),
    ...(since <= from && before !== undefined && { before: objectOf(before) }),
    ...((until === null || until > to) && after !== undefined && { after: objectOf(after) }),
    at: timeOfMicroseconds(Number(row[NAMES_WIDTH] ?? 0)),
    versions: Number(versions),
  };
}

/** Values of a query, by the names under which its text calls them. */
class Values {
  readonly list: (Value | readonly Value[])[] = [];

  add(value: Value | readonly Value[]): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

function without({ without: kinds = [] }: ChangeQuery, values: Values): string {
  return kinds
    .map(({ group, kind }) => `AND NOT (k.api_group = ${values.add(group)} AND k.name = ${values.add(kind)})`)
    .join(' ');
}

function during({ from, to }: Gap, at: Time): boolean {
  return compareTime(from, at) <= 0 && (to === undefined || compareTime(at, to) <= 0);
}

/** Whether a gap is one of what a resource belongs to; `*` stands for every group or kind. */
function covers(
  gap: Gap,
  { cluster, group, kind, namespace }: Pick<Version['of'], 'cluster' | 'group' | 'kind' | 'namespace'>,
): boolean {
  const isOr = (scope: string, name: string): boolean => scope === '*' || scope === name;
  return (
    gap.cluster === cluster &&
    isOr(gap.group, group) &&
    isOr(gap.kind, kind) &&
    (gap.namespace === '' || gap.namespace === namespace)
  );
}

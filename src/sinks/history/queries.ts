/** Questions about what was observed, in SQL that both databases understand. */
import type { EdgeSpan, Existence, HistoryQueries, Version, VersionPage, VersionQuery } from '../../model/history.ts';
import { compareTime, microseconds, type Time, timeOfMicroseconds } from '../../model/time.ts';
import type { Gap } from '../../model/view.ts';
import type { Database, Row, Value } from './database.ts';
import { gapsFrom } from './gaps.ts';
import { objectOf } from './noise.ts';
import { NAMES, NAMES_WIDTH, namedIn } from './reader.ts';
import { type Stored, Texts } from './texts.ts';

/** Later than everything. */
const END = Number.MAX_SAFE_INTEGER;

export class Queries implements HistoryQueries {
  readonly #db: Database;
  readonly #texts: Texts;

  constructor(db: Database) {
    this.#db = db;
    this.#texts = new Texts(db);
  }

  async versions(query: VersionQuery, { order = 'oldest', after, limit }: VersionPage): Promise<readonly Version[]> {
    const values = new Values();
    const hits = await this.#hits(query, values);
    if (hits === undefined) return [];
    const [beyond, direction] = order === 'oldest' ? ['>', 'ASC'] : ['<', 'DESC'];
    const rest = after
      ? `WHERE (moment, place) ${beyond} (${values.add(after.moment)}, ${values.add(after.place)})`
      : '';
    const rows = await this.#db.rows(
      `SELECT ${NAMES}, m.at, coalesce(b.dictionary, v.dictionary), v.body, b.body, h.moment, h.place, r.since
      FROM (SELECT * FROM (${hits}) every ${rest} ORDER BY moment ${direction}, place ${direction} LIMIT ${values.add(limit)}) h
      JOIN resource r ON r.no = h.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = h.moment
      JOIN version v ON v.resource = h.resource
        AND v.moment = (SELECT max(moment) FROM version WHERE resource = h.resource AND moment <= h.moment)
      LEFT JOIN version b ON b.resource = v.resource AND b.moment = v.base
      ORDER BY h.moment ${direction}, h.place ${direction}`,
      values.list,
    );
    await this.#texts.prepare(rows.map(storedIn));
    const gaps = await this.gaps(query);
    return rows.map((row) => this.#version(row, gaps));
  }

  #version(row: Row, gaps: readonly Gap[]): Version {
    const of = namedIn(row);
    const [moment, place, since] = row.slice(NAMES_WIDTH + 4).map(Number) as [number, number, number];
    const at = timeOfMicroseconds(Number(row[NAMES_WIDTH]));
    const gap = gaps.find((each) => covers(each, of) && during(each, at));
    return {
      position: { moment, place },
      at,
      ...(gap && { notBefore: gap.from }),
      verb: place % 2 === 1 ? 'delete' : moment === since ? 'create' : 'update',
      of,
      object: objectOf(this.#texts.of(storedIn(row)) ?? '{}'),
    };
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

  #where({ clusters, kinds, namespaces, names, uids }: Partial<VersionQuery>, values: Values): string {
    const conditions = ['k.pseudo = 0'];
    const among = (column: string, list: readonly string[] | undefined): void => {
      if (list) conditions.push(`${column} IN (${this.#db.list(values.add(list))})`);
    };
    among('k.cluster', clusters);
    among('r.namespace', namespaces);
    among('r.name', names);
    among('r.uid', uids);
    if (kinds) {
      const each = kinds.map(
        ({ group, kind }) => `(k.api_group = ${values.add(group)} AND k.name = ${values.add(kind)})`,
      );
      conditions.push(`(${each.join(' OR ') || '1 = 0'})`);
    }
    return `AND ${conditions.join(' AND ')}`;
  }

  /** The moments of an interval; undefined when it holds none. */
  async #range({ from, to }: Pick<VersionQuery, 'from' | 'to'>): Promise<readonly [number, number] | undefined> {
    const [row] = await this.#db.rows('SELECT min(no), max(no) FROM moment WHERE at BETWEEN $1 AND $2', [
      from === undefined ? 0 : microseconds(from),
      to === undefined ? END : microseconds(to),
    ]);
    const [first, last] = row ?? [];
    return typeof first === 'number' && typeof last === 'number' ? [first, last] : undefined;
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

  async extent(): Promise<{ readonly from: Time; readonly to: Time } | undefined> {
    const [row] = await this.#db.rows('SELECT min(at), max(at) FROM moment');
    const [from, to] = row ?? [];
    return typeof from === 'number' && typeof to === 'number'
      ? { from: timeOfMicroseconds(from), to: timeOfMicroseconds(to) }
      : undefined;
  }
}

/** Values of a query, by the names under which its text calls them. */
class Values {
  readonly list: (Value | readonly Value[])[] = [];

  add(value: Value | readonly Value[]): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

function storedIn(row: Row): Stored {
  return row.slice(NAMES_WIDTH + 1, NAMES_WIDTH + 4) as unknown as Stored;
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

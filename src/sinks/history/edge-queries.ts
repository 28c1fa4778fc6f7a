/** Edges that came and went, in SQL that both databases understand: happening after happening, or held against each other at two moments. */
import type { ChangedEdge, ChangeQuery, EdgeChange, VersionPage } from '../../model/history.ts';
import { timeOfMicroseconds } from '../../model/time.ts';
import { conditions, Values } from './conditions.ts';
import type { Database } from './database.ts';
import { NAMES, NAMES_WIDTH, namedIn } from './rows.ts';

/** What this program concluded itself: versions tell what it follows from. */
const CONCLUDED = `(k.name = 'Incident' OR (k.name = 'Occurrence' AND (r.name LIKE 'state:%' OR r.name LIKE 'change:%')))`;

/** `range`: the first and last moment. */
export async function edgeChanges(
  db: Database,
  of: readonly number[],
  range: readonly [number, number],
  { order = 'oldest', limit }: Pick<VersionPage, 'order' | 'limit'>,
): Promise<readonly EdgeChange[]> {
  const list = db.list('$1');
  const side = (own: string, other: string, direction: EdgeChange['direction'], once = ''): string =>
    `SELECT e.${own} AS own, e.${other} AS other, e.type, '${direction}' AS direction, e.since AS came, o.since AS began, o.until AS ended,
      (SELECT min(u) FROM (SELECT e.until AS u UNION ALL SELECT r.until) ends) AS went
    FROM edge e JOIN resource o ON o.no = e.${own} JOIN resource r ON r.no = e.${other} JOIN kind k ON k.no = r.kind
    WHERE e.${own} IN (${list}) AND (e.since BETWEEN $2 AND $3 OR e.until BETWEEN $2 AND $3 OR r.until BETWEEN $2 AND $3)
      AND NOT (k.name = 'Event' AND k.api_group = '') AND NOT (k.pseudo = 1 AND ${CONCLUDED}) ${once}`;
  const rows = await db.rows(
    `WITH joined AS (${side('source', 'target', 'out')} UNION ALL ${side('target', 'source', 'in', `AND e.source NOT IN (${list})`)})
    SELECT ${NAMES}, t.name, c.direction, c.change, c.own, m.at FROM (
      SELECT own, other, type, direction, 'added' AS change, came AS moment FROM joined WHERE came <> began
      UNION ALL SELECT own, other, type, direction, 'removed', went FROM joined WHERE ended IS NULL OR went < ended
    ) c JOIN resource r ON r.no = c.other JOIN kind k ON k.no = r.kind JOIN edge_type t ON t.no = c.type JOIN moment m ON m.no = c.moment
    WHERE c.moment BETWEEN $2 AND $3
    ORDER BY c.moment ${order === 'oldest' ? 'ASC' : 'DESC'}, c.own, c.other, c.type, c.change LIMIT $4`,
    [of, ...range, limit],
  );
  return rows.map((row) => {
    const [type, direction, change, own, at] = row.slice(NAMES_WIDTH) as unknown as readonly [
      string,
      EdgeChange['direction'],
      EdgeChange['change'],
      number,
      number,
    ];
    return { change, at: timeOfMicroseconds(Number(at)), type, direction, of: Number(own), other: namedIn(row) };
  });
}

/** Of the moments `from` and `to`. */
export async function changedEdges(
  db: Database,
  query: ChangeQuery,
  [from, to]: readonly [number, number],
  limit: number,
): Promise<readonly ChangedEdge[]> {
  const values = new Values();
  const [a, b] = [values.add(from), values.add(to)];
  const where = conditions(db, query, values);
  const there = (moment: string, part: string): string => `(${part}.until IS NULL OR ${part}.until > ${moment})`;
  // What went and came back, or came and went again, is no difference.
  const notAt = (moment: string): string =>
    `AND NOT EXISTS (SELECT 1 FROM edge x WHERE x.source = e.source AND x.target = e.target AND x.type = e.type
      AND x.since <= ${moment} AND ${there(moment, 'x')})`;
  // What came later than the first instant is told by its number, without a look at it.
  const bound = values.add(await lastUntil(db, from));
  const ends = `AND e.source <= ${bound} AND e.target <= ${bound} AND ${there(b, 'r')} AND ${there(b, 'o')}`;
  const most = values.add(limit);
  // Each side in the order of its index, so that no more of it is looked at than is wanted.
  const side = (moment: string, change: ChangedEdge['change'], condition: string): string =>
    `SELECT * FROM (SELECT e.source, e.target, e.type, '${change}' AS change, ${moment} AS moment
      FROM edge e JOIN resource r ON r.no = e.source JOIN resource o ON o.no = e.target JOIN kind k ON k.no = r.kind
      WHERE ${condition} ${ends} ${where} ORDER BY ${moment}, e.source, e.target LIMIT ${most}) ${change}`;
  const rows = await db.rows(
    `SELECT ${NAMES}, t.name, c.change, m.at, o.no, ok.cluster, ok.api_group, ok.name, ok.pseudo, o.namespace, o.name, o.uid FROM (
      ${side('e.since', 'added', `e.since > ${a} AND e.since <= ${b} AND ${there(b, 'e')} ${notAt(a)}`)}
      UNION ALL
      ${side('e.until', 'removed', `e.until > ${a} AND e.until <= ${b} AND e.since <= ${a} ${notAt(b)}`)}
    ) c JOIN edge_type t ON t.no = c.type JOIN moment m ON m.no = c.moment
    JOIN resource r ON r.no = c.source JOIN kind k ON k.no = r.kind JOIN resource o ON o.no = c.target JOIN kind ok ON ok.no = o.kind
    ORDER BY c.moment, c.source, c.target LIMIT ${most}`,
    values.list,
  );
  return rows.map((row) => {
    const [type, change, at] = row.slice(NAMES_WIDTH) as unknown as readonly [string, ChangedEdge['change'], number];
    return { change, type, from: namedIn(row), to: namedIn(row.slice(NAMES_WIDTH + 3)), at: timeOfMicroseconds(at) };
  });
}

/** The number of the last resource that was there at a moment or before. Numbers ascend with time, which is looked for as in a telephone book. */
async function lastUntil(db: Database, moment: number): Promise<number> {
  const [[newest] = []] = await db.rows('SELECT max(no) FROM resource');
  let [before, after] = [0, Number(newest ?? 0) + 1];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const [row] = await db.rows('SELECT since FROM resource WHERE no >= $1 ORDER BY no LIMIT 1', [middle]);
    if (row !== undefined && Number(row[0]) <= moment) before = middle;
    else after = middle;
  }
  return before;
}

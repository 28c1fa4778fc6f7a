/** Edges that came and went, in SQL that both databases understand: happening after happening, or held against each other at two moments. */
import type { ChangedEdge, ChangeQuery, EdgeChange, VersionPage } from '../../model/history.ts';
import { timeOfMicroseconds } from '../../model/time.ts';
import { conditions, Values } from './conditions.ts';
import type { Database } from './database.ts';
import { NAMES, NAMES_WIDTH, namedIn } from './rows.ts';

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
      AND NOT (k.name = 'Event' AND k.api_group = '') ${once}`;
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
  // Numbers ascend with time: what came later than the first instant is told by its number, without a look at it.
  const [newest] = await db.rows('SELECT max(no) FROM resource WHERE since <= $1', [from]);
  const bound = values.add(Number(newest?.[0] ?? 0));
  const ends = `AND e.source <= ${bound} AND e.target <= ${bound} AND ${there(b, 'r')} AND ${there(b, 'o')}`;
  const side = (condition: string): string =>
    `FROM edge e JOIN resource r ON r.no = e.source JOIN resource o ON o.no = e.target JOIN kind k ON k.no = r.kind WHERE ${condition} ${ends} ${where}`;
  const rows = await db.rows(
    `SELECT ${NAMES}, t.name, c.change, m.at, o.no, ok.cluster, ok.api_group, ok.name, ok.pseudo, o.namespace, o.name, o.uid FROM (
      SELECT e.source, e.target, e.type, 'added' AS change, e.since AS moment ${side(`e.since > ${a} AND e.since <= ${b} AND ${there(b, 'e')} ${notAt(a)}`)}
      UNION ALL
      SELECT e.source, e.target, e.type, 'removed', e.until ${side(`e.until > ${a} AND e.until <= ${b} AND e.since <= ${a} ${notAt(b)}`)}
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

/**
 * History for people who ask in SQL, with any client: the views `clusters`, `topology_snapshots`, `resource_history` and `events`, which stand beside the
 * tables `exports` and `user_preferences`. What they cannot make of the other tables is kept beside those, by `readable.ts`. They say nothing that an older
 * SQLite (3.38) or PostgreSQL (13) does not understand. Reference: docs/reference/sql.md
 */
import type { Database } from './database.ts';

type Dialect = Database['dialect'];

/** What is said in other words in each dialect. */
interface Words {
  /** Microseconds since 1970 as an instant. */
  instant(microseconds: string): string;
  /** The hour of it, as text. */
  hour(microseconds: string): string;
  field(json: string, ...path: readonly string[]): string;
  object(pairs: Readonly<Record<string, string>>): string;
  /** All values of a query for one column, as a list. */
  array(value: string, from: string): string;
  /** The beginning of a view, in the place of the one of that name. */
  view(name: string): string;
}

const words: Readonly<Record<Dialect, Words>> = {
  sqlite: {
    instant: (us) =>
      `(strftime('%Y-%m-%dT%H:%M:%S', ${us} / 1000000, 'unixepoch') || printf('.%06dZ', ${us} % 1000000))`,
    hour: (us) => `strftime('%Y-%m-%dT%H', ${us} / 1000000, 'unixepoch')`,
    field: (json, ...path) => `json_extract(${json}, '$.${path.join('.')}')`,
    object: (pairs) => `json_object(${pairsIn(pairs)})`,
    array: (value, from) => `json((SELECT json_group_array(${value}) ${from}))`,
    view: (name) => `DROP VIEW IF EXISTS ${name}; CREATE VIEW ${name}`,
  },
  postgres: {
    instant: (us) => `(timestamptz 'epoch' + ${us} * interval '1 microsecond')`,
    hour: (us) => `to_char(to_timestamp(${us} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`,
    field: (json, ...path) =>
      `${json}::json${path.map((name, index) => `${index + 1 < path.length ? '->' : '->>'}'${name}'`).join('')}`,
    object: (pairs) => `json_build_object(${pairsIn(pairs)})`,
    array: (value, from) => `(SELECT coalesce(json_agg(${value}), '[]') ${from})`,
    // Dropped, it would lose its grants, and could not go while somebody's own view reads it.
    view: (name) => `CREATE OR REPLACE VIEW ${name}`,
  },
};

function pairsIn(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `'${key}', ${value}`)
    .join(', ');
}

/** Whether resources of a kind are shown as such: not what is only named, nor Events, which have a view of their own. */
function isShown(kind: string): string {
  return `${kind}.pseudo = 0 AND NOT (${kind}.name = 'Event' AND ${kind}.api_group = '')`;
}

/** Whether a row was there at a moment. */
function there(row: string, moment: string): string {
  return `${row}.since <= ${moment} AND (${row}.until IS NULL OR ${row}.until > ${moment})`;
}

/** Shown resources of a moment; with `edge`, the edges between them. */
function resourcesAt(moment: string): string {
  return `FROM resource r JOIN kind k ON k.no = r.kind WHERE ${there('r', moment)} AND ${isShown('k')}`;
}

function edgesAt(moment: string): string {
  return `FROM edge e JOIN edge_type t ON t.no = e.type JOIN resource r ON r.no = e.source JOIN kind k ON k.no = r.kind
    JOIN resource o ON o.no = e.target JOIN kind ok ON ok.no = o.kind
    WHERE ${there('e', moment)} AND ${there('r', moment)} AND ${there('o', moment)} AND ${isShown('k')} AND ${isShown('ok')}`;
}

/** How many resources and edges each cluster had at the moment `$1`. */
export const COUNTS = `SELECT cluster, max(nodes), max(edges) FROM (
    SELECT k.cluster, count(*) AS nodes, 0 AS edges ${resourcesAt('$1')} GROUP BY k.cluster
    UNION ALL SELECT k.cluster, 0, count(*) ${edgesAt('$1')} GROUP BY k.cluster
  ) each GROUP BY cluster`;

/** Makes the views, in the place of those that are there. */
export function readableViews(dialect: Dialect): string {
  return [clusters, topologySnapshots, resourceHistory, events].map((view) => view(words[dialect])).join('');
}

function clusters({ field, instant, view }: Words): string {
  return `
  ${view('clusters')} AS
  WITH told AS (
    SELECT o.no, m.at, ${field('o.body', 'cluster')} AS cluster, ${field('o.body', 'coverage')} AS coverage
    FROM observation o JOIN moment m ON m.no = o.moment
    WHERE ${field('o.body', 'scope', 'group')} = '*' AND ${field('o.body', 'scope', 'kind')} = '*'
  ), latest AS (
    SELECT cluster, max(no) AS no, max(CASE coverage WHEN 'ready' THEN no END) AS ready FROM told GROUP BY cluster
  ), known AS (
    SELECT k.cluster, min(r.since) AS since FROM resource r JOIN kind k ON k.no = r.kind GROUP BY k.cluster
  )
  SELECT known.cluster AS id, known.cluster AS name, NULL AS context, NULL AS kubeconfig_path, NULL AS server_url, NULL AS version,
    CASE (SELECT coverage FROM told WHERE told.no = latest.no)
      WHEN 'ready' THEN 'connected' WHEN 'forbidden' THEN 'error' WHEN 'absent' THEN 'error' ELSE 'disconnected' END AS status,
    CASE WHEN latest.ready = latest.no THEN ${instant('(SELECT max(at) FROM moment)')}
      ELSE ${instant('(SELECT min(at) FROM told WHERE told.cluster = latest.cluster AND told.no > latest.ready)')} END AS last_connected,
    ${instant('m.at')} AS created_at, ${instant('(SELECT max(at) FROM moment)')} AS updated_at
  FROM known JOIN moment m ON m.no = known.since LEFT JOIN latest ON latest.cluster = known.cluster;`;
}

/** `Pod/shop/web-1`; kinds of other groups than Kubernetes' own with their group, as people write them (`kindTitle`). */
function nodeId(r: string, k: string): string {
  return `${k}.name || CASE WHEN ${k}.api_group LIKE '%.%' AND ${k}.api_group NOT LIKE '%.k8s.io' THEN '.' || ${k}.api_group ELSE '' END
    || '/' || CASE ${r}.namespace WHEN '' THEN '' ELSE ${r}.namespace || '/' END || ${r}.name`;
}

function topologySnapshots({ hour, instant, object, array, view }: Words): string {
  const node = object({
    id: nodeId('r', 'k'),
    kind: 'k.name',
    group: 'k.api_group',
    namespace: 'r.namespace',
    name: 'r.name',
    uid: 'r.uid',
  });
  const edge = object({ source: nodeId('r', 'k'), target: nodeId('o', 'ok'), relationshipType: 't.name' });
  const data = object({
    nodes: array(node, `${resourcesAt('s.moment')} AND k.cluster = s.cluster`),
    edges: array(edge, `${edgesAt('s.moment')} AND k.cluster = s.cluster`),
  });
  return `
  ${view('topology_snapshots')} AS
  SELECT s.cluster || '/' || ${hour('m.at')} AS id, s.cluster AS cluster_id, NULL AS namespace, ${data} AS data,
    s.nodes AS node_count, s.edges AS edge_count, s.cluster || '-' || s.nodes || '-' || s.edges AS layout_seed, ${instant('m.at')} AS timestamp
  FROM snapshot s JOIN moment m ON m.no = s.moment;`;
}

function resourceHistory({ instant, view }: Words): string {
  const type = 'coalesce(k.plural, lower(k.name)) AS resource_type';
  return `
  ${view('resource_history')} AS
  SELECT r.no || '-' || v.moment AS id, k.cluster AS cluster_id, ${type}, r.namespace, r.name,
    CASE WHEN v.moment = r.since THEN 'created' ELSE 'updated' END AS action, y.yaml, d.diff, ${instant('m.at')} AS timestamp
  FROM version v JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = v.moment
  LEFT JOIN object_text y ON y.resource = v.resource AND y.moment = v.moment
  LEFT JOIN change_text d ON d.moment = v.moment AND d.resource = v.resource
  WHERE ${isShown('k')}
  UNION ALL
  SELECT r.no || '-' || r.until || '-deleted', k.cluster, coalesce(k.plural, lower(k.name)), r.namespace, r.name, 'deleted', y.yaml, NULL, ${instant('m.at')}
  FROM resource r JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = r.until
  LEFT JOIN object_text y ON y.resource = r.no AND y.moment = (SELECT max(moment) FROM version WHERE resource = r.no)
  WHERE ${isShown('k')};`;
}

function events({ instant, view }: Words): string {
  return `
  ${view('events')} AS
  SELECT '' || e.resource AS id, k.cluster AS cluster_id, e.type, e.reason, e.message, o.kind AS resource_kind, o.name AS resource_name,
    o.namespace, ${instant('e.first')} AS first_timestamp, ${instant('e.last')} AS last_timestamp, e.count, ${instant('m.at')} AS created_at
  FROM event e JOIN event_object o ON o.no = e.about JOIN resource r ON r.no = e.resource JOIN kind k ON k.no = r.kind
  JOIN moment m ON m.no = r.since;`;
}

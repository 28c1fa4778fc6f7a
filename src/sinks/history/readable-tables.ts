/**
 * History for people who ask in SQL, with any client: the tables `clusters`, `topology_snapshots`, `resource_history`, `events`, `exports` and
 * `user_preferences`. Most are views; what they cannot make of the other tables is kept beside those, by `readable.ts`. Views say nothing that an
 * older SQLite (3.38) or PostgreSQL (13) does not understand. Reference: docs/reference/sql.md
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
  readonly instantType: string;
  readonly now: string;
  readonly random: string;
}

const words: Readonly<Record<Dialect, Words>> = {
  sqlite: {
    instant: (us) =>
      `(strftime('%Y-%m-%dT%H:%M:%S', ${us} / 1000000, 'unixepoch') || printf('.%06dZ', ${us} % 1000000))`,
    hour: (us) => `strftime('%Y-%m-%dT%H', ${us} / 1000000, 'unixepoch')`,
    field: (json, ...path) => `json_extract(${json}, '$.${path.join('.')}')`,
    object: (pairs) => `json_object(${pairsIn(pairs)})`,
    array: (value, from) => `json((SELECT json_group_array(${value}) ${from}))`,
    instantType: 'TEXT',
    now: "(strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))",
    random: '(lower(hex(randomblob(16))))',
  },
  postgres: {
    instant: (us) => `(timestamptz 'epoch' + ${us} * interval '1 microsecond')`,
    hour: (us) => `to_char(to_timestamp(${us} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`,
    field: (json, ...path) =>
      `${json}::json${path.map((name, index) => `${index + 1 < path.length ? '->' : '->>'}'${name}'`).join('')}`,
    object: (pairs) => `json_build_object(${pairsIn(pairs)})`,
    array: (value, from) => `(SELECT coalesce(json_agg(${value}), '[]') ${from})`,
    instantType: 'TIMESTAMPTZ',
    now: 'now()',
    random: 'gen_random_uuid()::text',
  },
};

function pairsIn(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `'${key}', ${value}`)
    .join(', ');
}

const IS_EVENT = "k.name = 'Event' AND k.api_group = ''";
/** Resources of other tables are no resources of their own: their end, and what only happened. */
const IS_SHOWN = `k.pseudo = 0 AND NOT (${IS_EVENT})`;

/** Whether a row was there at a moment. */
function there(row: string, moment: string): string {
  return `${row}.since <= ${moment} AND (${row}.until IS NULL OR ${row}.until > ${moment})`;
}

/** Shown resources of a moment; with `edge`, the edges between them. */
function resourcesAt(moment: string): string {
  return `FROM resource r JOIN kind k ON k.no = r.kind WHERE ${there('r', moment)} AND ${IS_SHOWN}`;
}

function edgesAt(moment: string): string {
  const other = IS_SHOWN.replaceAll('k.', 'ok.');
  return `FROM edge e JOIN edge_type t ON t.no = e.type JOIN resource r ON r.no = e.source JOIN kind k ON k.no = r.kind
    JOIN resource o ON o.no = e.target JOIN kind ok ON ok.no = o.kind
    WHERE ${there('e', moment)} AND ${there('r', moment)} AND ${there('o', moment)} AND ${IS_SHOWN} AND ${other}`;
}

/** How many resources and edges each cluster had at the moment `$1`. */
export const COUNTS = `SELECT cluster, max(nodes), max(edges) FROM (
    SELECT k.cluster, count(*) AS nodes, 0 AS edges ${resourcesAt('$1')} GROUP BY k.cluster
    UNION ALL SELECT k.cluster, 0, count(*) ${edgesAt('$1')} GROUP BY k.cluster
  ) each GROUP BY cluster`;

/** The tables beside the others, and the views. */
export function readableTables(dialect: Dialect): string {
  const { instantType, now, random } = words[dialect];
  return `
  ALTER TABLE kind ADD COLUMN plural TEXT;
  -- Up to where versions have been read for the tables below: the last one, by moment and then by resource.
  CREATE TABLE readable (no INTEGER PRIMARY KEY, moment BIGINT NOT NULL, resource BIGINT NOT NULL);
  -- What changed with a version, for a time. With row ids: rows that come in their order fill the pages of SQLite.
  CREATE TABLE change_text (
    moment BIGINT NOT NULL, resource BIGINT NOT NULL, diff TEXT NOT NULL, PRIMARY KEY (moment, resource)
  );
  -- The last version of what is there, or was a short time ago.
  CREATE TABLE object_text (resource BIGINT PRIMARY KEY, moment BIGINT NOT NULL, yaml TEXT NOT NULL);
  CREATE INDEX object_text_moment ON object_text (moment);
  -- What Events are about, by the names that they say.
  CREATE TABLE event_object (
    no INTEGER PRIMARY KEY, name TEXT NOT NULL, namespace TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (name, namespace, kind)
  );
  -- The last version of an Event, for as long as the Event is known. Times in microseconds since 1970.
  CREATE TABLE event (
    resource BIGINT PRIMARY KEY, about INTEGER NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
    first BIGINT, last BIGINT, count BIGINT NOT NULL
  );
  CREATE INDEX event_about ON event (about);
  -- How large a cluster was at the last moment of an hour; of the hour that goes on, at a moment not long ago.
  CREATE TABLE snapshot (
    moment BIGINT NOT NULL, cluster TEXT NOT NULL, nodes BIGINT NOT NULL, edges BIGINT NOT NULL, PRIMARY KEY (moment, cluster)
  ) {WITHOUT ROWID|};
  CREATE TABLE exports (
    id TEXT PRIMARY KEY DEFAULT ${random}, cluster_id TEXT, topology_snapshot_id TEXT, format TEXT NOT NULL,
    file_path TEXT NOT NULL, file_size BIGINT, created_at ${instantType} NOT NULL DEFAULT ${now}
  );
  CREATE TABLE user_preferences (
    id TEXT PRIMARY KEY DEFAULT ${random}, key TEXT NOT NULL UNIQUE, value TEXT, updated_at ${instantType} NOT NULL DEFAULT ${now}
  );
  ${clusters(words[dialect])}
  ${topologySnapshots(words[dialect])}
  ${resourceHistory(words[dialect])}
  ${events(words[dialect])}`;
}

function clusters({ field, instant }: Words): string {
  return `
  CREATE VIEW clusters AS
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

function topologySnapshots({ hour, instant, object, array }: Words): string {
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
  CREATE VIEW topology_snapshots AS
  SELECT s.cluster || '/' || ${hour('m.at')} AS id, s.cluster AS cluster_id, NULL AS namespace, ${data} AS data,
    s.nodes AS node_count, s.edges AS edge_count, s.cluster || '-' || s.nodes || '-' || s.edges AS layout_seed, ${instant('m.at')} AS timestamp
  FROM snapshot s JOIN moment m ON m.no = s.moment;`;
}

function resourceHistory({ instant }: Words): string {
  const type = 'coalesce(k.plural, lower(k.name)) AS resource_type';
  return `
  CREATE VIEW resource_history AS
  SELECT r.no || '-' || v.moment AS id, k.cluster AS cluster_id, ${type}, r.namespace, r.name,
    CASE WHEN v.moment = r.since THEN 'created' ELSE 'updated' END AS action, y.yaml, d.diff, ${instant('m.at')} AS timestamp
  FROM version v JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = v.moment
  LEFT JOIN object_text y ON y.resource = v.resource AND y.moment = v.moment
  LEFT JOIN change_text d ON d.moment = v.moment AND d.resource = v.resource
  WHERE ${IS_SHOWN}
  UNION ALL
  SELECT r.no || '-' || r.until || '-deleted', k.cluster, coalesce(k.plural, lower(k.name)), r.namespace, r.name, 'deleted', y.yaml, NULL, ${instant('m.at')}
  FROM resource r JOIN kind k ON k.no = r.kind JOIN moment m ON m.no = r.until
  LEFT JOIN object_text y ON y.resource = r.no
  WHERE ${IS_SHOWN};`;
}

function events({ instant }: Words): string {
  return `
  CREATE VIEW events AS
  SELECT '' || e.resource AS id, k.cluster AS cluster_id, e.type, e.reason, e.message, o.kind AS resource_kind, o.name AS resource_name,
    o.namespace, ${instant('e.first')} AS first_timestamp, ${instant('e.last')} AS last_timestamp, e.count, ${instant('m.at')} AS created_at
  FROM event e JOIN event_object o ON o.no = e.about JOIN resource r ON r.no = e.resource JOIN kind k ON k.no = r.kind
  JOIN moment m ON m.no = r.since;`;
}

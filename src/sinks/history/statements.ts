/** Everything that is written to the tables, a row at a time in SQLite, column by column in PostgreSQL. */
import type { Statement } from './database.ts';

function insert(table: string, columns: Readonly<Record<string, string>>): Statement {
  const names = Object.keys(columns);
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  return {
    sqlite: `INSERT INTO ${table} (${names}) VALUES (${names.map((_, index) => `?${index + 1}`)})`,
    postgres: `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`,
  };
}

/** Every table with all of its columns and their types, those first that others name. */
export const tables = {
  moment: { no: 'bigint', at: 'bigint' },
  kind: { no: 'int', cluster: 'text', api_group: 'text', name: 'text', pseudo: 'int', plural: 'text' },
  resource: {
    no: 'bigint',
    kind: 'int',
    namespace: 'text',
    name: 'text',
    uid: 'text',
    since: 'bigint',
    until: 'bigint',
  },
  dictionary: { no: 'int', alike: 'text', body: 'bytea' },
  version: { resource: 'bigint', moment: 'bigint', base: 'bigint', dictionary: 'int', body: 'bytea' },
  edge_type: { no: 'int', name: 'text' },
  edge: { source: 'bigint', target: 'bigint', type: 'int', since: 'bigint', until: 'bigint' },
  observation: { no: 'bigint', moment: 'bigint', body: 'text' },
  kept: { kind: 'int', since: 'bigint', cleared: 'bigint' },
  frame: { moment: 'bigint', piece: 'int', edition: 'text', body: 'bytea' },
  readable: { no: 'int', moment: 'bigint', resource: 'bigint' },
  change_text: { moment: 'bigint', resource: 'bigint', diff: 'text' },
  object_text: { resource: 'bigint', moment: 'bigint', yaml: 'text' },
  event_object: { no: 'int', name: 'text', namespace: 'text', kind: 'text' },
  event: {
    resource: 'bigint',
    about: 'int',
    type: 'text',
    reason: 'text',
    message: 'text',
    first: 'bigint',
    last: 'bigint',
    count: 'bigint',
  },
  snapshot: { moment: 'bigint', cluster: 'text', nodes: 'bigint', edges: 'bigint' },
  dead_letter: { id: 'text', body: 'text' },
  exports: {
    id: 'text',
    cluster_id: 'text',
    topology_snapshot_id: 'text',
    format: 'text',
    file_path: 'text',
    file_size: 'bigint',
    created_at: 'timestamptz',
  },
  user_preferences: { id: 'text', key: 'text', value: 'text', updated_at: 'timestamptz' },
} as const satisfies Record<string, Record<string, string>>;

/** Takes all columns of the table, in their order. */
export function insertInto(table: keyof typeof tables): Statement {
  return insert(table, tables[table]);
}

export const insertMoment = insertInto('moment');
export const insertKind = insert('kind', {
  no: 'int',
  cluster: 'text',
  api_group: 'text',
  name: 'text',
  pseudo: 'int',
});
export const insertResource = insertInto('resource');
export const insertVersion = insertInto('version');
export const insertDictionary = insertInto('dictionary');
export const insertEdgeType = insertInto('edge_type');
export const insertEdge = insert('edge', { source: 'bigint', target: 'bigint', type: 'int', since: 'bigint' });
export const insertObservation = insertInto('observation');

/** Columns: resource, moment, and what it is written against from now on: base, dictionary, body. */
export const rewriteVersion: Statement = {
  sqlite: 'UPDATE version SET base = ?3, dictionary = ?4, body = ?5 WHERE resource = ?1 AND moment = ?2',
  postgres: `UPDATE version SET base = again.base, dictionary = again.dictionary, body = again.body
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::bytea[]) again (resource, moment, base, dictionary, body)
    WHERE version.resource = again.resource AND version.moment = again.moment`,
};

/** Columns: no, until. */
export const endResource: Statement = {
  sqlite: 'UPDATE resource SET until = ?2 WHERE no = ?1',
  postgres:
    'UPDATE resource SET until = ended.until FROM unnest($1::bigint[], $2::bigint[]) ended (no, until) WHERE resource.no = ended.no',
};

/** Columns: source, target, type, until. One that began again at that moment or later is another. */
export const endEdge: Statement = {
  sqlite: 'UPDATE edge SET until = ?4 WHERE source = ?1 AND target = ?2 AND type = ?3 AND until IS NULL AND since < ?4',
  // One that begins and ends several times ends with the first of its ends, as it does row by row.
  postgres: `UPDATE edge SET until = ended.until FROM (
      SELECT source, target, type, since, min(ends.until) AS until
      FROM edge JOIN unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[]) ends (source, target, type, until) USING (source, target, type)
      WHERE edge.until IS NULL AND since < ends.until GROUP BY source, target, type, since
    ) ended
    WHERE edge.source = ended.source AND edge.target = ended.target AND edge.type = ended.type AND edge.since = ended.since`,
};

/** Columns: moment, resource. */
export const setReadable: Statement = {
  sqlite:
    'INSERT INTO readable (no, moment, resource) VALUES (1, ?1, ?2) ON CONFLICT (no) DO UPDATE SET moment = excluded.moment, resource = excluded.resource',
  postgres: `INSERT INTO readable (no, moment, resource) SELECT 1, * FROM unnest($1::bigint[], $2::bigint[])
    ON CONFLICT (no) DO UPDATE SET moment = excluded.moment, resource = excluded.resource`,
};

/** Takes all columns of a table, and puts them in the place of the row of the same key; each key once. */
function putInto(table: keyof typeof tables, key: readonly string[]): Statement {
  const { sqlite, postgres } = insertInto(table);
  const others = Object.keys(tables[table]).filter((column) => !key.includes(column));
  const again = `ON CONFLICT (${key}) DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`)}`;
  return { sqlite: `${sqlite} ${again}`, postgres: `${postgres} ${again}` };
}

export const putChangeText = putInto('change_text', ['moment', 'resource']);
export const putObjectText = putInto('object_text', ['resource']);
export const putSnapshot = putInto('snapshot', ['moment', 'cluster']);
export const putDeadLetter = putInto('dead_letter', ['id']);

/** Columns: name, namespace, kind. What is there already stays. */
export const insertEventObject: Statement = {
  sqlite: 'INSERT INTO event_object (name, namespace, kind) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING',
  postgres: `INSERT INTO event_object (no, name, namespace, kind)
    SELECT (SELECT coalesce(max(no), 0) FROM event_object) + row_number() OVER (), fresh.* FROM (
      SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) said (name, namespace, kind)
      WHERE NOT EXISTS (SELECT 1 FROM event_object o WHERE (o.name, o.namespace, o.kind) = (said.name, said.namespace, said.kind))
    ) fresh`,
};

const EVENT = 'resource, about, type, reason, message, first, last, count';
const AGAIN =
  'ON CONFLICT (resource) DO UPDATE SET about = excluded.about, type = excluded.type, reason = excluded.reason, message = excluded.message, first = excluded.first, last = excluded.last, count = excluded.count';

/** Columns: resource; name, namespace and kind of what it is about; then the others of `event`. */
export const putEvent: Statement = {
  sqlite: `INSERT INTO event (${EVENT})
    SELECT ?1, no, ?5, ?6, ?7, ?8, ?9, ?10 FROM event_object WHERE name = ?2 AND namespace = ?3 AND kind = ?4 ${AGAIN}`,
  postgres: `INSERT INTO event (${EVENT})
    SELECT said.resource, o.no, said.type, reason, message, first, last, count
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[])
      said (resource, name, namespace, kind, type, reason, message, first, last, count)
    JOIN event_object o ON (o.name, o.namespace, o.kind) = (said.name, said.namespace, said.kind) ${AGAIN}`,
};

/** Columns: no, plural. */
export const setPlural: Statement = {
  sqlite: 'UPDATE kind SET plural = ?2 WHERE no = ?1',
  postgres:
    'UPDATE kind SET plural = said.plural FROM unnest($1::int[], $2::text[]) said (no, plural) WHERE kind.no = said.no',
};

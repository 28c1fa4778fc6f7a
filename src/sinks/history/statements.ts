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
  kind: { no: 'int', cluster: 'text', api_group: 'text', name: 'text', pseudo: 'int' },
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
} as const satisfies Record<string, Record<string, string>>;

/** Takes all columns of the table, in their order. */
export function insertInto(table: keyof typeof tables): Statement {
  return insert(table, tables[table]);
}

export const insertMoment = insertInto('moment');
export const insertKind = insertInto('kind');
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

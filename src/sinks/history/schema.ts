/**
 * The tables of history, as numbered migrations: forward only, each in a transaction of its own, never edited once released.
 *
 * Time is counted in moments: one number for each instant at which something was observed, ascending even when clocks step back. Everything is
 * valid from one moment (`since`) to another (`until`, exclusive, null while it lasts).
 */
import { Problem } from '../../model/problem.ts';
import type { Database } from './database.ts';
import { readableTables } from './readable-tables.ts';

/** Types are written as in PostgreSQL; `{…|…}` is what SQLite says, and what PostgreSQL does. */
const migrations: readonly (string | ((dialect: Database['dialect']) => string))[] = [
  `
  -- One row a moment; \`at\` in microseconds since 1970, never descending.
  CREATE TABLE moment (no BIGINT PRIMARY KEY, at BIGINT NOT NULL);
  CREATE INDEX moment_at ON moment (at);
  CREATE TABLE kind (
    no INTEGER PRIMARY KEY, cluster TEXT NOT NULL, api_group TEXT NOT NULL, name TEXT NOT NULL, pseudo INTEGER NOT NULL,
    UNIQUE (cluster, api_group, name, pseudo)
  );
  -- One existence of a resource: what is deleted and made again is another row, also when its id is the same.
  CREATE TABLE resource (
    no BIGINT PRIMARY KEY, kind INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL,
    since BIGINT NOT NULL, until BIGINT
  );
  CREATE INDEX resource_name ON resource {(name, namespace, kind)|USING hash (name)};
  CREATE INDEX resource_until ON resource (until);
  -- What was observed of it, compressed. \`base\`: the moment of the version that is its dictionary; else \`dictionary\`, if any.
  CREATE TABLE version (
    resource BIGINT NOT NULL, moment BIGINT NOT NULL, base BIGINT, dictionary INTEGER, body BYTEA NOT NULL,
    PRIMARY KEY (resource, moment)
  ) {WITHOUT ROWID|};
  CREATE INDEX version_moment ON version (moment);
  -- Texts that versions of alike resources are compressed with. \`alike\`: what they have in common.
  CREATE TABLE dictionary (no INTEGER PRIMARY KEY, alike TEXT NOT NULL, body BYTEA NOT NULL);
  CREATE TABLE edge_type (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  -- An edge also ends when one of its resources does.
  CREATE TABLE edge (
    source BIGINT NOT NULL, target BIGINT NOT NULL, type INTEGER NOT NULL, since BIGINT NOT NULL, until BIGINT,
    PRIMARY KEY (source, target, type, since)
  ) {WITHOUT ROWID|};
  CREATE INDEX edge_target ON edge (target, source);
  CREATE INDEX edge_since ON edge (since);
  CREATE INDEX edge_until ON edge (until) WHERE until IS NOT NULL;
  -- How well each scope was observed: changes of type \`observe\`, as JSON.
  CREATE TABLE observation (no BIGINT PRIMARY KEY, moment BIGINT NOT NULL, body TEXT NOT NULL);
  `,
  `
  -- From which moment on a kind is kept, 0 standing for all of them; what only earlier moments need is gone up to \`cleared\`, and about to go.
  CREATE TABLE kept (kind INTEGER PRIMARY KEY, since BIGINT NOT NULL, cleared BIGINT NOT NULL);
  -- Which dictionaries are needed.
  CREATE INDEX version_dictionary ON version (dictionary) WHERE dictionary IS NOT NULL;
  `,
  readableTables,
  `
  -- Linked graphs of moments, in pieces.
  CREATE TABLE frame (moment BIGINT NOT NULL, piece INTEGER NOT NULL, edition TEXT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (moment, piece));
  `,
];

/** The moment with which answers begin: those before it are known only as far as later ones need them. */
export const FLOOR = '(SELECT coalesce(max(since), 0) FROM kept WHERE kind = 0)';

/** How many migrations there are. */
export const tablesVersion = migrations.length;

/** Brings the tables up to date, or to an earlier version. Throws Problem `store-unreachable` when they are of a later version of this program. */
export async function migrate(db: Database, version = tablesVersion): Promise<void> {
  await db.script('CREATE TABLE IF NOT EXISTS migration (no INTEGER PRIMARY KEY)');
  const [[done] = [null]] = await db.rows('SELECT max(no) FROM migration');
  if (Number(done) > migrations.length)
    throw new Problem(
      'store-unreachable',
      `The history was written by a later version of this program (tables ${done}, known are ${migrations.length}); use that version, or another file.`,
    );
  for (const [index, sql] of migrations.entries()) {
    if (index < Number(done) || index >= version) continue;
    const text = typeof sql === 'string' ? sql : sql(db.dialect);
    await db.transaction(async () => {
      await db.script(`${inDialect(text, db.dialect)}; INSERT INTO migration VALUES (${index + 1})`);
    });
  }
}

const BOTH = /\{([^}|]*)\|([^}]*)\}/g;

/** Columns of text are compared by their bytes in both; a cast has no say in it. */
function inDialect(sql: string, dialect: Database['dialect']): string {
  return dialect === 'sqlite'
    ? sql.replaceAll(BOTH, '$1').replaceAll('BYTEA', 'BLOB').replaceAll('BIGINT', 'INTEGER')
    : sql.replaceAll(BOTH, '$2').replaceAll(/(?<!\bAS )\bTEXT\b/g, 'TEXT COLLATE "C"');
}

/**
 * The tables of history, as numbered migrations: forward only, each in a transaction of its own, never edited once released.
 *
 * Time is counted in moments: one number for each instant at which something was observed, ascending even when clocks step back. Everything is
 * valid from one moment (`since`) to another (`until`, exclusive, null while it lasts).
 *
 * Views are no part of migrations: they are made anew whenever the tables change version, so a change of a view takes a migration as well.
 */
import { Problem } from '../../model/problem.ts';
import type { Database } from './database.ts';
import { readableViews } from './readable-views.ts';

/** Types are written as in PostgreSQL; `{…|…}` is what SQLite says, and what PostgreSQL does. */
const migrations: readonly string[] = [
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
  `
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
    id TEXT PRIMARY KEY DEFAULT {(lower(hex(randomblob(16))))|gen_random_uuid()::text}, cluster_id TEXT, topology_snapshot_id TEXT, format TEXT NOT NULL,
    file_path TEXT NOT NULL, file_size BIGINT, created_at {TEXT|TIMESTAMPTZ} NOT NULL DEFAULT {(strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))|now()}
  );
  CREATE TABLE user_preferences (
    id TEXT PRIMARY KEY DEFAULT {(lower(hex(randomblob(16))))|gen_random_uuid()::text}, key TEXT NOT NULL UNIQUE, value TEXT, updated_at {TEXT|TIMESTAMPTZ} NOT NULL DEFAULT {(strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))|now()}
  );
  `,
  `
  -- Linked graphs of moments, in pieces.
  CREATE TABLE frame (moment BIGINT NOT NULL, piece INTEGER NOT NULL, edition TEXT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (moment, piece));
  `,
  `
  -- Of views, resource_history.
  `,
  `
  -- Records that others sent and that were turned down, as JSON; they have no part in what was.
  CREATE TABLE dead_letter (id TEXT PRIMARY KEY, body TEXT NOT NULL);
  `,
];

/** The moment with which answers begin: those before it are known only as far as later ones need them. */
export const FLOOR = '(SELECT coalesce(max(since), 0) FROM kept WHERE kind = 0)';

/** How many migrations there are. */
export const tablesVersion = migrations.length;

/** How many migrations the tables of a database have seen; 0 where there are none. */
export async function tablesOf(db: Database): Promise<number> {
  const found =
    db.dialect === 'sqlite'
      ? "SELECT count(*) FROM sqlite_schema WHERE name = 'migration'"
      : "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migration'";
  const [[isThere] = []] = await db.rows(found);
  if (Number(isThere) === 0) return 0;
  const [[last] = []] = await db.rows('SELECT max(no) FROM migration');
  return Number(last ?? 0);
}

/**
 * Brings the tables up to date, or to an earlier version. Throws a Problem: `store-unreachable` when they are of a later version of this program,
 * `invalid-input` where a file holds tables of another program.
 */
export async function migrate(db: Database, version = tablesVersion): Promise<void> {
  const done = await tablesOf(db);
  if (done > tablesVersion)
    throw new Problem(
      'store-unreachable',
      `The history was written by a later version of this program (tables ${done}, known are ${tablesVersion}); use that version, or another file.`,
    );
  if (done === 0 && db.dialect === 'sqlite') {
    const [[others] = []] = await db.rows("SELECT count(*) FROM sqlite_schema WHERE name <> 'migration'");
    if (Number(others) > 0)
      throw new Problem('invalid-input', `${db.where} is no history, but a database of another program; name another`);
  }
  await db.script('CREATE TABLE IF NOT EXISTS migration (no INTEGER PRIMARY KEY)');
  for (let no = done + 1; no <= version; no++) {
    const views = no === tablesVersion ? readableViews(db.dialect) : '';
    const sql = inDialect(`${migrations[no - 1]} ${views}`, db.dialect);
    await db.transaction(() => db.script(`${sql} INSERT INTO migration VALUES (${no})`));
  }
}

const BOTH = /\{([^}|]*)\|([^}]*)\}/g;

/** Columns of text are compared by their bytes in both; a cast has no say in it. */
function inDialect(sql: string, dialect: Database['dialect']): string {
  return dialect === 'sqlite'
    ? sql.replaceAll(BOTH, '$1').replaceAll('BYTEA', 'BLOB').replaceAll('BIGINT', 'INTEGER')
    : sql.replaceAll(BOTH, '$2').replaceAll(/(?<!\bAS )\bTEXT\b/g, 'TEXT COLLATE "C"');
}

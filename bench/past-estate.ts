/**
 * A history with weeks behind it, made in minutes: some hours of an estate's life as the program writes them, and then the same hours again and again.
 * What was there all the time goes on; what came or went comes and goes each time, as another resource under the same names.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../src/sinks/history/sqlite.ts';
import { HistoryWriter } from '../src/sinks/history/writer.ts';
import { type BenchOptions, numberOption } from './harness.ts';
import { emptyGraph, fieldRate, fieldResources, firstVersions, life, lifeBegins, listing, remember } from './life.ts';
import { census } from './workload.ts';

export interface PastEstate {
  readonly file: string;
  readonly versions: number;
  readonly megabytes: number;
  /** Milliseconds since 1970. */
  readonly begins: number;
  readonly ends: number;
}

/** Options that the benchmarks of the past share. */
export const pastOptions = ['objects', 'days', 'versions', 'database'] as const;

/**
 * The history that was asked for: `--objects`, `--days` of life at the field's rate, of which the first `--versions` are made and the others are the same
 * again. `--database FILE` keeps it, and uses it when it is there.
 */
export async function pastEstate(options: BenchOptions): Promise<PastEstate> {
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 10_000);
  const days = numberOption(options, 'days', options.smoke ? 0.5 : 14);
  const versions = numberOption(options, 'versions', options.smoke ? 1_000 : 100_000);
  const file = options.values['database'] ?? temporary();
  const perMinute = (fieldRate * objects) / fieldResources;
  if (!existsSync(file)) {
    const database = openSqlite(file);
    await database.script('PRAGMA cache_size=-200000');
    const writer = await HistoryWriter.open(database);
    const [estate, graph] = [census({ objects }), emptyGraph()];
    await remember(writer, graph, listing(estate));
    const [[listed] = []] = await database.rows('SELECT max(no) FROM moment');
    await remember(writer, graph, firstVersions(life(estate, perMinute), versions));
    await database.close();
    repeat(file, Number(listed), Math.round((days * 1_440 * perMinute) / versions) - 1);
  }
  return factsOf(file);
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'history.db');
}

function factsOf(file: string): PastEstate {
  const database = new DatabaseSync(file, { readOnly: true });
  const [versions, ends] = ['count(*) AS it FROM version', 'max(at) AS it FROM moment'].map((what) =>
    Number(database.prepare(`SELECT ${what}`).get()?.['it']),
  ) as [number, number];
  database.close();
  return { file, versions, megabytes: statSync(file).size / 1e6, begins: lifeBegins, ends: ends / 1_000 };
}

/** Appends what happened after the moment `from` so many times more. Of what is there at `from` there must be one version each. */
function repeat(file: string, from: number, times: number): void {
  if (times < 1) return;
  const db = new DatabaseSync(file);
  db.exec('PRAGMA cache_size=-400000; PRAGMA temp_store=MEMORY; PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF');
  const one = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
  const to = one('SELECT max(no) FROM moment');
  const length = to - from;
  const span = one(`SELECT max(at) - (SELECT at FROM moment WHERE no = ${from}) FROM moment`);
  const resources = one('SELECT max(no) FROM resource');
  const indexes = db
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    .all() as unknown as readonly { name: string; sql: string }[];
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  const shifted = (column: string): string => `max(${column}, ${from}) + k * ${length}`;
  const renumbered = (column: string): string =>
    `CASE WHEN ${column} IN passing THEN ${column} + k * ${resources} ELSE ${column} END`;
  const until = `CASE WHEN open AND k = ${times} THEN NULL ELSE until + k * ${length} END`;
  db.exec(`
    CREATE TEMP TABLE copies (k INTEGER PRIMARY KEY);
    INSERT INTO copies WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < ${times}) SELECT k FROM n;
    CREATE TEMP TABLE passing (no INTEGER PRIMARY KEY);
    INSERT INTO passing SELECT no FROM resource WHERE since > ${from} OR until IS NOT NULL;
    CREATE TEMP TABLE old_moment AS SELECT * FROM moment WHERE no > ${from};
    CREATE TEMP TABLE old_resource AS SELECT *, until IS NULL AS open FROM resource WHERE no IN passing;
    CREATE TEMP TABLE old_edge AS SELECT *, until IS NULL AS open FROM edge
      WHERE since > ${from} OR until IS NOT NULL OR source IN passing OR target IN passing;
    CREATE TEMP TABLE old_version (resource, moment, base, dictionary, body, PRIMARY KEY (resource, moment)) WITHOUT ROWID;
    INSERT INTO old_version SELECT * FROM version WHERE moment > ${from} OR resource IN passing;
    CREATE TEMP TABLE changed AS SELECT DISTINCT resource AS no FROM old_version;
    UPDATE resource SET until = ${to} WHERE since > ${from} AND until IS NULL;
    UPDATE old_resource SET until = ${to} WHERE until IS NULL;
    UPDATE edge SET until = ${to} WHERE since > ${from} AND until IS NULL AND source NOT IN passing AND target NOT IN passing;
    UPDATE old_edge SET until = ${to} WHERE until IS NULL AND source NOT IN passing AND target NOT IN passing;
    INSERT INTO moment SELECT no + k * ${length}, at + k * ${span} FROM copies CROSS JOIN old_moment;
    INSERT INTO resource SELECT no + k * ${resources}, kind, namespace, name, uid, ${shifted('since')}, ${until} FROM copies CROSS JOIN old_resource;
    INSERT INTO version SELECT ${renumbered('resource')}, ${shifted('moment')},
        CASE WHEN base > ${from} OR resource IN passing THEN ${shifted('base')} ELSE base END, dictionary, body
      FROM changed CROSS JOIN copies CROSS JOIN old_version v WHERE v.resource = changed.no;
    INSERT INTO edge SELECT ${renumbered('source')}, ${renumbered('target')}, type, ${shifted('since')}, ${until}
      FROM copies CROSS JOIN old_edge;
  `);
  for (const { sql } of indexes) db.exec(sql);
  db.close();
}

/**
 * Backup and restore. A backup is a SQLite history in a file of its own, whatever it was made of, so every command can read it. Invariant: it is one
 * instant of what it was made of, whole or not there at all; and what it is restored to is so as well.
 */
import { existsSync, rmSync } from 'node:fs';
import { Problem } from '../../model/problem.ts';
import { checkHistory } from './check.ts';
import type { Database, Reading } from './database.ts';
import { openDatabase } from './open.ts';
import { migrate, tablesOf, tablesVersion } from './schema.ts';
import { copySqlite, openSqlite, replaceSqlite, sqliteFaults } from './sqlite.ts';
import { insertInto, tables } from './statements.ts';

export interface CopyOptions {
  /** Also where something is already. */
  readonly force?: boolean;
  /** Told how much of how much is there, in pages or rows. */
  readonly progress?: ((done: number, of: number) => void) | undefined;
}

/** Copies a history, which may be written to meanwhile, into a new file. Rejects with a Problem: `invalid-input` where there is one already. */
export async function backUp(url: string, file: string, { force = false, progress }: CopyOptions): Promise<void> {
  if (existsSync(file) && !force)
    throw new Problem('invalid-input', `${file} is there already; name another file, or overwrite it with --force.`);
  await using source = await openDatabase(url, { readOnly: true });
  await versionOf(source, url);
  if (source.dialect === 'sqlite') await copySqlite(url, file, progress);
  else await replaceSqlite(file, () => newFileOf(source, file, progress)).finally(() => rmSync(`${file}.lock`));
}

/**
 * Puts a backup, or any history that nobody writes to, where a history is to be. Rejects with a Problem: `invalid-input` where one is already that holds
 * something, `store-damaged` when the backup is, `store-in-use` when somebody writes to what would be overwritten.
 */
export async function restore(from: string, to: string, { force = false, progress }: CopyOptions): Promise<void> {
  await using source = await openDatabase(from, { readOnly: true });
  const version = await versionOf(source, from);
  const faults = [
    ...(source.dialect === 'sqlite' ? await sqliteFaults(source, true) : []),
    ...(version === tablesVersion ? await checkHistory(source) : []),
  ];
  if (faults.length > 0)
    throw new Problem('store-damaged', `${from} is damaged; take another backup`, { details: faults });
  if (to.includes('://')) return await restoreRows(source, version, to, { force, progress });
  if (existsSync(to) && !force) await checkEmpty(openSqlite(to), to);
  await replaceSqlite(to, async () => {
    if (source.dialect === 'postgres') return newFileOf(source, to, progress);
    await copySqlite(from, `${to}.new`, progress);
    return `${to}.new`;
  });
  await using restored = openSqlite(to);
  await migrate(restored);
}

async function restoreRows(source: Database, version: number, to: string, { force, progress }: CopyOptions) {
  if (version !== tablesVersion)
    throw new Problem(
      'unsupported',
      'The backup is of an earlier version of this program: restore it into a file first, which brings it up to date, and then that file.',
    );
  await using target = await openDatabase(to);
  await migrate(target);
  await checkContent(target, to, force === true);
  await target.transaction(async () => {
    for (const table of Object.keys(tables)) await target.script(`DELETE FROM ${table}`);
    await source.snapshot((reading) => copyRows(reading, target, progress));
  });
}

/** A file beside the one that is to be, with everything. Returns its name. */
async function newFileOf(source: Database, file: string, progress: CopyOptions['progress']): Promise<string> {
  const made = `${file}.new`;
  const remove = (endings: readonly string[]): void => {
    for (const ending of endings) rmSync(`${made}${ending}`, { force: true });
  };
  remove(['', '-wal', '-shm']);
  try {
    await using target = openSqlite(made);
    await migrate(target);
    await source.snapshot((reading) => target.transaction(() => copyRows(reading, target, progress)));
    await target.script('PRAGMA journal_mode=DELETE');
  } catch (error) {
    remove(['', '-wal', '-shm', '.lock']);
    throw error;
  }
  remove(['.lock']);
  return made;
}

async function copyRows(source: Reading, target: Database, progress: CopyOptions['progress']): Promise<void> {
  const names = Object.keys(tables) as (keyof typeof tables)[];
  const [counts] = await source.rows(`SELECT ${names.map((table) => `(SELECT count(*) FROM ${table})`)}`);
  const of = (counts ?? []).reduce<number>((sum, count) => sum + Number(count), 0);
  let done = 0;
  for (const table of names) {
    for await (const rows of source.batches(`SELECT ${Object.keys(tables[table])} FROM ${table}`)) {
      await target.write(insertInto(table), rows);
      done += rows.length;
      progress?.(done, of);
    }
  }
}

async function checkEmpty(target: Database, where: string): Promise<void> {
  await using database = target;
  if ((await tablesOf(database)) > 0) await checkContent(database, where, false);
}

async function checkContent(database: Database, where: string, force: boolean): Promise<void> {
  const [row] = await database.rows('SELECT count(*) FROM moment');
  if (Number(row?.[0] ?? 0) > 0 && !force)
    throw new Problem(
      'invalid-input',
      `There is a history at ${where} already; overwrite it with --force, or name another place with --history.`,
    );
}

/** Of the tables. Rejects when it is no history (`invalid-input`), or of a later version of this program. */
export async function versionOf(database: Database, where: string): Promise<number> {
  const version = await tablesOf(database);
  if (version === 0) throw new Problem('invalid-input', `${where} is no history: there is nothing of one in it`);
  if (version > tablesVersion)
    throw new Problem('store-unreachable', `${where} is of a later version of this program; use that version`);
  return version;
}

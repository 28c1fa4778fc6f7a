/** A history by its address: a file is SQLite, a `postgres://` URL is PostgreSQL. */
import { Problem } from '../../model/problem.ts';
import type { Access, Database } from './database.ts';
import { openSqlite } from './sqlite.ts';

/** Rejects with a Problem: `store-in-use` when another process writes to it, `invalid-input` for a file that is something else, else as the store says. */
export async function openDatabase(url: string, access: Access = {}): Promise<Database> {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  if (scheme === undefined) return openSqlite(url, access);
  if (!/^postgres(?:ql)?$/i.test(scheme))
    throw new Problem('unsupported', `${scheme}: history is kept in a file (SQLite) or at postgres://…`);
  // Its client is loaded only where it is needed.
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(url, access);
}

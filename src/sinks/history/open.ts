/** A history by its address: a file is SQLite, a `postgres://` URL is PostgreSQL. */
import { Problem } from '../../model/problem.ts';
import type { Database } from './database.ts';
import { openSqlite } from './sqlite.ts';

export interface Access {
  readonly readOnly?: boolean;
}

/** Throws Problem `store-unreachable`. */
export async function openDatabase(url: string, access: Access = {}): Promise<Database> {
  if (/^[a-z]+:\/\//.test(url))
    throw new Problem('unsupported', `${url.split(':')[0]}: history is kept in a file (SQLite)`);
  return openSqlite(url, access);
}

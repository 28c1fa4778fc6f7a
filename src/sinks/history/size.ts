/** How much room a history takes. */
import type { Database } from './database.ts';

export interface Size {
  /** Bytes that it takes of the disk. */
  readonly total: number;
  /** Bytes of them that hold something; the rest is written to again before more is taken. In PostgreSQL an estimate. */
  readonly used: number;
}

export async function sizeOf(db: Database): Promise<Size> {
  return db.dialect === 'sqlite' ? sqliteSize(db) : postgresSize(db);
}

async function sqliteSize(db: Database): Promise<Size> {
  const [row] = await db.rows(
    'SELECT c.page_count * s.page_size, f.freelist_count * s.page_size FROM pragma_page_count c, pragma_page_size s, pragma_freelist_count f',
  );
  const [total = 0, free = 0] = (row ?? []).map(Number);
  return { total, used: total - free };
}

/** Bytes of the table of versions that are looked at, in pages here and there. */
const SAMPLE = 2 ** 25;
/** Header, pointer and the columns that are numbers. */
const ROW_BYTES = 56;

/**
 * Files of PostgreSQL hardly ever shrink: what was removed is room for what comes. How much of it there is in the largest table, some of its pages tell
 * (TABLESAMPLE); what the others hold counts as full.
 */
async function postgresSize(db: Database): Promise<Size> {
  const [row] = await db.rows(`
    SELECT (SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'),
      pg_table_size('version'), pg_total_relation_size('version')`);
  const [total = 0, table = 0, version = 0] = (row ?? []).map(Number);
  if (table === 0) return { total, used: total };
  const percent = Math.min(100, (100 * SAMPLE) / table);
  const [sample] = await db.rows(
    `SELECT coalesce(sum(pg_column_size(body) + ${ROW_BYTES}), 0) FROM version TABLESAMPLE SYSTEM (${percent})`,
  );
  const fullness = Math.min(1, Number(sample?.[0] ?? 0) / (table * (percent / 100)));
  return { total, used: Math.round(total - version * (1 - fullness)) };
}

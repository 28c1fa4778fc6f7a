/** Times → moments, by the index: a history has millions of them, and walking them would take longer than what is asked. Times in microseconds since 1970. */
import type { Database } from './database.ts';
import { FLOOR } from './schema.ts';

export interface Moment {
  readonly no: number;
  readonly at: number;
}

/** The last moment at or before a time; undefined when nothing that is still known was observed until then. */
export async function momentAt(db: Database, at: number): Promise<number | undefined> {
  const [row] = await db.rows(
    `SELECT no FROM (SELECT max(no) AS no FROM moment WHERE at = (SELECT max(at) FROM moment WHERE at <= $1)) found WHERE no >= ${FLOOR}`,
    [at],
  );
  return typeof row?.[0] === 'number' ? row[0] : undefined;
}

/** The first moment of which everything is known; undefined in an empty history. */
export async function firstMoment(db: Database): Promise<Moment | undefined> {
  const [row] = await db.rows(`SELECT no, at FROM moment WHERE no >= ${FLOOR} ORDER BY no LIMIT 1`);
  return row && { no: Number(row[0]), at: Number(row[1]) };
}

/** The last moment; undefined in an empty history. */
export async function lastMoment(db: Database): Promise<Moment | undefined> {
  const [row] = await db.rows('SELECT no, at FROM moment ORDER BY no DESC LIMIT 1');
  return row && { no: Number(row[0]), at: Number(row[1]) };
}

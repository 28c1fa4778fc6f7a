/** How large clusters were, an hour at a time: the table `snapshot`. Counting reads every resource and edge of a moment, so it is done once. */
import type { Database } from './database.ts';
import { firstMoment, type Moment, momentAt } from './moments.ts';
import { COUNTS } from './readable-views.ts';
import { putSnapshot } from './statements.ts';

const HOUR_US = 3_600_000_000;

/**
 * Counts at the last moment of each hour since the last that was counted, and of the one that goes on when its figures are so many microseconds old.
 * Yields after each.
 */
export async function* tellSnapshots(db: Database, last: Moment, every: number): AsyncGenerator<void> {
  const [row] = await db.rows(
    'SELECT m.no, m.at FROM snapshot s JOIN moment m ON m.no = s.moment ORDER BY s.moment DESC LIMIT 1',
  );
  const known: Moment = { no: Number(row?.[0] ?? 0), at: Number(row?.[1] ?? 0) };
  if (row && hourOf(known.at) === hourOf(last.at) && last.at - known.at < every) return;
  let hour: number | undefined = hourOf(row ? known.at : ((await firstMoment(db))?.at ?? last.at));
  while (hour !== undefined) {
    const end: number = hour + HOUR_US;
    const moment = Math.min(last.no, (await momentAt(db, end - 1)) ?? 0);
    if (moment > known.no) {
      await count(db, moment, hour === hourOf(known.at) ? known.no : 0);
      yield;
    }
    hour = end > last.at ? undefined : await nextHour(db, end);
  }
}

/** Counts at a moment, in the place of what was counted at another of the same hour. */
async function count(db: Database, moment: number, before: number): Promise<void> {
  const counts = await db.rows(COUNTS, [moment]);
  const rows = counts.map((each) => [moment, ...each]);
  await db.transaction(async () => {
    await db.rows('DELETE FROM snapshot WHERE moment = $1', [before]);
    await db.write(putSnapshot, rows);
  });
}

/** The hour of the first moment from a time on; undefined when there is none. */
async function nextHour(db: Database, at: number): Promise<number | undefined> {
  const [row] = await db.rows('SELECT min(at) FROM moment WHERE at >= $1', [at]);
  return typeof row?.[0] === 'number' ? hourOf(row[0]) : undefined;
}

function hourOf(at: number): number {
  return at - (at % HOUR_US);
}

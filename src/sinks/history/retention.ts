/**
 * What is kept: by age, for some kinds less, and by bytes. Invariant: every instant from the oldest that is kept to now stays answerable, and at least
 * the last hour is kept, whatever its size.
 */
import { type Time, timeOfMicroseconds } from '../../model/time.ts';
import { type Cut, clear, type Forgetful, type Removed } from './clear.ts';
import type { Database } from './database.ts';
import { sizeOf } from './size.ts';

export interface Retention {
  /** Days of which everything is kept; 0: no limit. */
  readonly days: number;
  /** Days for kinds of which less is kept, by `Kind` or `group/Kind`. */
  readonly kindDays: Readonly<Record<string, number>>;
  /** Of the store; 0: no limit. */
  readonly maxBytes: number;
}

export interface PruneOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How far beyond its age something may grow before it is worth removing, as a part of that age; and how far below its limit a store is brought. */
  readonly slack?: number;
  /** Told of what may be remembered elsewhere. */
  readonly writer?: Forgetful;
}

export interface Pruned extends Removed {
  /** The earliest instant that is still known; absent in an empty history. */
  readonly oldest?: Time;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** The least that is kept is more than the limit. */
  readonly isOver: boolean;
}

const DAY_US = 86_400_000_000;
/** Kept in any case. */
const LEAST_US = 3_600_000_000;
/** What a store is shortened by in one step, at least, as a part of what is left. */
const STEP_MIN = 0.01;
const STEP_MAX = 0.2;
/** Pages that are given back to the system at a time. */
const PAGES = 2_000;

/** Yields after each short transaction with what has gone so far. */
export async function* prune(
  db: Database,
  retention: Retention,
  { now, slack = 0, writer }: PruneOptions,
): AsyncGenerator<Removed, Pruned> {
  let sum: Removed = { rows: {}, bytes: 0 };
  const total = async function* (cut: Cut): AsyncGenerator<Removed> {
    for await (const removed of clear(db, cut, writer)) {
      sum = added(sum, removed);
      yield sum;
    }
  };
  for (const cut of await dueCuts(db, retention, now * 1_000, slack)) yield* total(cut);
  const target = retention.maxBytes * (1 - slack);
  let { used } = await sizeOf(db);
  if (retention.maxBytes > 0 && used > retention.maxBytes) {
    while (used > target) {
      const moment = await nextStep(db, (used - target) / used, now * 1_000);
      if (moment === undefined) break;
      yield* total({ moment });
      ({ used } = await sizeOf(db));
    }
  }
  for await (const _ of giveBack(db, slack)) yield sum;
  const size = await sizeOf(db);
  const oldest = await floorAt(db);
  return {
    ...sum,
    ...(oldest !== undefined && { oldest: timeOfMicroseconds(oldest) }),
    usedBytes: size.used,
    totalBytes: size.total,
    isOver: retention.maxBytes > 0 && size.used > retention.maxBytes,
  };
}

/** What is too old, as cuts; none that would change nothing. */
export async function dueCuts(
  db: Database,
  { days, kindDays }: Retention,
  now: number,
  slack = 0,
): Promise<readonly Cut[]> {
  const cuts: Cut[] = [];
  const floor = await floorAt(db);
  if (floor === undefined) return [];
  const moment = days > 0 ? await cutFor(db, now, days, floor, slack) : undefined;
  if (moment !== undefined || (await isUnfinished(db, 0))) cuts.push({ moment: moment ?? (await keptSince(db, 0)) });
  for (const [of, kinds] of await kindsNamed(db, kindDays)) {
    const since = Math.max(...(await Promise.all(kinds.map((kind) => keptSince(db, kind)))));
    const [row] = await db.rows('SELECT at FROM moment WHERE no >= $1 ORDER BY no LIMIT 1', [since]);
    const cut = await cutFor(db, now, of, Math.max(floor, Number(row?.[0] ?? 0)), slack);
    if (cut !== undefined) cuts.push({ moment: cut, kinds });
    else if ((await Promise.all(kinds.map((kind) => isUnfinished(db, kind)))).includes(true))
      cuts.push({ moment: since, kinds });
  }
  return cuts;
}

/** How many resources and versions cuts would remove, one after the other. */
export async function wouldGo(
  db: Database,
  cuts: readonly Cut[],
): Promise<{ readonly resources: number; readonly versions: number }> {
  const sum = { resources: 0, versions: 0 };
  for (const [moment, kinds] of await kindsByCut(db, cuts)) {
    const count = async (sql: string): Promise<number> =>
      Number((await db.rows(`SELECT count(*) FROM ${sql} AND r.kind IN (${db.list('$2')})`, [moment, kinds]))[0]?.[0]);
    const stay =
      'resource r WHERE r.since <= $1 AND (r.until IS NULL OR r.until > $1) AND EXISTS (SELECT 1 FROM version WHERE resource = r.no AND moment <= $1)';
    sum.resources += await count('resource r WHERE r.until <= $1');
    sum.versions += await count('version v JOIN resource r ON r.no = v.resource WHERE v.moment <= $1');
    sum.versions -= await count(stay);
  }
  return sum;
}

/** Numbers of kinds by the latest moment to which one of the cuts removes them. */
async function kindsByCut(db: Database, cuts: readonly Cut[]): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = new Map<number, number[]>();
  for (const [row] of await db.rows('SELECT no FROM kind')) {
    const kind = Number(row);
    const moments = cuts.filter(({ kinds }) => kinds?.includes(kind) ?? true).map(({ moment }) => moment);
    const last = Math.max(0, ...moments);
    found.set(last, [...(found.get(last) ?? []), kind]);
  }
  found.delete(0);
  return found;
}

/** The last moment that is so old; undefined when what is kept is hardly older. Times in microseconds since 1970. */
async function cutFor(
  db: Database,
  now: number,
  days: number,
  floor: number,
  slack: number,
): Promise<number | undefined> {
  if (floor >= now - days * DAY_US * (1 + slack)) return undefined;
  return momentBefore(db, now - days * DAY_US, floor);
}

/** The last moment at or before a time, where it is after another. */
async function momentBefore(db: Database, at: number, after: number): Promise<number | undefined> {
  const [row] = await db.rows('SELECT max(no) FROM moment WHERE at <= $1 AND at > $2', [Math.floor(at), after]);
  return typeof row?.[0] === 'number' ? row[0] : undefined;
}

/** Numbers of kinds by how many days of them are kept. */
async function kindsNamed(
  db: Database,
  kindDays: Retention['kindDays'],
): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = new Map<number, number[]>();
  for (const [no, group, name] of await db.rows('SELECT no, api_group, name FROM kind WHERE pseudo = 0')) {
    const days = kindDays[`${group}/${name}`] ?? kindDays[String(name)];
    if (days !== undefined && days > 0) found.set(days, [...(found.get(days) ?? []), Number(no)]);
  }
  return found;
}

async function keptSince(db: Database, kind: number): Promise<number> {
  const [row] = await db.rows('SELECT since FROM kept WHERE kind = $1', [kind]);
  return Number(row?.[0] ?? 0);
}

/** Whether the last time was broken off. */
async function isUnfinished(db: Database, kind: number): Promise<boolean> {
  return (await db.rows('SELECT 1 FROM kept WHERE kind = $1 AND cleared < since', [kind])).length > 0;
}

/** Microseconds since 1970 of the earliest moment that is kept; undefined in an empty history. */
export async function floorAt(db: Database): Promise<number | undefined> {
  const [row] = await db.rows('SELECT at FROM moment WHERE no >= $1 ORDER BY no LIMIT 1', [await keptSince(db, 0)]);
  return typeof row?.[0] === 'number' ? row[0] : undefined;
}

/** How far to shorten next, for a part of the store to go: not all of it at once, for not every hour takes the same room. */
async function nextStep(db: Database, excess: number, now: number): Promise<number | undefined> {
  const floor = await floorAt(db);
  if (floor === undefined || floor >= now - LEAST_US) return undefined;
  const share = Math.min(STEP_MAX, Math.max(STEP_MIN, excess / 2));
  const at = Math.min(now - LEAST_US, floor + Math.max((now - floor) * share, LEAST_US / 60));
  // Where nothing was seen for long, the step ends with what was seen next.
  const [next] = await db.rows('SELECT min(no) FROM moment WHERE at > $1 AND at <= $2', [floor, now - LEAST_US]);
  return (await momentBefore(db, at, floor)) ?? (typeof next?.[0] === 'number' ? next[0] : undefined);
}

/** Files of SQLite shrink when they are told to; what PostgreSQL gives back, its autovacuum decides. */
async function* giveBack(db: Database, slack: number): AsyncGenerator<void> {
  if (db.dialect !== 'sqlite') return;
  for (;;) {
    const { total, used } = await sizeOf(db);
    const free = total - used;
    if (free === 0 || free <= total * slack) return;
    await db.script(`PRAGMA incremental_vacuum(${PAGES})`);
    const after = await sizeOf(db);
    if (after.total === total) return;
    yield;
  }
}

function added(sum: Removed, { rows, bytes }: Removed): Removed {
  const together: Record<string, number> = { ...sum.rows };
  for (const [table, count] of Object.entries(rows)) together[table] = (together[table] ?? 0) + count;
  return { rows: together, bytes: sum.bytes + bytes };
}

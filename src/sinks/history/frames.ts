/**
 * Linked graphs as bytes, beside the objects that they were made of, so that an instant of the last day need not be built from nothing. A cache: what
 * is not there, is of another edition or is damaged is made of objects again.
 */
import { constants, zstdCompressSync } from 'node:zlib';
import { decode } from './codec.ts';
import type { Database, Reading } from './database.ts';
import { insertInto } from './statements.ts';

export interface FrameMade {
  /** What has to be the same for who reads it. */
  readonly edition: string;
  readonly pieces: readonly Uint8Array[];
}

const insertFrame = insertInto('frame');
const params = { [constants.ZSTD_c_compressionLevel]: 3 };

/** Keeps the frame of a moment, the last one, and lets go those that are not needed any more. */
export async function keepFrame(db: Database, moment: number, { edition, pieces }: FrameMade): Promise<void> {
  const rows = pieces.map((piece, index) => [moment, index, edition, zstdCompressSync(piece, { params })]);
  await db.transaction(async () => {
    await db.rows('DELETE FROM frame WHERE moment = $1 OR edition <> $2', [moment, edition]);
    await db.write(insertFrame, rows);
    const kept = await db.rows(
      'SELECT no, at FROM moment WHERE no IN (SELECT moment FROM frame WHERE piece = 0) ORDER BY no DESC',
    );
    const needless = needlessFrames(kept.map(([no, at]) => ({ no: Number(no), at: Number(at) })));
    await db.rows(`DELETE FROM frame WHERE moment IN (${db.list('$1')})`, [needless]);
  });
}

const DAY_US = 86_400_000_000;
const LEAST_US = 900_000_000;
const SHARE = 8;

/**
 * Of frames, the latest first, the numbers of those that can go: the older they are, the fewer it takes, about one for every eighth of their age, and
 * none older than a day. Times in microseconds.
 */
export function needlessFrames(frames: readonly { readonly no: number; readonly at: number }[]): readonly number[] {
  const [latest, ...others] = frames;
  /** Of each stretch of time the first. Stretches of twice the length are made of two, so that what stays now is there when it is older. */
  const taken = new Set<string>();
  const needless: number[] = [];
  for (const { no, at } of others.reverse()) {
    const age = (latest?.at ?? at) - at;
    let stretch = LEAST_US;
    while (stretch < age / SHARE) stretch *= 2;
    const key = `${stretch} ${Math.floor(at / stretch)}`;
    if (age > DAY_US || taken.has(key)) needless.push(no);
    else taken.add(key);
  }
  return needless;
}

/** The last frame of an edition up to a moment. */
export async function frameBefore(
  db: Reading,
  moment: number,
  edition: string,
): Promise<{ readonly moment: number; readonly pieces: readonly Uint8Array[] } | undefined> {
  const rows = await db.rows(
    `SELECT moment, body FROM frame WHERE moment =
      (SELECT max(moment) FROM frame WHERE moment <= $1 AND edition = $2) ORDER BY piece`,
    [moment, edition],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  try {
    return { moment: Number(first[0]), pieces: rows.map(([, body]) => decode(body as Uint8Array)) };
  } catch {
    return undefined;
  }
}

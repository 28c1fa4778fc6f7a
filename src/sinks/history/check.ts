/** Whether a history is sound: what its tables promise each other, as questions that find what breaks it. Reads only. */
import { decode } from './codec.ts';
import type { Database, Row } from './database.ts';

export interface CheckOptions {
  /** Reads every version; else a few thousand, here and there. */
  readonly every?: boolean;
  /** Numbers in [0, 1). */
  readonly random?: () => number;
  /** Told how many versions were read. */
  readonly progress?: (versions: number) => void;
}

/** Each counts rows that must not be. */
const promises: readonly (readonly [question: string, wrong: string])[] = [
  [
    'FROM (SELECT at, lag(at) OVER (ORDER BY no) AS before FROM moment) m WHERE at < before',
    'moments are earlier than the ones before them',
  ],
  ['FROM resource WHERE until < since', 'resources ended before they began'],
  ['FROM edge WHERE until < since', 'edges ended before they began'],
  [
    `FROM resource a JOIN resource b ON b.name = a.name AND b.namespace = a.namespace AND b.kind = a.kind AND b.uid = a.uid AND b.no > a.no
      WHERE b.since < a.until OR a.until IS NULL`,
    'resources existed twice at a time',
  ],
  ['FROM resource r WHERE NOT EXISTS (SELECT 1 FROM kind WHERE no = r.kind)', 'resources are of no known kind'],
  ['FROM resource r WHERE NOT EXISTS (SELECT 1 FROM moment WHERE no = r.since)', 'resources began at no known moment'],
  [
    `FROM edge e WHERE NOT EXISTS (SELECT 1 FROM resource WHERE no = e.source) OR NOT EXISTS (SELECT 1 FROM resource WHERE no = e.target)
      OR NOT EXISTS (SELECT 1 FROM edge_type WHERE no = e.type) OR NOT EXISTS (SELECT 1 FROM moment WHERE no = e.since)`,
    'edges have no end, type or beginning',
  ],
  [
    `FROM (SELECT r.since, r.until, r.kind, (SELECT min(moment) FROM version WHERE resource = r.no) AS first,
        (SELECT max(moment) FROM version WHERE resource = r.no) AS last FROM resource r
        WHERE EXISTS (SELECT 1 FROM kind WHERE no = r.kind AND pseudo = 0)) r
      WHERE last > until OR (first > since AND first > (SELECT coalesce(max(since), 0) FROM kept WHERE kind IN (0, r.kind)))`,
    'resources have no version of when they began, or one of after they ended',
  ],
  [
    `FROM version v WHERE NOT EXISTS (SELECT 1 FROM resource WHERE no = v.resource) OR NOT EXISTS (SELECT 1 FROM moment WHERE no = v.moment)`,
    'versions are of no known resource or moment',
  ],
];

/** What is wrong, each a sentence; nothing when it is sound. */
export async function checkHistory(
  db: Database,
  { every = false, random = Math.random, progress = () => undefined }: CheckOptions = {},
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [question, wrong] of promises) {
    const [row] = await db.rows(`SELECT count(*) ${question}`);
    const count = Number(row?.[0] ?? 0);
    if (count > 0) faults.push(`${count} ${wrong}`);
  }
  const unreadable = new Map<string, { count: number; first: string }>();
  let versions = 0;
  for await (const rows of every ? allVersions(db) : someVersions(db, random)) {
    const dictionaries = await dictionariesOf(db, rows);
    for (const row of rows) {
      const why = faultOf(row, dictionaries);
      if (why === undefined) continue;
      const [resource, moment] = row;
      const known = unreadable.get(why) ?? { count: 0, first: `of resource ${resource} at moment ${moment}` };
      unreadable.set(why, { ...known, count: known.count + 1 });
    }
    versions += rows.length;
    progress(versions);
  }
  for (const [why, { count, first }] of unreadable)
    faults.push(`${count} versions ${why}, for example the one ${first}`);
  return faults;
}

const COLUMNS = `SELECT v.resource, v.moment, v.base, b.base, b.moment, coalesce(b.dictionary, v.dictionary), v.body, b.body
  FROM version v LEFT JOIN version b ON b.resource = v.resource AND b.moment = v.base`;
const PAGE = 1_000;
const STRETCHES = 100;
const STRETCH = 50;

async function* allVersions(db: Database): AsyncGenerator<readonly Row[]> {
  for (let after: readonly [number, number] = [0, 0]; ; ) {
    const rows: readonly Row[] = await db.rows(
      `${COLUMNS} WHERE (v.resource, v.moment) > ($1, $2) ORDER BY v.resource, v.moment LIMIT ${PAGE}`,
      after,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = [Number(last[0]), Number(last[1])];
  }
}

async function* someVersions(db: Database, random: () => number): AsyncGenerator<readonly Row[]> {
  const [row] = await db.rows('SELECT max(no) FROM resource');
  const last = Number(row?.[0] ?? 0);
  for (let stretch = 0; stretch < STRETCHES; stretch++)
    yield await db.rows(`${COLUMNS} WHERE v.resource >= $1 ORDER BY v.resource, v.moment LIMIT ${STRETCH}`, [
      Math.floor(random() * last),
    ]);
}

async function dictionariesOf(db: Database, rows: readonly Row[]): Promise<ReadonlyMap<number, Buffer>> {
  const wanted = [...new Set(rows.map((row) => row[5]))].filter((no) => typeof no === 'number');
  if (wanted.length === 0) return new Map();
  const found = await db.rows(`SELECT no, body FROM dictionary WHERE no IN (${db.list('$1')})`, [wanted]);
  return new Map(found.map(([no, body]) => [Number(no), Buffer.from(body as Uint8Array)]));
}

/** Why a version cannot be read; undefined when it can. */
function faultOf(row: Row, dictionaries: ReadonlyMap<number, Buffer>): string | undefined {
  const [, , base, baseOfBase, baseMoment, dictionary, body, baseBody] = row;
  if (base !== null && baseMoment === null) return 'hang on one that is not there';
  if (baseOfBase !== null) return 'hang on one that hangs on another';
  const stored = typeof dictionary === 'number' ? dictionaries.get(dictionary) : undefined;
  if (dictionary !== null && stored === undefined) return 'need a dictionary that is not there';
  try {
    const own = stored && decode(stored);
    const text =
      baseBody === null
        ? decode(body as Uint8Array, own)
        : decode(body as Uint8Array, decode(baseBody as Uint8Array, own));
    for (const line of text.toString().split('\n')) JSON.parse(line);
    return undefined;
  } catch {
    return 'cannot be read';
  }
}

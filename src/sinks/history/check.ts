/** Whether a history is sound: what its tables promise each other, as questions that find what breaks it. Reads only. */
import type { Database, Row } from './database.ts';
import { type Answer, stored, Texts } from './texts.ts';

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
  const texts = new Texts(db);
  for await (const answer of every ? allVersions(db, texts) : someVersions(db, texts, random)) {
    for (const row of answer.rows) {
      const why = faultOf(row, answer);
      if (why === undefined) continue;
      const [resource, moment] = row;
      const known = unreadable.get(why) ?? { count: 0, first: `of resource ${resource} at moment ${moment}` };
      unreadable.set(why, { ...known, count: known.count + 1 });
    }
    versions += answer.rows.length;
    progress(versions);
  }
  for (const [why, { count, first }] of unreadable)
    faults.push(`${count} versions ${why}, for example the one ${first}`);
  return faults;
}

const VERSION = stored('v');
/** Where its columns begin. */
const TEXT = 5;
const COLUMNS = `SELECT v.resource, v.moment, v.base, vb.base, vb.moment, ${VERSION.columns} FROM version v ${VERSION.join}`;
const PAGE = 1_000;
const STRETCHES = 100;
const STRETCH = 50;

async function* allVersions(db: Database, texts: Texts): AsyncGenerator<Answer> {
  for (let after: readonly [number, number] = [0, 0]; ; ) {
    const sql = `${COLUMNS} WHERE (v.resource, v.moment) > ($1, $2) ORDER BY v.resource, v.moment LIMIT ${PAGE}`;
    const from = after;
    const answer = await texts.of(() => db.rows(sql, from), [TEXT]);
    const last = answer.rows.at(-1);
    if (last === undefined) return;
    yield answer;
    after = [Number(last[0]), Number(last[1])];
  }
}

async function* someVersions(db: Database, texts: Texts, random: () => number): AsyncGenerator<Answer> {
  const [row] = await db.rows('SELECT max(no) FROM resource');
  const last = Number(row?.[0] ?? 0);
  const sql = `${COLUMNS} WHERE v.resource >= $1 ORDER BY v.resource, v.moment LIMIT ${STRETCH}`;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const from = Math.floor(random() * last);
    yield await texts.of(() => db.rows(sql, [from]), [TEXT]);
  }
}

/** Why a version cannot be read; undefined when it can. */
function faultOf(row: Row, answer: Answer): string | undefined {
  const [, , base, baseOfBase, baseMoment, dictionary] = row;
  if (base !== null && baseMoment === null) return 'hang on one that is not there';
  if (baseOfBase !== null) return 'hang on one that hangs on another';
  if (typeof dictionary === 'number' && !answer.has(dictionary)) return 'need a dictionary that is not there';
  try {
    for (const line of (answer.textOf(row, TEXT) ?? '').split('\n')) JSON.parse(line);
    return undefined;
  } catch {
    return 'cannot be read';
  }
}

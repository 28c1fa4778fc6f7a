/**
 * What changed since yesterday, and what happened to one object: how long do these two take with weeks of history behind them?
 *
 *   npx node bench/past-diff.bench.ts [--objects 10000] [--days 14] [--versions 100000] [--database FILE] [--smoke] [--append DATE]
 *
 * The first page of each as it is asked over HTTP, edges included. The baseline is reading the rows that the answer is made of: all versions that hang
 * between the two instants, and all versions of the object.
 */

import { kinds } from '../src/kinds/index.ts';
import { timeOfMicroseconds } from '../src/model/time.ts';
import { diff } from '../src/operations/diff.ts';
import type { Context } from '../src/operations/operation.ts';
import { timeline } from '../src/operations/timeline.ts';
import type { Database } from '../src/sinks/history/database.ts';
import { Queries } from '../src/sinks/history/queries.ts';
import { openSqlite } from '../src/sinks/history/sqlite.ts';
import { seededRandom } from '../test/support/random.ts';
import { benchOptions, type Figure, median, numberOption, peakRssMb, report, round, timed, withGc } from './harness.ts';
import { emptyGraph } from './life.ts';
import { pastEstate, pastOptions } from './past-estate.ts';

const DAY_MS = 86_400_000;

/** The object that was seen in most versions during the last hours. */
async function busiest(
  database: Database,
): Promise<{ readonly resource: string; readonly no: number; readonly versions: number }> {
  const [row] = await database.rows(
    `SELECT r.no, k.name, r.namespace, r.name, count(*) FROM version v JOIN resource r ON r.no = v.resource JOIN kind k ON k.no = r.kind
     WHERE v.moment > (SELECT max(no) FROM moment) - 20000 AND k.name = 'Deployment' GROUP BY r.no ORDER BY count(*) DESC LIMIT 1`,
  );
  if (row === undefined) throw new Error('no Deployment was seen to change');
  const [[versions] = []] = await database.rows('SELECT count(*) FROM version WHERE resource = $1', [Number(row[0])]);
  return { resource: `${row[1]}/${row[2]}/${row[3]}`, no: Number(row[0]), versions: Number(versions) };
}

await withGc(import.meta.url, async () => {
  const options = benchOptions([...pastOptions, 'rounds']);
  const { file, begins, ends, versions } = await pastEstate(options);
  const database = openSqlite(file, { readOnly: true });
  const context: Context = { view: emptyGraph().view, kinds, history: new Queries(database) };
  const random = seededRandom('diff');
  const rounds = numberOption(options, 'rounds', options.smoke ? 3 : 7);
  const apart = Math.min(DAY_MS, (ends - begins) / 3);
  const times: Record<'diff' | 'read' | 'timeline' | 'around' | 'readOne', number[]> = {
    diff: [],
    read: [],
    timeline: [],
    around: [],
    readOne: [],
  };
  const busy = await busiest(database);
  const ask = async (name: keyof typeof times, work: () => Promise<unknown>): Promise<void> => {
    times[name].push((await timed(work)).ms);
  };
  for (let index = -1; index < rounds; index++) {
    const start = begins + random.next() * (ends - begins - apart);
    const [from, to] = [start, start + apart].map((ms) => timeOfMicroseconds(Math.floor(ms) * 1_000)) as [
      string,
      string,
    ];
    const moments = `SELECT no FROM moment WHERE at BETWEEN ${Math.floor(start) * 1_000} AND ${Math.floor(start + apart) * 1_000}`;
    await ask('read', () => database.rows(`SELECT count(length(body)) FROM version WHERE moment IN (${moments})`));
    await ask('diff', async () => diff.run(context, diff.input.parse({ from, to })));
    await ask('readOne', () => database.rows('SELECT moment, base, body FROM version WHERE resource = $1', [busy.no]));
    await ask('timeline', async () => timeline.run(context, timeline.input.parse({ resource: busy.resource })));
    await ask('around', async () =>
      timeline.run(context, timeline.input.parse({ resource: busy.resource, neighbours: true })),
    );
    if (index < 0) for (const list of Object.values(times)) list.length = 0;
  }
  const figureOf = (name: keyof typeof times): number => median(times[name]);
  const slack = options.smoke ? 10 : 1;
  const figures: Figure[] = [
    {
      name: `diff, ${round(apart / 3_600_000)} hours apart, first page of 200`,
      figure: figureOf('diff'),
      unit: 'ms',
      baseline: figureOf('read'),
      baselineName: 'SELECT of the versions between',
      target: `< ${300 * slack} ms`,
      met: figureOf('diff') < 300 * slack,
    },
    {
      name: `timeline of a Deployment with ${busy.versions} versions, first page of 100`,
      figure: figureOf('timeline'),
      unit: 'ms',
      baseline: figureOf('readOne'),
      baselineName: 'SELECT of all its versions',
      target: `< ${30 * slack} ms`,
      met: figureOf('timeline') < 30 * slack,
    },
    {
      name: 'the same with its neighbours',
      figure: figureOf('around'),
      unit: 'ms',
      target: 'for information',
      met: true,
    },
    { name: 'highest resident set', figure: peakRssMb(), unit: 'MB', target: 'for information', met: true },
  ];
  await database.close();
  report(
    `Differences and timelines among ${versions} versions of ${round((ends - begins) / DAY_MS)} days`,
    figures,
    options,
  );
});

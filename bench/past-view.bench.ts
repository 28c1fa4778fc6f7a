/**
 * How long does it take until an instant of the past is a graph, when nothing is in memory yet, and the next instant nearby?
 *
 *   npx node bench/past-view.bench.ts [--objects 10000] [--days 14] [--versions 100000] [--database FILE] [--smoke] [--append DATE]
 *
 * Instants all over the history, each from a connection of its own. The baseline is what cannot be saved: parsing the texts of that instant and linking
 * them. Then where the time goes, by the profiler, and reading single versions. `--objects 134000` is the large estate.
 */
import { Session } from 'node:inspector/promises';
import { frameOf } from '../src/graph/frame.ts';
import { Graph } from '../src/graph/graph.ts';
import { describer } from '../src/kinds/index.ts';
import type { Change } from '../src/model/change.ts';
import { timeOfMicroseconds } from '../src/model/time.ts';
import { resume } from '../src/program/frames.ts';
import { advance, rebuild } from '../src/program/past.ts';
import type { Database } from '../src/sinks/history/database.ts';
import { keepFrame } from '../src/sinks/history/frames.ts';
import { objectOf } from '../src/sinks/history/noise.ts';
import { Queries } from '../src/sinks/history/queries.ts';
import { HistoryReader } from '../src/sinks/history/reader.ts';
import { migrate } from '../src/sinks/history/schema.ts';
import { openSqlite } from '../src/sinks/history/sqlite.ts';
import { type Random, seededRandom } from '../test/support/random.ts';
import {
  benchOptions,
  collectGarbage,
  type Figure,
  median,
  numberOption,
  peakRssMb,
  percentile,
  report,
  round,
  rssMb,
  timed,
  withGc,
} from './harness.ts';
import { cluster } from './pages.ts';
import { type PastEstate, pastEstate, pastOptions } from './past-estate.ts';

interface Opened {
  readonly database: Database;
  readonly reader: HistoryReader;
  readonly moment: number;
}

async function openAt(file: string, ms: number): Promise<Opened> {
  const database = openSqlite(file, { readOnly: true });
  const reader = new HistoryReader(database);
  return { database, reader, moment: (await reader.momentAt(ms * 1_000)) ?? 0 };
}

function instantOf({ begins, ends }: PastEstate, random: Random): number {
  return begins + random.next() * (ends - begins);
}

interface Round {
  readonly coldMs: number;
  readonly nextMs: number;
  readonly resumedMs: number;
  readonly parseMs: number;
  readonly linkMs: number;
  readonly resources: number;
  readonly edges: number;
  readonly happenings: number;
}

const NEARBY_MS = 60_000;
/** Half of what lies between two frames of the last hours. */
const FRAME_MS = 450_000;

const origin = { describer, edition: 'bench' };

/** One instant cold, and one a minute later from there. */
async function visit(estate: PastEstate, ms: number): Promise<Round> {
  const { database, reader, moment } = await openAt(estate.file, ms);
  collectGarbage();
  const { ms: coldMs, value: graph } = await timed(() => rebuild(reader, moment, { describer }));
  const { resourceCount: resources, edgeCount: edges } = graph.view;
  const next = (await reader.momentAt((ms + NEARBY_MS) * 1_000)) ?? moment;
  const happenings = await reader.countBetween(moment, next);
  const { ms: nextMs } = await timed(() => advance(graph, reader, moment, next));
  const bare = await parseAndLink(reader, moment);
  await database.close();
  const resumedMs = await resumed(estate, ms);
  return { coldMs, nextMs, resumedMs, ...bare, resources, edges, happenings };
}

/** An instant of the last hours, from the frame before, and nothing in memory. */
async function resumed({ file }: PastEstate, ms: number): Promise<number> {
  const writable = openSqlite(file);
  await migrate(writable);
  await writable.script('DELETE FROM frame');
  const before = new HistoryReader(writable);
  const framed = (await before.momentAt((ms - FRAME_MS) * 1_000)) ?? 1;
  const graph = await rebuild(before, framed, { describer });
  await keepFrame(writable, framed, { edition: origin.edition, pieces: frameOf(graph, origin) });
  await writable.close();
  const { database, reader, moment } = await openAt(file, ms);
  collectGarbage();
  const { ms: took, value } = await timed(() => resume(reader, moment, origin));
  await database.close();
  if (value === undefined) throw new Error('the frame was of no use');
  return took;
}

/** The texts of an instant, in memory already, parsed and linked. */
async function parseAndLink(reader: HistoryReader, moment: number): Promise<Pick<Round, 'parseMs' | 'linkMs'>> {
  const batches: { readonly text: string; readonly at: string }[][] = [];
  for await (const standing of reader.standingAt(moment))
    batches.push(
      standing.flatMap(({ text, at, of }) =>
        text === undefined || at === undefined || of.pseudo ? [] : [{ text, at }],
      ),
    );
  collectGarbage();
  const graph = new Graph({ describer });
  let [parseMs, linkMs] = [0, 0];
  for (const batch of batches) {
    const start = performance.now();
    const changes = batch.map(({ text, at }): Change => ({ type: 'apply', at, cluster, object: objectOf(text) }));
    const parsed = performance.now();
    graph.apply(changes);
    parseMs += parsed - start;
    linkMs += performance.now() - parsed;
  }
  return { parseMs, linkMs };
}

/** Milliseconds for each of some versions, object and all. */
async function readVersions(estate: PastEstate, random: Random, count: number): Promise<readonly number[]> {
  const database = openSqlite(estate.file, { readOnly: true });
  const queries = new Queries(database);
  const [[last] = []] = await database.rows('SELECT max(no) FROM moment');
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const [[moment, at, uid] = []] = await database.rows(
      `SELECT v.moment, m.at, r.uid FROM version v JOIN moment m ON m.no = v.moment JOIN resource r ON r.no = v.resource
       WHERE v.moment >= $1 AND r.uid <> '' ORDER BY v.moment LIMIT 1`,
      [random.int(Number(last))],
    );
    const time = timeOfMicroseconds(Number(at));
    const { ms, value } = await timed(() =>
      queries.versions({ uids: [String(uid)], from: time, to: time }, { limit: 1, order: 'newest' }),
    );
    if (value[0]?.position.moment === moment) times.push(ms);
  }
  await database.close();
  return times;
}

/** Where the time of a function goes, in shares of what the profiler saw, by the file that spends it. */
async function profileOf(work: () => Promise<unknown>, per: number): Promise<string> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const place = names.get(id) ?? '';
    spent.set(place, (spent.get(place) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  }
  const rows = [...spent].sort(([, a], [, b]) => b - a).slice(0, 25);
  return [
    '| where | µs an object |',
    '| --- | --- |',
    ...rows.map(([place, us]) => `| ${place} | ${round(us / per)} |`),
  ].join('\n');
}

function placeOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const file = /\/src\/(.*)$/.exec(url)?.[1];
  return file ?? `${functionName} (${url === '' ? 'native' : url.split('/').slice(-2).join('/')})`;
}

await withGc(import.meta.url, async () => {
  const options = benchOptions([...pastOptions, 'rounds']);
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 10_000);
  const estate = await pastEstate(options);
  const random = seededRandom('instants');
  await visit(estate, instantOf(estate, random));
  const before = rssMb();
  const rounds: Round[] = [];
  for (let count = numberOption(options, 'rounds', 5); count > 0; count--)
    rounds.push(await visit(estate, instantOf(estate, random)));
  const of = (key: keyof Round): number => median(rounds.map((each) => each[key]));
  const versions = await readVersions(estate, random, options.smoke ? 20 : 200);
  const limit = (options.smoke ? 10 : 1) * (objects > 20_000 ? 3_000 : 300);
  const bare = of('parseMs') + of('linkMs');
  const shared = { unit: 'ms', baseline: bare, baselineName: 'JSON.parse and Graph.apply of the same texts' };
  const information = { target: 'for information', met: true };
  const worst = percentile(
    rounds.map(({ coldMs }) => coldMs),
    100,
  );
  const figures: Figure[] = [
    {
      name: `cold, median of ${rounds.length}`,
      figure: of('coldMs'),
      ...shared,
      target: `< ${limit} ms`,
      met: of('coldMs') < limit,
    },
    { name: 'cold, worst', figure: worst, ...shared, ...information },
    {
      name: 'cold, from a frame 7.5 minutes before',
      figure: of('resumedMs'),
      ...shared,
      target: `< ${limit} ms`,
      met: of('resumedMs') < limit,
    },
    {
      name: `a minute later (${round(of('happenings'))} versions)`,
      figure: of('nextMs'),
      unit: 'ms',
      target: '< 50 ms',
      met: of('nextMs') < (options.smoke ? 500 : 50),
    },
    { name: 'JSON.parse alone', figure: of('parseMs'), unit: 'ms', ...information },
    {
      name: `one of ${versions.length} versions, p99`,
      figure: percentile(versions, 99),
      unit: 'ms',
      target: '< 5 ms',
      met: percentile(versions, 99) < (options.smoke ? 50 : 5),
    },
    { name: 'growth of the resident set meanwhile', figure: rssMb() - before, unit: 'MB', ...information },
    { name: 'highest resident set', figure: peakRssMb(), unit: 'MB', ...information },
  ];
  const days = (estate.ends - estate.begins) / 86_400_000;
  report(
    `An instant of ${round(days)} days (${estate.versions} versions, ${round(estate.megabytes)} MB) as a graph: ${of('resources')} resources, ${of('edges')} edges`,
    figures,
    options,
  );
  const { database, reader, moment } = await openAt(estate.file, instantOf(estate, random));
  process.stdout.write(`\n${await profileOf(() => rebuild(reader, moment, { describer }), of('resources'))}\n`);
  await database.close();
});

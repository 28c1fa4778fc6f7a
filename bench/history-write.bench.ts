/**
 * How many versions a second can be remembered for as long as one likes, while the graph is kept as well?
 *
 *   npx node bench/history-write.bench.ts [--objects 5700] [--versions 30000] [--postgres URL] [--smoke] [--append DATE]
 *
 * Changes come as fast as they are taken: parsed, applied to the graph, handed to the thread that writes, which holds the source back when too much
 * waits; the clock stops when the last is in the store. The baseline, and the writer without thread and graph, write the same in this thread: the
 * baseline the bare texts into one table, 2,000 a transaction. Without a URL PostgreSQL is started where it is installed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describer } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { Change } from '../src/model/change.ts';
import type { Source } from '../src/model/source.ts';
import { openPipeline } from '../src/program/pipeline.ts';
import type { Entry } from '../src/sinks/history/entries.ts';
import { openHistory } from '../src/sinks/history/history.ts';
import { openDatabase } from '../src/sinks/history/open.ts';
import { entriesOf } from '../src/sinks/history/remember.ts';
import { HistoryWriter } from '../src/sinks/history/writer.ts';
import { startPostgres } from '../test/stack/components/postgres.ts';
import {
  type BenchOptions,
  benchOptions,
  collectGarbage,
  type Figure,
  numberOption,
  report,
  rssMb,
  timed,
  withGc,
} from './harness.ts';
import { emptyGraph, entriesFrom, fieldRate, firstVersions, life, listing } from './life.ts';
import { census } from './workload.ts';

/** Changes of one message from the network. */
const MESSAGE = 20;
const BATCH = 2_000;

interface Load {
  readonly listing: readonly (readonly Change[])[];
  /** Each message's changes as JSON, outside the heap. */
  readonly messages: readonly Buffer[];
}

function loadOf(objects: number, versions: number): Load {
  const estate = census({ objects });
  const changes = [...firstVersions(life(estate, fieldRate), versions)].flat();
  const messages: Buffer[] = [];
  for (let start = 0; start < changes.length; start += MESSAGE)
    messages.push(Buffer.from(JSON.stringify(changes.slice(start, start + MESSAGE))));
  return { listing: [...listing(estate)], messages };
}

function* parsed({ messages }: Load): Generator<Change[]> {
  for (const message of messages) yield JSON.parse(message.toString('latin1')) as Change[];
}

interface Sustained {
  readonly perSecond: number;
  /** The same by CPU time of the whole process, which other programs do not disturb. */
  readonly cpuUs: number;
  readonly mb: number;
  readonly waitingMb: number;
}

/** Graph and history as the program has them; versions a second from the first change to the last that is written. */
async function sustained(load: Load, url: string): Promise<Sustained> {
  const history = await openHistory(url);
  let waiting = 0;
  const pipeline = openPipeline({
    describer,
    epoch: 'bench',
    log: silentLogger,
    now: () => performance.now(),
    witness: {
      see(commit, view) {
        history.write(entriesOf(commit, view, describer));
        waiting = Math.max(waiting, history.status.waiting);
      },
      room: () => history.room(),
    },
  });
  for (const page of load.listing) {
    pipeline.take(page);
    await history.room();
  }
  await history.written();
  const before = await versionsIn(url);
  collectGarbage();
  const [mb, cpu] = [rssMb(), process.cpuUsage()];
  const source: Source = {
    name: 'bench',
    async *changes() {
      yield* parsed(load);
    },
  };
  const { ms } = await timed(async () => {
    await pipeline.run(source, new AbortController().signal);
    await history.written();
  });
  const { user, system } = process.cpuUsage(cpu);
  const grown = rssMb() - mb;
  await history.close();
  const versions = (await versionsIn(url)) - before;
  return {
    perSecond: (versions / ms) * 1000,
    cpuUs: (user + system) / versions,
    mb: grown,
    waitingMb: waiting / 1e6,
  };
}

async function versionsIn(url: string): Promise<number> {
  const database = await openDatabase(url, { readOnly: true });
  const [row] = await database.rows('SELECT count(*) FROM version');
  await database.close();
  return Number(row?.[0]);
}

/** Versions a second of the writer in this thread, given entries that are there already. */
async function alone(listed: readonly Entry[], entries: readonly Entry[], url: string): Promise<number> {
  const database = await openDatabase(url);
  const writer = await HistoryWriter.open(database);
  const write = async (list: readonly Entry[]): Promise<void> => {
    for (let start = 0; start < list.length; start += BATCH) await writer.write(list.slice(start, start + BATCH));
  };
  const count = async (): Promise<number> => Number((await database.rows('SELECT count(*) FROM version'))[0]?.[0]);
  await write(listed);
  const before = await count();
  const { ms } = await timed(() => write(entries));
  const versions = (await count()) - before;
  await database.close();
  return (versions / ms) * 1000;
}

/** Versions a second of bare INSERTs of the same texts. */
function bare(entries: readonly Entry[], file: string): number {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE version (id TEXT, at INTEGER, text TEXT)',
  );
  const insert = database.prepare('INSERT INTO version VALUES (?, ?, ?)');
  const versions = entries.filter((entry) => entry.type === 'version');
  const start = performance.now();
  for (const [index, { of, text }] of versions.entries()) {
    if (index % BATCH === 0) database.exec(index === 0 ? 'BEGIN' : 'COMMIT; BEGIN');
    insert.run(of.id, index, text);
  }
  database.exec('COMMIT');
  const ms = performance.now() - start;
  database.close();
  return (versions.length / ms) * 1000;
}

/** The URL of a PostgreSQL to write to, and its end; undefined, said, where there is none. */
async function postgres(options: BenchOptions): Promise<({ readonly url: string } & AsyncDisposable) | undefined> {
  const { postgres: url } = options.values;
  if (url !== undefined) return { url, [Symbol.asyncDispose]: async () => undefined };
  try {
    const server = await startPostgres();
    return { url: server.url(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  } catch (error) {
    process.stderr.write(`PostgreSQL is left out: ${(error as Error).message}\n`);
    return undefined;
  }
}

function figuresOf(
  name: string,
  { perSecond, cpuUs, mb, waitingMb }: Sustained,
  target: number,
  baseline?: number,
): Figure[] {
  const information = { target: 'for information', met: true };
  return [
    {
      name: `${name}, with the graph`,
      figure: perSecond,
      unit: 'versions/s',
      ...(baseline !== undefined && { baseline, baselineName: 'bare INSERT of the texts, alone' }),
      target: `≥ ${target}`,
      met: perSecond >= target,
    },
    { name: `${name}, CPU of the process`, figure: cpuUs, unit: 'µs a version', ...information },
    { name: `${name}, growth of the resident set`, figure: mb, unit: 'MB', ...information },
    { name: `${name}, most that waited`, figure: waitingMb, unit: 'MB of text', ...information },
  ];
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['objects', 'versions', 'postgres']);
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 5_700);
  const load = loadOf(objects, numberOption(options, 'versions', options.smoke ? 2_000 : 30_000));
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const withGraph = await sustained(load, join(folder, 'graph.db'));
  const graph = emptyGraph();
  const listed = [...entriesFrom(graph, load.listing)].flat();
  const entries = [...entriesFrom(graph, parsed(load))].flat();
  const writerAlone = await alone(listed, entries, join(folder, 'alone.db'));
  const baseline = bare(entries, join(folder, 'bare.db'));
  const figures = [
    ...figuresOf('SQLite', withGraph, options.smoke ? 200 : 5_000, baseline),
    {
      name: 'SQLite, the writer alone',
      figure: writerAlone,
      unit: 'versions/s',
      baseline,
      baselineName: 'bare INSERT of the texts, alone',
      target: 'for information',
      met: true,
    },
  ];
  await using server = options.smoke && options.values['postgres'] === undefined ? undefined : await postgres(options);
  if (server) figures.push(...figuresOf('PostgreSQL', await sustained(load, server.url), options.smoke ? 100 : 3_000));
  report(`Remembering as fast as changes come, ${objects} objects`, figures, options);
});

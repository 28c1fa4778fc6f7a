/**
 * How many bytes does an hour of history take, beside the same versions as JSON lines in one zstd stream, and beside the field's figure?
 *
 *   npx node bench/history-bytes.bench.ts [--objects 5700] [--minutes 60] [--share 0.1] [--smoke] [--append DATE]
 *
 * The mix is that of workload/churn.ts: of 100 versions about 27 of Pods, 17 of ReplicaSets, 16 of Deployments, 15 of EndpointSlices, 15 Events, 4 of
 * Jobs, 3 of autoscalers, 3 of ConfigMaps and Secrets; renewed leases and heartbeats, which are no versions, come on top, and a sign of life every 5 s.
 * Only what the hour adds is counted, in the file after a checkpoint; the first listing is shown apart. The stream has no index: one reads all of it to
 * find a version. Then, for a share of the resources, the same versions written in other ways, each with its CPU time.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, createZstdCompress } from 'node:zlib';
import { microseconds } from '../src/model/time.ts';
import type { Database } from '../src/sinks/history/database.ts';
import type { Entry } from '../src/sinks/history/entries.ts';
import { objectOf } from '../src/sinks/history/noise.ts';
import { openSqlite } from '../src/sinks/history/sqlite.ts';
import { contentOf } from '../src/sinks/history/version-writer.ts';
import { HistoryWriter } from '../src/sinks/history/writer.ts';
import { surveyOf, type Written } from './encodings.ts';
import { benchOptions, type Figure, numberOption, peakRssMb, report, round, withGc } from './harness.ts';
import {
  emptyGraph,
  entriesFrom,
  fieldBytesPerMinute,
  fieldRate,
  fieldResources,
  firstVersions,
  life,
  listing,
} from './life.ts';
import { listedAt } from './pages.ts';
import { census } from './workload.ts';

/** Compresses JSON lines in one stream, as a log would be. */
class Lines {
  readonly #stream = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  bytes = 0;

  constructor() {
    this.#stream.on('data', (part: Buffer) => (this.bytes += part.length));
  }

  async add(at: number, { text }: Written): Promise<void> {
    const line = `${JSON.stringify({ at, object: objectOf(text) })}\n`;
    if (!this.#stream.write(line)) await new Promise((resolve) => this.#stream.once('drain', resolve));
  }

  /** Everything so far is counted. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.#stream.flush(() => resolve()));
  }
}

/** How often the program writes that it looked, although nothing happened. */
const BEAT_US = 5_000_000;
const BATCH = 2_000;

/** Writes entries to the history and to the lines, and keeps the versions. */
class Both {
  readonly lines = new Lines();
  versions: Written[] = [];
  readonly #writer: HistoryWriter;
  readonly #last = new Map<string, string>();
  #batch: Entry[] = [];
  #at = microseconds(listedAt);
  #beat = Number.POSITIVE_INFINITY;

  constructor(writer: HistoryWriter) {
    this.#writer = writer;
  }

  async take(all: Iterable<readonly Entry[]>): Promise<void> {
    for (const entries of all) {
      for (const entry of entries) await this.#note(entry);
      this.#batch.push(...entries);
      if (this.#batch.length > BATCH) await this.#write();
    }
    await this.#write();
    await this.lines.flush();
    this.#beat = this.#at;
  }

  async #write(): Promise<void> {
    await this.#writer.write(this.#batch);
    this.#batch = [];
  }

  async #note(entry: Entry): Promise<void> {
    if (entry.type === 'end') this.#last.delete(entry.id);
    if (entry.type === 'moment') {
      for (; this.#beat + BEAT_US < entry.at; this.#beat += BEAT_US)
        this.#batch.push({ type: 'moment', at: this.#beat + BEAT_US });
      this.#at = entry.at;
    }
    if (entry.type !== 'version') return;
    const before = this.#last.get(entry.of.id);
    if (before !== undefined && contentOf(before) === contentOf(entry.text)) return;
    this.#last.set(entry.of.id, entry.text);
    const written = { of: entry.of, text: entry.text, before };
    this.versions.push(written);
    await this.lines.add(this.#at, written);
  }
}

/** Bytes of each table and index. */
async function tablesOf(database: Database): Promise<ReadonlyMap<string, number>> {
  await database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  const rows = await database.rows('SELECT name, sum(pgsize) FROM dbstat GROUP BY name');
  return new Map(rows.map(([name, bytes]) => [String(name), Number(bytes)]));
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['objects', 'minutes', 'share']);
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : fieldResources);
  const minutes = numberOption(options, 'minutes', options.smoke ? 10 : 60);
  const perMinute = (fieldRate * objects) / fieldResources;
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'history.db');
  const database = openSqlite(file);
  const both = new Both(await HistoryWriter.open(database));
  const [estate, graph] = [census({ objects }), emptyGraph()];
  await both.take(entriesFrom(graph, listing(estate)));
  const listed = {
    versions: both.versions,
    tables: await tablesOf(database),
    bytes: statSync(file).size,
    lines: both.lines.bytes,
  };
  both.versions = [];
  const cpu = process.cpuUsage();
  await both.take(entriesFrom(graph, firstVersions(life(estate, perMinute), perMinute * minutes)));
  const seconds = Object.values(process.cpuUsage(cpu)).reduce((sum, us) => sum + us / 1e6, 0);
  const tables = await tablesOf(database);
  const grown = statSync(file).size - listed.bytes;
  const lines = both.lines.bytes - listed.lines;
  const { versions } = both;
  const text = versions.reduce((sum, version) => sum + version.text.length, 0);
  const kB = (bytes: number): number => bytes / 1000 / minutes;
  const field = (fieldBytesPerMinute * objects) / fieldResources;
  const information = { target: 'for information', met: true };
  const parts = [...tables]
    .map(([name, bytes]) => ({ name, bytes: bytes - (listed.tables.get(name) ?? 0) }))
    .filter(({ bytes }) => bytes > grown / 500)
    .sort((a, b) => b.bytes - a.bytes);
  const limit = options.smoke ? 20 : 1;
  const figures: Figure[] = [
    {
      name: `growth, ${versions.length} versions in ${minutes} min`,
      figure: kB(grown),
      unit: 'kB/min',
      baseline: field / 1000,
      baselineName: 'the field’s timeline',
      target: '≤ 1/10',
      met: grown / minutes <= (limit * field) / 10,
    },
    {
      name: 'the same',
      figure: kB(grown),
      unit: 'kB/min',
      baseline: kB(lines),
      baselineName: 'JSON lines, one zstd stream',
      target: '≤ 1/2',
      met: grown <= (limit * lines) / 2,
    },
    {
      name: 'the same, an hour',
      figure: (kB(grown) * 60) / 1000,
      unit: 'MB',
      baseline: (kB(text) * 60) / 1000,
      baselineName: 'plain text',
      ...information,
    },
    ...parts.map(({ name, bytes }) => ({
      name: `of it ${name}`,
      figure: bytes / versions.length,
      unit: 'bytes a version',
      ...information,
    })),
    {
      name: `the first listing (${estate.size} objects)`,
      figure: listed.bytes / 1e6,
      unit: 'MB',
      baseline: listed.lines / 1e6,
      baselineName: 'JSON lines, one zstd stream',
      ...information,
    },
    {
      name: 'CPU, graph and lines included',
      figure: (seconds / versions.length) * 1e6,
      unit: 'µs a version',
      ...information,
    },
    { name: 'highest resident set', figure: peakRssMb(), unit: 'MB', ...information },
  ];
  await database.close();
  report(
    `Bytes of history at ${round(perMinute)} versions a minute of ${graph.view.resourceCount} resources`,
    figures,
    options,
  );
  process.stdout.write(
    `\n${surveyOf(listed.versions, versions, numberOption(options, 'share', options.smoke ? 0.2 : 0.1))}\n`,
  );
});

/**
 * How much later does a change reach subscribers because it is remembered?
 *
 *   npx node bench/history-cost.bench.ts [--objects 10000] [--changes 20000] [--smoke] [--append DATE]
 *
 * Between a change and its subscribers stand parsing, the graph, and what history does on this thread; the same changes with and without a history, in turn,
 * each by a pipeline of its own that somebody follows. The writing thread works meanwhile, and the clock stands still while the source waits for it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describer } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { Change } from '../src/model/change.ts';
import { openPipeline, type Witness } from '../src/program/pipeline.ts';
import { type History, openHistory } from '../src/sinks/history/history.ts';
import { entriesOf } from '../src/sinks/history/remember.ts';
import {
  benchOptions,
  collectGarbage,
  type Figure,
  median,
  numberOption,
  percentile,
  report,
  rssMb,
  withGc,
} from './harness.ts';
import { fieldRate, firstVersions, life, listing } from './life.ts';
import { type Census, census } from './workload.ts';

interface Run {
  /** Microseconds a change until subscribers have it, parsing included. */
  readonly us: readonly number[];
  /** Of them in the witness. */
  readonly witnessUs: number;
  readonly rss: number;
}

async function run(estate: Census, messages: readonly Buffer[], history: History | undefined): Promise<Run> {
  let witnessMs = 0;
  const witness: Witness | undefined = history && {
    see(commit, view) {
      const start = performance.now();
      history.write(entriesOf(commit, view, describer));
      witnessMs += performance.now() - start;
    },
    room: () => history.room(),
  };
  const pipeline = openPipeline({
    describer,
    epoch: 'bench',
    ...(witness && { witness }),
    log: silentLogger,
    now: () => performance.now(),
  });
  let seen = 0;
  pipeline.feed.subscribe(({ diff }) => (seen += diff.resources.updated.length));
  for (const page of listing(estate)) pipeline.take(page);
  await history?.written();
  collectGarbage();
  witnessMs = 0;
  const us: number[] = [];
  for (const message of messages) {
    const text = message.toString('latin1');
    const start = performance.now();
    pipeline.take([JSON.parse(text) as Change]);
    us.push((performance.now() - start) * 1_000);
    // What the thread does is not what is measured: a core is free for it.
    if (us.length % 100 === 0) await history?.written();
  }
  if (seen === 0) throw new Error('nobody saw a change');
  return { us, witnessUs: (witnessMs * 1_000) / messages.length, rss: rssMb() };
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['objects', 'changes', 'rounds']);
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 10_000);
  const estate = census({ objects });
  const changes = numberOption(options, 'changes', options.smoke ? 2_000 : 20_000);
  const messages = [...firstVersions(life(estate, fieldRate), changes)]
    .flat()
    .map((change) => Buffer.from(JSON.stringify(change)));
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const pairs: { readonly without: Run; readonly remembered: Run }[] = [];
  for (let round = -1; round < numberOption(options, 'rounds', options.smoke ? 1 : 3); round++) {
    const without = await run(estate, messages, undefined);
    const history = await openHistory(join(folder, `${round}.db`));
    const remembered = await run(estate, messages, history);
    await history.close();
    if (round >= 0) pairs.push({ without, remembered });
  }
  const of = (which: 'without' | 'remembered', what: (run: Run) => number): number =>
    median(pairs.map((pair) => what(pair[which])));
  const sum = ({ us }: Run): number => us.reduce((total, each) => total + each, 0) / us.length;
  const more = (what: (run: Run) => number): number =>
    median(pairs.map(({ without, remembered }) => what(remembered) / what(without)));
  const limit = options.smoke ? 3 : 1.1;
  const line = (name: string, what: (run: Run) => number, target?: number): Figure => ({
    name,
    figure: of('remembered', what),
    unit: 'µs',
    baseline: of('without', what),
    baselineName: 'without history',
    target: target === undefined ? 'for information' : `≤ ${target} ×`,
    met: target === undefined || more(what) <= target,
  });
  report(
    `What history costs a change on its way to subscribers, ${objects} objects`,
    [
      line('a change, mean', sum, limit),
      line('a change, p50', ({ us }) => percentile(us, 50)),
      line('a change, p99', ({ us }) => percentile(us, 99)),
      {
        name: 'of it in the witness',
        figure: of('remembered', ({ witnessUs }) => witnessUs),
        unit: 'µs',
        target: 'for information',
        met: true,
      },
      {
        name: 'resident set in the end',
        figure: of('remembered', ({ rss }) => rss),
        unit: 'MB',
        baseline: of('without', ({ rss }) => rss),
        baselineName: 'without history',
        target: 'for information',
        met: true,
      },
    ],
    options,
  );
});

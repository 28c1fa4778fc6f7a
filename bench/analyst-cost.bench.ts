/**
 * How much later does a change reach subscribers because an analyst follows, and does a storm of occurrences keep its memory bounded?
 *
 *   npx node bench/analyst-cost.bench.ts [--objects 10000] [--changes 20000] [--storm 1000000] [--smoke] [--append DATE]
 *
 * The same changes with and without an analyst that follows, in turn, each by a pipeline of its own that somebody else follows too; parsing included. What
 * the analyst does between commits (conclusions, explaining) rests twenty times as long as it works, and is told apart.
 */
import { describer } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { Change } from '../src/model/change.ts';
import { Analyst } from '../src/program/analyst.ts';
import { openPipeline, type Pipeline } from '../src/program/pipeline.ts';
import {
  benchOptions,
  collectGarbage,
  type Figure,
  median,
  numberOption,
  percentile,
  report,
  withGc,
} from './harness.ts';
import { fieldRate, firstVersions, life, listing } from './life.ts';
import { type Census, census } from './workload.ts';

interface Run {
  /** Microseconds a change until subscribers have it, parsing included. */
  readonly us: readonly number[];
  /** Of them in the analyst. */
  readonly seenUs: number;
  /** One look of the analyst at all that happened. */
  readonly lookMs: number;
}

const nothing = async () => [];

async function followed(pipeline: Pipeline, spent: (ms: number) => void = () => undefined): Promise<Analyst> {
  const analyst = await Analyst.open({
    pipeline,
    history: { courses: nothing, versions: nothing },
    live: false,
    now: Date.now,
    log: silentLogger,
  });
  pipeline.feed.subscribe((commit) => {
    const start = performance.now();
    analyst.see(commit);
    spent(performance.now() - start);
  });
  return analyst;
}

function opened(): Pipeline {
  const pipeline = openPipeline({ describer, epoch: 'bench', log: silentLogger, now: () => performance.now() });
  let seen = 0;
  pipeline.feed.subscribe(({ diff }) => (seen += diff.resources.updated.length));
  return pipeline;
}

async function run(estate: Census, messages: readonly Buffer[], withAnalyst: boolean): Promise<Run> {
  const pipeline = opened();
  for (const page of listing(estate)) pipeline.take(page);
  let seenMs = 0;
  const spent = (ms: number): void => {
    seenMs += ms;
  };
  const analyst = withAnalyst ? await followed(pipeline, spent) : undefined;
  collectGarbage();
  const us: number[] = [];
  for (const message of messages) {
    const text = message.toString('latin1');
    const start = performance.now();
    pipeline.take([JSON.parse(text) as Change]);
    us.push((performance.now() - start) * 1_000);
  }
  const start = performance.now();
  await analyst?.look();
  return { us, seenUs: (seenMs * 1_000) / messages.length, lookMs: performance.now() - start };
}

/** Heap in MB after a storm of errors about a few hundred pods, a thousand a commit. */
async function storm(count: number): Promise<{ readonly heap: number }> {
  const pipeline = opened();
  const begin = Date.parse('2026-11-21T10:00:00Z');
  const analyst = await followed(pipeline);
  const told = (number: number): Change => ({
    type: 'occur',
    at: new Date(begin + Math.floor(number / 10)).toISOString(),
    cluster: 'c',
    occurrence: {
      id: String(number),
      source: 'log',
      severity: 'error',
      message: `dial tcp 10.0.0.${number % 250}:80: connection refused`,
      subject: { kind: 'Pod', namespace: 'shop', name: `web-${number % 300}` },
      attributes: { container: 'main', line: number },
    },
  });
  const pods = Array.from({ length: 300 }, (_, number): Change => {
    const metadata = { namespace: 'shop', name: `web-${number}`, uid: `u${number}` };
    return {
      type: 'apply',
      at: new Date(begin).toISOString(),
      cluster: 'c',
      object: { apiVersion: 'v1', kind: 'Pod', metadata },
    };
  });
  pipeline.take(pods);
  for (let start = 0; start < count; start += 1_000) {
    pipeline.take(Array.from({ length: 1_000 }, (_, index) => told(start + index)));
    if (start % 50_000 === 0) await analyst.look();
  }
  collectGarbage();
  return { heap: process.memoryUsage().heapUsed / 1_048_576 };
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['objects', 'changes', 'rounds', 'storm']);
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 10_000);
  const estate = census({ objects });
  const changes = numberOption(options, 'changes', options.smoke ? 2_000 : 20_000);
  const messages = [...firstVersions(life(estate, fieldRate), changes)]
    .flat()
    .map((change) => Buffer.from(JSON.stringify(change)));
  const pairs: { readonly without: Run; readonly analysed: Run }[] = [];
  for (let round = -1; round < numberOption(options, 'rounds', options.smoke ? 1 : 3); round++) {
    const without = await run(estate, messages, false);
    const analysed = await run(estate, messages, true);
    if (round >= 0) pairs.push({ without, analysed });
  }
  const of = (which: 'without' | 'analysed', what: (run: Run) => number): number =>
    median(pairs.map((pair) => what(pair[which])));
  const sum = ({ us }: Run): number => us.reduce((total, each) => total + each, 0) / us.length;
  const more = (what: (run: Run) => number): number =>
    median(pairs.map(({ without, analysed }) => what(analysed) / what(without)));
  const limit = options.smoke ? 2 : 1.1;
  // A fifth of a small storm does not fill the window.
  const room = options.smoke ? 2.5 : 1.25;
  const line = (name: string, what: (run: Run) => number, target?: number): Figure => ({
    name,
    figure: of('analysed', what),
    unit: 'µs',
    baseline: of('without', what),
    baselineName: 'without analyst',
    target: target === undefined ? 'for information' : `≤ ${target} ×`,
    met: target === undefined || more(what) <= target,
  });
  const count = numberOption(options, 'storm', options.smoke ? 100_000 : 1_000_000);
  const begun = await storm(count / 5);
  const analysed = await storm(count);
  report(
    `What an analyst costs, ${objects} objects, ${count} occurrences`,
    [
      line('a change, mean', sum, limit),
      {
        name: 'of it in the analyst',
        figure: of('analysed', ({ seenUs }) => seenUs),
        unit: 'µs',
        baseline: of('without', sum),
        baselineName: 'a change without it',
        target: '≤ 0.1 ×',
        met: of('analysed', ({ seenUs }) => seenUs) <= 0.1 * of('without', sum),
      },
      line('a change, p50', ({ us }) => percentile(us, 50)),
      line('a change, p99', ({ us }) => percentile(us, 99)),
      {
        name: 'one look at all of that',
        figure: of('analysed', ({ lookMs }) => lookMs),
        unit: 'ms',
        target: 'for information',
        met: true,
      },
      {
        name: 'heap after a storm',
        figure: analysed.heap,
        unit: 'MB',
        baseline: begun.heap,
        baselineName: 'after a fifth of it',
        target: `≤ ${room} ×`,
        met: analysed.heap <= begun.heap * room,
      },
    ],
    options,
  );
});

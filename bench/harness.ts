/**
 * Measuring, small: time and memory of ours beside a baseline in the same process, alternately, so that both meet the same machine.
 * Every question ends in figures with a target; `report` prints them and, when told the date, appends them to results.md.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** One line of a report. Figure and baseline have the same unit. */
export interface Figure {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  readonly baseline?: number;
  /** What the baseline is: `JSON.parse of the same pages`. */
  readonly baselineName?: string;
  /** In words, as in the table of targets: `≤ 1 × JSON.parse`. */
  readonly target: string;
  readonly met: boolean;
}

export interface BenchOptions {
  /** Budgets of minutes become seconds; targets become generous. */
  readonly smoke: boolean;
  /** `YYYY-MM-DD`: append to results.md under this date. */
  readonly append: string | undefined;
  /** Further words on the command line, by name. */
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** Reads `--smoke`, `--append DATE` and the named further options of a benchmark. */
export function benchOptions(names: readonly string[] = []): BenchOptions {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options: { smoke: { type: 'boolean' }, append: { type: 'string' }, ...options } });
  const { smoke, append, ...others } = values;
  if (append !== undefined && !/^\d{4}-\d\d-\d\d$/.test(append))
    throw new RangeError('--append takes a date: --append 2026-11-21');
  return { smoke: smoke === true, append, values: others };
}

/** A number given on the command line, or the default; throws a RangeError for what is not a positive number. */
export function numberOption(options: BenchOptions, name: string, otherwise: number): number {
  const text = options.values[name];
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) throw new RangeError(`--${name} takes a positive number, not ${text}`);
  return value;
}

/** Milliseconds a piece of work took, and what it returned. */
export async function timed<T>(work: () => T | Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

export interface Pair {
  readonly oursMs: number;
  readonly baselineMs: number;
  /** Median of the ratios of each round, which a slow moment of the machine disturbs least. */
  readonly ratio: number;
}

/** Runs both in turn, first to warm up, then `rounds` times; what each returns is dropped. Medians in milliseconds. */
export async function measurePair(
  ours: () => unknown,
  baseline: () => unknown,
  { rounds = 5, warmUps = 1 }: { readonly rounds?: number; readonly warmUps?: number } = {},
): Promise<Pair> {
  const pairs: { ours: number; baseline: number }[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    collectGarbage();
    const second = await timed(baseline);
    collectGarbage();
    const first = await timed(ours);
    if (round >= 0) pairs.push({ ours: first.ms, baseline: second.ms });
  }
  return {
    oursMs: median(pairs.map((pair) => pair.ours)),
    baselineMs: median(pairs.map((pair) => pair.baseline)),
    ratio: median(pairs.map((pair) => pair.ours / pair.baseline)),
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Nearest-rank percentile, 0..100; NaN for no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

const MB = 1024 * 1024;

/** Largest resident set of this process so far, in MB (`getrusage`, kilobytes on Linux and macOS). */
export function peakRssMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}

export function rssMb(): number {
  return process.memoryUsage.rss() / MB;
}

/** Live heap in MB after a full collection. */
export function heapMb(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / MB;
}

/** A full collection; needs `--expose-gc`, see `withGc`. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('start this benchmark through withGc, which adds --expose-gc');
  globalThis.gc();
}

/** Runs the benchmark with `--expose-gc`, by starting the same file again where the flag is missing. */
export async function withGc(file: string, main: () => Promise<void>): Promise<void> {
  if (globalThis.gc !== undefined) return main();
  const args = ['--expose-gc', ...process.execArgv, fileURLToPath(file), ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

/** Exit code of a benchmark that ran and missed a target; 1 is that of one that failed. */
export const exitOfMissed = 4;

/** Prints the figures as a table, appends them where asked, and sets the exit code when a target is missed. */
export function report(question: string, figures: readonly Figure[], { append }: BenchOptions): void {
  process.stdout.write(`${question}\n${table(figures)}\n`);
  if (append !== undefined) appendResults(append, question, figures);
  if (figures.some(({ met }) => !met)) process.exitCode = exitOfMissed;
}

const columns = ['', 'ours', 'baseline', 'ratio', 'target', 'met'] as const;

/** A Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, figure, unit, baseline, baselineName, target, met }) => [
    name,
    `${round(figure)} ${unit}`,
    baseline === undefined
      ? '–'
      : `${round(baseline)} ${unit}${baselineName === undefined ? '' : ` (${baselineName})`}`,
    baseline === undefined ? '–' : round(figure / baseline),
    target,
    met ? 'yes' : 'NO',
  ]);
  const widths = columns.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Three significant digits, without an exponent. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

/** `2 × Intel Xeon, 23 GB, Node 24.21.0 (V8 13.6…), linux 6.1`: what a figure was measured on. */
export function machine(): string {
  const [first] = cpus();
  const memoryGb = Math.round(totalmem() / 1024 / MB);
  const { node, v8 } = process.versions;
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown CPU'}, ${memoryGb} GB, Node ${node} (V8 ${v8}), ${process.platform}`;
}

const resultsFile = fileURLToPath(new URL('results.md', import.meta.url));

function appendResults(date: string, question: string, figures: readonly Figure[]): void {
  if (!existsSync(resultsFile))
    writeFileSync(resultsFile, '# Results\n\nNewest last. `npm run bench -- --append DATE` adds to this file.\n');
  appendFileSync(resultsFile, `\n## ${question} · ${date}\n\n${machine()}\n\n${table(figures)}\n`);
}

/**
 * Scores root-cause analysis on the lab's recordings: `npm run -s eval -- [--quick] [--case ID] [--as VIEW] [--plot] [--strangers]`. Needs no cluster.
 * The development half is told case by case; of the other half only totals are, so that nobody writes rules for it.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Change } from '../../src/model/change.ts';
import { type Answerer, explained, type Score, scored } from './eval/answers.ts';
import { firstUnready, lastChanged, mostWarnings } from './eval/baselines.ts';
import { estateOf } from './eval/estates.ts';
import { claimsPerHour } from './eval/healthy-hours.ts';
import { reliabilityPlot } from './eval/plot.ts';
import { seedOf } from './eval/statistics.ts';
import { aligned, summaryOf, table } from './eval/summary.ts';
import { asRecorded, disturbances, type Variant, views } from './eval/variants.ts';
import { read } from './finish.ts';
import { type Labelled, readLabels, recordingOf } from './labels.ts';
import { readStrangers, scoreOf } from './strangers.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    case: { type: 'string' },
    as: { type: 'string' },
    plot: { type: 'boolean', default: false },
    strangers: { type: 'boolean', default: false },
  },
});

interface Recorded {
  readonly label: Labelled;
  readonly changes: readonly Change[];
}

const recorded: readonly Recorded[] = readLabels()
  .filter((label) => existsSync(recordingOf(label)))
  .filter(({ id, split }) => (values.case === undefined ? true : id === values.case && split === 'development'))
  .map((label) => ({ label, changes: read(recordingOf(label)) }));

const out = (text = ''): void => void process.stdout.write(`${text}\n`);

function scoresOf(variant: Variant, answerer: Answerer = explained): readonly Score[] {
  return recorded.map(({ label, changes }) => scored(label, answerer(estateOf(variant(changes, seedOf(label.id))))));
}

const asked = values.as === undefined ? asRecorded : { ...views, ...disturbances }[values.as];
if (asked === undefined) throw new Error(`--as one of: ${Object.keys({ ...views, ...disturbances }).join(' | ')}`);
const live = scoresOf(asked);
const isDevelopment = (score: Score): boolean => score.case.split === 'development';

out('Development half, case by case');
out(aligned([['case', 'family', 'rank', 'reason', 'answer'], ...live.filter(isDevelopment).map(told)], 5));
out();
out(values.as ?? 'Live streams, with logs');
out(
  table([
    ['development', summaryOf(live.filter(isDevelopment))],
    ['held back', summaryOf(live.filter((score) => !isDevelopment(score)))],
    ['all', summaryOf(live)],
  ]),
);
if (!values.quick && values.as === undefined) more();
if (values.strangers) await strange();

async function strange(): Promise<void> {
  out();
  out("Strangers' applications, by what is seen");
  const strangers = readStrangers();
  const scores = await Promise.all(strangers.map(scoreOf));
  const byView = Map.groupBy(strangers.keys(), (index) => strangers[index]?.view ?? '');
  const scoresOf = (indexes: readonly number[]): readonly Score[] => indexes.flatMap((index) => scores[index] ?? []);
  const rows = [...byView]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([view, of]) => [view, summaryOf(scoresOf(of))] as const);
  out(table([...rows, ['all', summaryOf(scores)]]));
}

function more(): void {
  out();
  out('By family, development half');
  const byFamily = Map.groupBy(live.filter(isDevelopment), (score) => score.case.family);
  out(table([...byFamily].sort(([a], [b]) => (a < b ? -1 : 1)).map(([family, scores]) => [family, summaryOf(scores)])));
  out();
  out('By what is seen, all recordings');
  out(
    table(Object.entries(views).map(([name, view]) => [name, summaryOf(view === asRecorded ? live : scoresOf(view))])),
  );
  out();
  out('Disturbed, all recordings');
  out(table(Object.entries(disturbances).map(([name, variant]) => [name, summaryOf(scoresOf(variant))])));
  out();
  out('Simpler minds, all recordings');
  const minds: readonly (readonly [string, Answerer])[] = [
    ['this', explained],
    ['most recent change', lastChanged],
    ['first not ready', firstUnready],
    ['most warnings', mostWarnings],
  ];
  out(table(minds.map(([name, mind]) => [name, summaryOf(mind === explained ? live : scoresOf(asRecorded, mind))])));
  out();
  const { hours, claims } = claimsPerHour(recorded);
  out(`Claimed causes per healthy hour: ${claims} in ${hours.toFixed(2)} h, ${(claims / hours).toFixed(2)} an hour`);
  if (values.plot) {
    const file = join(import.meta.dirname, '../../docs/root-cause-reliability.svg');
    writeFileSync(file, reliabilityPlot(summaryOf(live).claims, 'Reliability'));
  }
}

function told({ case: { id, family, root }, rank, isReasonRight, answers, accused }: Score): readonly string[] {
  const named = (list: Score['answers'][number]): string =>
    list[0]
      ? `${list[0].kind}/${list[0].namespace}/${list[0].name} ${list[0].reason} ${list[0].confidence}`
      : 'unknown';
  const place = root === undefined ? (answers.length === 0 ? 'ok' : 'ALARM') : rank === 0 ? '-' : String(rank);
  const others = accused.length > 0 && rank === 1 ? '  (and others)' : '';
  const wanted = rank === 1 || root === undefined ? '' : `  instead of ${root}`;
  return [id, family, place, isReasonRight ? 'yes' : '', `${answers.map(named).join(' | ')}${wanted}${others}`];
}

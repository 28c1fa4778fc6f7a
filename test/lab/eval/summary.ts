/** Many scores as a few figures, and these as text. */
import type { Score } from './answers.ts';
import { type Claim, calibrationError, mean, wilson } from './statistics.ts';

export interface Summary {
  readonly faults: number;
  readonly first: number;
  readonly firstThree: number;
  readonly reciprocal: number;
  readonly reason: number;
  readonly abstained: number;
  /** Innocents that are the first cause of an incident, in cases with a root. */
  readonly accused: number;
  readonly negatives: number;
  /** Negatives about which anything is said. */
  readonly alarms: number;
  /** Negatives for which somebody is blamed. */
  readonly blamed: number;
  readonly calibration: number;
  readonly claims: readonly Claim[];
}

export function summaryOf(scores: readonly Score[]): Summary {
  const faults = scores.filter((score) => score.case.root !== undefined);
  const negatives = scores.filter((score) => score.case.root === undefined);
  const count = (list: readonly Score[], test: (score: Score) => boolean): number => list.filter(test).length;
  const claims = scores.flatMap(claimsOf);
  return {
    faults: faults.length,
    first: count(faults, ({ rank }) => rank === 1),
    firstThree: count(faults, ({ rank }) => rank >= 1 && rank <= 3),
    reciprocal: mean(faults.map(({ rank }) => (rank === 0 ? 0 : 1 / rank))),
    reason: count(faults, ({ isReasonRight }) => isReasonRight),
    abstained: count(faults, ({ abstains }) => abstains),
    accused: faults.reduce((sum, { accused }) => sum + accused.length, 0),
    negatives: negatives.length,
    alarms: count(negatives, ({ incidents }) => incidents > 0),
    blamed: count(negatives, ({ accused }) => accused.length > 0),
    calibration: claims.length === 0 ? 0 : calibrationError(claims),
    claims,
  };
}

/** The first cause of each incident, with its confidence, and whether it is the root. */
function claimsOf({ answers, accused }: Score): readonly Claim[] {
  return answers.flatMap(([first]) =>
    first ? [{ confidence: first.confidence, isRight: !accused.includes(first) }] : [],
  );
}

const HEADS = [
  '',
  'faults',
  'entity @1',
  '',
  '@3',
  'MRR',
  'reason @1',
  'abstained',
  'accused',
  'negatives',
  'alarms',
  'blamed',
  'ECE',
];

/** Rows of figures under their heads. */
export function table(rows: readonly (readonly [name: string, summary: Summary])[]): string {
  return aligned([HEADS, ...rows.map(([name, summary]) => [name, ...cells(summary)])]);
}

function cells(summary: Summary): readonly string[] {
  const { faults, first, firstThree, reciprocal, reason, abstained, accused, negatives, alarms, blamed, calibration } =
    summary;
  const [low, high] = wilson(first, faults);
  const share = (hits: number): string => (faults === 0 ? '–' : `${hits} ${two(hits / faults)}`);
  return [
    String(faults),
    share(first),
    faults === 0 ? '' : `[${two(low)} ${two(high)}]`,
    share(firstThree),
    two(reciprocal),
    share(reason),
    String(abstained),
    String(accused),
    String(negatives),
    String(alarms),
    String(blamed),
    calibration === 0 ? '–' : two(calibration),
  ];
}

export function two(value: number): string {
  return value.toFixed(2).replace(/^0\./, '.');
}

/** Columns side by side: those of words to the left, those of figures to the right. */
export function aligned(rows: readonly (readonly string[])[], words = 1): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number): string =>
    column < words ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

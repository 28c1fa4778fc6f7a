/**
 * The scorer that is always there: how far the last values are from the median of those before, in median absolute deviations. A burst that once was makes no
 * difference to what is usual. Pure: it needs no model and has learnt nothing.
 */
import type { Features, Score } from '../../model/scorer.ts';
import { quantileOf } from '../predictions/trend.ts';

/** So many of the last values are what is judged. */
const RECENT = 3;
/** With fewer before them nobody knows what is usual. */
const BEFORE_MIN = 8;
/** So many deviations are half unusual. */
const HALF = 6;
/** Makes the deviation that of a normal distribution. */
const NORMAL = 1.4826;

export function robustScores(features: readonly Features[]): readonly Score[] {
  return features.map(({ id, values }) => {
    let best: Score = { id, score: 0 };
    for (const [feature, series] of Object.entries(values)) {
      const score = unusual(series);
      if (score > best.score) best = { id, score, feature };
    }
    return best;
  });
}

/** 0..1, for one series; what falls is as unusual as what rises. */
export function unusual(series: readonly number[]): number {
  const before = series.slice(0, -RECENT).toSorted((a, b) => a - b);
  if (before.length < BEFORE_MIN) return 0;
  const usual = quantileOf(before, 0.5);
  const off = before.map((value) => Math.abs(value - usual)).sort((a, b) => a - b);
  // What never moves may move by one, or by a tenth, without being remarkable.
  const deviation = Math.max(NORMAL * quantileOf(off, 0.5), 0.1 * Math.abs(usual), quantileOf(off, 0.9) / 2, 1 / HALF);
  const recent = series.slice(-RECENT).toSorted((a, b) => a - b);
  const z = Math.abs(quantileOf(recent, 0.5) - usual) / deviation;
  return 1 - 2 ** -((z / HALF) ** 2);
}

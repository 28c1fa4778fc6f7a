/** What is unusual, as text. */
import type { z } from 'zod';
import type { scoreOperation } from '../../../operations/score.ts';
import { type Page, table } from './layout.ts';
import { named } from './names.ts';

export function* anomaliesText(
  { anomalies, scorer, counts }: z.output<(typeof scoreOperation)['output']>,
  page: Page,
): Iterable<string> {
  yield `${page.paint(`${counts.unusual} of ${counts.measured} measured are unusual`, 'bold')} (scored by ${scorer})\n`;
  yield* table(
    ['SCORE', 'RESOURCE', 'BY', 'LAST'],
    anomalies.map(({ resource, score, feature = '', recent = [] }) => [
      score.toFixed(2),
      named(resource),
      feature,
      recent.map((value) => Number(value.toPrecision(3))).join(' '),
    ]),
    page,
  );
}

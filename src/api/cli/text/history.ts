/** How far back a history goes, and how full it is. */
import type { z } from 'zod';
import { bytesText } from '../../../lib/quantity.ts';
import type { showHistory } from '../../../operations/show-history.ts';
import { counted, fields, type Page } from './layout.ts';

export function* historyText(
  { oldest, newest, counts, bytes, usedBytes, keptLess, retention }: z.output<(typeof showHistory)['output']>,
  page: Page,
): Iterable<string> {
  if (oldest === undefined) return yield 'Nothing has been observed yet.\n';
  const free = bytes - usedBytes;
  yield* fields(
    [
      ['from', oldest],
      ['to', newest],
      [
        'holds',
        `${counted(counts.versions, 'version')} of ${counted(counts.resources, 'resource')}, ${counted(counts.edges, 'edge')}`,
      ],
      ['takes', `${bytesText(bytes)}${free > bytes / 20 ? `, ${bytesText(free)} of it free again` : ''}`],
      ['kept', retention && limitsText(retention)],
      ['less', keptLess.map(({ cluster, kind, oldest: since }) => `${kind} of ${cluster} only since ${since}`)],
      ['fault', retention?.fault],
    ],
    page,
  );
}

type Retention = NonNullable<z.output<(typeof showHistory)['output']>['retention']>;

/** `14 days, Event 3 days, at most 10.0 GB`. */
function limitsText({ days, kindDays, maxBytes }: Retention): string {
  return [
    days > 0 ? counted(days, 'day') : 'however old',
    ...Object.entries(kindDays).map(([kind, of]) => `${kind} ${counted(of, 'day')}`),
    ...(maxBytes > 0 ? [`at most ${bytesText(maxBytes)}`] : []),
  ].join(', ');
}

/** Filed incidents as text: what is wrong now, then what was, one after the other. */
import type { z } from 'zod';
import type { listIncidents } from '../../../operations/list-incidents.ts';
import { counted, type Page, paragraph } from './layout.ts';

type Answer = z.output<(typeof listIncidents)['output']>;

const NONE = 'No incidents.\n';

export function* incidentsText({ items, total, counts, left }: Answer, page: Page): Iterable<string> {
  if (total === 0) return yield NONE;
  const { open, acknowledged, resolved } = counts;
  yield `${page.paint(`${open} open, ${acknowledged} acknowledged, ${resolved} resolved`, 'bold')}\n`;
  for (const {
    name,
    state,
    severity,
    title,
    startedAt,
    endedAt,
    cause,
    reason,
    confidence = 0,
    acknowledgedBy,
  } of items) {
    yield '\n';
    const style = state === 'resolved' ? 'dim' : severity === 'critical' ? 'red' : 'yellow';
    for (const row of paragraph(`${severity}, ${state}: ${title}`, page)) yield page.paint(row, style);
    const times = endedAt === undefined ? `since ${startedAt}` : `from ${startedAt} to ${endedAt}`;
    const who = acknowledgedBy === undefined ? '' : `, ${acknowledgedBy} takes care of it`;
    yield* paragraph(`${times}${who}`, page, '  ');
    const why = cause === undefined ? 'the cause is not known' : `${Math.round(confidence * 100)} % ${cause} ${reason}`;
    yield* paragraph(why, page, '  ');
    yield* paragraph(`kube-kg incident ${name}`, page, '  ');
  }
  if (left > 0) yield `\n${counted(left, 'incident')} more\n`;
}

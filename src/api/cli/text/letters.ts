/** Dead letters: why records were turned down, which, and what became of those that were sent again. */
import type { z } from 'zod';
import type { deadLettersOperation } from '../../../operations/dead-letters.ts';
import type { discardDeadLetters } from '../../../operations/discard-dead-letters.ts';
import type { replayDeadLetters } from '../../../operations/replay-dead-letters.ts';
import { counted, heading, type Page, paragraph, table } from './layout.ts';

type Answer<O extends { readonly output: z.ZodType }> = z.output<O['output']>;

const NONE = 'No dead letters. They are where records come in: ask a running kube-kg with --server.\n';

export function* lettersText(
  { total, reasons, items, left, dropped }: Answer<typeof deadLettersOperation>,
  page: Page,
): Iterable<string> {
  if (total === 0) return yield NONE;
  const more = dropped > 0 ? `; ${dropped} had to go because there were too many` : '';
  yield `${counted(total, 'dead letter')}${more}\n\n`;
  const rows = Object.entries(reasons).map(([reason, count]) => [String(count), reason]);
  yield* table(['COUNT', 'REASON'], rows, page);
  for (const { id, at, format, reason, times, payload } of items) {
    yield heading(`${id} · ${format} · ${at}${times > 1 ? ` · ${times} times` : ''}`, page);
    yield `${reason}\n`;
    yield* paragraph(payload, page, '  ');
  }
  if (left > 0) yield `\n${counted(left, 'letter')} more\n`;
}

export function* replayedText(
  { letters, taken, ignored, rejected, reasons }: Answer<typeof replayDeadLetters>,
  page: Page,
): Iterable<string> {
  if (letters === 0) return yield NONE;
  yield `${counted(letters, 'letter')} sent again: ${taken} taken, ${ignored} ignored, ${rejected} rejected\n`;
  const rows = Object.entries(reasons).map(([reason, count]) => [String(count), reason]);
  if (rows.length > 0) yield* table(['COUNT', 'REASON'], rows, page);
}

export function* discardedText({ discarded }: Answer<typeof discardDeadLetters>): Iterable<string> {
  yield discarded === 0 ? NONE : `${counted(discarded, 'letter')} discarded\n`;
}

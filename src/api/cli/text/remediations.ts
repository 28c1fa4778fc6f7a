/** What was asked to be done, as text. */
import type { z } from 'zod';
import type { listRemediations } from '../../../operations/list-remediations.ts';
import type { remediate } from '../../../operations/remediate.ts';
import { counted, type Page, paragraph, type Style } from './layout.ts';
import { named } from './names.ts';

const styles: Readonly<Record<string, Style>> = { done: 'green', tried: 'cyan', refused: 'yellow', failed: 'red' };

export function* remediatedText(
  { action, resource, result, message, id }: z.output<(typeof remediate)['output']>,
  page: Page,
): Iterable<string> {
  yield* said(`${result}: ${action} ${named(resource)}`, page, '', styles[result]);
  yield* said(message, page, '  ');
  yield* said(`record ${id}`, page, '  ', 'dim');
  if (result === 'tried') yield '  nothing was done: say --yes to do it\n';
}

export function* remediationsText(
  { items, counts, left }: z.output<(typeof listRemediations)['output']>,
  page: Page,
): Iterable<string> {
  yield `${page.paint(`${counted(counts.records, 'record')} of what was asked to be done${left === 0 ? '' : `, ${left} more`}`, 'bold')}\n`;
  for (const { at, action, target, by, why, result, detail } of items) {
    yield '\n';
    yield* said(`${at} ${result}: ${action} ${target}, asked for by ${by}`, page, '', styles[result]);
    yield* said(`because: ${why}`, page, '  ', 'dim');
    yield* said(detail, page, '  ');
  }
}

function* said(text: string, page: Page, indent: string, style?: Style): Iterable<string> {
  for (const row of paragraph(text, page, indent)) yield style === undefined ? row : page.paint(row, style);
}

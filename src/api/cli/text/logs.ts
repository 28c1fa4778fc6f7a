/** What containers wrote, as text: who, how often and since when, then the last example. */
import type { z } from 'zod';
import type { LogTemplate, listLogs } from '../../../operations/list-logs.ts';
import { counted, type Page, paragraph, type Style } from './layout.ts';

type Answer = z.output<(typeof listLogs)['output']>;

const styles: Readonly<Partial<Record<LogTemplate['severity'], Style>>> = {
  critical: 'red',
  error: 'red',
  warning: 'yellow',
};
const INDENT = '    ';
const LINES_MAX = 6;

export function* logsText({ items, total, left }: Answer, page: Page): Iterable<string> {
  const more = left === 0 ? '' : `, ${left} more follow`;
  yield page.paint(`${counted(total, 'template')}${more}\n`, 'dim');
  for (const item of items) yield* templateLines(item, page);
}

function* templateLines(item: LogTemplate, page: Page): Iterable<string> {
  const { severity, subject, namespace, container, message, count, firstAt, lastAt, lastWords, incomplete } = item;
  const [kind = '', ...name] = subject.split('/');
  const who = [kind, namespace, name.join('/')].filter((part) => part !== '').join('/');
  const style = styles[severity];
  const times = count === 1 ? `once, ${lastAt}` : `${count} times, ${firstAt} to ${lastAt}`;
  const notes = [lastWords && 'its last words', incomplete && 'more was written than read'].filter(Boolean).join(', ');
  yield '\n';
  for (const text of paragraph(`${severity} ${who}${container === undefined ? '' : ` (${container})`}`, page))
    yield style === undefined ? text : page.paint(text, style);
  yield* paragraph(`${times}${notes === '' ? '' : `; ${notes}`}`, page, INDENT);
  const lines = message.split('\n');
  for (const line of lines.slice(0, LINES_MAX)) yield* paragraph(line, page, INDENT);
  if (lines.length > LINES_MAX) yield page.paint(`${INDENT}… ${lines.length - LINES_MAX} more lines\n`, 'dim');
}

/** What was done, as text: a line for each deed with who did it, its fields and what it can break below. */
import type { z } from 'zod';
import type { listChanges } from '../../../operations/list-changes.ts';
import { counted, type Page, paragraph, type Style } from './layout.ts';
import { named } from './names.ts';
import { fieldLines } from './past.ts';

type Answer = z.output<(typeof listChanges)['output']>;
type Change = Answer['items'][number];

const marks: Readonly<Record<Change['verb'], readonly [mark: string, style: Style]>> = {
  created: ['+', 'green'],
  deleted: ['-', 'red'],
  changed: ['~', 'yellow'],
};
const INDENT = '    ';
const SHOWN_MAX = 4;

export function* changesText({ from, to, items, read, next }: Answer, page: Page): Iterable<string> {
  const { paint } = page;
  const more = next === undefined ? '' : ', more follow';
  const left = read.left === 0 ? '' : `, ${counted(read.left, 'version')} that only follow from others left out`;
  for (const text of paragraph(`from ${from} to ${to}: ${counted(items.length, 'change')}${more}${left}`, page))
    yield paint(text, 'dim');
  for (const item of items) yield* changeLines(item, page);
}

function* changeLines(change: Change, page: Page): Iterable<string> {
  const { at, since, times, verb, resource, classes, by, fields, breaks, affects } = change;
  const [mark, style] = marks[verb];
  const author = by ? ` by ${by.manager}` : '';
  const often = times === undefined ? '' : `, ${times} times since ${since}`;
  yield '\n';
  for (const text of paragraph(`${mark} ${named(resource)} ${verb}${author}: ${classes.join(', ')}`, page))
    yield page.paint(text, style);
  yield* said(`${at}${often}`, page, 'dim');
  yield* fieldLines(fields, page, INDENT);
  for (const { class: name, text } of breaks.slice(0, SHOWN_MAX)) yield* said(`${name}: ${text}`, page, 'dim');
  if (affects.count === 0) return;
  const names = affects.resources.slice(0, SHOWN_MAX).map((one) => `${named(one)} (${one.via})`);
  const others = affects.count - SHOWN_MAX;
  yield* said(`who depends on it: ${names.join(', ')}${others > 0 ? ` and ${others} more` : ''}`, page);
}

function* said(text: string, page: Page, style?: Style): Iterable<string> {
  for (const row of paragraph(text, page, INDENT)) yield style === undefined ? row : page.paint(row, style);
}

/** What happened, and what is different, as text: one line a happening, the fields below it. Nothing of a change is cut but what both its values begin with. */
import { stringify } from 'yaml';
import type { z } from 'zod';
import type { diff } from '../../../operations/diff.ts';
import type { getVersion } from '../../../operations/get-version.ts';
import { type Happening, pairText, plainText } from '../../../operations/shared/happenings.ts';
import type { timeline } from '../../../operations/timeline.ts';
import { broken, counted, cut, line, type Page, paragraph, type Style } from './layout.ts';
import { named } from './names.ts';

const marks: Readonly<Record<Happening['type'], readonly [mark: string, style: Style | undefined]>> = {
  created: ['+', 'green'],
  deleted: ['-', 'red'],
  changed: ['~', 'yellow'],
  'edge-added': ['→', 'dim'],
  'edge-removed': ['⇥', 'dim'],
  event: ['·', undefined],
  unobserved: ['?', 'cyan'],
};
const FIELDS_MAX = 12;

type Field = NonNullable<Happening['changes']>[number];

export function* timelineText(
  { existences, from, to, items, next }: z.output<(typeof timeline)['output']>,
  page: Page,
): Iterable<string> {
  const { paint } = page;
  const [latest] = existences;
  if (latest) {
    const ended = latest.until === undefined ? 'is there' : `is gone since ${latest.until}`;
    const again = existences.length > 1 ? `, was there ${existences.length} times` : '';
    yield `${paint(named(latest.resource), 'bold')} ${ended}${again}\n`;
  }
  const more = next === undefined ? '' : `: ${items.length} happenings, more follow`;
  if (items.length === 0) yield `nothing was observed to happen from ${from} to ${to}\n`;
  else yield `${paint(`from ${from} to ${to}${more}`, 'dim')}\n`;
  let day = '';
  for (const item of items) {
    if (item.at.slice(0, 10) !== day) {
      day = item.at.slice(0, 10);
      yield `\n${paint(day, 'dim')}\n`;
    }
    yield* happeningLines(item, page);
  }
}

/** Columns before what happened: time and mark. */
const MARGIN = 17;

function* happeningLines(happening: Happening, page: Page): Iterable<string> {
  const { at, notBefore, type, changes = [] } = happening;
  const [mark, style] = marks[type];
  const isLong = changes.length > 1 || (changes.length === 1 && MARGIN + happening.text.length > page.width);
  const text = isLong ? headline(happening, changes) : happening.text;
  const uncertain = notBefore === undefined ? '' : ` (at some time since ${timeIn(notBefore)})`;
  const shown = type === 'event' && text.includes(': Warning ') ? 'yellow' : style;
  const [first = '', ...rest] = paragraph(`${text}${uncertain}`, { ...page, width: page.width - MARGIN });
  const painted = (words: string): string => (shown === undefined ? words : page.paint(words, shown));
  yield `${page.paint(timeIn(at), 'dim')}  ${mark}  ${painted(first.trimEnd())}\n`;
  for (const words of rest) yield `${' '.repeat(MARGIN)}${painted(words.trimEnd())}\n`;
  if (isLong) yield* fieldLines(changes, page, ' '.repeat(MARGIN));
}

/** What stands above the fields that changed. */
function headline({ resource, health }: Happening, changes: readonly Field[]): string {
  const turned = health
    ? `, ${health.from} → ${health.to}${health.reason === undefined ? '' : ` (${health.reason})`}`
    : '';
  return `${resource ? named(resource) : ''}: ${counted(changes.length, 'field')}${turned}`;
}

export function* diffText(
  { from, to, resources, edges, edgesTruncated, counts, next }: z.output<(typeof diff)['output']>,
  page: Page,
): Iterable<string> {
  const { paint } = page;
  const seen = counts['first-seen'] === 0 ? '' : `, ${counts['first-seen']} seen for the first time`;
  const more = next === undefined ? '' : ' so far, more follow';
  yield `${paint(`from ${from} to ${to}`, 'bold')}: ${counts.added} new, ${counts.removed} gone, ${counts.changed} changed${seen}${more}\n\n`;
  const styles = {
    added: ['+', 'green'],
    'first-seen': ['·', 'dim'],
    removed: ['-', 'red'],
    changed: ['~', 'yellow'],
  } as const;
  for (const { change, resource, at, changes = [] } of resources) {
    const [mark, style] = styles[change];
    yield `${line(
      [
        { text: `${mark} ${named(resource)}`, style },
        { text: at, style: 'dim' },
      ],
      page,
    )}\n`;
    yield* fieldLines(changes, page, '    ');
  }
  if (edges.length > 0) yield `\n${paint(`${counted(edges.length, 'edge')} between what stayed`, 'bold')}\n`;
  for (const edge of edges) {
    const [mark, style] = styles[edge.change];
    for (const words of paragraph(`${mark} ${named(edge.from)} ${edge.type} ${named(edge.to)}`, page))
      yield `${paint(words.trimEnd(), style)}\n`;
  }
  if (edgesTruncated) yield '… and more edges: raise --limit, or narrow the question\n';
}

/** Ids say nothing to people; what is called by them is named beside. */
const ID = /(^|\.)uid$/;

export function* fieldLines(all: readonly Field[], { paint, width }: Page, indent: string): Iterable<string> {
  const changes = all.filter(({ path }) => !ID.test(path));
  const room = width - indent.length;
  for (const { path, before, after, by } of changes.slice(0, FIELDS_MAX)) {
    const author = by ? `by ${by.manager}` : '';
    const dim = author && `  ${paint(author, 'dim')}`;
    const side = room - path.length - author.length - 4;
    const beside = valueLines(before, after, side).join(' ');
    if (beside.length <= side && !/…(?: →|$)/.test(beside)) {
      yield `${indent}${path}  ${beside}${dim}\n`;
      continue;
    }
    const isNear = path.length + author.length + 2 <= room;
    const below = valueLines(before, after, 2 * (room - 4) + 3).map((text) => cut(text, room - 2));
    for (const [index, part] of broken(path, room).entries())
      yield `${indent}${part}${isNear && index === 0 ? dim : ''}\n`;
    for (const text of below.join(' ').length <= room - 2 ? [below.join(' ')] : below) yield `${indent}  ${text}\n`;
    if (!isNear && author) yield `${indent}${dim}\n`;
  }
  if (changes.length > FIELDS_MAX) yield `${indent}… and ${changes.length - FIELDS_MAX} more fields\n`;
}

/** What a field was and is, in so many columns side by side. */
function valueLines(before: unknown, after: unknown, width: number): readonly string[] {
  if (before === undefined) return [`+ ${cut(plainText(after), width - 2)}`];
  if (after === undefined) return [`- ${cut(plainText(before), width - 2)}`];
  const [old, now] = pairText(before, after, Math.max(1, Math.floor((width - 3) / 2)));
  return [`${old} →`, now];
}

/** An object as YAML, with what is to be known of it above. */
export function* objectText(
  { resource, to, at, notBefore, gone, object }: z.output<(typeof getVersion)['output']>,
  _page: Page,
): Iterable<string> {
  yield `# ${named(resource)} as of ${to}, observed at ${at}${notBefore === undefined ? '' : `, became so at some time since ${notBefore}`}\n`;
  if (gone) yield '# gone: this is how it was last\n';
  yield stringify(object, { lineWidth: 0 });
}

/** `14:29:31.480` of an instant. */
function timeIn(at: string): string {
  return at.slice(11, 23).replace('Z', '').padEnd(12);
}

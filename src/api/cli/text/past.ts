/** What happened, and what is different, as text: one line a happening, the fields below it. */

import { stringify } from 'yaml';
import type { z } from 'zod';
import type { diff } from '../../../operations/diff.ts';
import type { getVersion } from '../../../operations/get-version.ts';
import type { Happening } from '../../../operations/shared/happenings.ts';
import type { timeline } from '../../../operations/timeline.ts';
import { type Cell, counted, line, type Page, type Style } from './layout.ts';
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
  { existences, from, to, items }: z.output<(typeof timeline)['output']>,
  page: Page,
): Iterable<string> {
  const { paint } = page;
  const [latest] = existences;
  if (latest) {
    const ended = latest.until === undefined ? 'is there' : `is gone since ${latest.until}`;
    const again = existences.length > 1 ? `, was there ${existences.length} times` : '';
    yield `${paint(named(latest.resource), 'bold')} ${ended}${again}\n`;
  }
  if (items.length === 0) yield `nothing was observed to happen from ${from} to ${to}\n`;
  let day = '';
  for (const item of items) {
    if (item.at.slice(0, 10) !== day) {
      day = item.at.slice(0, 10);
      yield `\n${paint(day, 'dim')}\n`;
    }
    yield* happeningLines(item, page);
  }
}

function* happeningLines(happening: Happening, page: Page): Iterable<string> {
  const { at, notBefore, type, changes = [] } = happening;
  const [mark, style] = marks[type];
  const text = changes.length > 1 ? headline(happening, changes) : happening.text;
  const warns = type === 'event' && text.includes(': Warning ');
  const shown = warns ? 'yellow' : style;
  const uncertain = notBefore === undefined ? '' : ` (at some time since ${timeIn(notBefore)})`;
  const said: Cell = shown === undefined ? `${text}${uncertain}` : { text: `${text}${uncertain}`, style: shown };
  yield `${line([{ text: timeIn(at), style: 'dim' }, mark, said], page)}\n`;
  if (changes.length > 1) yield* fieldLines(changes, page, ' '.repeat(17));
}

/** What stands above the fields that changed. */
function headline({ resource, health }: Happening, changes: readonly Field[]): string {
  const turned = health
    ? `, ${health.from} → ${health.to}${health.reason === undefined ? '' : ` (${health.reason})`}`
    : '';
  return `${resource ? named(resource) : ''}: ${counted(changes.length, 'field')}${turned}`;
}

export function* diffText(
  { from, to, resources, edges, edgesTruncated }: z.output<(typeof diff)['output']>,
  page: Page,
): Iterable<string> {
  const { paint } = page;
  const count = (change: string): number => resources.filter((each) => each.change === change).length;
  yield `${paint(`from ${from} to ${to}`, 'bold')}: ${count('added')} new, ${count('removed')} gone, ${count('changed')} changed\n\n`;
  const styles = { added: ['+', 'green'], removed: ['-', 'red'], changed: ['~', 'yellow'] } as const;
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
    yield `${line([{ text: `${mark} ${named(edge.from)} ${edge.type} ${named(edge.to)}`, style }], page)}\n`;
  }
  if (edgesTruncated) yield '… and more edges: raise --limit, or narrow the question\n';
}

/** Ids say nothing to people; what is called by them is named beside. */
const ID = /(^|\.)uid$/;

function* fieldLines(all: readonly Field[], page: Page, indent: string): Iterable<string> {
  const changes = all.filter(({ path }) => !ID.test(path));
  for (const { path, before, after, by } of changes.slice(0, FIELDS_MAX)) {
    const what =
      before === undefined
        ? `+ ${valueIn(after)}`
        : after === undefined
          ? `- ${valueIn(before)}`
          : `${valueIn(before)} → ${valueIn(after)}`;
    yield `${indent}${line([path, what, { text: by ? `by ${by.manager}` : '', style: 'dim' }], { ...page, width: page.width - indent.length })}\n`;
  }
  if (changes.length > FIELDS_MAX) yield `${indent}… and ${changes.length - FIELDS_MAX} more fields\n`;
}

/** An object as YAML, with what is to be known of it above. */
export function* objectText(
  { resource, at, notBefore, gone, object }: z.output<(typeof getVersion)['output']>,
  _page: Page,
): Iterable<string> {
  yield `# ${named(resource)}, observed at ${at}${notBefore === undefined ? '' : `, became so at some time since ${notBefore}`}\n`;
  if (gone) yield '# gone: this is how it was last\n';
  yield stringify(object, { lineWidth: 0 });
}

function valueIn(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** `14:29:31.480` of an instant. */
function timeIn(at: string): string {
  return at.slice(11, 23).replace('Z', '').padEnd(12);
}

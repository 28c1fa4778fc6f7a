/** A report of an investigation as plain text: what was found, by section, bounded; times in UTC; and what was not observed. */
import { compareTime, type Time } from '../../../model/time.ts';
import { unknownName } from '../../../operations/shared/schemas.ts';
import { boundedLines } from '../bounded.ts';
import { ANSWER_MAX, type ToolAnswer } from '../tool.ts';
import type { ToldEvent } from './events.ts';
import type { Episode } from './observed.ts';
import { type Scene, selectionOf } from './window.ts';

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Most lines of one section, less where all are too long together: the last so many, and how many were before. */
const LINES_MAX = [60, 30, 15, 8, 4, 2, 1];
/** Characters for what is told besides. */
const NOTES_MAX = 2_000;
const MESSAGE_MAX = 300;
const GAPS_MAX = 5;
const KINDS_MAX = 8;
const NAMESPACES_MAX = 1_000;

/** Sections that say something, under a heading; a sentence where none does. What was not observed in the interval is told in either case. */
export async function report(
  scene: Scene,
  {
    title,
    nothing,
    sections,
    cut = false,
  }: {
    readonly title: string;
    readonly nothing: string;
    readonly sections: readonly Section[];
    readonly cut?: boolean;
  },
): Promise<ToolAnswer> {
  const where = `${scopeText(scene)}from ${moment(scene.window.from)} to ${moment(scene.window.to)}`;
  const told = sections.filter(({ lines }) => lines.length > 0);
  const body =
    told.length === 0
      ? [(await unknownNamespace(scene)) ?? `${nothing} ${where}.`]
      : [`${title} ${where}`, ...fitting(told, ANSWER_MAX - 2 * NOTES_MAX)];
  const notes = [...(await coverageNotes(scene))];
  if (cut)
    notes.push(
      'There was more than could be read: the earliest is missing. Ask for a shorter interval or for one namespace.',
    );
  const { text, left } = boundedLines(body, ANSWER_MAX - NOTES_MAX);
  if (left > 0) notes.push(`${left} more lines are left out: ask for a shorter interval or for one namespace.`);
  return { text: [text, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n') };
}

/** That nothing was ever observed of the namespace, so that nothing wrong in it means nothing. */
async function unknownNamespace({ history, namespace }: Scene): Promise<string | undefined> {
  if (namespace === undefined || (await history.existences({ namespaces: [namespace] }, 1)).length > 0)
    return undefined;
  const known = await history.existences({ kinds: [{ group: '', kind: 'Namespace' }] }, NAMESPACES_MAX);
  return unknownName('namespace', namespace, new Set(known.map(({ of }) => of.name)));
}

/** The sections with so many of their last lines that all of them fit: what came last is what the question is about. */
function fitting(sections: readonly Section[], max: number): readonly string[] {
  let lines: readonly string[] = [];
  for (const most of LINES_MAX) {
    lines = sections.flatMap((section) => ['', `${section.title} (${section.lines.length})`, ...shown(section, most)]);
    if (lines.reduce((size, line) => size + line.length + 1, 0) <= max) break;
  }
  return lines;
}

function shown({ lines }: Section, most: number): readonly string[] {
  const earlier = lines.length - most;
  return [
    ...(earlier > 0 ? [`- ${earlier} before these: ask for a shorter interval, or for less`] : []),
    ...lines.slice(-most).map((line) => `- ${line}`),
  ];
}

function scopeText({ namespace, cluster }: Scene): string {
  return `${namespace === undefined ? '' : `in namespace ${namespace} `}${cluster === undefined ? '' : `of cluster ${cluster} `}`;
}

/** That the history does not reach over the whole interval, or has gaps in it. */
async function* notesOfCoverage(scene: Scene): AsyncIterable<string> {
  const { history, window } = scene;
  const extent = await history.extent();
  if (extent === undefined) return yield 'Nothing has been observed yet.';
  if (compareTime(window.from, extent.from) < 0)
    yield `History begins at ${moment(extent.from)}; of the time before only what objects and Events tell themselves is known.`;
  if (compareTime(extent.to, window.to) < 0) yield `History ends at ${moment(extent.to)}.`;
  const gaps = await history.gaps({ ...window, ...selectionOf(scene) });
  const intervals = Map.groupBy(gaps, ({ from, to }) =>
    to === undefined ? `since ${moment(from)}` : `from ${moment(from)} to ${moment(to)}`,
  );
  for (const [interval, kinds] of intervals.entries().take(GAPS_MAX)) {
    const names = [...new Set(kinds.map(({ kind }) => (kind === '*' ? 'everything' : kind)))];
    const more = names.length > KINDS_MAX ? ` and ${names.length - KINDS_MAX} more kinds` : '';
    yield `Not observed ${interval}: ${names.slice(0, KINDS_MAX).join(', ')}${more}.`;
  }
}

function coverageNotes(scene: Scene): Promise<readonly string[]> {
  return Array.fromAsync(notesOfCoverage(scene));
}

/** `2026-11-20T10:00:00Z`: to the second, in UTC. */
export function moment(time: Time): string {
  return `${time.slice(0, 19)}Z`;
}

/** To the millisecond, where the time says as much: for steps that follow each other closely. */
export function instant(time: Time): string {
  const [seconds = '', fraction = ''] = time.replace('Z', '').split('.');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}

/** `Pod/shop/web-1: CrashLoopBackOff …, from … to …`. */
export function episodeText({ of, text, from, to, deleted, at }: Episode, { title }: Scene): string {
  if (at !== undefined) return `${title(of)}: ${clipped(text)} (at ${moment(at)})`;
  const time = to === undefined ? `since ${moment(from)}` : `from ${moment(from)} to ${moment(to)}`;
  return `${title(of)}: ${clipped(text)} (${time}${deleted ? ', when it was deleted' : ''})`;
}

/** The earliest first. */
export function inOrder(episodes: readonly Episode[]): readonly Episode[] {
  return [...episodes].sort((a, b) => compareTime(a.at ?? a.from, b.at ?? b.from));
}

/** `2026-11-20T10:00:00Z Pod/shop/web-1: Unhealthy ×7 until …: Readiness probe failed`. */
export function eventText({ first, last, count, reason, message, about }: ToldEvent, { title }: Scene): string {
  const times = count > 1 ? ` ×${count} until ${moment(last)}` : '';
  return `${moment(first)} ${title(about)}: ${reason}${times}${message === '' ? '' : `: ${clipped(message)}`}`;
}

export function clipped(text: string): string {
  return text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX)}…` : text;
}

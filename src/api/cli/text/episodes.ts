/** What happened as text, a line each: when, how bad, to whom, why and what was said. */
import type { z } from 'zod';
import type { findSimilar } from '../../../operations/find-similar.ts';
import type { listEpisodes } from '../../../operations/list-episodes.ts';
import type { rankCausesOperation } from '../../../operations/rank-causes.ts';
import type { episodeSchema } from '../../../operations/shared/episodes.ts';
import { type Cell, counted, heading, type Page, table } from './layout.ts';
import { state, title } from './names.ts';

type Episode = z.output<typeof episodeSchema>;

const HEAD = ['TIME', 'SEVERITY', 'RESOURCE', 'REASON', 'MESSAGE'];

function cells({ at, severity, resource, reason, message }: Episode): readonly Cell[] {
  return [at.slice(0, 19).replace('T', ' '), state(severity), title(resource), reason, firstLine(message)];
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}

export function* episodesText({ items, total }: z.output<typeof listEpisodes.output>, page: Page): Iterable<string> {
  if (items.length === 0) yield 'nothing like that happened, or the window does not hold it any more\n';
  else yield* table(HEAD, items.map(cells), page);
  if (total > items.length) yield page.paint(`${items.length} of ${counted(total, 'episode')}\n`, 'dim');
}

export function* causesText(
  { event, causes, timeline }: z.output<typeof rankCausesOperation.output>,
  page: Page,
): Iterable<string> {
  yield* table(HEAD, [cells(event)], page);
  if (causes.length === 0) {
    yield '\nno earlier event is near enough, in time and in the graph\n';
    return;
  }
  yield heading('what may have led to it, by time, distance and reasons', page);
  yield* table(
    ['LIKELY', 'TIME', 'DISTANCE', 'REASONS', 'EVENT', 'MESSAGE'],
    causes.map(({ confidence, temporal, distance, domain, text, event: cause }) => [
      percent(confidence),
      percent(temporal),
      percent(distance),
      percent(domain),
      text,
      firstLine(cause.message),
    ]),
    page,
  );
  if (timeline.length <= 1) return;
  yield heading('what happened to the same resource until then', page);
  yield* table(HEAD, timeline.map(cells), page);
}

export function* similarText({ event, items }: z.output<typeof findSimilar.output>, page: Page): Iterable<string> {
  if (event) {
    yield* table(HEAD, [cells(event)], page);
    yield '\n';
  }
  if (items.length === 0) yield 'nothing like it is known\n';
  else
    yield* table(
      ['ALIKE', ...HEAD],
      items.map(({ similarity, event: other }) => [percent(similarity), ...cells(other)]),
      page,
    );
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

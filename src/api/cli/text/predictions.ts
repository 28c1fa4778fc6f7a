/** What will run out, as text. */
import type { z } from 'zod';
import type { predictOperation } from '../../../operations/predict.ts';
import { counted, type Page, paragraph, type Style } from './layout.ts';
import { named } from './names.ts';

type Answer = z.output<(typeof predictOperation)['output']>;

export function* predictionsText({ predictions, looked, left }: Answer, page: Page): Iterable<string> {
  const seen = Object.entries(looked).map(([kind, count]) => `${kind} ${count}`);
  const more = left === 0 ? '' : `, ${left} more`;
  yield `${page.paint(`${counted(predictions.length, 'prediction')}${more}`, 'bold')}\n`;
  yield* said(`measured: ${seen.join(', ')}`, page, '', 'dim');
  for (const { kind, resource, state, at, earliest, latest, summary, points } of predictions) {
    yield '\n';
    const isOver = state === 'exhausted';
    yield* said(`${kind}: ${named(resource)} ${isOver ? 'since' : 'by'} ${at}`, page, '', isOver ? 'red' : 'yellow');
    yield* said(summary, page, '  ');
    if (earliest !== undefined && earliest !== latest)
      yield* said(
        `from ${earliest}${latest === undefined ? ' on' : ` to ${latest}`}, by ${counted(points, 'measurement')}`,
        page,
        '  ',
        'dim',
      );
  }
}

function* said(text: string, page: Page, indent: string, style?: Style): Iterable<string> {
  for (const row of paragraph(text, page, indent)) yield style === undefined ? row : page.paint(row, style);
}

/** Patterns as text: what goes on, then what is past, each with its evidence. */
import type { z } from 'zod';
import type { detectOperation } from '../../../operations/detect.ts';
import { counted, cut, type Page, paragraph, type Style } from './layout.ts';
import { named } from './names.ts';

type Answer = z.output<(typeof detectOperation)['output']>;
type Detection = Answer['detections'][number];

const styles: Readonly<Record<Detection['severity'], Style>> = { critical: 'red', warning: 'yellow', info: 'dim' };
const EVIDENCE_SHOWN = 4;
const RESOURCES_SHOWN = 5;

export function* detectionsText({ detections, counts }: Answer, page: Page): Iterable<string> {
  yield `${page.paint(`${counted(counts.active, 'pattern')} going on, ${counts.past} past`, 'bold')}\n`;
  for (const detection of detections) yield* detectionLines(detection, page);
}

function* detectionLines(detection: Detection, page: Page): Iterable<string> {
  const { pattern, severity, confidence, state, since, until, summary, resource, resources, evidence } = detection;
  const past = state === 'past' ? 'past, ' : '';
  yield '\n';
  const head = `${past}${severity}: ${pattern}, ${named(resource)}, ${Math.round(confidence * 100)} %`;
  yield* said(head, page, '', state === 'past' ? 'dim' : styles[severity]);
  yield* said(`since ${since}${state === 'past' ? `, until ${until}` : ''}`, page, '  ', 'dim');
  yield* said(summary, page, '  ');
  for (const { at = '', text } of evidence.slice(0, EVIDENCE_SHOWN))
    yield `${cut(`  + ${at} ${text}`.replaceAll(/\s+/g, ' ').replace(/^ /, '  '), page.width)}\n`;
  if (evidence.length > EVIDENCE_SHOWN) yield `  and ${evidence.length - EVIDENCE_SHOWN} more, see --json\n`;
  if (resources.length === 0) return;
  const names = resources.slice(0, RESOURCES_SHOWN).map(named).join(', ');
  const more = resources.length - RESOURCES_SHOWN;
  yield* said(`part of it: ${names}${more > 0 ? ` and ${more} more` : ''}`, page, '  ', 'dim');
}

function* said(text: string, page: Page, indent: string, style?: Style): Iterable<string> {
  const words = text.replaceAll(/\s+/g, ' ').trim();
  for (const row of paragraph(words, page, indent)) yield style === undefined ? row : page.paint(row, style);
}

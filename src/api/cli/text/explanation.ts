/** Incidents as text: who suffers, then from the cause to the symptom, the evidence with its times, what to do. */
import type { Explanation } from '../../../operations/explain.ts';
import { counted, type Page, paragraph, type Style } from './layout.ts';

type Incident = Explanation['incidents'][number];
type Cause = Incident['causes'][number];

const CAUSES_SHOWN = 3;
const SYMPTOMS_SHOWN = 5;
const AFFECTED_SHOWN = 5;
const TEXT_MAX = 600;

export function* explanationLines({ incidents, healthy }: Explanation, page: Page): Iterable<string> {
  if (healthy) yield 'Nothing is wrong that needs an explanation.\n';
  for (const [index, incident] of incidents.entries()) {
    if (index > 0) yield '\n';
    yield* incidentLines(incident, page);
  }
}

function* incidentLines(incident: Incident, page: Page): Iterable<string> {
  const { severity, title, startedAt, symptoms, causes, blastRadius, lookedAt = [], patterns = [] } = incident;
  yield* said(`${severity}: ${title}`, page, '', severity === 'critical' ? 'red' : 'yellow');
  yield* said(`since ${startedAt}`, page, '  ', 'dim');
  for (const { resource, reason, message } of symptoms.slice(0, SYMPTOMS_SHOWN))
    yield* said(`${titled(resource)} ${reason}${message === '' ? '' : `: ${message}`}`, page, '  ');
  if (symptoms.length > SYMPTOMS_SHOWN) yield `  and ${symptoms.length - SYMPTOMS_SHOWN} more\n`;
  if (causes.length === 0) {
    yield '\n  The cause is not known. Looked at:\n';
    for (const text of lookedAt) yield* said(text, page, '    ');
  }
  for (const cause of causes.slice(0, CAUSES_SHOWN)) yield* causeLines(cause, page);
  const others = causes.length - CAUSES_SHOWN;
  if (others > 0) yield `\n  ${counted(others, 'less probable cause')} not shown, see --json\n`;
  if (patterns.length > 0)
    yield* said(`fits the pattern ${[...new Set(patterns.map(({ pattern }) => pattern))].join(', ')}`, page, '  ');
  if (blastRadius.count === 0) return;
  const names = blastRadius.resources.slice(0, AFFECTED_SHOWN).map(titled).join(', ');
  const more = blastRadius.count - AFFECTED_SHOWN;
  yield* said(`affects ${names}${more > 0 ? ` and ${more} more` : ''}`, page, '  ');
}

function* causeLines(
  { resource, confidence, reason, summary, evidence, against, path, remedy }: Cause,
  page: Page,
): Iterable<string> {
  yield '\n';
  yield* said(`${Math.round(confidence * 100)} % ${titled(resource)} ${reason}`, page, '  ', 'bold');
  yield* said(summary, page, '    ');
  if (path.length > 1) yield* said(path.join(' → '), page, '    ');
  for (const { at = '', text } of evidence) yield* said(`+ ${at === '' ? '' : `${at} `}${text}`, page, '    ');
  for (const { text } of against) yield* said(`- ${text}`, page, '    ');
  yield* said(remedy.summary, page, '    ');
  for (const command of remedy.commands) yield* commandLines(command, page);
}

/** A text of any length and lines as a paragraph. */
function* said(text: string, page: Page, indent: string, style?: Style): Iterable<string> {
  const words = text.replaceAll(/\s+/g, ' ').trim();
  const short = words.length > TEXT_MAX ? `${words.slice(0, TEXT_MAX - 1)}…` : words;
  for (const row of paragraph(short, page, indent)) yield style === undefined ? row : page.paint(row, style);
}

/** Ready to be copied, also where it takes several lines. */
function* commandLines(command: string, page: Page): Iterable<string> {
  const rows = [...paragraph(command, { ...page, width: page.width - 2 }, '      ')].map((row) => row.trimEnd());
  yield `${page.paint(rows.join(' \\\n'), 'cyan')}\n`;
}

function titled({
  kind,
  namespace,
  name,
}: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

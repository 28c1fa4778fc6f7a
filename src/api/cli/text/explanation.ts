/** Incidents as text: who suffers, then from the cause to the symptom, the evidence with its times, what to do. */
import type { Explanation } from '../../../operations/explain.ts';
import { counted, type Page, paragraph } from './layout.ts';

type Incident = Explanation['incidents'][number];
type Cause = Incident['causes'][number];

const CAUSES_SHOWN = 3;
const SYMPTOMS_SHOWN = 5;

export function* explanationLines({ incidents, healthy }: Explanation, page: Page): Iterable<string> {
  if (healthy) yield 'Nothing is wrong that needs an explanation.\n';
  for (const [index, incident] of incidents.entries()) {
    if (index > 0) yield '\n';
    yield* incidentLines(incident, page);
  }
}

function* incidentLines(incident: Incident, page: Page): Iterable<string> {
  const { paint } = page;
  const { severity, title, startedAt, symptoms, causes, blastRadius, lookedAt = [] } = incident;
  const style = severity === 'critical' ? 'red' : 'yellow';
  yield `${paint(severity, style)} ${paint(title, 'bold')} ${paint(`since ${startedAt}`, 'dim')}\n`;
  for (const { resource, reason, message } of symptoms.slice(0, SYMPTOMS_SHOWN))
    yield* paragraph(`${titled(resource)} ${reason}${message === '' ? '' : `: ${message}`}`, page, '  ');
  if (symptoms.length > SYMPTOMS_SHOWN) yield `  and ${symptoms.length - SYMPTOMS_SHOWN} more\n`;
  if (causes.length === 0) {
    yield '\n  The cause is not known. Looked at:\n';
    for (const text of lookedAt) yield* paragraph(text, page, '    ');
  }
  for (const cause of causes.slice(0, CAUSES_SHOWN)) yield* causeLines(cause, page);
  const others = causes.length - CAUSES_SHOWN;
  if (others > 0) yield `\n  ${counted(others, 'less probable cause')} not shown, see --json\n`;
  if (blastRadius.count > 0) {
    const names = blastRadius.resources.slice(0, 5).map(titled).join(', ');
    yield* paragraph(
      `affects ${names}${blastRadius.count > 5 ? ` and ${blastRadius.count - 5} more` : ''}`,
      page,
      '  ',
    );
  }
}

function* causeLines(
  { resource, confidence, reason, summary, evidence, against, path, remedy }: Cause,
  page: Page,
): Iterable<string> {
  const { paint } = page;
  yield `\n  ${paint(`${Math.round(confidence * 100)} %`, 'bold')} ${paint(titled(resource), 'bold')} ${reason}\n`;
  yield* paragraph(summary, page, '    ');
  if (path.length > 1) yield* paragraph(path.join(' → '), page, '    ');
  for (const { at = '', text } of evidence) yield* paragraph(`+ ${at === '' ? '' : `${at} `}${text}`, page, '    ');
  for (const { text } of against) yield* paragraph(`- ${text}`, page, '    ');
  yield* paragraph(remedy.summary, page, '    ');
  for (const command of remedy.commands) yield `      ${paint(command, 'cyan')}\n`;
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

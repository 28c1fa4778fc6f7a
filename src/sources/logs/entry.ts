/** Record → entry: what a log record says, redacted, how bad that is, and whether it is kept. Pure, but for the redaction that it is given. */
import type { Severity } from '../../model/change.ts';
import type { Time } from '../../model/time.ts';
import { categoryOf, passes, reasonOf } from './filter.ts';
import { masked } from './masks.ts';
import type { Category } from './patterns.ts';
import { gistOf, type LogRecord, messageOf } from './records.ts';
import { type Judged, severityOfText } from './severity.ts';
import { structured } from './structured.ts';

export interface LogEntry {
  readonly at: Time;
  readonly severity: Severity;
  readonly reason: string;
  readonly category?: Category;
  /** For people; several lines of a stack trace. */
  readonly message: string;
  /** What templates are mined from: one line, without what differs each time. */
  readonly gist: () => string;
  readonly isKept: boolean;
}

/** Replaces credentials in a text. */
export type RedactText = (text: string) => string;

export function entryOf(record: LogRecord, redact: RedactText): LogEntry {
  const lines = redact(record.lines.join('\n')).split('\n');
  const [head = ''] = lines;
  const object = structured(lines.length === 1 ? head.trim() : lines.join('\n').trim());
  const text = object === undefined ? messageOf({ ...record, lines }) : object.message;
  const { severity, isSaid } = judged(object?.severity, object === undefined ? [head, text] : [text, text]);
  const category = categoryOf(text);
  const fields = object === undefined || object.fields === '' ? '' : ` ${object.fields}`;
  return {
    at: record.at,
    severity: isSaid || category === undefined || severity !== 'info' ? severity : 'warning',
    reason: reasonOf(text, severity),
    ...(category !== undefined && { category }),
    message: `${text}${fields}`.trim() || head,
    // Most records are not kept, and this costs more than the rest.
    gist: () => masked(object === undefined ? gistOf({ ...record, lines }) : text),
    isKept: passes(severity, category),
  };
}

/** By its level; else by the words of its head, and of what follows. */
function judged(said: Severity | undefined, [head = '', text = '']: readonly string[]): Judged {
  if (said !== undefined) return { severity: said, isSaid: true };
  const byHead = severityOfText(head);
  return byHead.isSaid ? byHead : { ...severityOfText(text), isSaid: false };
}

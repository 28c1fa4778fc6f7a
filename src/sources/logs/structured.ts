/**
 * Log records that are JSON objects: what they say, and how bad that is, whatever the library calls its fields. Pure; what is no JSON object is
 * no structured record.
 */
import type { Severity } from '../../model/change.ts';
import { severityNamed, severityNumbered } from './severity.ts';

export interface Structured {
  readonly severity: Severity | undefined;
  /** The message, with the error that it is about. */
  readonly message: string;
  /** Further fields that say something, `host=db port=5432`. */
  readonly fields: string;
}

type Fields = Readonly<Record<string, unknown>>;

const LEVELS = [
  'level',
  'severity',
  'lvl',
  'levelname',
  'log.level',
  'loglevel',
  'log_level',
  '@l',
  'severityText',
  'severity_text',
  'Level',
  'LogLevel',
  'priority',
];
const MESSAGES = [
  'msg',
  'message',
  '@m',
  '@mt',
  'Message',
  'short_message',
  'body',
  'event',
  'log',
  'text',
  'RenderedMessage',
];
const ERRORS = [
  'error',
  'err',
  'exception',
  'error.message',
  'exc_info',
  '@x',
  'Exception',
  'reason',
  'cause',
  'stack',
  'stacktrace',
  'error.stack_trace',
  'stack_trace',
  'errorVerbose',
];
/** What says when, where and who, which is known or nobody's concern. */
const IDLE =
  /^(?:time|ts|timestamp|@t|@timestamp|date|datetime|asctime|caller|logger|logger_name|name|hostname|pid|process|thread|threadName|thread_name|v|version|@i|@version|.*(?:trace|span|request|correlation)[._-]?id|file|line|lineno|func|function|module|source|goroutine|level_value|severityNumber|severity_number|stream)$/i;
const FIELDS_MAX = 12;
const FIELD_MAX = 200;
const TEXT_MAX = 16_384;

/** What a JSON text says as a log record; undefined when it is no object. */
export function structured(text: string): Structured | undefined {
  if (!text.startsWith('{') || text.length > TEXT_MAX) return undefined;
  let fields: Fields;
  try {
    fields = JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
  const message = firstText(fields, MESSAGES);
  const error = errorOf(fields);
  return {
    severity: severityOf(fields),
    message: [message, error !== undefined && !message?.includes(error) ? error : undefined]
      .filter((part) => part !== undefined)
      .join(': '),
    fields: others(fields),
  };
}

function severityOf(fields: Fields): Severity | undefined {
  const { severityNumber = fields['severity_number'], short_message: gelf, log } = fields;
  if (typeof severityNumber === 'number') return severityNumbered(severityNumber, 'otel');
  for (const name of LEVELS) {
    const level = fields[name];
    if (typeof level === 'number') return severityNumbered(level, gelf === undefined && level > 7 ? 'tens' : 'syslog');
    const named = typeof level === 'string' ? severityNamed(level) : undefined;
    if (named !== undefined) return named;
  }
  const inner = typeof log === 'object' && log !== null ? (log as Fields)['level'] : undefined;
  return typeof inner === 'string' ? severityNamed(inner) : undefined;
}

function firstText(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** The text of the error that a record is about: a text, or an object with its message. */
function errorOf(fields: Fields): string | undefined {
  for (const name of ERRORS) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value !== 'object' || value === null) continue;
    const inner = value as Fields;
    const text = firstText(inner, ['message', 'msg', 'Message', 'stack']);
    if (text === undefined) continue;
    const type = firstText(inner, ['type', 'name', 'code', 'class']);
    return type === undefined || text.includes(type) ? text : `${type}: ${text}`;
  }
  return undefined;
}

function others(fields: Fields): string {
  const said = new Set([...LEVELS, ...MESSAGES, ...ERRORS]);
  return Object.entries(fields)
    .filter(([name, value]) => !said.has(name) && !IDLE.test(name) && isShort(value))
    .slice(0, FIELDS_MAX)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function isShort(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value !== '' && value.length <= FIELD_MAX)
  );
}

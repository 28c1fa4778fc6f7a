/**
 * Which of what was told is a complaint: an error in a log, a call that failed, a test that did. What a program says of its daily work, and of clients
 * that went away, is none.
 */
import { text } from './case.ts';
import { type Clue, cluesIn } from './clues.ts';
import type { Told } from './estate.ts';
import { labelsOf } from './subjects.ts';

const SAYS_ERROR =
  /^\W*(?:\d[\d:TZ.,+/ -]*\W*)?(?:E(?:RROR|RR|\d{4} )|FATAL|FTL|CRITICAL|CRIT|PANIC|PNC|SEVERE)\b|^panic:|<(?:error|fatal|critical)>|\blevel"?[=:]\s*"?(?:error|fatal|critical|panic)\b|"severity":\s*"(?:error|fatal|critical)"|\[(?:error|fatal|crit|emerg)\]/i;
/** What is said of measuring: spans, metrics and profiles that could not be handed on, agents that are not there. */
const OF_MEASURING =
  /(?:export|report|send|upload|push)\w*\b[^\n]{0,60}\b(?:spans?|traces?|metrics?|telemetry|profiles?)\b|\b(?:otel|opentelemetry|otlp|jaeger|zipkin|instana|datadog|newrelic|sentry|statsd|pyroscope|stackdriver)\b|Cloud (?:Monitoring|Trace|Profiler)|169\.254\.169\.254|metadata\.google/i;
/** Somebody from outside gave a wrong password. */
const BY_STRANGERS =
  /log.?in[^\n]{0,40}(?:fail|error|invalid)[^\n]*(?:remote.?ip|ip.?addr)|(?:fail|error|invalid)[^\n]{0,40}log.?in[^\n]*(?:remote.?ip|ip.?addr)/i;
const HARMLESS =
  /context canceled|request cancell?ed|client (?:disconnected|closed|went away)|client prematurely closed|broken pipe|\b(?:0|no) errors?\b|errors?[=:] ?(?:0|null|nil|none)(?:[,;}"]|$)|retry(?:ing)? succeeded|recovered|reconnected/i;

/** Whether somebody complains. */
export function isComplaint({ occurrence }: Told): boolean {
  const { source, severity, message = '', attributes } = occurrence;
  if (source === 'alert' || source === 'change') return false;
  if (source === 'trace') return isFailedCall(occurrence);
  if (HARMLESS.test(message) || BY_STRANGERS.test(message) || (source === 'log' && OF_MEASURING.test(message)))
    return false;
  if (severity === 'error' || severity === 'critical') return true;
  if (source === 'metric') return severity === 'warning';
  if (source === 'probe')
    return severity === 'warning' || /^(?:fail|down|error|timeout)/i.test(text(attributes?.['result']));
  if (severity === 'warning') return cluesIn(message).some(({ type }) => TELLING.has(type));
  return SAYS_ERROR.test(message) || UNREACHED.test(message);
}

/** Said plainly, that somebody was not reached is a complaint at any level. */
const UNREACHED =
  /\b(?:connection refused|no route to host|no such host|i\/o timeout|connection reset by peer|failed to connect to|could not connect to|unable to connect to|ECONNREFUSED|ENOTFOUND|EHOSTUNREACH)\b/i;

/** Whether a program says that it comes to its end. */
export function isFatal({ occurrence: { source, severity, message = '' } }: Told): boolean {
  return source === 'log' && (severity === 'critical' || FATAL.test(message));
}

const FATAL =
  /^panic:|^\W*(?:\d[\d:TZ.,+/ -]*\W*)?(?:FATAL|FTL|FATA|PANIC|PNC)\b|"level":\s*"(?:fatal|panic)"|Application run failed/i;

/** What makes a warning a complaint. */
const TELLING = new Set<Clue['type']>([
  'connection',
  'lookup',
  'unauthenticated',
  'forbidden',
  'refuses',
  'certificate',
  'full',
]);

function isFailedCall({ severity, attributes }: Told['occurrence']): boolean {
  if (severity === 'error' || severity === 'critical') return true;
  const labels = labelsOf(attributes);
  const error = attributes?.['error'];
  return (
    error === true ||
    /^(?:error|status_code_error|2)$/i.test(
      labels['status'] ?? labels['status_code'] ?? labels['otel.status_code'] ?? '',
    ) ||
    Number(labels['http.status_code'] ?? labels['http.response.status_code'] ?? 0) >= 500
  );
}

/** Whom a call was made to, where a trace or a test says so: the name of a Service, `namespace/name`, a host with its port. */
export function peerOf({ occurrence: { source, subject, attributes } }: Told): string | undefined {
  const labels = labelsOf(attributes);
  const told =
    labels['peer'] ??
    labels['peer.service'] ??
    labels['target'] ??
    labels['net.peer.name'] ??
    labels['server.address'] ??
    (source === 'trace' ? (labels['destination'] ?? labels['callee']) : undefined);
  if (told === undefined || told === '' || told === subject.name) return undefined;
  const [plain = ''] = told.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split(/[?#]/);
  const parts = plain.split('/').filter((part) => part !== '');
  const [first = '', second, third] = parts;
  // A host with a path, `Kind/namespace/name`, `namespace/name`, or a name.
  if (second === undefined || /[.:]/.test(first)) return first;
  return third === undefined ? `${second}.${first}` : `${third}.${second}`;
}

/** What is told, without what differs from time to time. */
export function templateOf(told: Told): string {
  const { message = '', reason = '' } = told.occurrence;
  const words = (message === '' ? reason : message).slice(0, 400);
  return `${peerOf(told) ?? ''} ${words.replaceAll(/[0-9a-f]{8,}|\d+/gi, '#').slice(0, 120)}`;
}

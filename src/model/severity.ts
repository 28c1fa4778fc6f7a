/** How other systems call severities: one table for everything that comes in, by word or by number. */
import type { Severity } from './change.ts';

/** All in lower case. Sources: syslog, Prometheus and Alertmanager conventions, OpenTelemetry, Kubernetes Events, PagerDuty, glog. */
const severities: Readonly<Record<string, Severity>> = {
  trace: 'debug',
  verbose: 'debug',
  debug: 'debug',
  default: 'info',
  informational: 'info',
  low: 'info',
  none: 'info',
  normal: 'info',
  ok: 'info',
  info: 'info',
  information: 'info',
  notice: 'info',
  medium: 'warning',
  minor: 'warning',
  warn: 'warning',
  warning: 'warning',
  high: 'error',
  major: 'error',
  severe: 'error',
  err: 'error',
  error: 'error',
  fatal: 'critical',
  page: 'critical',
  panic: 'critical',
  emerg: 'critical',
  crit: 'critical',
  critical: 'critical',
  emergency: 'critical',
  alert: 'critical',
};

/** The severity that a word means, in any case; undefined for a word that nobody uses so. */
export function severityFrom(word: string): Severity | undefined {
  if (Object.hasOwn(severities, word)) return severities[word];
  const lower = word.trim().toLowerCase();
  return Object.hasOwn(severities, lower) ? severities[lower] : undefined;
}

/** The severity of an OpenTelemetry `SeverityNumber`, 1 to 24; undefined for 0, which says nothing, and for what is none. */
export function severityFromNumber(number: number): Severity | undefined {
  if (!(number >= 1 && number <= 24)) return undefined;
  return number < 9 ? 'debug' : number < 13 ? 'info' : number < 17 ? 'warning' : number < 21 ? 'error' : 'critical';
}

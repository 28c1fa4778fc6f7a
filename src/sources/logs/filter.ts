/** Whether a log record is worth keeping: it is an error, or says one of the phrases of `patterns.ts`; then also what kind of trouble it tells of. Pure. */
import type { Severity } from '../../model/change.ts';
import { type Category, further, phrases } from './patterns.ts';

interface Pattern {
  readonly category: Category;
  /** All must match. */
  readonly all: readonly RegExp[];
}

/** A number that is a status: no measure, no part of another number, an address or a name. */
const STATUS = String.raw`(?<![\w.:/#-])N(?![\w:#-]|\.\d|\s*(?:ms|s|sec|seconds|[kmg]i?b|b|bytes|rows|items|lines|times|records|%)\b)`;

/** Each phrase of the table; 74 of them are the filter's of old. */
export const patterns: readonly Pattern[] = Object.entries(phrases).flatMap(([category, text]) =>
  text.split(' · ').map((phrase) => ({ category: category as Category, all: phrase.split(' + ').map(expressionOf) })),
);

function expressionOf(part: string): RegExp {
  if (/^\d+$/.test(part)) return new RegExp(STATUS.replace('N', part));
  const escaped = part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  // A `radio error` is none of a disk.
  return new RegExp(part === 'io error' ? `\\b${escaped}\\b` : escaped, 'i');
}

/** Every pattern needs one of these: most records have none, and this is the cheaper question. */
const ANY = new RegExp(patterns.map(({ all: [first] }) => `(?:${first?.source})`).join('|'), 'i');

/** What kind of trouble a text tells of; undefined when of none that is known. */
export function categoryOf(text: string): Category | undefined {
  if (ANY.test(text))
    for (const { category, all } of patterns) if (all.every((expression) => expression.test(text))) return category;
  return further.find(([, expression]) => expression.test(text))?.[0];
}

/** Whether a record is kept. */
export function passes(severity: Severity, category: Category | undefined): boolean {
  return severity === 'error' || severity === 'critical' || category !== undefined;
}

const REASONS: readonly (readonly [reason: string, expression: RegExp])[] = [
  ['LOG_CRASHLOOP', /crashloopbackoff|back-off restarting failed container/i],
  ['LOG_READINESS_FAIL', /readiness probe failed/i],
  ['LOG_LIVENESS_FAIL', /liveness probe failed/i],
  ['LOG_IMAGE_PULL_FAIL', /imagepullbackoff|errimagepull|failed to pull image/i],
  ['LOG_OOM_KILLED', /oom ?killed|out of memory|OutOfMemoryError/i],
  ['LOG_PANIC', /\bpanic(?:ked)?\b/i],
];

const BY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: 'LOG_FATAL',
  error: 'LOG_ERROR',
  warning: 'LOG_WARNING',
  info: 'LOG_INFO',
  debug: 'LOG_INFO',
};

/** The reason by which systems that read logs for causes know a record. */
export function reasonOf(text: string, severity: Severity): string {
  return REASONS.find(([, expression]) => expression.test(text))?.[0] ?? BY_SEVERITY[severity];
}
